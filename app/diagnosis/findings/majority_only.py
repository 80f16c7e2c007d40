"""Only the majority is answered: the accuracy is what always giving the most frequent class would get.

Where one class has nine samples of ten, 90 % are right without looking. Accuracy hides it; how many of the rare class
are found (recall) does not.

Source: He & Garcia 2009, Learning from Imbalanced Data, https://doi.org/10.1109/TKDE.2008.239
"""

import numpy as np

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent
from app.diagnosis.spells import watch

EXPLAINS = ("underfitting",)
UNBALANCED = 1.2  # times its fair share that the most frequent class must have
NEAR = 0.01  # of accuracy, on the training part: one sample in a hundred
EPOCHS = 3  # in a row: a network passes by there on its way
SURE_EPOCHS = 8  # in a row: it is no longer on its way


def look(case: Case) -> Finding | None:
    """Find an accuracy on the training part that is the share of the most frequent class."""
    known = case.plan.get("chance", {})
    majority = known.get("accuracy", {}).get("train", 0.0)
    curve = case.curve("train.accuracy")
    if not len(curve) or majority * case.classes < UNBALANCED or majority >= 1:
        return None
    near = np.abs(curve.last.astype(np.float64) - majority) <= NEAR
    spell = watch(curve.steps, near, {"likely": 1.0}, least=EPOCHS)
    if spell is None:
        return None
    held = np.count_nonzero((curve.steps >= spell.since) & (curve.steps <= spell.at))
    names = case.plan.get("classes") or []
    answer = known.get("answer", 0)
    name = names[answer] if answer < len(names) else str(answer)
    at = int(np.searchsorted(curve.steps, spell.at))
    told = {"accuracy": percent(float(curve.last[at]), 1), "majority": percent(majority, 1), "name": name}
    evidence = [Evidence(Said("see.accuracy", {"step": spell.at}), "train.accuracy", spell.at)]
    imbalance = case.asked("dataset", "imbalance") or 1  # how many times rarer the last class was made
    even = tries.of_data(case, Said("try.balanced"), "imbalance", 1) if imbalance > 1 else None
    wanted = [even, tries.adam(case), tries.bigger_network(case), tries.lr_times(case, 0.1, spell.since)]
    sure = "sure" if held >= SURE_EPOCHS else "likely"
    return found(spell, "bad", Said("majority_only.says", told), "majority_only", evidence, wanted, sure, n=int(held))
