"""Own data: what was uploaded or drawn on the page Data, by its id."""

import torch

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
    keeps_test = True

    data: str = param("", "Which of the data sets that were brought in on the page Data", of="datasets")
    scale_target: bool = param(
        True,
        "Standardize a number to predict as well, fitted on the training part; loss, RMSE and MAE are then in "
        "deviations of it. Classes have no scale",
    )

    own_test: bool = param(
        True,
        "Test on the test part that the data came with, where it has one: x_test and y_test of an npz. Off: draw the "
        "test part from all samples",
        title="Its own test part",
        section="split",
    )

    def load(self) -> Table:
        """Return all samples; NaN in the inputs where something is missing."""
        inputs, targets, meta = kept.read(self.data)
        columns = meta["columns"]  # of a table; arrays and images have none
        return Table(
            torch.from_numpy(inputs), torch.from_numpy(targets), meta["kind"], meta["classes"], meta["features"],
            scale_targets=self.scale_target and meta["kind"] == "number", fills=bool(columns),
            test_from=meta.get("test_from", 0) if self.own_test else 0,
            categories={place: one["values"] for place, one in enumerate(columns) if one["kind"] == "category"},
        )  # fmt: skip
