"""Fashion-MNIST: clothes in place of digits, as many and as large."""

import torch

from trainer.datasets import Table, WithTest
from trainer.downloads import fetch, source
from trainer.images import read

COUNT = (60_000, 10_000)
CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]


class FashionMnist(WithTest):
    """70,000 pictures of clothes of 28x28 pixels in 10 classes, 10,000 of them for the test.

    Made to take MNIST's place where that is too easy: what gets 98 % there gets 89 % here, mostly for shirts. Each
    class has 6,000 samples to train on and 1,000 to test on. Downloaded when first needed: 31 MB.

    Source: Xiao, Rasul & Vollgraf 2017, https://arxiv.org/abs/1708.07747
    """

    title = "Fashion-MNIST"
    download = "fashion_mnist"

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
        return Table(inputs, targets, "classes", CLASSES, test_from=COUNT[0])
