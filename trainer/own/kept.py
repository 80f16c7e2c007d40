"""Own data sets as they lie on the disk: <data>/datasets/<id>/ meta.json, and table.npz, which holds no objects."""

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from trainer.component import ParameterError
from trainer.runlog import sync_folder
from trainer.spec import ID_PATTERN

ENVIRONMENT = "LIVEFIT_DATA_DIR"  # where the server keeps everything
FOLDER = "datasets"
ID = re.compile(ID_PATTERN)  # theirs are made as those of runs are
HINT = "Upload or draw one on the page Data, then choose it here."


def folder_of(id: str) -> Path:
    """Return the folder of a data set.

    Raises:
        ParameterError: that is no id, or there is none of it.
    """
    if not id:
        raise ParameterError("data", f"no data set is chosen. {HINT}")
    folder = Path(os.environ.get(ENVIRONMENT, "data")) / FOLDER / id
    if not ID.fullmatch(id) or not folder.is_dir():
        told = f"there is no own data set {id[:40]!r} in {folder.parent}; it may have been deleted. {HINT}"
        raise ParameterError("data", told)
    return folder


def look_beside(run: Path) -> None:
    """Look for own data sets where a run's folder lies, when nobody has said where they are."""
    home = run.absolute().parent.parent
    if ENVIRONMENT not in os.environ and (home / FOLDER).is_dir():
        os.environ[ENVIRONMENT] = str(home)


def read(id: str) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return inputs, targets and meta of a data set; see `write`.

    Raises:
        ParameterError: there is none of this id, or its files are damaged.
    """
    folder = folder_of(id)
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        with np.load(folder / "table.npz", allow_pickle=False) as table:
            return table["inputs"], table["targets"], meta
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ParameterError("data", f"the own data set {id} cannot be read: {error}. Upload it again.") from None


def write(folder: Path, inputs: np.ndarray, targets: np.ndarray, meta: dict[str, Any]) -> None:
    """Keep a data set in a folder that is there, on the disk for good.

    inputs: float32 (n, columns), a category as the number of its value, NaN where something is missing; or uint8 or
        float32 (n, channels, height, width)
    targets: as in `trainer.datasets.Table`
    """
    with (folder / "table.npz").open("wb") as file:
        np.savez(file, allow_pickle=False, inputs=inputs, targets=targets)
        file.flush()
        os.fsync(file.fileno())
    with (folder / "meta.json").open("w", encoding="utf-8") as file:
        json.dump(meta, file, ensure_ascii=False, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
