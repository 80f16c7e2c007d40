"""The level that a run is judged against: what a person gets, or the best that is possible. Kept in its folder.

runs/<id>/level.json, {"level": 0.98}: an accuracy, or an RMSE in the unit that the targets are trained on. It is what
somebody has said and not what was measured, so it is in no log; copied with the folder, it comes along.
"""

import json
import math
import os
import secrets
from pathlib import Path

from app.disk import unwritable

FILE = "level.json"


def read_level(folder: Path) -> float | None:
    """Return the level of a run; None when nobody has said one, or the file holds none."""
    try:
        level = json.loads((folder / FILE).read_text(encoding="utf-8"))["level"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    sound = isinstance(level, int | float) and not isinstance(level, bool) and math.isfinite(level) and level >= 0
    return float(level) if sound else None


def write_level(folder: Path, level: float | None) -> None:
    """Keep the level of a run; None takes it away.

    Raises:
        DiskFull, Unwritable: it cannot be written.
    """
    fresh = folder / f"{FILE}.{secrets.token_hex(4)}"
    try:
        if level is None:
            (folder / FILE).unlink(missing_ok=True)
            return
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"level": level}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(folder / FILE)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise unwritable(error, "The level") from None
