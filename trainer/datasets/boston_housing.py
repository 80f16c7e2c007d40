"""Boston housing: the table that courses on regression began with, and why they stopped."""

from pathlib import Path

import torch

from trainer.component import param
from trainer.datasets import Table, WithTest
from trainer.downloads import fetch, source
from trainer.tabular import numbers, read_arrays, read_csv, shuffled_as_keras

ROWS, TRAINED = 506, 404
FEATURES = ["crim", "zn", "indus", "chas", "nox", "rm", "age", "dis", "rad", "tax", "ptratio", "b", "lstat"]


class BostonHousing(WithTest):
    """506 districts of Boston in 1970: the median price of a home, in thousands of dollars, from 13 features.

    Discouraged for anything but repeating old results: its variable b is built on the share of Black residents, on
    the assumption that segregation raises prices, and scikit-learn has removed it for that (Carlisle 2019, Racist data
    destruction?). Take california_housing where you may choose. As given: Keras' order and its 404 and 102 rows.
    Downloaded when first needed: 57 KB.

    Source: Harrison & Rubinfeld 1978, https://doi.org/10.1016/0095-0696(78)90006-2
    """

    download = "boston_housing"

    validation_rows: int = param(
        80, "Given split: so many of the training samples, the last ones, are the validation part; 0 for none",
        low=0, high=10**7, scale="log", section="split",
    )  # fmt: skip
    scale_target: bool = param(
        False,
        "Standardize the target as well, fitted on the training part; loss, RMSE and MAE are then in deviations of the "
        "target (about 9) and no longer in thousands of dollars",
    )

    def load(self) -> Table:
        """Return all samples in Keras' order: inputs (506, 13), targets (506, 1)."""
        return self._read(next(iter(fetch(self.download).values())))

    def sketch(self) -> Table:
        """Return the table, or one of zeros where it has yet to be downloaded."""
        if source(self.download).is_here():
            return self._read(next(iter(source(self.download).paths().values())))
        return self._table(torch.zeros(ROWS, len(FEATURES)), torch.zeros(ROWS))

    def _read(self, path: Path) -> Table:
        if path.suffix == ".csv":
            found = read_csv(path, [*FEATURES, "medv"])
            inputs, targets = torch.stack([numbers(found[name]) for name in FEATURES], dim=1), numbers(found["medv"])
        else:
            arrays = read_arrays(path, {"x": (ROWS, len(FEATURES)), "y": (ROWS,)})
            inputs, targets = torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["y"])
        if len(targets) != ROWS:
            raise ValueError(
                f"{path} has {len(targets)} rows and not {ROWS}. Take the file away; it is then downloaded."
            )
        order = shuffled_as_keras(ROWS)
        return self._table(inputs[order], targets[order])

    def _table(self, inputs: torch.Tensor, targets: torch.Tensor) -> Table:
        known = {"features": list(FEATURES), "scale_targets": self.scale_target, "test_from": TRAINED}
        return Table(inputs, targets.unsqueeze(1), "number", **known)
