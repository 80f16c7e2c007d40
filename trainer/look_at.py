"""Parts of a look at a data set: a distribution in bins, a column, some rows, some images, the points of a plane."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from trainer.data import Data
from trainer.datasets import Dataset, Table
from trainer.downloads import source
from trainer.own.images import as_url
from trainer.splits import PARTS
from trainer.stored import Bags

BINS = 24
SHOWN_ROWS = {"train": 6, "validation": 2, "test": 2}
SHOWN_IMAGES = 30
SHOWN_TEXTS, SHOWN_WORDS, SHOWN_NUMBERS = 10, 400, 24
SHOWN_CLASSES = 40
SHOWN_VALUES = 30  # of a category
POINTS = 1_500
SAMPLED = 200_000  # values that a histogram of pixels is made of
IMAGE_SIDE = 64  # pixels: larger ones are thinned
SIGNAL_POINTS = 128


class Seen(NamedTuple):
    """A data set, loaded: its table, the rows of each part, what is trained on, and the labels, wrong ones and all."""

    table: Table
    rows: tuple[Tensor, Tensor, Tensor]
    data: Data
    labels: Tensor
    dataset: Dataset


def both(before: Iterable[Tensor], after: Iterable[Tensor]) -> dict[str, Any]:
    """Return {"before", "after"}: for each part the counts of equal bins, with mean and deviation of training."""
    return {"before": histogram(list(before)), "after": histogram(list(after))}


def histogram(parts: list[Tensor]) -> dict[str, Any]:
    """Return the counts of values in equal bins over the range of all parts; what is NaN is left out."""
    known = [one.flatten().double().numpy() for one in parts]
    known = [one[np.isfinite(one)] for one in known]
    whole = np.concatenate(known)
    low, high = (float(whole.min()), float(whole.max())) if len(whole) else (0.0, 0.0)
    edges = (low, high) if high > low else (low - 0.5, high + 0.5)
    counts = {name: np.histogram(one, BINS, edges)[0].tolist() for name, one in zip(PARTS, known, strict=True)}
    train = known[0]
    mean, std = (float(train.mean()), float(train.std())) if len(train) else (0.0, 0.0)
    return {"least": low, "most": high, "mean": mean, "std": std, "counts": counts}


def name_of(table: Table, place: int) -> str:
    """Return what a column is called."""
    return table.features[place] if place < len(table.features) else f"x{place + 1}"


def column(seen: Seen, place: int) -> dict[str, Any]:
    """Return a column of a table: a number's distribution before and after, or how often a category has each value."""
    table, rows = seen.table, seen.rows
    before = [table.inputs[one, place] for one in rows]
    told = {"name": name_of(table, place), "missing": sum(int(one.isnan().sum()) for one in before)}
    if (values := table.categories.get(place)) is None:
        at = _first_feature(table, place)
        return told | {"kind": "number", **both(before, [getattr(seen.data, part).inputs[:, at] for part in PARTS])}
    counts = [torch.bincount(one[~one.isnan()].long(), minlength=len(values)).tolist() for one in before]
    by_value = [dict(zip(("name", *PARTS), (name, *of), strict=True))
                for name, *of in zip(values, *counts, strict=True)]  # fmt: skip
    return told | {"kind": "category", "values": by_value[:SHOWN_VALUES], "values_in_all": len(values)}


def pixels(seen: Seen) -> dict[str, Any]:
    """Return the distribution of all pixels, or of all values of signals, of some samples of each part."""
    each = max(1, SAMPLED // max(1, math.prod(seen.data.shape)))
    before = [seen.table.inputs[one[:each]] for one in seen.rows]
    after = [getattr(seen.data, part).inputs[:each] for part in PARTS]
    kind = "pixels" if seen.table.inputs.dim() > 3 else "values"
    return {"name": "", "kind": kind, "missing": 0, **both(before, after)}


def lengths(table: Table, rows: tuple[Tensor, ...]) -> dict[str, Any]:
    """Return the distribution of how many words texts have."""
    inputs = table.inputs
    of_text = inputs.begins.diff() if isinstance(inputs, Bags) else (inputs != 0).sum(1)
    return {"name": "", "kind": "words", "missing": 0, "before": histogram([of_text[one] for one in rows])}


def samples(seen: Seen, places: range) -> list[dict[str, Any]]:
    """Return some rows of each part: the columns as they came (None: missing) and as they are trained on."""
    told = []
    for name, rows in zip(PARTS, seen.rows, strict=True):
        scaled = getattr(seen.data, name).inputs
        for at, row in enumerate(rows[: SHOWN_ROWS[name]].tolist()):
            cells = [_cell(seen.table, row, place) for place in places]
            trained = [_trained(seen.table, scaled[at], place) for place in places]
            told.append({"part": name, "values": cells, "scaled": trained, **_target(seen, row)})
    return told


def images(seen: Seen) -> list[dict[str, Any]]:
    """Return some images as data: URLs, or signals as values, the classes in turn, each with its class and its part."""
    low, high = float(seen.table.inputs.min()), float(seen.table.inputs.max())
    shown = _signal if seen.table.inputs.dim() == 3 else _picture
    return [{**shown(seen.table.inputs[row], low, high), "part": name, **_target(seen, row)}
            for name, row in _some_rows(seen, SHOWN_IMAGES)]  # fmt: skip


def texts(seen: Seen) -> dict[str, Any]:
    """Return {"texts", "wordless"}: the first words of some texts, None for a word that is not known.

    Where words are not on this machine texts have their numbers, and `wordless` says why: {"why"}, or the {"size"} of
    what has yet to be downloaded.
    """
    dataset, picked = seen.dataset, _some_rows(seen, SHOWN_TEXTS)
    why = ""
    try:
        known = dataset.vocabulary()
    except ValueError as error:
        known, why = None, str(error)
    wordless = None if known else {"why": why, "size": source(dataset.words_from).size if dataset.words_from else ""}
    told = []
    for (name, row), numbers in zip(picked, dataset.numbered(seen.table, [row for _, row in picked]), strict=True):
        if known:
            words, most = [known.get(one) for one in numbers if known.get(one) != ""], SHOWN_WORDS
        else:
            words, most = [one for one in numbers if one], SHOWN_NUMBERS
        told.append({"part": name, "words": words[:most], "words_in_all": len(words), **_target(seen, row)})
    return {"texts": told, "wordless": wordless}


def points(seen: Seen) -> dict[str, Any] | None:
    """Return the points of data in a plane, or of a curve; None for data of more dimensions.

    `kind` is the place of a point's class in `classes`; without classes `height` is its number, from 0 to 1.
    """
    table = seen.table
    features = table.inputs.shape[1]
    if table.categories or not (features == 2 or (features == 1 and not table.classes)):
        return None
    share = min(1.0, POINTS / sum(len(one) for one in seen.rows))
    some = [rows[: math.ceil(len(rows) * share)] for rows in seen.rows]
    rows = torch.cat(some)
    inputs, labels = table.inputs[rows].double(), seen.labels[rows].double()
    told = {"x": _plain(inputs[:, 0]), "y": _plain(inputs[:, 1] if features == 2 else labels.flatten())}
    told["part"] = [name for name, of in zip(PARTS, some, strict=True) for _ in of]
    if table.classes:
        names = [_label(table, one) for one in seen.labels[rows]]
        known = table.classes if table.kind != "labels" else sorted(set(names))
        told |= {"classes": known[:SHOWN_CLASSES], "kind": [known.index(name) for name in names]}
    else:
        low, high = float(labels.min()), float(labels.max())
        told |= {"classes": [], "height": ((labels.flatten() - low) / (high - low or 1)).tolist()}
    return told | {"all": share == 1.0, "curve": features == 1}


def _first_feature(table: Table, place: int) -> int:
    """Return which input a column becomes, or the first of those that a category becomes."""
    return sum(len(table.categories.get(one, " ")) for one in range(place))


def _cell(table: Table, row: int, place: int) -> float | str | None:
    value = float(table.inputs[row, place])
    if not math.isfinite(value):
        return None
    return table.categories[place][int(value)] if place in table.categories else value


def _trained(table: Table, scaled: Tensor, place: int) -> float | str:
    at = _first_feature(table, place)
    if place not in table.categories:
        return float(scaled[at])
    return " ".join(f"{one:.0f}" for one in scaled[at : at + len(table.categories[place])][:8].tolist())


def _target(seen: Seen, row: int) -> dict[str, Any]:
    """Return what is to be predicted of a row, and what it `was` where its label was made wrong."""
    label, came = seen.labels[row], seen.table.targets[row]
    told = {"target": _label(seen.table, label)}
    return told if torch.equal(label, came) else told | {"was": _label(seen.table, came)}


def _label(table: Table, value: Tensor) -> str | float:
    if not table.classes:
        return float(value.flatten()[0])
    if table.kind == "labels":
        return " + ".join(name for name, holds in zip(table.classes, value.tolist(), strict=True) if holds) or "–"
    return table.classes[int(value)]


def _some_rows(seen: Seen, most: int) -> list[tuple[str, int]]:
    """Return rows with their part: of training the classes in turn, and two of each other part."""
    train, classes = seen.rows[0], len(seen.table.classes)
    if classes and seen.table.kind != "labels":
        labels = seen.labels[train].flatten().long()
        each = max(1, most // classes)
        of_class = [(labels == one).nonzero().flatten()[:each].tolist() for one in range(min(classes, most))]
        turns = [places[turn] for turn in range(each) for places in of_class if turn < len(places)]
        train = train[turns]
    picked = [("train", row) for row in train[: most - 4].tolist()]
    return picked + [(name, row) for name, of in zip(PARTS[1:], seen.rows[1:], strict=True) for row in of[:2].tolist()]


def _plain(values: Tensor) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.double().tolist()]


def _signal(signal: Tensor, low: float, high: float) -> dict[str, Any]:
    thin = math.ceil(signal.shape[-1] / SIGNAL_POINTS)
    return {"signal": _plain(signal[0, ::thin]), "low": low, "high": high}


def _picture(image: Tensor, low: float, high: float) -> dict[str, Any]:
    flat = image.float() if image.dim() == 3 else image.float().amax(1)  # a volume is looked at from the front
    thin = math.ceil(max(flat.shape[-2:]) / IMAGE_SIDE)
    flat = flat[:3] if len(flat) == 3 else flat[:1]
    flat = (flat[:, ::thin, ::thin] - low) * (255 / (high - low) if high > low else 0)
    grey = flat.round().to(torch.uint8).numpy()
    made = Image.fromarray(grey[0] if len(grey) == 1 else np.ascontiguousarray(grey.transpose(1, 2, 0)))
    return {"src": as_url(made)}
