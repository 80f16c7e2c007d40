"""What a data set looks like with the parameters that a form has: parts, classes, distributions, samples.

Computed by a forked child for the page of a data set, and bounded: a dozen features at a time, some samples, some
points. What it shows is what `trainer.data` would train on: the same split and the same scale.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainer.catalog import CATALOG
from trainer.component import ParameterError, no_such
from trainer.data import PARTS, Data, Part, prepare, split
from trainer.datasets import Dataset, Table
from trainer.own.images import as_url
from trainer.spec import Problem, SpecError

AT_ONCE = 12  # features
MAX_FEATURES = 100  # that may be asked for at once
BINS = 24
SHOWN_ROWS = {"train": 6, "validation": 2, "test": 2}
SHOWN_IMAGES = 30
SHOWN_CLASSES = 40
POINTS = 1_500
SAMPLED = 200_000  # values that a histogram of pixels is made of
IMAGE_SIDE = 64  # pixels: larger ones are thinned


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return {"look": ...} for {"name", "params", "first", "count"}, or {"problems": [...]} with the form's paths."""
    try:
        dataset = _made(request["name"], request["params"])
        return {"look": look(dataset, request.get("first", 0), request.get("count", AT_ONCE))}
    except SpecError as error:
        return {"problems": [one.model_dump() for one in error.problems]}


def look(dataset: Dataset, first: int = 0, count: int = AT_ONCE) -> dict[str, Any]:
    """Return what a data set looks like, with the distributions of `count` features from the one numbered `first`.

    Raises:
        SpecError: it cannot be loaded, split or scaled so.
    """
    try:
        table = dataset.load()
        rows = split(table, dataset)
        data = prepare(dataset, "cpu")
    except ParameterError as error:
        raise SpecError([Problem(path=f"dataset.params.{error.field}", message=str(error))]) from None
    except ValueError as error:
        raise SpecError([Problem(path="dataset.params", message=str(error))]) from None
    raw = [Part(table.inputs[one], table.targets[one]) for one in rows]
    told: dict[str, Any] = {
        "kind": data.kind, "classes": data.classes[:SHOWN_CLASSES], "classes_in_all": len(data.classes),
        "shape": list(data.shape), "samples": data.counts, "features": math.prod(data.shape),
    }  # fmt: skip
    told |= {"balance": balance(data), "target": target(data, raw)}
    if table.inputs.dim() > 2:
        told |= {"images": images(table, data, raw), "columns": [pixels(data, raw)], "first": 0, "rows": []}
        return told
    first = max(0, min(first, max(0, told["features"] - 1)))
    upto = min(first + max(1, min(count, MAX_FEATURES)), told["features"])
    told |= {"first": first, "names": data.features[first:upto], "rows": samples(data, raw, first, upto)}
    told["columns"] = [column(data, raw, place) for place in range(first, upto)]
    return told | {"points": points(data, raw)}


def balance(data: Data) -> list[dict[str, Any]]:
    """Return how many samples of each class each part has; nothing for a number."""
    if data.kind == "number":
        return []
    counts = {name: torch.bincount(getattr(data, name).targets.flatten().long(), minlength=len(data.classes)).tolist()
              for name in PARTS}  # fmt: skip
    return [{"name": name, **{part: counts[part][place] for part in PARTS}}
            for place, name in enumerate(data.classes[:SHOWN_CLASSES])]  # fmt: skip


def target(data: Data, raw: list[Part]) -> dict[str, Any] | None:
    """Return the distribution of a number to predict, as it comes and as it is trained on; None for classes."""
    if data.kind != "number":
        return None
    return both([one.targets for one in raw], [getattr(data, name).targets for name in PARTS])


def column(data: Data, raw: list[Part], place: int) -> dict[str, Any]:
    """Return the distribution of one feature of a table, before and after scaling."""
    before = [one.inputs[:, place] for one in raw]
    after = [getattr(data, name).inputs[:, place] for name in PARTS]
    name = data.features[place] if place < len(data.features) else f"x{place + 1}"
    missing = sum(int(one.isnan().sum()) for one in before)
    return {"name": name, "missing": missing, **both(before, after)}


def pixels(data: Data, raw: list[Part]) -> dict[str, Any]:
    """Return the distribution of all pixels, of some images of each part."""
    before = [_some(one.inputs) for one in raw]
    return {"name": "", "missing": 0, **both(before, [_some(getattr(data, name).inputs) for name in PARTS])}


def both(before: list[Tensor], after: list[Tensor]) -> dict[str, Any]:
    """Return {"before", "after"}: for each part the counts of equal bins, with mean and deviation of training."""
    return {"before": histogram(before), "after": histogram(after)}


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
    return {"low": edges[0], "high": edges[1], "least": low, "most": high, "mean": mean, "std": std, "counts": counts}


def samples(data: Data, raw: list[Part], first: int, upto: int) -> list[dict[str, Any]]:
    """Return some rows of each part: the features as they came (None: missing) and as they are trained on."""
    rows = []
    for name, part in zip(PARTS, raw, strict=True):
        scaled = getattr(data, name)
        for place in range(min(SHOWN_ROWS[name], len(part))):
            values = _plain(part.inputs[place, first:upto])
            told = {"part": name, "values": values, "scaled": _plain(scaled.inputs[place, first:upto])}
            rows.append(told | {"target": _target(data, part.targets[place])})
    return rows


def images(table: Table, data: Data, raw: list[Part]) -> list[dict[str, Any]]:
    """Return some images as data: URLs, the classes in turn, each with its class and its part."""
    train = raw[0]
    chosen = _in_turn(train.targets.flatten().long(), len(data.classes)) if data.classes else range(len(train))
    picked = [("train", train, place) for place in list(chosen)[: SHOWN_IMAGES - 4]]
    for name, part in zip(PARTS[1:], raw[1:], strict=True):
        picked += [(name, part, place) for place in range(min(2, len(part)))]
    low, high = float(table.inputs.min()), float(table.inputs.max())
    return [{"src": _picture(part.inputs[place], low, high), "part": name, "target": _target(data, part.targets[place])}
            for name, part, place in picked]  # fmt: skip


def points(data: Data, raw: list[Part]) -> dict[str, Any] | None:
    """Return the points of data in a plane, or of a curve; None for data of more dimensions."""
    features = raw[0].inputs.shape[1]
    if not (features == 2 or (features == 1 and data.kind == "number")):
        return None
    share = min(1.0, POINTS / sum(len(one) for one in raw))
    found: dict[str, Any] = {"x": [], "y": [], "target": [], "part": []}
    for name, part in zip(PARTS, raw, strict=True):
        some = slice(0, math.ceil(len(part) * share))
        inputs, targets = part.inputs[some].double(), part.targets[some].double().flatten()
        found["x"] += _plain(inputs[:, 0])
        found["y"] += _plain(inputs[:, 1] if features == 2 else targets)
        found["target"] += targets.tolist()
        found["part"] += [name] * len(targets)
    return found | {"all": share == 1.0, "curve": features == 1}


def _made(name: str, params: dict[str, Any]) -> Dataset:
    if name not in CATALOG["datasets"]:
        raise SpecError([Problem(path="dataset.name", message=no_such(name, CATALOG["datasets"], "dataset"))])
    try:
        return CATALOG["datasets"][name](**params)
    except ParameterError as error:
        raise SpecError([Problem(path=f"dataset.params.{error.field}", message=str(error))]) from None


def _some(inputs: Tensor) -> Tensor:
    each = max(1, math.prod(inputs.shape[1:]))
    return inputs[: max(1, SAMPLED // each)]


def _plain(values: Tensor) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.double().tolist()]


def _target(data: Data, value: Tensor) -> str | float:
    return float(value) if data.kind == "number" else data.classes[int(value)]


def _in_turn(codes: Tensor, classes: int) -> list[int]:
    """Return places that show every class once, then again, as long as there are some."""
    each = max(1, SHOWN_IMAGES // max(1, classes))
    of_class = [(codes == one).nonzero().flatten()[:each].tolist() for one in range(min(classes, SHOWN_IMAGES))]
    return [places[turn] for turn in range(each) for places in of_class if turn < len(places)]


def _picture(image: Tensor, low: float, high: float) -> str:
    from PIL import Image

    thin = math.ceil(max(image.shape[-2:]) / IMAGE_SIDE)
    image = image.reshape(-1, *image.shape[-2:])[:, ::thin, ::thin]  # of a volume the first slices
    image = image[:3] if len(image) >= 3 else image[:1]
    bytes_of = ((image - low) * (255 / (high - low) if high > low else 0)).round().to(torch.uint8).numpy()
    made = Image.fromarray(bytes_of[0] if len(bytes_of) == 1 else np.ascontiguousarray(bytes_of.transpose(1, 2, 0)))
    return as_url(made)
