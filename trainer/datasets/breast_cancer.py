"""Breast cancer: a table with two classes."""

import torch

from trainer.datasets import Dataset, Table


class BreastCancer(Dataset):
    """569 tumours, malignant or benign, by 30 measurements of cell nuclei.

    Class 1 is benign (357 samples), class 0 malignant (212), as scikit-learn has them.

    Source: Wolberg et al. 1993, Breast Cancer Wisconsin (Diagnostic), UCI, https://doi.org/10.24432/C5DW2B
    """

    def load(self) -> Table:
        """Return all samples: inputs (569, 30), targets (569, 1)."""
        from sklearn.datasets import load_breast_cancer  # takes over a second to import

        found = load_breast_cancer()
        inputs = torch.tensor(found.data, dtype=torch.float32)
        targets = torch.tensor(found.target, dtype=torch.float32).unsqueeze(1)
        classes = [str(name) for name in found.target_names]
        return Table(inputs, targets, "binary", classes, [str(name) for name in found.feature_names])
