"""ReLU between two layers."""

from torch import Tensor

from trainer.activations import Activation


class Relu(Activation):
    """Passes what is positive and nothing else; a unit that is never positive is dead.

    f(x) = max(0, x)

    Source: Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines
    """

    title = "ReLU"
    dies = True

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return x.relu()
