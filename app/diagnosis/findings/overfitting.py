"""Overfitting, which is high variance: the network learns its training samples by heart.

The loss on the training part goes on falling while on the validation part it has turned and rises, or validation lies
far below training. What was learned since the turn is about these samples alone.

Source: Ng 2018, Machine Learning Yearning, chapters 20 to 27; Prechelt 1998, Early Stopping - but when?,
https://doi.org/10.1007/3-540-49430-8_3
"""

import numpy as np

from app.diagnosis import tries
from app.diagnosis.balance import ACCIDENT, EPOCHS, HIGH, Errors, beyond_accident, errors, spread
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, Try, found, percent, short
from app.diagnosis.spells import SURENESS, Spell, Sure, watch

EXPLAINS = ()
# how far the validation loss has risen over its lowest. Prechelt stops at 5 %; with the hundred validation samples of a
# small data set so much comes and goes
RISEN = {"possible": 0.10, "likely": 0.20, "sure": 0.50}
FALLEN = 0.6  # of what it took: a loss on few samples trembles
FLOOR = 0.05  # of the loss of guessing: rises are measured against no less, for what is nearly 0 doubles easily
GAP = {"possible": HIGH, "likely": 1.5 * HIGH, "sure": 3 * HIGH}  # validation error over training error


def look(case: Case) -> Finding | None:
    """Find a validation loss that has turned, or an error on validation far over that on training."""
    measured = errors(case)
    turned, turn = _turned(case)
    gap = _gap(case, measured) if measured else None
    there = [one for one in (turned, gap) if one]
    if not there:
        return None
    spell = max(there, key=lambda one: (one.holds, one is turned))
    evidence = []
    if turned:
        says = Said("overfitting.turned", {"epoch": case.epoch(turn), "share": percent(turned.value)})
        evidence.append(Evidence(Said("see.turn", {"epoch": case.epoch(turn)}), "validation.loss", turn))
    else:
        says = Said("overfitting.gap")
    sure = _how_sure(turned, gap)
    if measured:
        numbers = _numbers(measured, spell.at)
        evidence.append(Evidence(Said("overfitting.errors", numbers), _series(case), spell.at))
    if turned and gap is None and measured and not _answers_worse(case, measured, turn, spell.at):
        says = Said("overfitting.certain", says.values)
        sure = min(sure, "likely", key=SURENESS.index)
    wanted = [
        tries.switch_on(case, "dropout", spell.since), tries.switch_on(case, "l2", spell.since),
        _all_samples(case), tries.smaller_network(case), tries.stop_early(case),
    ]  # fmt: skip
    accident = _accident(case, measured)
    why = "overfitting" if accident else "overfitting.number"
    return found(spell, "warn", says, why, evidence, wanted, sure, **accident)


def _turned(case: Case) -> tuple[Spell | None, int]:
    """Return when the validation loss was over its lowest while training went on falling, and where it turned."""
    steps, (train, validation) = case.together("train.loss", "validation.loss")
    if not len(steps):
        return None, 0
    lowest = np.minimum.accumulate(validation)
    place = np.maximum.accumulate(np.where(validation <= lowest, np.arange(len(steps)), 0))
    risen = (validation - lowest) / np.maximum(lowest, FLOOR * (case.chance_loss or 0.0))
    spell = watch(steps, np.where(train < train[place], risen, 0.0), RISEN, least=EPOCHS, leave=FALLEN)
    turn = int(steps[place[np.searchsorted(steps, spell.at)]]) if spell else 0
    return spell, turn


def _answers_worse(case: Case, measured: Errors, turn: int, step: int) -> bool:
    """Return whether more is wrong on validation than when its loss turned, by more than accident."""
    then, now = (max(0, int(np.searchsorted(measured.steps, at, "right")) - 1) for at in (turn, step))
    errors = measured.validation
    return bool(errors[now] > errors[then] + spread(case, errors)[then])


def _gap(case: Case, measured: Errors) -> Spell | None:
    spell = watch(measured.steps, beyond_accident(case, measured), GAP, least=EPOCHS, leave=FALLEN)
    return spell if spell and spell.holds else None


def _how_sure(turned: Spell | None, gap: Spell | None) -> Sure:
    """Return how sure the two are together: a turn and a gap that agree say more than either, a gap alone no more than
    likely, for a network may be good on both parts and better on one.
    """
    degrees = [SURENESS.index(one.sure) for one in (turned, gap) if one]
    if len(degrees) == 2 and min(degrees) > 0:
        return SURENESS[min(2, max(degrees) + 1)]
    return SURENESS[max(degrees) if turned else min(1, max(degrees))]


def _numbers(measured: Errors, step: int) -> dict[str, str]:
    at = max(0, int(np.searchsorted(measured.steps, step, "right")) - 1)
    return {
        "train": percent(float(measured.train[at]), 1), "validation": percent(float(measured.validation[at]), 1),
        "variance": short(100 * float(measured.variance[at])),
    }  # fmt: skip


def _accident(case: Case, measured: Errors | None) -> dict[str, str | int]:
    """Return how far an error rate may be off by accident, where it is a rate and not 0."""
    off = float(spread(case, measured.validation)[-1]) if measured else 0.0
    return {"n": case.samples("validation"), "spread": short(100 * ACCIDENT * off)} if off else {}


def _series(case: Case) -> str:
    return "validation.accuracy" if len(case.curve("validation.accuracy")) else "validation.loss"


def _all_samples(case: Case) -> Try | None:
    """Offer all the data where a run was given a part of it on purpose."""
    return tries.of_data(case, Said("try.all_samples"), "samples", 0) if case.asked("dataset", "samples") else None
