"""Tanh between two layers."""

from torch import Tensor

from trainer.activations import Activation


class Tanh(Activation):
    """Squeezes into -1 to 1, centred on 0; flat far from 0, where gradients vanish.

    f(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Source: LeCun et al. 1998, Efficient BackProp, section 4.4, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf
    """

    ends = (-1.0, 1.0)

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return x.tanh()
