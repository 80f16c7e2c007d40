"""What a trainer that has not begun yet says of its download, in preparing.json in the run's folder."""

import json
from pathlib import Path
from typing import NamedTuple

PREPARING = "preparing.json"
MB = 1e6


class Prepares(NamedTuple):
    """How far it is, for people to read; `beat` counts on for as long as the trainer is alive to it."""

    text: str
    beat: int


def preparing(folder: Path, attempt: int) -> Prepares | None:
    """Return what an attempt prepares, or None when it does not, or no more."""
    try:
        told = json.loads((folder / PREPARING).read_text())
        if told["attempt"] != attempt:
            return None
        done, total = told["done"] / MB, told["total"] / MB
        return Prepares(f"{told['what']:.100}: {min(done, total):.1f} / {total:.1f} MB", int(told["beat"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
