"""Linear between two layers."""

from torch import Tensor

from trainer.activations import Activation


class Linear(Activation):
    """Passes its input on; layers of it are together no more than one layer.

    f(x) = x

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.1
    """

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return x
