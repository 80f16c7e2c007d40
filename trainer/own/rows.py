"""From lines of text to rows of cells: which separator a table has, whether its first line names the columns."""

import csv
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
                raise Unfit("separator", "many_columns", columns=wanted, limit=MAX_COLUMNS)
        elif len(cells) != wanted:
            if len(cells) < wanted or any(cells[wanted:]):
                raise Unfit("separator", "ragged", line=line, found=len(cells), wanted=wanted)
            cells = cells[:wanted]
        yield line, cells


def names_columns(rows: list[list[str]], decimal: str) -> bool:
    """Return whether the first row names the columns: none of its cells is a number or missing, all differ, and below
    one of them there are numbers, or nothing that is written above."""
    if not rows:
        return False
    first, below = rows[0], rows[1:SNIFFED]
    if len(set(first)) < len(first) or any(is_missing(one) or number_in(one, decimal) is not None for one in first):
        return False
    columns = list(zip(*below, strict=True))
    numeric = any(any(number_in(one, decimal) is not None for one in column) for column in columns)
    return numeric or not any(name in column for name, column in zip(first, columns, strict=False))


def column_names(first: list[str], header: bool) -> list[str]:
    """Return a name for each column, no two the same: from the header, else by number."""
    found: dict[str, int] = {}
    names = []
    for place, cell in enumerate(first, 1):
        name = " ".join(cell.split())[:60] if header else ""
        name = name or f"column {place}"
        found[name] = found.get(name, 0) + 1
        names.append(name if found[name] == 1 else f"{name} ({found[name]})")
    return names


def number_in(cell: str, decimal: str) -> float | None:
    """Return the number that a cell says, or None: a comma counts as the decimal sign where that was said."""
    text = cell.strip()
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
    point, comma = (sum(number_in(cell, sign) is not None for cell in cells) for sign in ("point", "comma"))
    return "comma" if comma > point else "point"


def head_of(rows: Iterator[Row], most: int, cells: int) -> tuple[list[Row], bool]:
    """Return the first rows, at most so many, and of wide tables fewer; and whether that was all."""
    first = next(rows, None)
    if first is None:
        return [], True
    most = max(2, min(most, cells // max(1, len(first[1]))))
    taken = [first, *islice(rows, most - 1)]
    return taken, next(rows, None) is None
