"""Cross-entropy of a share: a number from 0 to 1 taken as a probability."""

from torch import Tensor
from torch.nn import functional

from trainer.losses import Loss


class ShareCrossEntropy(Loss):
    """How many nats the network was surprised by a share, which it predicts as a probability.

    -y log p - (1 - y) log(1 - p), p = sigmoid(output), y from 0 to 1, the mean over the batch. It never gets to 0: the
    best p = y still costs the entropy of y.

    Source: Papke & Wooldridge 1996, https://doi.org/10.1002/(SICI)1099-1255(199611)11:6%3C619::AID-JAE418%3E3.0.CO;2-1
    """

    title = "Cross-entropy of a share"

    kinds = ("share",)
    last_activation = "sigmoid"
    metric_names = ("rmse", "mae")
    why = (
        "A number from 0 to 1: a sigmoid keeps the output there, cross-entropy goes on pulling where the sigmoid "
        "is flat, and the squared error does not; RMSE and MAE say how far off the answers are."
    )

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss; outputs and targets (batch, numbers)."""
        return functional.binary_cross_entropy_with_logits(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the root of the mean squared error and the mean absolute error of the shares."""
        shares = outputs.sigmoid()
        return {"rmse": functional.mse_loss(shares, targets).sqrt(), "mae": functional.l1_loss(shares, targets)}
