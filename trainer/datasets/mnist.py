"""MNIST: the handwritten digits that everybody compares on."""

import torch

from trainer.datasets import Table, WithTest
from trainer.downloads import fetch, source
from trainer.images import read

COUNT = (60_000, 10_000)


class Mnist(WithTest):
    """70,000 handwritten digits of 28x28 pixels in 10 classes, 10,000 of them for the test.

    Each pixel is a grey from 0 to 255. Inputs are images: (1, 28, 28). As given: trained on the first 50,000,
    validated on the last 10,000 of the training images, in their own order. The first half of the test images is
    the harder one, so say how many were tested on. Downloaded when first needed: 12 MB.

    Source: LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition,
        https://doi.org/10.1109/5.726791
    """

    title = "MNIST"
    download = "mnist"

    def load(self) -> Table:
        """Return all samples: inputs (70000, 1, 28, 28) as bytes."""
        files = fetch(self.download)
        return self._table(read(files, "x", COUNT), read(files, "y", COUNT))

    def sketch(self) -> Table:
        """Return the labels, or as many of each class where they have yet to be downloaded; of images their shape."""
        inputs = torch.empty((sum(COUNT), 1, 28, 28), dtype=torch.uint8, device="meta")
        known = source(self.download)
        labels = read(known.paths(), "y", COUNT) if known.is_here() else torch.arange(sum(COUNT)) % 10
        return self._table(inputs, labels)

    def _table(self, inputs: torch.Tensor, targets: torch.Tensor) -> Table:
        return Table(inputs, targets, "classes", [str(digit) for digit in range(10)], test_from=COUNT[0])
