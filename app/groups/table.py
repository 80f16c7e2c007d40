"""Several runs as a table, what differs between them first; and what runs that repeat one another come to. Pure."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from app.groups.curves import OF_EPOCHS, WIDTH, spread, summary
from app.groups.looks import Look, is_better_small
from app.groups.variants import Count, Spec, Variant, differing, flat, is_switch, repeat_told, repeats, variants
from app.groups.wording import short_names
from app.run import Run

Seen = Sequence[tuple[Run, Look]]
WHICH = ("run", "name", "label")
HOW_FAR = ("status", "step", "epoch", "seconds", "epoch_seconds")


def table(seen: Seen) -> dict[str, Any]:
    """Return {"columns", "metrics", "rows", "variants"} of some runs, as GET /api/groups/{id}/table gives it."""
    specs = [look.spec for _, look in seen]
    paths = differing(specs)
    names = short_names(paths)
    metrics = metrics_of(seen)
    found = variants_of(seen)
    labels = labels_of([run for run, _ in seen])
    places = {place: number for number, one in enumerate(found) for place in one.places}
    return {
        "columns": [{"path": path, "name": names[path]} for path in paths],
        "metrics": [{"name": name, "smaller_is_better": is_better_small(name)} for name in metrics],
        "rows": [
            _row(run, look, paths) | {"label": labels[at], "variant": places[at]} for at, (run, look) in enumerate(seen)
        ],
        "variants": [_outcome(one, seen, metrics) for one in found],
    }


def series(seen: Seen, names: Sequence[str], width: int = WIDTH) -> dict[str, Any]:
    """Return {"names", "variants"}: for each variant its runs, and of each series mean, min, max and std over them."""
    told = []
    for one in variants_of(seen):
        runs = [seen[place] for place in one.places]
        known = {name: [line for _, look in runs if (line := look.curve(name, width))] for name in names}
        spreads = {name: spread(lines, name, width).as_json() for name, lines in known.items() if lines}
        told.append({"label": one.label, "runs": [run.id for run, _ in runs], "series": spreads})
    return {"names": names_of(seen), "variants": told}


def as_csv(seen: Seen) -> str:
    """Return the table as CSV: a line for each run; values that differ first, then how far it came, and its metrics."""
    told = table(seen)
    paths = [one["path"] for one in told["columns"]]
    metrics = [one["name"] for one in told["metrics"]]
    out = io.StringIO()
    write = csv.writer(out).writerow
    bests = [f"{what}{name}" for name in metrics for what in ("best ", "step of best ")]
    write([*WHICH, *paths, *HOW_FAR, *metrics, *bests])
    for row in told["rows"]:
        best = [row["best"].get(name, {}).get(key) for name in metrics for key in ("value", "step")]
        cells = [*(row[key] for key in WHICH), *(row["values"].get(path) for path in paths)]
        cells += [*(row[key] for key in HOW_FAR), *(row["metrics"].get(name) for name in metrics), *best]
        write([_cell(one) for one in cells])
    return out.getvalue()


def names_of(seen: Seen) -> list[str]:
    """Return the names of all series that any of some runs has measured."""
    return list(dict.fromkeys(name for _, look in seen for name in look.names))


def variants_of(seen: Seen) -> list[Variant]:
    """Return which of some runs repeat one another."""
    return variants_among([run for run, _ in seen], [look.spec for _, look in seen])


def variants_among(runs: Sequence[Run], specs: Sequence[Spec], count: Count | None = None) -> list[Variant]:
    """Return which of some runs with these specs repeat one another; `count` as `variants` takes it."""
    return variants(specs, labels_of(runs), by_label=_are_labelled(runs), count=count)


def labels_of(runs: Sequence[Run]) -> list[str]:
    """Return what each run is called among these: its label, or its name where they are not all of one group."""
    of_one = len({run.group_id for run in runs}) == 1
    return [run.label if of_one and run.label else run.name for run in runs]


def _are_labelled(runs: Sequence[Run]) -> bool:
    return len({run.group_id for run in runs}) == 1 and all(run.label for run in runs)


def metrics_of(seen: Seen) -> list[str]:
    """Return the names of what was evaluated in any of some runs: validation first, then test, then training."""
    names = dict.fromkeys(name for _, look in seen for name in look.metrics if name.startswith(OF_EPOCHS))
    order = ("validation.", "test.", "train.")
    return sorted(names, key=lambda name: next(at for at, part in enumerate(order) if name.startswith(part)))


def _row(run: Run, look: Look, paths: Sequence[str]) -> dict[str, Any]:
    values = {path: False for path in paths if is_switch(path)} | flat(look.spec)
    return {
        "run": run.id,
        "name": run.name,
        "values": {path: values[path] for path in paths if path in values},
        "status": run.standing.name,
        "step": look.step,
        "epoch": look.epoch,
        "seconds": look.seconds,
        "epoch_seconds": look.epoch_seconds,
        "metrics": {name: one for name, one in look.metrics.items() if name.startswith(OF_EPOCHS)},
        "best": {name: one._asdict() for name, one in look.best.items()},
        "changed": look.changed,
    }


def _outcome(one: Variant, seen: Seen, metrics: Sequence[str]) -> dict[str, Any]:
    runs = [seen[place] for place in one.places]
    ended = [look for run, look in runs if run.over]
    differ = repeats([look.spec for _, look in runs])
    return {
        "label": one.label,
        "runs": [run.id for run, _ in runs],
        "repeats": [repeat_told(look.spec, differ) for _, look in runs],
        "varies": [path.rpartition(".")[2] for path in differ],
        "ended": len(ended),
        "finished": sum(run.standing.name == "finished" for run, _ in runs),
        "epoch_seconds": summary([look.epoch_seconds for look in ended if look.epoch_seconds is not None]),
        "metrics": {name: summary([look.metrics[name] for look in ended if name in look.metrics]) for name in metrics},
        "best": {name: summary([look.best[name].value for look in ended if name in look.best]) for name in metrics},
    }


def _cell(value: Any) -> Any:
    # a spreadsheet takes a text that begins so for a formula
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
