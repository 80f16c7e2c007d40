"""Goes through all findings for one run, and remembers what was said last, so that it is thought over once a second."""

import importlib
import logging
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from app.diagnosis import findings
from app.diagnosis.balance import balance
from app.diagnosis.case import Case
from app.diagnosis.finding import Finding
from app.diagnosis.spells import SURENESS

LOG = logging.getLogger("livefit.diagnosis")
EVERY_S = 1.0
EVERY_IN_A_LIST_S = 5.0  # of a run that nobody looks at but in the list of all
KINDS = ("bad", "warn", "note")
NOTHING: dict[str, Any] = {"findings": [], "balance": {"metric": "", "level": None, "high": 0.0}}


@cache
def all_findings() -> dict[str, ModuleType]:
    """Return every file of app/diagnosis/findings/ by its name, sorted."""
    names = sorted(one.name for one in pkgutil.iter_modules(findings.__path__))
    return {name: importlib.import_module(f"{findings.__name__}.{name}") for name in names}


def diagnose(case: Case) -> dict[str, Any]:
    """Return what is the matter with a run, as the package's docstring has it."""
    if not case.plan:
        return NOTHING
    seen: dict[str, Finding] = {}
    # a run that diverges has any number in it: what cannot be computed is NaN, and NaN is over no threshold
    with np.errstate(all="ignore"):
        for name, module in all_findings().items():
            if finding := module.look(case):
                seen[name] = finding
        stands = balance(case)
    told = [one.as_json(name) for name, one in without_symptoms(seen).items()]
    told.sort(key=lambda one: (one["until"] is not None, KINDS.index(one["kind"]), -SURENESS.index(one["sure"])))
    return {"findings": told, "balance": stands}


def without_symptoms(seen: dict[str, Finding]) -> dict[str, Finding]:
    """Leave out what another finding explains that is at least likely, still holds, and is no symptom itself."""
    explained = {
        name: set(all_findings()[name].EXPLAINS) for name, one in seen.items() if one.holds and one.sure != "possible"
    }
    causes = explained.keys() - set().union(*explained.values())
    symptoms = set().union(*(explained[name] for name in causes))
    return {name: one for name, one in seen.items() if name not in symptoms}


def worst(diagnosis: dict[str, Any]) -> str:
    """Return the name of the finding that a list of runs should show, or "": it is bad or a warning, and no guess."""
    serious = (one["name"] for one in diagnosis["findings"]
               if one["until"] is None and one["kind"] != "note" and one["sure"] != "possible")  # fmt: skip
    return next(serious, "")


class Lately:
    """The diagnosis of one run as it was found last: found again when there is something new, at most once a second."""

    def __init__(self) -> None:
        self.found = NOTHING
        self._about: Any = None
        self._pressing: Any = None
        self._at = 0.0

    def look(self, followed: Any, level: float | None, now: float, every_s: float = EVERY_S) -> dict[str, Any]:
        """Return the diagnosis, no older than `every_s`; the same object while it says the same. `now` is monotonic.

        A level that is set, a run that ends and a new attempt are looked at at once.
        """
        about = (*followed.position, level)
        if about == self._about:
            return self.found
        pressing = (followed.position[0], level, bool(followed.state["ended"]))
        if pressing == self._pressing and now - self._at < every_s:
            return self.found
        self._about, self._pressing, self._at = about, pressing, now
        try:
            found = diagnose(Case(followed.state, followed.series, level))
        except Exception:
            # a rule that fails on a run nobody foresaw must not take the run's page with it
            LOG.exception("run %s could not be diagnosed", followed.folder.name)
            found = NOTHING
        if found != self.found:
            self.found = found
        return self.found
