"""Underfitting, which is high bias: the network does not even learn what it is shown.

The training part itself is answered badly, and more epochs of the same do not help: the error has levelled off far
over what a person, or the best that is possible, would get. More data would not help either; a larger network, another
optimizer, or less regularization may.

Source: Ng 2018, Machine Learning Yearning, chapters 20 to 27
"""

import numpy as np

from app.diagnosis import tries
from app.diagnosis.balance import HIGH, Errors, errors, metric_of
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent, short
from app.diagnosis.spells import watch

EXPLAINS = ()
BIAS = {"possible": HIGH, "likely": 2 * HIGH, "sure": 3 * HIGH}  # error on the training part that could be avoided
LEVEL = 0.02  # of the training loss: what a last quarter of the epochs must have brought to be called progress
SLOW = 5e-4  # of a weight's size a step: half of what is healthy, so larger steps may do instead of more of them
LEAST_EPOCHS = 10  # looked back over at least: a network may rest on a plateau and go on
# what holds a network back on purpose
REGULARIZERS = ("dropout", "l2", "l1", "max_norm", "input_noise", "label_smoothing", "weight_decay")


def look(case: Case) -> Finding | None:
    """Find a training error that stays high: because it has levelled off, or because the run has ended."""
    measured = errors(case)
    if measured is None:
        return None
    levelled = _levelled(measured)
    settled = levelled.copy()
    settled[-1] |= case.ended
    spell = watch(measured.steps, np.where(settled, measured.bias, 0.0), BIAS, leave=0.7)
    if spell is None or not spell.holds:
        return None  # learning has gone on: what was said of it before was too early
    at = int(np.searchsorted(measured.steps, spell.at))
    falls = not levelled[at]
    numbers = {
        "train": percent(float(measured.train[at]), 1), "best": percent(measured.best, 1),
        "bias": short(100 * float(measured.bias[at])),
    }  # fmt: skip
    sure, known = spell.sure, case.level is not None
    if not known and sure == "sure":
        sure = "likely"  # whether the error can be avoided at all, nobody has said
    series = "train.accuracy" if metric_of(case) == "accuracy" else "train.loss"
    evidence = [Evidence(Said("underfitting.errors", numbers), series, spell.at)]
    _, ratios = case.update_ratio
    slow = len(ratios) > 0 and float(ratios[-1]) < SLOW
    wanted = [tries.more_epochs(case, spell.since) if falls else None]
    wanted += [tries.lr_times(case, 10, spell.since) if falls and slow else None]
    wanted += [tries.bigger_network(case), tries.adam(case)]
    wanted += [tries.switch_off(case, one, spell.since) for one in REGULARIZERS]
    if not falls:
        wanted.append(tries.more_epochs(case, spell.since))
    says = Said("underfitting.falls" if falls else "underfitting.level", {"step": spell.at})
    return found(spell, "warn", says, "underfitting.level" if known else "underfitting.unknown", evidence, wanted, sure)


def _levelled(measured: Errors) -> np.ndarray:
    """Return at which epochs the last quarter of them has brought next to nothing, (n,)."""
    loss = np.minimum.accumulate(measured.loss)
    places = np.arange(len(loss))
    before = loss[np.maximum(0, places - np.maximum(LEAST_EPOCHS, places // 4))]
    return (places >= LEAST_EPOCHS) & ((before - loss) / before < LEVEL)
