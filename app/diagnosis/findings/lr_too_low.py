"""The learning rate is too low: the loss hardly falls, although nothing stands in its way.

Each step moves the weights by so small a share of their size that the run would have to be many times as long. About
a thousandth a step is healthy; what is far below it is a waste of time, and no sign of a network that cannot learn.

Source: Karpathy, CS231n, Neural Networks 3, https://cs231n.github.io/neural-networks-3/#ratio
"""

import numpy as np

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent, short
from app.diagnosis.spells import trailing, watch

EXPLAINS = ("underfitting", "stuck_at_chance", "majority_only")
HEALTHY = 1e-3  # of a weight's size a step (Karpathy)
SLOWER = {"possible": 5.0, "likely": 10.0, "sure": 100.0}  # times as small as that
UNLEARNED = 0.5  # of the loss at the start: less than half of it was learned
LOOKS = 5  # readings of the update ratio averaged; one of a single batch is an accident
LEAST_STEPS = 100  # a run must have had the chance to move


def look(case: Case) -> Finding | None:
    """Find updates that are far too small while most of the loss is still there."""
    steps, ratios = case.update_ratio
    curve = case.curve("loss.data")
    if not len(steps) or not len(curve):
        return None
    first = max(case.chance_loss or 0.0, float(curve.mean[0]))
    at = np.clip(np.searchsorted(curve.steps, steps, "right") - 1, 0, None)
    left = case.steady_loss[at] / first
    # in the logarithm, so that one large update does not outweigh all small ones
    with np.errstate(divide="ignore"):
        ratio = np.exp(trailing(np.maximum(np.log(ratios), -50.0), LOOKS))
    slower = np.where((left >= UNLEARNED) & (steps >= LEAST_STEPS), HEALTHY / ratio, 0.0)
    spell = watch(steps, slower, SLOWER)
    if spell is None:
        return None
    index = int(np.searchsorted(steps, spell.at))
    says = Said("lr_too_low.says", {"ratio": short(float(ratio[index])), "left": percent(float(left[index]))})
    evidence = [
        Evidence(Said("see.updates", {"step": spell.at}), case.any_of("update_ratio"), spell.at),
        Evidence(Said("see.loss", {"step": spell.at}), "loss.data", spell.at),
    ]
    wanted = [tries.lr_times(case, 10, spell.since), tries.adam(case)]
    return found(spell, "warn", says, "lr_too_low", evidence, wanted)
