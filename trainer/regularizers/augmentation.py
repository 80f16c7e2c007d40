"""Augmentation of images."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from trainer.component import ParameterError, param
from trainer.regularizers import Parts, Regularizer

IMAGE = 3  # dimensions: channels, height, width
LONGEST = 3.3  # of a rectangle that is struck out, its longer side over the shorter one


class Augmentation(Regularizer):
    """Shifts, turns, mirrors and partly hides each training image anew in every step; its label stays.

    x <- erase(x(A p)), A one turn by at most rotate degrees, one shift in whole pixels by at most shift of a
    side, and a mirror with chance flip; values between pixels are interpolated, those outside repeat the edge.
    Then with chance erase a rectangle becomes the image's mean, its area at most erase_area.

    Source: Simard, Steinkraus & Platt 2003, https://doi.org/10.1109/ICDAR.2003.1227801; Zhong et al. 2017,
        Random erasing, https://arxiv.org/abs/1708.04896
    """

    shift: float = param(
        0.1, "Furthest an image is shifted each way, as a share of its side", low=0, high=0.5, live=True
    )
    rotate: float = param(10.0, "Furthest it is turned either way", low=0, high=180, unit="degrees", live=True)
    flip: float = param(
        0.0, "Chance that left and right are swapped; wrong for digits and letters", low=0, high=1, live=True
    )
    erase: float = param(0.0, "Chance that a part of it is hidden", low=0, high=1, live=True)
    erase_area: float = param(0.3, "Largest share of it that is hidden", low=0.02, high=0.9, live=True)

    def check(self, parts: Parts) -> None:
        """See that the data are images."""
        shape = parts.data.shape
        if len(shape) != IMAGE:
            raise ParameterError(
                "enabled",
                f"Augmentation is for images, and a sample of these data is {' x '.join(map(str, shape))} numbers "
                "without a place. Input noise is for them.",
            )

    def on_batch(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the images changed, in new memory. inputs (batch, channels, height, width)."""
        if self.shift or self.rotate or self.flip:
            grid = functional.affine_grid(self._moves(inputs), list(inputs.shape), align_corners=False)
            inputs = functional.grid_sample(inputs, grid, padding_mode="border", align_corners=False)
        return (self._erased(inputs) if self.erase else inputs), targets

    def _moves(self, inputs: Tensor) -> Tensor:
        """Return where each pixel's value is taken from, as one affine map an image: (batch, 2, 3)."""
        height, width = inputs.shape[2:]
        angle = self._uniform(inputs, -1, 1) * math.radians(self.rotate)
        mirror = 1 - 2 * (self._uniform(inputs, 0, 1) < self.flip).to(inputs.dtype)
        # coordinates run from -1 to 1 across an image: a pixel of a side of n is 2 / n wide
        right, down = (
            (self._uniform(inputs, -1, 1) * self.shift * size).round() * 2 / size for size in (width, height)
        )
        cos, sin = angle.cos(), angle.sin()
        across = torch.stack([cos * mirror, -sin * height / width, right], 1)
        along = torch.stack([sin * mirror * width / height, cos, down], 1)
        return torch.stack([across, along], 1)

    def _erased(self, images: Tensor) -> Tensor:
        """Return the images with a rectangle of some of them filled with the image's mean."""
        height, width = images.shape[2:]
        area = self._uniform(images, 0.02, self.erase_area) * height * width
        ratio = (self._uniform(images, -1, 1) * math.log(LONGEST)).exp()
        tall = (area * ratio).sqrt().round().clamp(1, height)
        wide = (area / ratio).sqrt().round().clamp(1, width)
        top = (self._uniform(images, 0, 1) * (height - tall + 1)).floor()
        left = (self._uniform(images, 0, 1) * (width - wide + 1)).floor()
        inside = _between(height, top, tall).unsqueeze(2) & _between(width, left, wide).unsqueeze(1)
        inside &= (self._uniform(images, 0, 1) < self.erase).view(-1, 1, 1)
        return torch.where(inside.unsqueeze(1), images.mean((1, 2, 3), keepdim=True), images)

    def _uniform(self, images: Tensor, low: float, high: float) -> Tensor:
        """Return one number an image: (batch,)."""
        return torch.empty(len(images), device=images.device).uniform_(low, high, generator=self.generator)


def _between(size: int, first: Tensor, length: Tensor) -> Tensor:
    """Return which of `size` places lie in each image's span: (batch, size)."""
    places = torch.arange(size, device=first.device)
    return (places >= first.unsqueeze(1)) & (places < (first + length).unsqueeze(1))
