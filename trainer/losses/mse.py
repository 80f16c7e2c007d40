"""The mean squared error."""

from torch import Tensor
from torch.nn import functional

from trainer.losses import Loss


class Mse(Loss):
    """The mean squared distance between output and target; for numbers.

    (output - target)^2, the mean over the batch. The variance of the targets is what knowing only
    their mean costs.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.1
    """

    title = "Mean squared error"

    kinds = ("number",)
    last_activation = "none"
    metric_names = ("rmse", "mae")
    why = (
        "Any number: the output is taken as it is, the squared error makes the mean the best answer, RMSE and MAE "
        "say how far off the answers are, in the unit of the targets as they are trained on."
    )

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss; outputs and targets (batch, numbers)."""
        return functional.mse_loss(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the root of the mean squared error and the mean absolute error."""
        return {"rmse": functional.mse_loss(outputs, targets).sqrt(), "mae": functional.l1_loss(outputs, targets)}
