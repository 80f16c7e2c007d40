"""Own data: what was uploaded or drawn on the page Data, by its id."""

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
        self._columns = meta["columns"]
        scaled = self.scale_target and meta["kind"] == "number"
        values = torch.from_numpy(inputs).float(), torch.from_numpy(targets)
        return Table(*values, meta["kind"], meta["classes"], meta["features"], scale_targets=scaled)

    def complete(self, inputs: Tensor, training: Tensor) -> Tensor:
        """Return inputs (n, features) with what is missing filled by what the rows `training` say."""
        if inputs.dim() != 2 or not bool(inputs.isnan().any()):
            return inputs
        inputs = inputs.clone()
        for column in self._columns:
            block = inputs[:, column["at"] : column["at"] + column["width"]]
            missing = block[:, 0].isnan()
            known = block[training][~missing[training]]
            if column["kind"] == "category":
                commonest = known.sum(0).argmax()  # of several the first
                block[missing] = torch.eye(column["width"])[commonest]
            else:
                block[missing] = _median(known)
        return inputs


def _median(known: Tensor) -> Tensor:
    if not len(known):
        return torch.tensor(0.0)
    values = known.flatten().sort().values
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
