"""Layers: the entries of model `layers`, from which a network is put together one by one.

In a spec an entry is its kind with its first number, then what differs from the defaults: {conv: 16, kernel: 5}.
"""

from abc import abstractmethod

from trainer.component import Component, discover, param
from trainer.draft import OWN, Draft

# what a layer with weights declares last: the activation after it
own_activation = param(
    OWN, "What follows the layer; model is the activation of the whole network", choices=(OWN, *discover("activations"))
)


class LayerKind(Component):
    """One kind of layer. Its first parameter has the kind's own name, so that a spec reads {dense: 64}."""

    @abstractmethod
    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far.

        Raises:
            ParameterError: it does not fit the shape that comes to it; its field is the parameter to blame, or "".
        """
