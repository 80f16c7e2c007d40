"""How well the network's certainty tells classes apart, whatever the threshold."""

import math

import numpy as np
import torch

from trainer.component import param
from trainer.probes import Array, Outcome, Probe, Reading
from trainer.ranking import areas, curve

MOST_POINTS = 65


class Roc(Probe):
    """The ROC curve of each class: which share of it is found, and which share of the rest is taken for it.

    true positive rate = found / there, against false positive rate = taken wrongly / not there, for every threshold
    from the strictest to none. The area is the chance that one of the class scores higher than one of the rest: 0.5
    knows nothing, 1 is never wrong.

    Of two classes the second; of more, each against the rest; of labels each. Of the validation part at the end of an
    epoch, and of the test part at the end of the run; for at most 100 classes. The network does not run for it.

    Source: Fawcett 2006, An introduction to ROC analysis, https://doi.org/10.1016/j.patrec.2005.10.010
    """

    title = "ROC curve"
    at_evaluations = True

    rate: float = param(1.0, "Looks a second at most, while somebody watches", low=0.01, high=50, unit="Hz", live=True)

    def on_outcome(self, outcome: Outcome) -> Reading | None:
        """Return corners (classes, corners, 3) by the part's name: false and true positive rate, and threshold.

        A class that has fewer corners than others repeats its last; one that has no curve has NaN. Facts: area.<i> of
        class i, and area, their mean; false.<i> and true.<i>, the rates of what the network answers.
        """
        outputs, targets, loss = outcome.outputs, outcome.targets, outcome.loss
        both = loss.ranks(targets, outputs.shape[1])
        if both is None:
            return None
        truth, scores = loss.holds(targets, outputs.shape[1]).cpu().numpy(), loss.predict(outputs).cpu().numpy()
        found = areas(scores, truth)
        curves = [
            np.full((1, 3), np.nan) if math.isnan(area) else curve(scores[:, one], truth[:, one], MOST_POINTS)
            for one, area in enumerate(found)
        ]
        most = max(len(one) for one in curves)
        corners = np.stack([np.pad(one, ((0, most - len(one)), (0, 0)), "edge") for one in curves])
        there = [area for area, has in zip(found, both.tolist(), strict=True) if has]
        facts = {"area": float(np.mean(there))} | {f"area.{one}": area for one, area in enumerate(found)}
        return Reading(arrays={outcome.part: Array(torch.from_numpy(corners), facts | _answered(outcome))})


def _answered(outcome: Outcome) -> dict[str, float]:
    """Return the false and the true positive rate of each class as it is answered, from the confusion matrix."""
    counts = outcome.loss.confusion(outcome.outputs, outcome.targets).double()
    if counts.dim() == 3:  # of each label, (not there, there) x (not said, said)
        false, true = counts[:, 0, 1] / counts[:, 0].sum(1), counts[:, 1, 1] / counts[:, 1].sum(1)
    else:
        right, there, answered = counts.diagonal(), counts.sum(1), counts.sum(0)
        false, true = (answered - right) / (counts.sum() - there), right / there
        if outcome.outputs.shape[1] == 1:
            false, true = false[1:], true[1:]
    rates = {f"false.{one}": rate for one, rate in enumerate(false.tolist())}
    return rates | {f"true.{one}": rate for one, rate in enumerate(true.tolist())}
