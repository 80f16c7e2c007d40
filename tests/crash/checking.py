"""What must be true of a run after all that was done to it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.verify import verify
from tests.crash.plans import Plan
from tests.crash.viewer import Points, Seen

Curves = dict[str, Points]


@dataclass
class Finding:
    """What is the matter with one run: counts, and each in a sentence."""

    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    hung: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether there is nothing."""
        return not (self.lost or self.duplicated or self.wrong or self.hung)

    def find(self, kind: str, count: int, told: str) -> None:
        """Take note of something."""
        if count:
            setattr(self, kind, getattr(self, kind) + int(count))
            self.said.append(f"{kind} {int(count)}: {told}")


@dataclass(frozen=True)
class Reference:
    """An uninterrupted run: its curves, and the bytes of its final weights."""

    curves: Curves
    weights: bytes


class References:
    """Uninterrupted runs by variant, and by what was turned at which step. `train` makes one that is not there yet."""

    def __init__(self, train: Callable[[str, tuple[tuple[int, str, str, Any], ...]], Reference]):
        self._train = train
        self._known: dict[Any, Reference] = {}

    def of(self, variant: str, turned: tuple[tuple[int, str, str, Any], ...] = ()) -> Reference:
        """Return the uninterrupted run of a variant in which knobs were turned: (step, target, field, value)."""
        if (variant, turned) not in self._known:
            self._known[variant, turned] = self._train(variant, turned)
        return self._known[variant, turned]


def check(plan: Plan, folder: Path, seen: Seen, series: dict[str, Any] | None, references: References) -> Finding:
    """Return what is the matter with a run that has ended. `series`: what the API gives, at every single step."""
    found = Finding()
    if seen.status["name"] != "finished":
        found.find("wrong", 1, f"it {seen.status['name']}: {seen.status['reason']} {seen.status['hint']}")
        return found
    verdict = verify(folder)
    for kind in ("lost", "duplicated", "wrong"):
        found.find(kind, getattr(verdict, kind), "; ".join(one for one in verdict.said if one.startswith(kind)))
    reference = references.of(plan.variant, turned_in(folder))
    _compare(found, "the page", seen.curve, reference.curves)
    if series is None:
        found.find("hung", 1, "the API did not answer")
    else:
        _compare(found, "the API", bits_of(series, reference.curves), reference.curves)
    weights = weights_of(folder)
    found.find("wrong", weights != reference.weights, "the final weights are not those of the uninterrupted run")
    found.find("lost", seen.lost, "; ".join(seen.said))
    found.find("duplicated", seen.duplicated, "; ".join(seen.said))
    found.find("wrong", seen.otherwise, "; ".join(seen.said))
    for name, points in seen.shown.items():
        gone = points.keys() - reference.curves.get(name, {}).keys()
        found.find("lost", len(gone), f"{name} was shown at steps that are gone")
    return found


def turned_in(folder: Path) -> tuple[tuple[int, str, str, Any], ...]:
    """Return which knobs were turned at which step of the line that is visible in the end, from the raw logs."""
    from app import raw_log
    from trainer.protocol import Changed

    line: list[Changed] = []
    for path in raw_log.event_logs(folder):
        log = raw_log.read(path)
        if log.started:
            step = log.started.step
            again = {one.said.command for one in log.said if isinstance(one.said, Changed)}
            line = [one for one in line if one.step <= step and one.command not in again]
        line += [one.said for one in log.said if isinstance(one.said, Changed)]
    return tuple((one.step, one.target, one.field, one.new) for one in line if one.field != "speed")


def bits_of(series: dict[str, Any], wanted: Curves) -> Curves:
    """Return the curves that the API gives as bits of float32; null stands for a NaN."""
    curves = {}
    for name in wanted.keys() & series.keys():
        values = np.array([np.nan if one is None else one for one in series[name]["last"]], "<f4").view("<u4")
        curves[name] = dict(zip(series[name]["step"], values.tolist(), strict=True))
    return curves


def weights_of(folder: Path) -> bytes:
    """Return the file of the final weights, b"" when there is none."""
    for path in (folder / "checkpoints").glob("step-*"):
        try:
            if json.loads((path / "manifest.json").read_text())["name"] == "final":
                return (path / "network.safetensors").read_bytes()
        except (OSError, ValueError, KeyError):
            continue
    return b""


def _compare(found: Finding, who: str, curves: Curves, wanted: Curves) -> None:
    for name, points in wanted.items():
        there = curves.get(name, {})
        lost = points.keys() - there.keys()
        found.find("lost", len(lost), f"{name} on {who}: no step {min(lost)}" if lost else "")
        extra = there.keys() - points.keys()
        found.find("wrong", len(extra), f"{name} on {who}: step {min(extra)}, which there is not" if extra else "")
        differ = [step for step in points.keys() & there.keys() if points[step] != there[step]]
        told = f"{name} on {who} differs from the uninterrupted run, first at step {min(differ)}" if differ else ""
        found.find("wrong", len(differ), told)
