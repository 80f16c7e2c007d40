"""Data sets in the form of MNIST: small grey images in ten classes, in its files, with its split.

Reads them by `trainer.images`, and answers a plan without them; a data set says its classes and where it comes from.
"""

from typing import ClassVar

import torch

from trainer.datasets import Table, WithTest
from trainer.downloads import fetch, source
from trainer.images import read


class LikeMnist(WithTest):
    """70,000 images of 28x28 pixels in 10 classes, 10,000 of them for the test; `download` says where they are."""

    COUNT: ClassVar[tuple[int, int]] = (60_000, 10_000)  # for training, for the test
    CLASSES: ClassVar[list[str]] = []

    def load(self) -> Table:
        """Return all samples: inputs (70000, 1, 28, 28) as bytes."""
        files = fetch(self.download)
        return self._table(read(files, "x", self.COUNT), read(files, "y", self.COUNT))

    def sketch(self) -> Table:
        """Return the labels, or as many of each class where they have yet to be downloaded; of images their shape."""
        samples = sum(self.COUNT)
        inputs = torch.empty((samples, 1, 28, 28), dtype=torch.uint8, device="meta")
        known = source(self.download)
        labels = read(known.paths(), "y", self.COUNT) if known.is_here() else torch.arange(samples) % len(self.CLASSES)
        return self._table(inputs, labels)

    def _table(self, inputs: torch.Tensor, targets: torch.Tensor) -> Table:
        return Table(inputs, targets, "classes", self.CLASSES, test_from=self.COUNT[0])
