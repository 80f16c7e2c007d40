"""What a data set looks like with the parameters that a form has: parts, classes, distributions, samples.

Computed by a forked child for the page of a data set, and bounded: a dozen columns at a time, some samples, some
points. What it shows is what `trainer.data` would train on: the same split, the same labels, the same scale.
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor

from trainer import look_at
from trainer.catalog import CATALOG
from trainer.component import ParameterError, no_such
from trainer.corruption import mislabelled
from trainer.data import PARTS, Data, prepare, split
from trainer.datasets import Dataset
from trainer.downloads import source
from trainer.look_at import Seen
from trainer.own.words import Unfit
from trainer.spec import Problem, SpecError
from trainer.splits import bootstrapped, training_rows

AT_ONCE = 12  # columns
MAX_COLUMNS = 100  # that may be asked for at once


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return {"look": ...} for {"name", "params", "first", "count"}, or {"problems": [...]} with the form's paths."""
    try:
        dataset = _made(request["name"], request["params"])
        seen = see(dataset)
        return {"look": look(seen, request.get("first", 0), request.get("count", AT_ONCE), dataset.note())}
    except SpecError as error:
        return {"problems": [one.model_dump() for one in error.problems]}
    except Unfit as unfit:
        return {"problems": [unfit.problem()]}
    except MemoryError:
        return {"problems": [Unfit("", "memory").problem()]}


def see(dataset: Dataset) -> Seen:
    """Load, split and scale a data set.

    Raises:
        SpecError: it cannot be loaded, split or scaled so. Unfit: it has yet to be downloaded.
    """
    try:
        if dataset.download and not source(dataset.download).is_here():
            wanted = source(dataset.download)
            raise Unfit(
                "", "not_here", title=wanted.title, size=wanted.missing, source=wanted.name if wanted.files else ""
            )
        dataset.is_looked_at = True
        dataset.load = cache(dataset.load)  # asked for twice, read once
        data = prepare(dataset, "cpu")
        table = dataset.load()
        parts = split(table, dataset)
        train = training_rows(table, dataset, parts[0])
        labels = mislabelled(table, dataset, train)
        rows = (bootstrapped(dataset, train), *parts[1:])
        return Seen(table, rows, data, labels, dataset)
    except Unfit:
        raise
    except ParameterError as error:
        raise SpecError([Problem(path=f"dataset.params.{error.field}", message=str(error))]) from None
    except ValueError as error:
        raise SpecError([Problem(path="dataset.params", message=str(error))]) from None


def look(seen: Seen, first: int = 0, count: int = AT_ONCE, note: str = "") -> dict[str, Any]:
    """Return what a data set looks like, with `count` of its columns from the one numbered `first`.

    A column is a number, before and after scaling, or a category with how often each value is in each part. `note` is
    what the data set says of its samples.
    """
    table, data = seen.table, seen.data
    told: dict[str, Any] = {
        "kind": data.kind, "classes": data.classes[: look_at.SHOWN_CLASSES], "classes_in_all": len(data.classes),
        "shape": list(data.shape), "samples": data.counts, "balance": balance(data), "target": target(seen),
        "wrong": int((seen.labels != table.targets).reshape(len(seen.labels), -1).any(1).sum()),
        "note": note,
        "rows": [], "images": [], "texts": [], "wordless": None,
        "points": None, "names": [], "first": 0, "columns_in_all": 1,
    }  # fmt: skip
    if table.tokens or not isinstance(table.inputs, Tensor):
        return told | look_at.texts(seen) | {"columns": [look_at.lengths(table, seen.rows)]}
    if table.inputs.dim() > 2:
        return told | {"images": look_at.images(seen), "columns": [look_at.pixels(seen)]}
    columns = table.inputs.shape[1]
    first = max(0, min(first, columns - 1))
    places = range(first, min(first + max(1, min(count, MAX_COLUMNS)), columns))
    told |= {"first": first, "columns_in_all": columns, "names": [look_at.name_of(table, one) for one in places]}
    told |= {"rows": look_at.samples(seen, places), "columns": [look_at.column(seen, one) for one in places]}
    return told | {"points": look_at.points(seen)}


def balance(data: Data) -> list[dict[str, Any]]:
    """Return how many samples of each class each part has; nothing for a number."""
    if not data.classes:
        return []
    counts = {name: _counts(getattr(data, name).targets, data) for name in PARTS}
    return [{"name": name, **{part: counts[part][place] for part in PARTS}}
            for place, name in enumerate(data.classes[: look_at.SHOWN_CLASSES])]  # fmt: skip


def target(seen: Seen) -> dict[str, Any] | None:
    """Return the distribution of a number to predict, as it comes and as it is trained on; None for classes."""
    if seen.data.classes:
        return None
    before = [seen.table.targets[one] for one in seen.rows]
    return look_at.both(before, [getattr(seen.data, name).targets for name in PARTS])


def _counts(targets: Tensor, data: Data) -> list[int]:
    if data.kind == "labels":  # of which several may hold
        return targets.sum(0).long().tolist()
    return torch.bincount(targets.flatten().long(), minlength=len(data.classes)).tolist()


def _made(name: str, params: dict[str, Any]) -> Dataset:
    if name not in CATALOG["datasets"]:
        raise SpecError([Problem(path="dataset.name", message=no_such(name, CATALOG["datasets"], "dataset"))])
    try:
        return CATALOG["datasets"][name](**params)
    except ParameterError as error:
        raise SpecError([Problem(path=f"dataset.params.{error.field}", message=str(error))]) from None
