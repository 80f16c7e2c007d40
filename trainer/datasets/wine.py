"""Wine: a small table with three classes."""

import torch

from trainer.datasets import Dataset, Table


class Wine(Dataset):
    """178 wines of three cultivars, by 13 measurements of their chemistry.

    Its features differ a thousandfold in size: train it without scaling to see what scaling is for.

    Source: Aeberhard & Forina 1992, Wine, UCI, https://doi.org/10.24432/C5PC7J
    """

    def load(self) -> Table:
        """Return all samples: inputs (178, 13)."""
        from sklearn.datasets import load_wine  # takes over a second to import

        found = load_wine()
        inputs = torch.tensor(found.data, dtype=torch.float32)
        targets = torch.tensor(found.target, dtype=torch.int64)
        classes = [str(name) for name in found.target_names]
        return Table(inputs, targets, "classes", classes, list(found.feature_names))
