"""Small solids in a volume, for convolutions over three sides."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

SIDE = 8
RADII = (1.8, 3.2)  # voxels
ARM = 1.0  # half as thick as an arm of the cross


class Voxels(Dataset):
    """Noisy solids of 8x8x8 voxels in 3 classes: ball, cube and cross, of any size and a little out of the middle.

    With d the distance from the middle along each axis and r from 1.8 to 3.2: a ball has |d| < r, a cube every
    d < 0.8 r, a cross two of three d < 1 and the third < r. Inputs are volumes: (1, 8, 8, 8).

    Source: made here; volumes as inputs of a 3-D convolution are those of Maturana & Scherer 2015, VoxNet,
        https://doi.org/10.1109/IROS.2015.7353481
    """

    size: int = param(900, "Solids", low=30, high=20_000, scale="log")
    noise: float = param(0.2, "Standard deviation of the noise; a solid is 1, and 0 around it", low=0, high=10)
    seed: int = param(0, "Seed of the solids", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 1, 8, 8, 8)."""
        chance = torch.Generator().manual_seed(self.seed)
        targets = torch.arange(self.size) % 3
        radius = RADII[0] + (RADII[1] - RADII[0]) * torch.rand(self.size, 1, 1, 1, generator=chance)
        middle = (SIDE - 1) / 2 + torch.rand(self.size, 3, generator=chance) * 2 - 1
        along = (torch.arange(SIDE) - middle.unsqueeze(2)).abs()  # (size, 3, SIDE)
        d = torch.stack(torch.broadcast_tensors(
            along[:, 0, :, None, None], along[:, 1, None, :, None], along[:, 2, None, None, :]
        ))  # fmt: skip
        ball = d.square().sum(0).sqrt() < radius
        cube = d.amax(0) < 0.8 * radius
        cross = (d.sort(0).values[1] < ARM) & (d.amax(0) < radius)
        solids = torch.stack([ball, cube, cross])[targets, torch.arange(self.size)].float()
        solids += torch.randn(solids.shape, generator=chance) * self.noise
        return Table(solids.unsqueeze(1), targets, "classes", ["ball", "cube", "cross"])
