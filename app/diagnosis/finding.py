"""A finding, and what it consists of. Words are keys of the pages' catalogue with values: each reader has a language.

Values are texts and whole numbers, rounded here: a finding changes when there is something new to read.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from app.diagnosis.spells import Spell, Sure

Kind = Literal["bad", "warn", "note"]


@dataclass(frozen=True)
class Said:
    """A sentence: `diagnosis.<key>` of the catalogue, with its {placeholders}."""

    key: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """A number that says so, and where to see it: a step, a series, and the range of steps to zoom to, if any."""

    says: Said
    series: str = ""
    step: int | None = None
    span: list[int] | None = None


@dataclass(frozen=True)
class Try:
    """Something to try. changes: of a new run, as the query of /new has them. command: asked of the running trainer.

    done: the step at which that knob was last turned since the finding holds, if it was.
    """

    says: Said
    changes: Mapping[str, str]
    command: Mapping[str, Any] | None = None
    done: int | None = None


@dataclass(frozen=True)
class Finding:
    """What is the matter. `why`: why it is no surer, or so sure. until: the step at which it ceased to hold."""

    kind: Kind
    sure: Sure
    since: int
    until: int | None
    says: Said
    why: Said
    evidence: list[Evidence]
    tries: list[Try]

    @property
    def holds(self) -> bool:
        """Whether it still is so."""
        return self.until is None

    def as_json(self, name: str) -> dict[str, Any]:
        """Return the finding as a document, under its name."""
        return {"name": name} | asdict(self)


def found(
    spell: Spell,
    kind: Kind,
    says: Said,
    why: str,
    evidence: list[Evidence],
    tries: list[Try | None],
    sure: Sure | None = None,
    **values: str | int,
) -> Finding:
    """Return the finding that a spell amounts to; `why` is the key before the sureness, `values` are its words."""
    sure = sure or spell.sure
    there = [one for one in tries if one]
    return Finding(kind, sure, spell.since, spell.until, says, Said(f"{why}.{sure}", values), evidence, there)


def percent(share: float, digits: int = 0) -> str:
    """Return a share as per cent: 97 %."""
    return f"{100 * share:.{digits}f} %"


def short(value: float, digits: int = 3) -> str:
    """Return a number in a few digits, as the pages write them: 0.0312, 1.2e-7."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    return f"{float(f'{value:.{digits}g}'):.10g}"
