"""Validation looks better than training, because what disturbs training is off in evaluation.

The loss of a step is taken with dropout, noise or smoothed labels on, over an epoch in which the network was still
worse; the validation loss without any of it, at the epoch's end. Nothing is wrong. The curve `train`, evaluated as
validation is, may be compared with it.

Source: Keras, Frequently asked questions, https://keras.io/getting_started/faq/
"""

import numpy as np

from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, short
from app.diagnosis.spells import watch

EXPLAINS = ()
# regularizers that act in training alone
NOISE = (
    "dropout", "input_noise", "label_smoothing", "mixup", "label_noise", "weight_noise", "augmentation",
)  # fmt: skip
BETTER = {"possible": 0.03, "likely": 0.1}  # share of the loss by which validation must lie under the step's
EPOCHS = 2  # in a row


def look(case: Case) -> Finding | None:
    """Find a validation loss under that of the steps while something disturbs training."""
    noise = [one for one in NOISE if case.is_on(f"regularizers.{one}")]
    steps, (validation,) = case.together("validation.loss")
    curve = case.curve("loss.data")
    if not noise or not len(steps) or not len(curve):
        return None
    each = case.state["steps_per_epoch"] or 1
    sums = np.concatenate([[0.0], np.cumsum(curve.mean, dtype=np.float64)])
    ends = np.searchsorted(curve.steps, steps, "right")
    begins = np.minimum(np.searchsorted(curve.steps, steps - each, "right"), ends - 1)
    during = (sums[ends] - sums[begins]) / np.maximum(ends - begins, 1)
    spell = watch(steps, (during - validation) / np.maximum(during, 1e-12), BETTER, least=EPOCHS)
    if spell is None or not spell.holds:
        return None
    at = int(np.searchsorted(steps, spell.at))
    told = {"steps": short(float(during[at])), "validation": short(float(validation[at])), "noise": ", ".join(noise)}
    evidence = [Evidence(Said("see.loss", {"step": spell.at}), "loss.data", spell.at)]
    return found(spell, "note", Said("noise_in_training.says", told), "noise_in_training", evidence, [], "likely")
