"""The learning rate is too high: the loss rises, or leaps about, instead of falling.

A step that is longer than the valley is wide lands on the other side, higher up than it began; on a quadratic bowl
that happens from lr = 2 / the largest curvature on. Seen when the loss gives back what it had gained, or when the
loss over the whole training part, which knows no accident of a batch, keeps going up between epochs.

Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 11.4.1; Goh 2017, Why Momentum Really Works,
https://distill.pub/2017/momentum
"""

import numpy as np

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent, short
from app.diagnosis.spells import Spell, watch

EXPLAINS = ("underfitting",)
GIVEN_BACK = {"possible": 0.3, "likely": 0.5, "sure": 1.0}  # share of the gain that is lost; 1: as bad as guessing
LEAST_GAIN = 0.5  # of the loss of guessing: rises are measured against no less, or a loss near its start would tremble
ZIGZAG = 0.05  # rise of the training loss between two epochs that counts
ZIGZAG_EPOCHS = 8  # epochs looked back over
ZIGZAG_RISES = {"possible": 3, "likely": 4}  # so many of them upwards: a loss that falls with accidents has one or two
FALLS = 0.5  # a loss that has halved meanwhile falls, whatever its way
LEARNED = 0.1  # of the loss of guessing: below it a rise is a matter of single samples
LARGE_UPDATE = 0.01  # of a weight's size a step; about 0.001 is healthy (Karpathy, CS231n)


def look(case: Case) -> Finding | None:
    """Find a loss that gives back what it gained, or goes up between epochs again and again."""
    spells = [("rises", _rises(case)), ("zigzag", _zigzags(case))]
    there = [(how, one) for how, one in spells if one]
    if not there:
        return None
    how, spell = max(there, key=lambda one: (one[1].holds, one[1].since))
    evidence = [Evidence(Said("see.loss", {"step": spell.peak_at}), "loss.data", spell.peak_at)]
    evidence += _updates(case, spell.peak_at)
    sure, since = spell.sure, spell.since
    if how == "rises":
        says = _risen(case, spell)
        sure = "possible" if _turned_since_best(case, spell) else sure
    else:
        says = Said("lr_too_high.zigzag", {"n": round(spell.value), "of": ZIGZAG_EPOCHS})
    wanted = [
        tries.lr_times(case, 0.1, since), tries.switch_on(case, "gradient_clipping", since), tries.scaling(case),
    ]  # fmt: skip
    return found(spell, "bad", says, f"lr_too_high.{how}", evidence, wanted, sure)


def _risen(case: Case, spell: Spell) -> Said:
    at = np.searchsorted(case.curve("loss.data").steps, spell.peak_at)
    told = {"loss": short(float(case.steady_loss[at])), "step": spell.peak_at}
    if spell.peak >= GIVEN_BACK["sure"]:
        return Said("lr_too_high.lost", told | {"base": short(_base(case))})
    return Said("lr_too_high.rises", told | {"share": percent(spell.peak)})


def _updates(case: Case, step: int) -> list[Evidence]:
    """Return how large a step was where the loss rose, as far as that was measured."""
    steps, ratios = case.update_ratio
    if not len(steps):
        return []
    at = max(0, int(np.searchsorted(steps, step, "right")) - 1)
    key = "lr_too_high.update.large" if ratios[at] > LARGE_UPDATE else "lr_too_high.update"
    says = Said(key, {"ratio": short(float(ratios[at]))})
    return [Evidence(says, case.any_of("update_ratio"), int(steps[at]))]


def _base(case: Case) -> float:
    """Return the loss of a network that has learned nothing, or what it began with where that was more."""
    return max(case.chance_loss or 0.0, float(case.curve("loss.data").mean[0]))


def _rises(case: Case) -> Spell | None:
    curve, steady = case.curve("loss.data"), case.steady_loss
    if not len(curve):
        return None
    base = _base(case)
    settled = np.where(np.arange(len(steady)) >= case.steady_count - 1, steady, np.inf)
    best = np.minimum(np.minimum.accumulate(settled), base)
    given_back = (steady - best) / np.maximum(base - best, LEAST_GAIN * base)
    return watch(curve.steps, given_back, GIVEN_BACK, least=case.steady_count + 1)


def _zigzags(case: Case) -> Spell | None:
    curve = case.curve("train.loss")
    if len(curve) <= ZIGZAG_EPOCHS:
        return None
    losses = curve.last.astype(np.float64)
    floor = LEARNED * (case.chance_loss or float(losses[0]))
    rises = (losses[1:] > losses[:-1] * (1 + ZIGZAG)) & (losses[1:] > floor)
    sums = np.cumsum(np.concatenate([[0], rises]))
    many = sums[ZIGZAG_EPOCHS:] - sums[:-ZIGZAG_EPOCHS]
    now, before = losses[ZIGZAG_EPOCHS:], losses[:-ZIGZAG_EPOCHS]
    matters = (now > floor) & (now > FALLS * before)
    return watch(curve.steps[ZIGZAG_EPOCHS:], np.where(matters, many, 0), ZIGZAG_RISES, leave=0.7)


def _turned_since_best(case: Case, spell: Spell) -> bool:
    """Return whether a regularizer was turned since the loss was at its best: then that may be why it rose."""
    curve = case.curve("loss.data")
    before = curve.steps <= spell.since
    best = int(curve.steps[before][np.argmin(case.steady_loss[before])]) if before.any() else 0
    marks = (one for one in case.state["marks"] if one["kind"] == "change" and best <= one["step"] <= spell.since)
    return any(one["target"].startswith("regularizers.") for one in marks)
