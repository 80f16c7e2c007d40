"""Stopping where the ground is level."""

from collections.abc import Callable

from trainer.component import param
from trainer.network import Network
from trainer.stopping import AtRest


class Gradient(AtRest):
    """Stops when the gradient is nearly zero: at a minimum, a saddle or on a plateau, where steps lead nowhere.

    |grad E| < threshold, E the training loss with its penalties over all training samples, in evaluation mode.

    Looking costs a forward and a backward pass over the training part in each epoch.

    Source: Nocedal & Wright 2006, Numerical optimization, section 3.1
    """

    title = "Gradient near zero"
    metric = "train.gradient_norm"
    what = "the norm of the gradient of the training loss"

    threshold: float = param(1e-3, "What counts as zero", low=0, high=1000, scale="log", live=True)

    def look(
        self, epoch: int, metrics: dict[str, float], network: Network, slope: Callable[[], float]
    ) -> dict[str, float]:
        """Return the norm of the gradient."""
        return {self.metric: slope()}
