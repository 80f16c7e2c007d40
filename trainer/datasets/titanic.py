"""Titanic: a table as tables are, with holes and with categories."""

from pathlib import Path

import torch

from trainer.datasets import Dataset, Table
from trainer.downloads import fetch, source
from trainer.tabular import codes, numbers, read_csv

ROWS = 1309
NUMBERS = {"age": "age", "sibsp": "siblings and spouses", "parch": "parents and children", "fare": "fare"}
CATEGORIES = {
    "pclass": ("class", ["1", "2", "3"]),
    "sex": ("sex", ["female", "male"]),
    "embarked": ("from", ["C", "Q", "S"]),
}


class Titanic(Dataset):
    """The passengers of the Titanic: who was saved, from class, sex, age, family, fare and port.

    A fifth of the ages is missing: they are filled with the median of the training part, and a missing port with its
    most frequent one. Class, sex and port become a 0 or 1 for each of their values. Lifeboat and body number, which
    the table has too, would give the answer away and are left out. 1,309 passengers are downloaded when first needed,
    0.1 MB; the 891 of Kaggle's train.csv are taken where they lie in the cache as titanic.csv.

    Source: Harrell & Cason, https://www.openml.org/d/40945
    """

    download = "titanic"

    def load(self) -> Table:
        """Return all samples: inputs (n, 7) with holes and categories, targets (n, 1)."""
        return self._read(next(iter(fetch(self.download).values())))

    def sketch(self) -> Table:
        """Return the table, or one with as many saved as not where it has yet to be downloaded."""
        if source(self.download).is_here():
            return self._read(next(iter(source(self.download).paths().values())))
        return self._table(torch.zeros(ROWS, len(NUMBERS) + len(CATEGORIES)), (torch.arange(ROWS) % 2).float())

    def _read(self, path: Path) -> Table:
        found = read_csv(path, ["survived", *NUMBERS, *CATEGORIES])
        columns = [numbers(found[name]) for name in NUMBERS]
        columns += [codes(found[name], values) for name, (_, values) in CATEGORIES.items()]
        targets = numbers(found["survived"])
        if not len(targets) or not set(targets.tolist()) <= {0.0, 1.0}:
            raise ValueError(f"{path}: survived is not 0 or 1 everywhere. Take the file away; it is then downloaded.")
        return self._table(torch.stack(columns, dim=1), targets)

    def _table(self, inputs: torch.Tensor, targets: torch.Tensor) -> Table:
        categories = {len(NUMBERS) + place: values for place, (_, values) in enumerate(CATEGORIES.values())}
        features = [*NUMBERS.values(), *(name for name, _ in CATEGORIES.values())]
        return Table(
            inputs, targets.unsqueeze(1), "binary", ["lost", "saved"], features, fills=True, categories=categories
        )
