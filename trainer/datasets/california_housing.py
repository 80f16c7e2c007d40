"""California housing: a table with a number to predict, large enough that a network pays."""

from pathlib import Path

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table
from trainer.downloads import fetch, source
from trainer.tabular import read_from_tar

ROWS = 20_640
MEMBER = "CaliforniaHousing/cal_housing.data"
FEATURES = [
    *(
        "longitude",
        "latitude",
        "house age",
        "rooms a household",
        "bedrooms a household",
        "residents",
        "residents a household",
    ),
    "median income",
]


class CaliforniaHousing(Dataset):
    """20,640 districts of California in 1990: the median value of a house, in 100,000 dollars, from 8 features.

    Rooms, bedrooms and residents are those of a household, as scikit-learn has them. Values over 500,000 dollars stand
    as 500,001: the target is cut off at 5. Downloaded when first needed: 0.4 MB.

    Source: Pace & Barry 1997, https://doi.org/10.1016/S0167-7152(96)00140-X
    """

    download = "california_housing"

    scale_target: bool = param(
        False,
        "Standardize the target as well, fitted on the training part; loss, RMSE and MAE are then in deviations of the "
        "target (about 1.15)",
    )

    def load(self) -> Table:
        """Return all samples: inputs (20640, 8), targets (20640, 1)."""
        return self._read(next(iter(fetch(self.download).values())))

    def sketch(self) -> Table:
        """Return the table, or one of zeros where it has yet to be downloaded."""
        if source(self.download).is_here():
            return self._read(next(iter(source(self.download).paths().values())))
        return self._table(torch.zeros(ROWS, len(FEATURES)), torch.zeros(ROWS, 1))

    def _read(self, path: Path) -> Table:
        found = read_from_tar(path, MEMBER, 9)
        place, age, rooms, bedrooms, people, households, income, value = found.split([2, 1, 1, 1, 1, 1, 1, 1], dim=1)
        each = [rooms / households, bedrooms / households, people, people / households]
        return self._table(torch.cat([place, age, *each, income], dim=1), value / 100_000)

    def _table(self, inputs: torch.Tensor, targets: torch.Tensor) -> Table:
        return Table(inputs, targets, "number", features=list(FEATURES), scale_targets=self.scale_target)
