"""Dropout on hidden units and on inputs."""

from trainer.component import param
from trainer.regularizers import Parts, Regularizer


class Dropout(Regularizer):
    """Strikes out units at random in every training step, so that none can rely on another.

    h <- h m / (1 - rate), m = 0 with chance rate, else 1. Inverted: what is kept is scaled up while
    training, and evaluation changes nothing. The output layer has none.

    Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
    """

    rate: float = param(0.5, "Chance that a hidden unit is struck out", low=0, high=0.95, live=True)
    input_rate: float = param(0.0, "Chance that an input is struck out; 0.2 is usual", low=0, high=0.95, live=True)
    per_layer: dict[str, float] = param(
        {}, "Rate of single hidden layers; the others take the common one", low=0, high=0.95, layers="hidden", live=True
    )

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Set or clear the rate of every slot."""
        network = parts.network
        rates = self.each(self.rate, network)
        hidden = [(layer.dropout, rates[name]) for name, layer in network.layers.items() if layer.dropout is not None]
        for slot, rate in [(network.input_dropout, self.input_rate), *hidden]:
            slot.rate = rate if enabled else 0.0
            slot.generator = self.generator if enabled else None
        return ""
