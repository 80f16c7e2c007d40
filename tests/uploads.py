"""What people upload, made by hand: tables, arrays, zips of images; and what becomes of it."""

import io
import struct
import time
import zipfile
import zlib

import numpy as np
from PIL import Image

from trainer.own.answer import answer

# a table of 40 rows with a number for each row, a number, a category and a class
ROWS = [f"{number},{number % 7}.5,{'남' if number % 2 else '여'},{'spam' if number % 3 else 'ham'}"
        for number in range(1, 41)]  # fmt: skip
TABLE = "\n".join(["번호,점수,성별,label", *ROWS]) + "\n"


def look_at(folder, content, **options):
    """Return what `answer` says of a file; within two seconds, whatever it is."""
    path = folder / "upload.bin"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    began = time.thread_time()
    told = answer({"file": str(path), "options": options})
    assert time.thread_time() - began < 2, "seconds of a processor, however busy it is"
    return told


def kept(folder, content, *, into=None, id="x", **options):
    """Return inputs, targets and meta of the data set that a file becomes in a folder, or its problems."""
    path, into = folder / "upload.bin", into or folder / "kept"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    into.mkdir(parents=True, exist_ok=True)
    about = {"id": id, "name": "mine", "by": "", "made": 0.0, "origin": {}}
    told = answer({"file": str(path), "options": options, "into": str(into), "about": about})
    if "problems" in told:
        return told["problems"]
    with np.load(into / "table.npz", allow_pickle=False) as table:
        return table["inputs"], table["targets"], told["kept"]


def problem(told):
    """Return place and key of the only problem that there is."""
    (only,) = told["problems"] if "problems" in told else told["preview"]["problems"]
    return only["path"], only["key"]


def packed(**arrays):
    """Return an npz of some arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zipped(files):
    """Return a zip of {name: bytes}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def png(colour="white", size=(20, 10), mode="RGB", kind="PNG"):
    """Return an image of one colour."""
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind)
    return file.getvalue()


def huge(width=50_000, height=50_000):
    """Return the first bytes of a PNG that says how large it is, and one row of it."""

    def chunk(kind, body):
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    header = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(width + 1)))


PETS = {f"pets/{kind}/{number}.png": png(colour) for kind, colour in (("cat", "red"), ("dog", "blue"))
        for number in range(6)}  # fmt: skip
