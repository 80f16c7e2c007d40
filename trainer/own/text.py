"""From the bytes of a table to lines of text: which encoding it has, and no line that is longer than a table's."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from trainer.own.rows import MAX_COLUMNS, SEPARATORS
from trainer.own.words import Unfit

# what people call it -> what Python calls it
ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "cp949": "cp949", "latin-1": "cp1252"}
LOOKED_AT = 256 * 1024  # bytes from which the encoding is guessed
MAX_LINE = 1_000_000  # characters
COMMON_SHARE = 0.9
PACKED = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")
# texts that are no tables, by how they begin: their lines would be blamed on the separator
OTHERS = {
    "pdf": re.compile(rb"%PDF-"),
    "html": re.compile(rb"<(!doctype|html|\?xml)\b", re.IGNORECASE),
    "json": re.compile(rb'\[\s*[\[{]|\{\s*"'),
}
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def check_is_text(start: bytes) -> None:
    """Let a file pass that begins as a text does.

    Raises:
        Unfit: it is empty, an image, an archive, a workbook, a text that is no table, or has bytes that no text has.
    """
    if not start.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise Unfit("", "empty")
    for marks, key in ((PACKED, "packed"), (IMAGES, "image"), ((OLD_EXCEL,), "excel")):
        if start.startswith(marks) and not _is_ascii(start[:64]):
            raise Unfit("", f"not_text_{key}")
    for key, beginning in OTHERS.items():
        if beginning.match(start.removeprefix(codecs.BOM_UTF8).lstrip()):
            raise Unfit("", f"not_text_{key}")
    if b"\x00" in start and not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unfit("", "not_text")


def encoding_of(start: bytes) -> str:
    """Return which encoding a text that begins so has: by its mark, or by what can be read as a text in it.

    Korean Excel saves CSV as cp949, in which common syllables take two bytes each. Western text read as cp949 gives
    syllables too, but rare ones: nine in ten must be of the 2,350 common ones.
    """
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _decoded(start, "utf-8") is not None:
        return "utf-8"
    korean = _decoded(start, "cp949")
    foreign = [one for one in korean or "" if ord(one) > 127]
    common = sum(_is_common(one) for one in foreign)
    return "cp949" if foreign and common >= COMMON_SHARE * len(foreign) else "latin-1"


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a file, each with its end.

    Raises:
        Unfit: a line is too long for a table, holds NUL, or cannot be read in this encoding.
    """
    number = 0
    with path.open(encoding=ENCODINGS[encoding], newline="") as file:
        while True:
            try:
                line = file.readline(MAX_LINE + 1)
            except UnicodeDecodeError as error:
                # the file is decoded ahead of the lines, so the line is counted from what lies before the byte
                line_number = number + 1 + error.object[: error.start].count(b"\n")
                byte = f"0x{error.object[error.start]:02x}"
                raise Unfit("encoding", "undecodable", encoding=encoding, byte=byte, line=line_number) from None
            except UnicodeError:
                raise Unfit("encoding", "undecodable", encoding=encoding, byte="0x00", line=number + 1) from None
            if not line:
                return
            number += 1
            if len(line) > MAX_LINE:
                raise _too_long(line, number)
            if "\0" in line:
                raise Unfit("", "not_text")
            yield line


def _too_long(line: str, number: int) -> Unfit:
    columns = max(line.count(one) for one in SEPARATORS.values())
    if columns > MAX_COLUMNS:
        return Unfit("", "line_of_columns", line=number, columns=columns, limit=MAX_COLUMNS)
    return Unfit("", "line_long", line=number, limit=MAX_LINE)


def _decoded(start: bytes, encoding: str) -> str | None:
    # incremental: the sample may end in the middle of a character
    try:
        return codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return None


def _is_common(one: str) -> bool:
    try:
        return len(one.encode("euc-kr")) == 2
    except UnicodeEncodeError:
        return False


def _is_ascii(start: bytes) -> bool:
    return start.isascii() and b"\x00" not in start
