"""What the units of a layer do on a few samples, as shares: how many are dead, alike, or driven to their ends.

A histogram over a layer cannot tell one dead unit from many that are often 0, so units are looked at one by one.
"""

import torch
from torch import Tensor

from trainer.activations import Activation

NEAR_AN_END = 0.05  # of a sigmoid: below 0.05 or above 0.95, where its slope is under a fifth of its largest
ROUNDING = 1e-4  # of the largest value: sums over thousands of inputs in another order differ by less
COMPARED = 32  # samples in which units are compared; two that differ do so in nearly every one


def unit_shares(given: Tensor, activation: Activation | None) -> dict[str, Tensor]:
    """Return the shares that can be told of a layer, each a scalar on the device, 0 to 1.

    dead_units: units that are 0 for every sample and every place, where the activation can die.
    saturated: values within 0.05 of an end, where the activation has ends.
    alike_units: of all units but one, how many give the same as the first that is not dead; of layers with two or
    more units.

    Args:
        given: what the layer gives, (samples, units, *places).
        activation: what the layer ends with; None for none.
    """
    shares: dict[str, Tensor] = {}
    living = torch.ones(given.shape[1], dtype=torch.bool, device=given.device)
    if activation is not None and activation.dies:
        living = (given != 0).transpose(0, 1).flatten(1).any(1)
        shares["dead_units"] = 1 - living.float().mean()
    if activation is not None and activation.ends:
        near = torch.zeros_like(given, dtype=torch.bool)
        for end in activation.ends:
            near |= (given - end).abs() < NEAR_AN_END
        shares["saturated"] = near.float().mean()
    if given.shape[1] > 1:
        shares["alike_units"] = _alike(given[:COMPARED].transpose(0, 1).flatten(1), living)
    return shares


def _alike(rows: Tensor, living: Tensor) -> Tensor:
    """Return the share of all units but one that give the same as the first living one. rows (units, values)."""
    first = rows[living.int().argmax()]
    same = ((rows - first).abs() <= ROUNDING * first.abs().amax()).all(1) & living
    return (same.sum() - 1).clamp(min=0) / (len(rows) - 1)
