"""Own data: what was uploaded or drawn on the page Data, by its id."""

from typing import Any

import torch
from torch import Tensor

from trainer.component import param
from trainer.datasets import Dataset, Table
from trainer.own import kept


class Own(Dataset):
    """Your own data set: a table, arrays, images or drawn points that were brought in on the page Data.

    A category becomes a feature for each of its values, 1 where a sample has it and 0 elsewhere. What is missing is
    filled by what the training part says: a number by its median, a category by its commonest value.

    Source: one-hot and median as in scikit-learn, https://scikit-learn.org/stable/modules/impute.html
    """

    title = "Own data"

    data: str = param("", "Which of the data sets that were brought in on the page Data", of="datasets")
    scale_target: bool = param(
        True,
        "Standardize a number to predict as well, fitted on the training part; loss, RMSE and MAE are then in "
        "deviations of it. Classes have no scale",
    )

    def load(self) -> Table:
        """Return all samples; NaN in the inputs where something is missing."""
        inputs, targets, meta = kept.read(self.data)
        values, names = torch.from_numpy(inputs).float(), meta["features"]
        self._columns = meta["columns"]
        if self._columns:
            names = [name for column in self._columns for name in _names(column)]
            values = torch.cat([_spread(values[:, at], one) for at, one in enumerate(self._columns)], dim=1)
        scaled = self.scale_target and meta["kind"] == "number"
        return Table(values, torch.from_numpy(targets), meta["kind"], meta["classes"], names, scale_targets=scaled)

    def complete(self, inputs: Tensor, training: Tensor) -> Tensor:
        """Return inputs (n, features) with what is missing filled by what the rows `training` say."""
        if inputs.dim() != 2 or not bool(inputs.isnan().any()):
            return inputs
        inputs, at = inputs.clone(), 0
        for column in self._columns:
            width = len(_names(column))
            block = inputs[:, at : at + width]
            missing = block[:, 0].isnan()
            known = block[training][~missing[training]]
            if column["kind"] == "category":
                block[missing] = torch.eye(width)[known.sum(0).argmax()]  # of several the first
            else:
                block[missing] = _median(known)
            at += width
        return inputs


def _names(column: dict[str, Any]) -> list[str]:
    return [f"{column['name']} = {value}" for value in column["values"]] or [column["name"]]


def _spread(values: Tensor, column: dict[str, Any]) -> Tensor:
    if column["kind"] == "number":
        return values.unsqueeze(1)
    ones = (values.unsqueeze(1) == torch.arange(len(column["values"]))).float()
    return torch.where(values.isnan().unsqueeze(1), torch.nan, ones)


def _median(known: Tensor) -> Tensor:
    if not len(known):
        return torch.tensor(0.0)
    values = known.flatten().sort().values
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
