"""Scales: what brings inputs to a size that a network learns well from, fitted on the rows that it is given."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

FINEST = 255  # a pixel by itself is widened by at most its image's range over this: one that is always 0 says nothing
BYTES = 256


@dataclass(frozen=True)
class Scale:
    """x -> (x - shift) / width, each (features,) or a scalar; `rows` then brings each sample to length 1."""

    shift: Tensor
    width: Tensor
    rows: bool = False

    def __call__(self, values: Tensor) -> Tensor:
        """Return the values scaled, float32, the shape they came in. Bytes stay float32 all along."""
        if self.shift.dtype == torch.float64:
            scaled = ((values.double() - self.shift) / self.width).float()
        else:
            scaled = torch.sub(values, self.shift).div_(self.width)
        if not self.rows:
            return scaled
        lengths = torch.linalg.vector_norm(scaled.flatten(1), dim=1)
        return scaled / torch.where(lengths > 0, lengths, 1.0).view(-1, *[1] * (scaled.dim() - 1))

    def single(self) -> "Scale":
        """Return the scale in float32: what is scaled a batch at a time has no time for more."""
        return replace(self, shift=self.shift.float(), width=self.width.float())

    def to(self, device: torch.device | str) -> "Scale":
        """Return the scale on a device."""
        return replace(self, shift=self.shift.to(device), width=self.width.to(device))

    def moved(self, by: Tensor) -> "Scale":
        """Return the scale for inputs that have all moved `by` something: it sees them where they are now."""
        return replace(self, shift=self.shift - by)


def fit(inputs: Tensor, scaling: str) -> Scale:
    """Return the scale that `scaling` asks for, from inputs (n, *shape) alone.

    A table is scaled feature by feature, images (three dimensions each) by one scale for all pixels, unless
    standard_pixels asks for one each. What does not vary becomes 0.
    """
    images = inputs.dim() > 2
    if images and scaling != "standard_pixels":
        seen = _Counted(inputs) if inputs.dtype == torch.uint8 else _Columns(inputs.reshape(-1, 1))
    else:
        seen = _Columns(inputs.flatten(1))
    low, high = seen.low, seen.high
    shift, width = torch.zeros_like(low), torch.ones_like(low)
    if scaling in ("standard", "standard_pixels"):
        shift, width = seen.moments()
        if images:
            width = width.clamp(min=(high.max() - low.min()) / FINEST) if scaling == "standard_pixels" else width
    elif scaling == "unit":
        shift, width = low, high - low
    elif scaling == "symmetric":
        shift, width = (low + high) / 2, (high - low) / 2
    elif scaling == "robust":
        first, shift, third = seen.quartiles()
        # where half of the values are the same their range says nothing of the others
        width = torch.where(third > first, third - first, seen.moments()[1])
    if scaling not in ("none", "rows"):
        constant = low == high
        # by the values, not by the width: rounding leaves a deviation of 1e-17 where there is none
        shift, width = torch.where(constant, low, shift), torch.where(constant, 1.0, width)
    if images:
        shape = inputs.shape[1:] if scaling == "standard_pixels" else ()
        shift, width = shift.reshape(shape), width.reshape(shape)
    return Scale(shift, width, rows=scaling == "rows")


def deviation(inputs: Tensor) -> Tensor:
    """Return the standard deviation of each feature (features,), or of all pixels of images, a scalar."""
    if inputs.dim() > 2:
        seen = _Counted(inputs) if inputs.dtype == torch.uint8 else _Columns(inputs.reshape(-1, 1))
        return seen.moments()[1][0]
    return _Columns(inputs).moments()[1]


class _Columns:
    """What is to be known of the columns of values (n, columns), in float64."""

    def __init__(self, values: Tensor):
        self._values = values.double()
        self.low, self.high = self._values.amin(0), self._values.amax(0)

    def moments(self) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation."""
        return self._values.mean(0), self._values.std(0, correction=0)

    def quartiles(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the first quartile, the median and the third, between two values where they lie there."""
        return _quartiles(self._values.sort(0).values)


class _Counted:
    """The same of all bytes of images at once, by how often each of the 256 is there: 40 million take 20 ms."""

    def __init__(self, values: Tensor):
        self._counts = torch.bincount(values.flatten(), minlength=BYTES)
        there = self._counts.nonzero().flatten().double()
        self.low, self.high = there[:1], there[-1:]

    def moments(self) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation, (1,) each."""
        values, shares = torch.arange(BYTES).double(), self._counts.double() / self._counts.sum()
        mean = (values * shares).sum(0, keepdim=True)
        return mean, ((values - mean).square() * shares).sum(0, keepdim=True).sqrt()

    def quartiles(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the first quartile, the median and the third, (1,) each."""
        upto = self._counts.cumsum(0)
        places, between = _places(int(upto[-1]))
        below, above = (torch.searchsorted(upto, one, right=True).double() for one in (places, places + 1))
        below, above = below.clamp(max=BYTES - 1), above.clamp(max=BYTES - 1)
        return tuple(torch.lerp(below, torch.where(between > 0, above, below), between).split(1))


def _quartiles(ordered: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    places, between = _places(len(ordered))
    above = ordered[(places + 1).clamp(max=len(ordered) - 1)]
    return tuple(torch.lerp(ordered[places], above, between.unsqueeze(1)))


def _places(count: int) -> tuple[Tensor, Tensor]:
    """Return where the quartiles of so many ordered values lie: a place each, and how far on to the next."""
    exact = torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64) * (count - 1)
    return exact.floor().long(), exact - exact.floor()
