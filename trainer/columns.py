"""Tables with holes and with categories: what is missing is filled, a category becomes a 0 or 1 for each of its values.

Both learn from the rows that they are given, the training part, and from no other.
"""

import torch
from torch import Tensor

from trainer.datasets import Table


def encoded(table: Table, rows: Tensor) -> tuple[Tensor, list[str], Tensor]:
    """Return a table's inputs as numbers (n, features), the features' names, and which of them are plain numbers.

    A missing number becomes the median of `rows`, a missing category their most frequent one. A category that is not
    in `rows` is 0 everywhere: nothing could be learned of it.
    """
    columns, names, plain = [], [], []
    for place in range(table.inputs.shape[1]):
        column, name = table.inputs[:, place], _name(table, place)
        known = column[rows][~column[rows].isnan()]
        if (values := table.categories.get(place)) is None:
            columns.append(column.nan_to_num(nan=_median(known)) if table.fills else column)
            names.append(name)
            plain.append(True)
            continue
        counts = torch.bincount(known.long(), minlength=len(values))
        filled = column.nan_to_num(nan=float(counts.argmax()))
        for code, value in enumerate(values):
            columns.append((filled == code).float() * (counts[code] > 0))
            names.append(f"{name} {value}")
            plain.append(False)
    return torch.stack(columns, dim=1), names, torch.tensor(plain)


def _name(table: Table, place: int) -> str:
    return table.features[place] if table.features else f"column {place + 1}"


def _median(known: Tensor) -> float:
    # numpy's: between the two in the middle where their number is even, which torch's is not
    return known.double().quantile(0.5).item() if len(known) else 0.0
