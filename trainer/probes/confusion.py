"""Which class was answered for which."""

from trainer.losses import MOST_CLASSES
from trainer.probes import Array, Outcome, Probe, Reading


class Confusion(Probe):
    """The confusion matrix: how often each class was answered for each true one, as often as the network is judged.

    n[i][j] = samples of class i for which j was answered; recall of i = n[i][i] / sum over its row, precision of j =
    n[j][j] / sum over its column.

    Of the validation part at the end of an epoch, and of the test part at the end of the run; for at most 100 classes.
    Of several labels each has a matrix of its own. The evaluation has run the network already, so it costs a count.

    Source: Fawcett 2006, An introduction to ROC analysis, https://doi.org/10.1016/j.patrec.2005.10.010
    """

    title = "Confusion matrix"
    at_evaluations = True

    def on_outcome(self, outcome: Outcome) -> Reading | None:
        """Return the counts by the part's name: (classes, classes), or (labels, 2, 2)."""
        if outcome.outputs.shape[1] > MOST_CLASSES:
            return None
        counts = outcome.loss.confusion(outcome.outputs, outcome.targets)
        return None if counts is None else Reading(arrays={outcome.part: Array(counts)})
