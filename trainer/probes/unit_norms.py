"""How long the weights of each unit are."""

import torch

from trainer.histogram import histogram
from trainer.network import Network
from trainer.probes import Probe, Reading


class UnitNorms(Probe):
    """Histograms of how long the weights that feed each unit are: what max-norm limits.

    |w| = sqrt(sum w^2) over what feeds one unit, or one filter of a convolution: as many values as the layer has
    units. With max-norm on, a line shows the limit; it matters only where units touch it.

    Source: Srivastava et al. 2014, section 5.1, https://jmlr.org/papers/v15/srivastava14a.html
    """

    @torch.no_grad()
    def after_update(self, network: Network) -> Reading | None:
        """Return one histogram for every layer, by its name."""
        return Reading(
            histograms={
                name: histogram(torch.linalg.vector_norm(weight.flatten(1), dim=1))
                for name, weight in network.weights().items()
            }
        )
