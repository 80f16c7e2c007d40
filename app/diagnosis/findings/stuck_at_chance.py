"""The loss is stuck at chance: the network has learned how frequent each answer is, and nothing of its inputs.

That costs the entropy of the classes, ln K when all K are as frequent, and the variance of the targets when a number
is to be predicted. A plateau there is a symptom: dead units, weights that began too small or all the same, or a
learning rate that threw everything away in the first steps.

Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 11.5; Saito 2016, Deep Learning from Scratch,
section 6.2, where weights of N(0, 0.01) stay at 2.30
"""

import math

import numpy as np

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent, short
from app.diagnosis.spells import watch

EXPLAINS = ("underfitting",)
NEAR = 0.02  # of the loss of guessing, below it: a batch's classes are not quite as frequent as the whole part's
ABOVE = 5  # times as far above it, where large steps keep the answer trembling about the best one
NEARER = {"possible": 1.0, "sure": 2.0}  # times as near as that
LEAST_STEPS = 200  # that it must have stayed there; a healthy loss passes by in the first few
EVEN = 0.01  # share by which the entropy of the classes may lie under ln K for them to be called as frequent
LEAST_EPOCHS = 1  # and it must have seen every sample once


def look(case: Case) -> Finding | None:
    """Find a loss on the data that stays where guessing would be."""
    chance, curve = case.chance_loss, case.curve("loss.data")
    if chance is None or not len(curve):
        return None
    over = case.steady_loss / chance - 1
    away = np.where(over > 0, over / ABOVE, -over)
    nearness = NEAR / np.maximum(away, NEAR / 100)
    lasting = max(LEAST_STEPS, LEAST_EPOCHS * case.state["steps_per_epoch"])
    spell = watch(curve.steps, nearness, NEARER, least=case.steady_count, lasting=lasting)
    if spell is None:
        return None
    sure = "sure" if spell.sure == "sure" else "likely"
    at = int(np.searchsorted(curve.steps, spell.at))
    loss, even = short(float(case.steady_loss[at]), 4), math.log(case.classes)
    if case.kind in ("classes", "binary") and abs(chance - even) < EVEN * even:
        says = Said("stuck_at_chance.classes", {"loss": loss, "chance": short(even, 4), "n": case.classes})
    else:
        says = Said("stuck_at_chance.says", {"loss": loss, "chance": short(chance, 4)})
    evidence = [Evidence(Said("see.loss", {"step": spell.at}), "loss.data", spell.at, [spell.since, spell.at])]
    _, judged = case.together("train.accuracy")
    if len(judged[0]):
        told = {"accuracy": percent(float(judged[0][-1]), 1)}
        evidence.append(Evidence(Said("stuck_at_chance.accuracy", told), "train.accuracy", spell.at))
    wanted = [
        tries.init(case, "he"), tries.scaling(case), tries.adam(case), tries.bigger_network(case),
        tries.switch_on(case, "batch_norm", spell.since),
    ]  # fmt: skip
    return found(spell, "bad", says, "stuck_at_chance", evidence, wanted, sure)
