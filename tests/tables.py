"""Data sets that a test makes up: the numbers 0, 1, 2, ... in classes one after the other, any table, or files."""

import gzip

import numpy as np
import torch

from trainer.component import param
from trainer.datasets import Table, WithTest


class Given(WithTest):
    """A table that a test makes up.

    Source: this file
    """

    split: str = param("drawn", "As in any data set that has a test part", choices=("given", "drawn"))
    validation_rows: int = param(0, "As in any data set that has a test part", low=0, high=1000)
    sizes: list[int] = param([50, 30, 20], "Samples of each class", low=0, high=1000)
    tested: int = param(0, "So many of the last samples are the test part that is given", low=0, high=1000)
    table: Table | None = None

    def load(self) -> Table:
        """Return the table given, or classes of these sizes whose inputs are 0, 1, 2, ..."""
        targets = torch.cat([torch.full((size,), number) for number, size in enumerate(self.sizes)])
        names = [f"c{number}" for number in range(len(self.sizes))]
        inputs, begins = (
            torch.arange(len(targets)).float().unsqueeze(1),
            len(targets) - self.tested if self.tested else 0,
        )
        return self.table or Table(inputs, targets, "classes", names, test_from=begins)


def idx_bytes(values: np.ndarray) -> bytes:
    """Return a gzipped IDX file, as those of MNIST are."""
    head = bytes([0, 0, 8, values.ndim]) + b"".join(size.to_bytes(4) for size in values.shape)
    return gzip.compress(head + values.tobytes())


def of(table: Table, **params) -> Given:
    """Return a data set of a table."""
    made = Given(**params)
    made.table = table
    return made
