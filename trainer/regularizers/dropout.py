"""Dropout on hidden units and on inputs, and Monte-Carlo dropout when the network is judged."""

from collections.abc import Callable

import torch
from torch import Tensor

from trainer import ensemble
from trainer.component import param
from trainer.data import Part
from trainer.losses import Loss
from trainer.network import Network
from trainer.regularizers import Parts, Regularizer

SEED = 0  # of what is struck out while judging: the same at each evaluation, so that epochs can be compared


class Dropout(Regularizer):
    """Strikes out units at random in every training step, so that none can rely on another.

    h <- h m / (1 - rate), m = 0 with chance rate, else 1. Inverted: what is kept is scaled up while
    training, and evaluation changes nothing. The output layer has none.
    Monte-Carlo dropout: with passes T, each evaluation also predicts T times with units struck out and takes
    the mean of the T predictions, an ensemble: its loss, its accuracy and its entropy, which says how unsure it is.

    Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html; Gal & Ghahramani 2015,
        Dropout as a Bayesian approximation, arXiv 1506.02142
    """

    rate: float = param(0.5, "Chance that a hidden unit is struck out", low=0, high=0.95, live=True)
    input_rate: float = param(0.0, "Chance that an input is struck out; 0.2 is usual", low=0, high=0.95, live=True)
    per_layer: dict[str, float] = param(
        {}, "Rate of single hidden layers; the others take the common one", low=0, high=0.95, layers="hidden", live=True
    )
    passes: int = param(
        0, "Predictions averaged at each evaluation, Monte-Carlo dropout; 0 is none, 20 is plenty",
        low=0, high=200, title="Monte-Carlo passes", live=True,
    )  # fmt: skip

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Set or clear the rate of every slot."""
        network = parts.network
        rates = self.each(self.rate, network)
        hidden = [(layer.dropout, rates[name]) for name, layer in network.layers.items() if layer.dropout is not None]
        for slot, rate in [(network.input_dropout, self.input_rate), *hidden]:
            slot.rate = rate if enabled else 0.0
            slot.generator = self.generator if enabled else None
        return ""

    @torch.no_grad()
    def judge(self, network: Network, loss: Loss, part: Part, beat: Callable[[], None]) -> dict[str, Tensor]:
        """Return mc_loss, mc_accuracy, mc_entropy, ... of the mean of `passes` predictions, and the plain entropy.

        Only the slots of dropout are in training, and draw from a generator of this evaluation's own.
        """
        if self.passes == 0 or len(part) == 0:
            return {}
        slots = [network.input_dropout, *network.dropout_slots()]
        chance = torch.Generator(part.inputs.device).manual_seed(SEED)
        training = network.training
        network.eval()
        try:
            plain = ensemble.judge(1, network, loss, part, beat)
            for slot in slots:
                slot.train().generator = chance
            found = ensemble.judge(self.passes, network, loss, part, beat)
        finally:
            for slot in slots:
                slot.generator = self.generator
            network.train(training)
        beside = {"entropy": plain["entropy"]} if "entropy" in plain else {}
        return beside | {f"mc_{name}": one for name, one in found.items()}
