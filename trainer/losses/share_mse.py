"""The mean squared error of a share."""

from torch import Tensor
from torch.nn import functional

from trainer.losses import Loss


class ShareMse(Loss):
    """The mean squared distance between a share and what a sigmoid makes of the output.

    (sigmoid(output) - target)^2, the mean over the batch. Where the sigmoid is flat the gradient is too: an answer
    that is wrong and certain is hardly corrected.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.2
    """

    title = "Mean squared error of a share"

    kinds = ("share",)
    last_activation = "sigmoid"
    metric_names = ("rmse", "mae")
    why = (
        "A number from 0 to 1: a sigmoid keeps the output there, the squared error makes the mean the best answer, "
        "RMSE and MAE say how far off the answers are."
    )

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss; outputs and targets (batch, numbers)."""
        return functional.mse_loss(outputs.sigmoid(), targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the root of the mean squared error and the mean absolute error of the shares."""
        shares = outputs.sigmoid()
        return {"rmse": functional.mse_loss(shares, targets).sqrt(), "mae": functional.l1_loss(shares, targets)}
