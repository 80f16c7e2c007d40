"""From lines of text to rows of cells: which separator a table has, whether its first line names the columns."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from trainer.own.words import Unfit

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
MAX_COLUMNS = 10_000
MAX_CELL = 131_072  # characters; what csv takes by itself
SNIFFED = 50  # lines
# as R, pandas, SPSS, Excel and people write that there is nothing
MISSING = frozenset({"", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "none", "?",
                     "-", ".", "#N/A", "#VALUE!", "#DIV/0!", "결측"})  # fmt: skip

# thousands apart: 1,234,567.8 where a point stands before the decimals, 1.234.567,8 where a comma does
GROUPED = {
    "point": re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"),
    "comma": re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?"),
}
APART = {"point": ",", "comma": "."}

Row = tuple[int, list[str]]  # the number of its last line, and its cells


def separator_of(lines: list[str]) -> str:
    """Return the name of the separator by which the first lines fall into the most columns, the same in nearly all."""
    best, columns = "comma", 1.0
    for name, mark in SEPARATORS.items():
        try:
            counts = [len(cells) for cells in csv.reader(lines[:SNIFFED], delimiter=mark) if cells]
        except csv.Error:
            continue
        if not counts:
            continue
        usual = max(set(counts), key=counts.count)
        score = usual * counts.count(usual) / len(counts) if usual > 1 else 1.0
        if score > columns:
            best, columns = name, score
    return best


def rows_of(lines: Iterable[str], separator: str) -> Iterator[Row]:
    """Yield the rows of a table, each as long as the first; what is empty to the right of it is left out.

    Raises:
        Unfit: a row is longer or shorter, there are too many columns, or a quotation mark is not closed.
    """
    reader = csv.reader(lines, delimiter=SEPARATORS[separator])
    wanted = line = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Unfit("separator", "open_quote", line=line + 1, limit=MAX_CELL) from None
        line = reader.line_num
        if not cells:
            continue
        if not wanted:
            wanted = len(cells)
            if wanted > MAX_COLUMNS:
                raise Unfit("", "many_columns", columns=wanted, limit=MAX_COLUMNS)
        elif len(cells) != wanted:
            if len(cells) < wanted or any(cells[wanted:]):
                raise Unfit("separator", "ragged", line=line, found=len(cells), wanted=wanted)
            cells = cells[:wanted]
        yield line, cells


def names_columns(rows: list[list[str]], decimal: str) -> bool:
    """Return whether the first row names the columns: none of its cells is a number or missing, and below one of
    them there are numbers, or they differ and nothing below is written above. The first cell may be empty, as pandas
    leaves it over the numbers of the rows."""
    if not rows:
        return False
    first, below = rows[0], rows[1:SNIFFED]
    named = first[1:] if len(first) > 1 and not first[0].strip() else first
    if any(is_missing(one) or number_in(one, decimal) is not None for one in named):
        return False
    columns = list(zip(*below, strict=True))
    numeric = any(any(number_in(one, decimal) is not None for one in column) for column in columns)
    differ = len(set(first)) == len(first)
    return numeric or (differ and not any(name in column for name, column in zip(first, columns, strict=False)))


def column_names(first: list[str], header: bool) -> list[str]:
    """Return a name for each column, no two the same: from the header, else by number."""
    found: dict[str, int] = {}
    names: dict[str, None] = {}
    for place, cell in enumerate(first, 1):
        name = " ".join(cell.split())[:60] if header else ""
        name = name or f"column {place}"
        found[name] = found.get(name, 0) + 1
        shown = name if found[name] == 1 else f"{name} ({found[name]})"
        while shown in names:
            found[name] += 1
            shown = f"{name} ({found[name]})"
        names[shown] = None
    return list(names)


def number_in(cell: str, decimal: str) -> float | None:
    """Return the number that a cell says, or None: a comma counts as the decimal sign where that was said."""
    text = cell.strip()
    if "_" in text:
        return None  # a number to Python, a name to everybody else
    if APART[decimal] in text and GROUPED[decimal].fullmatch(text):
        text = text.replace(APART[decimal], "")
    return _plain_number(text, decimal)


def _plain_number(text: str, decimal: str) -> float | None:
    if decimal == "comma":
        text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None  # neither infinite nor NaN


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is nothing."""
    return cell.strip() in MISSING


def decimal_of(rows: list[list[str]], separator: str) -> str:
    """Return which sign stands before the decimals: a comma where more cells are numbers with it than with a point."""
    if separator == "comma":
        return "point"
    cells = [cell for row in rows[:SNIFFED] for cell in row if not is_missing(cell)]
    point, comma = (sum(_says(cell.strip(), sign) for cell in cells) for sign in ("point", "comma"))
    return "comma" if comma > point else "point"


def _says(cell: str, decimal: str) -> bool:
    # 1,234 may be either: a cell with both signs decides, or one that is a number with this sign alone
    both = APART[decimal] in cell and APART["comma" if decimal == "point" else "point"] in cell
    return bool(GROUPED[decimal].fullmatch(cell)) if both else _plain_number(cell, decimal) is not None


def head_of(rows: Iterator[Row], most: int, cells: int) -> tuple[list[Row], bool]:
    """Return the first rows, at most so many, and of wide tables fewer; and whether that was all."""
    first = next(rows, None)
    if first is None:
        return [], True
    most = max(2, min(most, cells // max(1, len(first[1]))))
    taken = [first, *islice(rows, most - 1)]
    return taken, next(rows, None) is None
