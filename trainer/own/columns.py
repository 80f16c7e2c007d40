"""What each column of a table is taken for: a number, a category, or nothing to learn from; guessed, never imposed."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from trainer.own.rows import Row, is_missing, number_in
from trainer.own.words import said

KINDS = ("number", "category", "ignore")
MAX_VALUES = 100  # of a category: each becomes an input
MOSTLY = 0.9  # of the cells are numbers: the rest is taken for slips
ENOUGH = 4  # numbers beside which one word is a slip: nine in ten of a few rows would be all of them
HOLLOW = 0.7  # of the cells are missing
FEW = 20  # different whole numbers that may be classes
SHOWN = 5  # of the values of a category
TARGETS = frozenset({"target", "label", "labels", "class", "y", "species", "survived", "outcome", "diagnosis", "price",
                     "quality", "medv", "정답", "라벨", "타깃", "타겟", "목표", "클래스", "등급", "종속변수",
                     "생존"})  # fmt: skip


@dataclass
class Column:
    """One column as the first rows show it. `why` is the key of the reason for the guess, "" for none to be told."""

    index: int
    name: str
    kind: str
    why: str
    missing: int
    distinct: int
    values: list[tuple[str, int]]  # the commonest, each with how often
    numbers: int
    whole: bool
    low: float | None
    high: float | None
    odd: tuple[int, str] | None  # the first cell that is no number, with its line

    def as_json(self) -> dict[str, Any]:
        """Return it as the preview tells it."""
        told = {key: value for key, value in vars(self).items() if key not in ("odd", "numbers", "whole")}
        told["values"] = [{"value": said(value), "count": count} for value, count in self.values]
        return told | {"odd": {"line": self.odd[0], "text": said(self.odd[1])} if self.odd else None}


def look_at(index: int, name: str, rows: list[Row], decimal: str) -> Column:
    """Return what a column is taken for, by the rows given."""
    there = [(line, cells[index].strip()) for line, cells in rows if not is_missing(cells[index])]
    parsed = [(line, text, number_in(text, decimal)) for line, text in there]
    numbers = [value for _, _, value in parsed if value is not None]
    odd = next(((line, text) for line, text, value in parsed if value is None), None)
    counts = Counter(text for _, text in there)
    whole = bool(numbers) and not odd and all(value.is_integer() for value in numbers)
    kind, why = _guess(len(rows), numbers, odd is not None, counts)
    if kind == "number" and whole and index == 0 and len(rows[0][1]) > 2 and _counts_up(numbers):
        kind, why = "ignore", "counts"
    return Column(
        index, name, kind, why, len(rows) - len(there), len(counts), counts.most_common(SHOWN), len(numbers), whole,
        min(numbers, default=None), max(numbers, default=None), odd,
    )  # fmt: skip


def target_among(columns: list[Column]) -> Column | None:
    """Return the column that is most likely to be predicted: by its name, else the last one that says anything."""
    named = [one for one in columns if one.name.casefold() in TARGETS]
    saying = [one for one in columns if one.kind != "ignore"] or [one for one in columns if one.distinct > 1]
    return (named or saying or [None])[-1]


def target_kind_of(column: Column) -> str:
    """Return whether a target looks like classes or like a number to predict."""
    if column.odd or not column.numbers:
        return "classes"
    return "classes" if column.whole and column.distinct <= FEW else "number"


def _guess(rows: int, numbers: list[float], odd: bool, counts: Counter[str]) -> tuple[str, str]:
    there = counts.total()
    if not there:
        return "ignore", "empty"
    if len(counts) == 1:
        return "ignore", "constant"
    if there < (1 - HOLLOW) * rows:
        return "ignore", "hollow"
    if not odd:
        return "number", ""
    if len(numbers) >= MOSTLY * there or len(numbers) == there - 1 >= ENOUGH:
        return "number", "mixed"
    if len(counts) > MAX_VALUES or len(counts) > max(2, there / 2):
        return "ignore", "varied"
    return "category", ""


def _counts_up(numbers: list[float]) -> bool:
    # the number of the row and nothing more, as an export puts first
    return len(numbers) > 10 and all(after - before == 1 for before, after in pairwise(numbers))
