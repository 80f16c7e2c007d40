"""Diabetes: a table with a number to predict."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table


class Diabetes(Dataset):
    """442 patients: how far diabetes goes in a year, from 10 measurements at its start.

    The target runs from 25 to 346, with a deviation of 77. Nothing predicts it well: a linear model
    explains about half of its variance.

    Source: Efron, Hastie, Johnstone & Tibshirani 2004, Least angle regression, https://arxiv.org/abs/math/0406456
    """

    scale_target: bool = param(
        True,
        "Standardize the target as well, fitted on the training part; loss, RMSE and MAE are then in deviations "
        "of the target (about 77). Without it, most learning rates diverge",
    )

    def load(self) -> Table:
        """Return all samples: inputs (442, 10) as measured, targets (442, 1)."""
        from sklearn.datasets import load_diabetes  # takes over a second to import

        found = load_diabetes(scaled=False)
        inputs = torch.tensor(found.data, dtype=torch.float32)
        targets = torch.tensor(found.target, dtype=torch.float32).unsqueeze(1)
        features = [str(name) for name in found.feature_names]
        return Table(inputs, targets, "number", features=features, scale_targets=self.scale_target)
