"""What a forked child answers about an upload: what it would become, that it was kept, or why it cannot be taken."""

from pathlib import Path
from typing import Any

from trainer.own import kept
from trainer.own.arrays import Arrays
from trainer.own.encode import width_of
from trainer.own.images import Images
from trainer.own.packed import Packed, is_zip
from trainer.own.sheets import Sheet
from trainer.own.words import Unfit

VERSION = 1
Upload = Sheet | Arrays | Images


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return {"preview"} of a file, or {"kept": meta} once it lies in `into`.

    {"problems"} says why it cannot be taken, {"unwritable": [errno, text]} why it cannot be kept.
    """
    try:
        upload = opened(Path(request["file"]), request["options"])
        return _kept(upload, request) if request.get("into") else {"preview": upload.preview()}
    except Unfit as unfit:
        return {"problems": [unfit.problem()]}
    except MemoryError:
        return {"problems": [Unfit("", "memory").problem()]}


def opened(path: Path, options: dict[str, Any]) -> Upload:
    """Return what is in a file, by its first bytes and not by its name.

    Raises:
        Unfit: nothing that can be taken.
    """
    with path.open("rb") as file:
        start = file.read(512)
    if not is_zip(start):
        return Sheet(path, options)
    with Packed(path) as packed:
        names = packed.names()
    if "xl/workbook.xml" in names:
        raise Unfit("", "not_text_excel")
    return Arrays(path, options) if any(one.endswith(".npy") for one in names) else Images(path, options)


def keep(upload: Upload, folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write what an upload becomes into a folder and return its meta. `about`: id, name, by, made, origin.

    Raises:
        Unfit: it cannot be taken so. OSError: it cannot be written.
    """
    meta: dict[str, Any] = {"version": VERSION, **about, "columns": [], "features": [], "left_out": {}, "test_from": 0}
    if isinstance(upload, Sheet):
        inputs, targets, columns, left_out = upload.encoded()
        names = [one["name"] for one in columns]
        meta |= {"features": names, "columns": columns, "left_out": left_out, "target": upload.target.name}
    elif isinstance(upload, Arrays):
        inputs, targets, meta["test_from"] = upload.read()
        names = [f"x{place}" for place in range(1, inputs.shape[1] + 1)] if inputs.ndim == 2 else []
        meta |= {"features": names, "target": upload.targets.name}
    else:
        inputs, targets, unreadable = upload.read()
        meta |= {"left_out": {"unreadable": unreadable, "others": upload.others}, "target": "class"}
    meta |= {"kind": targets.kind, "classes": targets.classes, "counts": targets.counts if targets.classes else []}
    shape = [width_of(meta["columns"])] if meta["columns"] else list(inputs.shape[1:])
    meta |= {"samples": len(inputs), "shape": shape, "options": upload.options()}
    kept.write(folder, inputs, targets.values, meta)
    return meta


def _kept(upload: Upload, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"kept": keep(upload, Path(request["into"]), request["about"])}
    except OSError as error:
        return {"unwritable": [error.errno, error.strerror]}
