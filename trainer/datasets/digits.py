"""Handwritten digits of 8x8 pixels: small enough to train in seconds, real enough to overfit."""

import torch

from trainer.datasets import Dataset, Table


class Digits(Dataset):
    """1,797 handwritten digits of 8x8 pixels in 10 classes.

    Each pixel counts the ink in a field of 4x4 finer ones, 0 to 16. Inputs are images: (1, 8, 8).

    Source: Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, UCI, https://doi.org/10.24432/C50P49
    """

    def load(self) -> Table:
        """Return all samples: inputs (1797, 1, 8, 8)."""
        from sklearn.datasets import load_digits  # takes over a second to import

        found = load_digits()
        inputs = torch.tensor(found.images, dtype=torch.float32).unsqueeze(1)
        classes = [str(name) for name in found.target_names]
        return Table(inputs, torch.tensor(found.target, dtype=torch.int64), "classes", classes)
