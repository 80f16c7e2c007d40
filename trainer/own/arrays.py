"""Arrays in an npz file: which there are, which are inputs and targets, and what they become. Nothing is unpickled.

A file may have a test part of its own, as Keras' files have: x_test and y_test beside x_train and y_train.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trainer.own import options, targets
from trainer.own.encode import LARGEST, MAX_CELLS, MAX_FEATURES
from trainer.own.headers import MAX_HEADER, Header, header_of, inputs_among, read_header, targets_among
from trainer.own.packed import Packed, read_whole, too_large
from trainer.own.targets import Targets, class_name, in_order
from trainer.own.words import Unfit, quoted

MAX_BYTES = 512 * 1024**2  # of one array
MAX_ARRAYS = 200
CHANNELS = (1, 3, 4)
FEW = 20


class Arrays:
    """An npz file, looked at as the options say.

    Raises:
        Unfit: it is damaged, or an option is none.
    """

    def __init__(self, path: Path, asked: Mapping[str, Any]):
        self.path = path
        with Packed(path) as packed:
            names = [one for one in packed.names() if one.endswith(".npy")][:MAX_ARRAYS]
            self.headers = [header_of(packed, name) for name in names]
        if all(one.flaw for one in self.headers):
            raise _unfit_for("", self.headers[0]) if self.headers else Unfit("", "no_arrays")
        self._inputs = options.text(asked, "inputs")
        self._targets = options.text(asked, "targets")
        self._kind = options.one_of(asked, "target_kind", targets.KINDS, "")
        self._layout = options.one_of(asked, "layout", ("first", "last"), "")

    @property
    def inputs(self) -> Header:
        """The array of inputs.

        Raises:
            Unfit: there is none of that name, or it cannot be read.
        """
        return self._named("inputs", self._inputs) if self._inputs else self._sound("inputs", self._guesses[0])

    @property
    def targets(self) -> Header:
        """The array of targets.

        Raises:
            Unfit: there is none of that name, none that fits, or it cannot be read.
        """
        if self._targets:
            return self._named("targets", self._targets)
        if len(self.headers) == 1:
            raise Unfit("targets", "one_array", array=self.headers[0].name)
        if (found := self._guesses[1]) is None:
            raise Unfit("targets", "no_target_array")
        return self._sound("targets", found)

    @property
    def test(self) -> tuple[Header, Header] | None:
        """Inputs and targets of the test part that is named like those that are taken; None where there is none.

        Raises:
            Unfit: an array that was named cannot be taken, or none fits.
        """
        known = {one.name.casefold(): one for one in self.headers}
        pair = [known.get(name) for one in (self.inputs, self.targets) for name in _names_of_test(one.name, known)]
        return (pair[0], pair[1]) if len(pair) == 2 and pair[0] and pair[1] else None

    def options(self) -> dict[str, Any]:
        """Return every option as it is; whether targets are classes is known once they were read.

        Raises:
            Unfit: an array that was named cannot be taken, or none fits.
        """
        names = {"inputs": self.inputs.name, "targets": self.targets.name}
        return {"kind": "npz", **names, "target_kind": self._kind, "layout": self._layout_of(self.inputs.shape)}

    def preview(self) -> dict[str, Any]:
        """Return the arrays that there are, which are taken, and what they become."""
        told: dict[str, Any] = {"kind": "npz", "problems": []}
        told["arrays"] = [{"name": one.name, "shape": list(one.shape), "dtype": one.dtype, "flaw": one.flaw}
                          for one in self.headers]  # fmt: skip
        try:
            found, outcome, test_from = self.read()
            told["options"] = self.options()
        except Unfit as unfit:
            return told | {"options": self._as_far_as_known(), "problems": [unfit.problem()]}
        counts = zip(outcome.classes, outcome.counts if outcome.classes else [], strict=True)
        classes = [{"name": name, "count": count} for name, count in counts]
        shape = list(found.shape[1:])
        if self.test:
            names = [one.name for one in self.test]
            told["test"] = {"names": names, "samples": len(found) - test_from if test_from else 0}
        return told | {"samples": len(found), "shape": shape, "features": int(np.prod(shape)), "classes": classes[:30],
                       "classes_in_all": len(classes), "rare": sum(one["count"] < 3 for one in classes)}  # fmt: skip

    def read(self) -> tuple[np.ndarray, Targets, int]:
        """Return inputs (n, features) or (n, channels, height, width), uint8 or float32, targets, and where the rows of
        the file's own test part begin; 0 where there is none, or none that fits.

        Raises:
            Unfit: they do not belong together, or hold what cannot be computed with.
        """
        inputs, wanted = self.inputs, self.targets
        _check_pair(inputs, wanted)
        array, found = self._inputs_of(inputs), self._targets_of(wanted)
        test_from = 0
        if (test := self.test) and _belongs(test, (inputs, wanted)):
            targets.check_rows(test_from := len(array))
            array = np.concatenate([array, self._inputs_of(test[0])])
            found = np.concatenate([found, self._targets_of(test[1])])
        self._kind = self._kind or _kind_of(found)
        if self._kind == "number" and found.dtype.kind in "US":
            raise Unfit("targets", "odd_dtype", array=wanted.name, dtype=str(found.dtype))
        return array, _as_targets(found, self._kind, wanted.name), test_from

    @property
    def _guesses(self) -> tuple[Header, Header | None]:
        inputs = next((one for one in self.headers if one.name == self._inputs), None) or inputs_among(self.headers)
        return inputs, targets_among(self.headers, inputs)

    def _as_far_as_known(self) -> dict[str, Any]:
        """Return the options of which something is wrong: what was guessed stands in the form beside what is said."""
        inputs, wanted = self._guesses
        names = {"inputs": self._inputs or inputs.name, "targets": self._targets or (wanted.name if wanted else "")}
        return {"kind": "npz", **names, "target_kind": self._kind or "classes", "layout": self._layout_of(inputs.shape)}

    def _inputs_of(self, header: Header) -> np.ndarray:
        return self._shaped(self._read(header, "inputs"), header)

    def _targets_of(self, header: Header) -> np.ndarray:
        found = self._read(header, "targets")
        if found.dtype.kind not in "biufUS":
            raise Unfit("targets", "odd_dtype", array=header.name, dtype=str(found.dtype))
        found = found.reshape(len(found))
        if found.dtype.kind == "U" and not _is_text(found):
            raise Unfit("targets", "odd_text", array=header.name)
        if found.dtype.kind == "f":
            odd = ~(np.abs(found.astype(np.float64)) <= LARGEST)
            if odd.any():
                raise Unfit("targets", "infinite", array=header.name, count=int(odd.sum()))
        return found

    def _shaped(self, array: np.ndarray, header: Header) -> np.ndarray:
        if array.dtype.kind not in "biuf":
            raise Unfit("inputs", "odd_dtype", array=header.name, dtype=str(array.dtype))
        if array.dtype.kind == "f":
            odd = ~np.isfinite(array)
            odd |= (np.abs(array) > LARGEST) if array.itemsize > 4 else False
            if odd.any():
                raise Unfit("inputs", "infinite", array=header.name, count=int(odd.sum()))
        array = array if array.dtype == np.uint8 else array.astype(np.float32)
        if array.ndim == 1:
            return array[:, None]
        if array.ndim == 3:
            return array[:, None]
        if array.ndim == 4 and self._layout_of(array.shape) == "last":
            return np.ascontiguousarray(array.transpose(0, 3, 1, 2))
        return array

    def _layout_of(self, shape: tuple[int, ...]) -> str:
        # as Keras writes images, or as torch does
        guess = "last" if len(shape) == 4 and shape[3] in CHANNELS and shape[1] not in CHANNELS else "first"
        return self._layout or guess

    def _named(self, option: str, name: str) -> Header:
        found = next((one for one in self.headers if one.name == name), None)
        if found is None:
            raise Unfit(option, "no_array", name=quoted(name), names=[one.name for one in self.headers])
        return self._sound(option, found)

    def _sound(self, option: str, header: Header) -> Header:
        if header.flaw:
            raise _unfit_for(option, header)
        return header

    def _read(self, header: Header, option: str) -> np.ndarray:
        dtype = np.dtype(header.dtype)
        size = int(np.prod(header.shape, dtype=object)) * dtype.itemsize
        if size > MAX_BYTES:
            raise too_large(header.name, size, MAX_BYTES)
        with Packed(self.path) as packed, packed.open(f"{header.name}.npy", MAX_BYTES + MAX_HEADER) as file:
            shape, fortran, dtype = read_header(file)
            content = read_whole(file, header.name, size)
        if len(content) < size:
            raise Unfit(option, "bad_zip", reason=f"{quoted(header.name)} is cut off")
        flat = np.frombuffer(content, dtype, count=size // max(1, dtype.itemsize))
        return flat.reshape(shape, order="F" if fortran else "C")


def _unfit_for(option: str, header: Header) -> Unfit:
    if header.flaw == "objects":
        return Unfit(option, "objects", array=header.name)
    if header.flaw == "odd_dtype":
        return Unfit(option, "odd_dtype", array=header.name, dtype=header.dtype)
    return Unfit(option, "unreadable_array", array=header.name) if option else Unfit("", "no_arrays")


def _check_pair(inputs: Header, wanted: Header) -> None:
    shape = "x".join(map(str, inputs.shape)) or "()"
    if not 1 <= len(inputs.shape) <= 4 or 0 in inputs.shape[1:]:
        raise Unfit("inputs", "odd_shape", array=inputs.name, shape=shape)
    if len(wanted.shape) not in (1, 2) or wanted.shape[1:] not in ((), (1,)):
        told = "x".join(map(str, wanted.shape)) or "()"
        raise Unfit("targets", "odd_targets", array=wanted.name, shape=told)
    if inputs.rows != wanted.rows:
        raise Unfit("targets", "arrays_differ", inputs=inputs.name, rows=inputs.rows, targets=wanted.name,
                    others=wanted.rows)  # fmt: skip
    cells = int(np.prod(inputs.shape, dtype=object))
    if cells > MAX_CELLS:
        raise Unfit("inputs", "large", cells=cells, limit=MAX_CELLS)
    if len(inputs.shape) == 2 and inputs.shape[1] > MAX_FEATURES:
        raise Unfit("inputs", "many_columns", columns=inputs.shape[1], limit=MAX_FEATURES)


def _names_of_test(name: str, known: Mapping[str, Header]) -> list[str]:
    """Return how the array would be called that tests what an array of this name trains, where there is one."""
    plain = name.casefold()
    names = [plain.replace("train", "test")] if "train" in plain else [f"{plain}_test", f"test_{plain}"]
    return [one for one in names if one in known][:1]


def _belongs(test: tuple[Header, Header], train: tuple[Header, Header]) -> bool:
    """Return whether the arrays of a test part have the kind and the shape of those that are trained on."""
    inputs, wanted = test
    rows = inputs.rows + train[0].rows
    return (
        not any(one.flaw for one in test)
        and inputs.shape[1:] == train[0].shape[1:]
        and inputs.dtype == train[0].dtype
        and 0 < inputs.rows == wanted.rows
        and (len(wanted.shape) == 1 or wanted.shape[1:] == (1,))
        and ("U" in wanted.dtype) == ("U" in train[1].dtype)
        and rows * int(np.prod(inputs.shape[1:], dtype=object)) <= MAX_CELLS
    )


def _is_text(found: np.ndarray) -> bool:
    """Return whether an array of words holds nothing but characters: Python ends at what is beyond them."""
    codes = np.frombuffer(found.tobytes(), np.dtype(np.uint32).newbyteorder(found.dtype.byteorder))
    return not ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any()


def _kind_of(found: np.ndarray) -> str:
    if found.dtype.kind in "bUS":
        return "classes"
    values = np.unique(found)
    if found.dtype.kind == "f":
        return "classes" if len(values) <= FEW and np.array_equal(values, np.round(values)) else "number"
    return "classes" if len(values) <= targets.MAX_CLASSES and 2 * len(values) <= len(found) else "number"


def _as_targets(found: np.ndarray, kind: str, name: str) -> Targets:
    try:
        return targets.of_numbers(found.astype(np.float64), name) if kind == "number" else _as_classes(found, name)
    except Unfit as unfit:
        if unfit.path != "target":
            raise
        # what is said of a table's column is said of an array in words of its own, at its own place
        values = {key: value for key, value in unfit.values.items() if key != "column"}
        raise Unfit("targets", f"array_{unfit.key}", array=name, **values) from None


def _as_classes(found: np.ndarray, name: str) -> Targets:
    values, codes = np.unique(found, return_inverse=True)
    if len(values) > max(2 * targets.MAX_CLASSES, 2):
        raise Unfit("target", "too_many_classes", column=name, limit=targets.MAX_CLASSES)
    words = [class_name(one.decode("utf-8", "replace") if isinstance(one, bytes) else one) for one in values]
    order = in_order(words)
    place = np.empty(len(words), np.int64)
    place[order] = np.arange(len(words))
    return targets.of_classes(place[codes.ravel()], [words[one] for one in order], name)
