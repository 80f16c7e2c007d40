"""A table as text: how it is read, what its columns are taken for, and what it becomes.

Whatever was not said is guessed from the first rows, and told back, so that a page can show it and a person correct it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from trainer.own import columns, options, rows, targets, text
from trainer.own.columns import Column
from trainer.own.encode import Encoded, encode, gather, gatherer
from trainer.own.rows import Row
from trainer.own.words import Unfit, said

SAMPLE_ROWS = 10_000
SAMPLE_CELLS = 500_000
SHOWN_ROWS = 8
SHOWN_COLUMNS = 200
SHOWN_CLASSES = 30
SHOWN_PROBLEMS = 50
# a part of a file cannot tell
OF_VALUES = frozenset({"one_class", "constant", "many_classes", "few_rows", "hollow", "no_target_values"})


class Sheet:
    """A table in a file, opened as the options say.

    Raises:
        Unfit: it cannot be read so, or an option is none.
    """

    def __init__(self, path: Path, asked: Mapping[str, Any]):
        self.path = path
        with path.open("rb") as file:
            start = file.read(text.LOOKED_AT)
        text.check_is_text(start)
        self.encoding = options.one_of(asked, "encoding", tuple(text.ENCODINGS), text.encoding_of(start))
        first = list(islice(text.lines_of(path, self.encoding), rows.SNIFFED))
        self.separator = options.one_of(asked, "separator", tuple(rows.SEPARATORS), rows.separator_of(first))
        head, self.whole = rows.head_of(self._rows(), SAMPLE_ROWS, SAMPLE_CELLS)
        if not head:
            raise Unfit("", "empty")
        cells = [one for _, one in head[: rows.SNIFFED]]
        guess = rows.decimal_of(cells, self.separator)
        self.decimal = options.one_of(asked, "decimal", ("point", "comma"), guess)
        self.header = options.flag(asked, "header", rows.names_columns(cells, self.decimal))
        self.sample = head[1:] if self.header else head
        if not self.sample:
            raise Unfit("header", "no_rows")
        names = rows.column_names(cells[0], self.header)
        guessed = [columns.look_at(place, name, self.sample, self.decimal) for place, name in enumerate(names)]
        self.guesses = [one.kind for one in guessed]
        self.columns = _corrected(guessed, options.mapping(asked, "columns"))
        self.missing = options.one_of(asked, "missing", ("fill", "drop"), "fill")
        self.not_numbers = options.one_of(asked, "not_numbers", ("refuse", "missing"), "refuse")
        self._asked_target = options.text(asked, "target")
        self._asked_kind = options.one_of(asked, "target_kind", targets.KINDS, "")

    @property
    def target(self) -> Column:
        """The column that is predicted.

        Raises:
            Unfit: there is none of that name, or none was named and none says anything.
        """
        if self._asked_target:
            found = next((one for one in self.columns if one.name == self._asked_target), None)
            if found is None:
                names = [one.name for one in self.columns]
                raise Unfit("target", "no_column", name=f"‘{self._asked_target}’", names=names)
            return found
        if (found := columns.target_among(self.columns)) is None:
            raise Unfit("target", "no_target")
        return found

    @property
    def target_kind(self) -> str:
        """Whether the target is classes or a number."""
        return self._asked_kind or columns.target_kind_of(self.target)

    def options(self) -> dict[str, Any]:
        """Return every option as it is, guessed or given: with these, the table is read the same again.

        Raises:
            Unfit: no column can be predicted.
        """
        return self._plain() | {"target": self.target.name, "target_kind": self.target_kind}

    def preview(self) -> dict[str, Any]:
        """Return what the first rows are taken for, and every problem that they show."""
        problems: list[Unfit] = []
        told: dict[str, Any] = {"kind": "csv", "whole": self.whole, "rows_read": len(self.sample)}
        told["columns"] = [one.as_json() | {"guess": guess} for one, guess in
                           list(zip(self.columns, self.guesses, strict=True))[:SHOWN_COLUMNS]]  # fmt: skip
        told["columns_in_all"] = len(self.columns)
        told["rows"] = [[said(cell) for cell in cells[:SHOWN_COLUMNS]] for _, cells in self.sample[:SHOWN_ROWS]]
        try:
            told["options"] = self.options()
        except Unfit as unfit:
            told["options"] = self._plain() | {"target": "", "target_kind": self._asked_kind or "classes"}
            problems.append(unfit)
        else:
            told |= self._outcome(problems)
        return told | {"problems": [one.problem() for one in problems[:SHOWN_PROBLEMS]]}

    def encoded(self) -> Encoded:
        """Return the whole table as numbers.

        Raises:
            Unfit: a cell, a column or the target cannot be taken.
        """
        found = self._rows()
        return self._encode(islice(found, 1, None) if self.header else found, self._inputs())

    def _plain(self) -> dict[str, Any]:
        names = ("encoding", "separator", "decimal", "header", "missing", "not_numbers")
        pairs = zip(self.columns, self.guesses, strict=True)
        corrected = {str(one.index): one.kind for one, guess in pairs if one.kind != guess}
        return {"kind": "csv", "columns": corrected} | {name: getattr(self, name) for name in names}

    def _outcome(self, problems: list[Unfit]) -> dict[str, Any]:
        """Return what the sample becomes; columns that cannot be taken are named all at once, and left out of it."""
        sound = []
        for one in self._inputs():
            if bad := self._refusal(one):
                problems.append(bad)
            else:
                sound.append(one)
        try:
            found = self._encode(self.sample, sound)
        except Unfit as unfit:
            hidden = (unfit.key in OF_VALUES and not self.whole) or (unfit.key == "no_inputs" and problems)
            problems += [] if hidden else [unfit]
            return {}
        classes, counts = found.targets.classes, found.targets.counts if found.targets.classes else []
        kinds = [{"name": name, "count": count} for name, count in zip(classes, counts, strict=True)]
        return {
            "features": found.width,
            "samples": len(found.targets.values),
            "left_out": found.left_out,
            "classes": kinds[:SHOWN_CLASSES],
            "classes_in_all": len(classes),
            "rare": sum(count < 3 for count in counts),
        }  # fmt: skip

    def _refusal(self, column: Column) -> Unfit | None:
        try:
            gather(self.sample, [gatherer(column, self.decimal, lenient=self.not_numbers == "missing")])
        except Unfit as unfit:
            return unfit
        return None

    def _encode(self, found: Iterator[Row] | list[Row], inputs: list[Column]) -> Encoded:
        return encode(
            found, inputs, self.target, as_number=self.target_kind == "number", decimal=self.decimal,
            lenient=self.not_numbers == "missing", drop=self.missing == "drop",
        )  # fmt: skip

    def _inputs(self) -> list[Column]:
        return [one for one in self.columns if one.kind != "ignore" and one is not self.target]

    def _rows(self) -> Iterator[Row]:
        return rows.rows_of(text.lines_of(self.path, self.encoding), self.separator)


def _corrected(guessed: list[Column], asked: dict[str, Any]) -> list[Column]:
    kinds = {int(key): str(kind) for key, kind in asked.items() if key.isdecimal() and int(key) < len(guessed)}
    for index, kind in kinds.items():
        options.one_of({f"columns.{index}": kind}, f"columns.{index}", columns.KINDS, "ignore")
    return [replace(one, kind=kinds[one.index]) if one.index in kinds else one for one in guessed]
