"""What a finished run has to say to a measure: its curves, captures, marks, and the weights that it ended with.

Everything comes from the run's folder, without torch: curves and captures as the server folds them, the weights from
the final checkpoint's network.safetensors.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.followed import Followed
from app.lessons.asking import key_of
from trainer.protocol import Captured

NEVER = float("inf")


class Unmeasured(ValueError):
    """A run has not what a measure wants. The text says what, and what there is."""


class Reading:
    """One run's folder, read when the first number of it is asked for."""

    def __init__(self, folder: Path, answers: Mapping[str, Any] | None = None):
        self.folder = folder
        self._answers = answers or {}
        self._followed = Followed(folder)

    @cached_property
    def _read(self) -> Followed:
        self._followed.catch_up()
        return self._followed

    @cached_property
    def state(self) -> dict[str, Any]:
        """The state of the run at its end.

        Raises:
            Unmeasured: it has not come to its end.
        """
        state = self._read.state.as_json()
        ended = state["ended"]
        if state["damage"]:
            raise Unmeasured(f"a run's log is damaged: {state['damage']}")
        if ended is None or ended["kind"] != "finished":
            why = "has not finished" if ended is None else f"{ended['kind']}: {ended['reason']}"
            raise Unmeasured(f"the run {state['name'] or self.folder.name} {why}")
        return state

    def told(self, request: dict[str, Any], *others: "Reading") -> dict[str, Any]:
        """Return what was answered to a request about this run and others.

        Raises:
            Unmeasured: one of them has not come to its end, or the answer says why there is none.
        """
        for run in (self, *others):
            _ = run.state
        answer = self._answers.get(key_of(request), {"problems": [{"message": "nobody asked"}]})
        if "problems" in answer:
            raise Unmeasured(answer["problems"][0]["message"].rstrip("."))
        return answer

    def setting(self, path: str) -> float:
        """Return a number of the run's spec, by its path as optimizer.lr.

        Raises:
            Unmeasured: the spec has no such number.
        """
        spec = json.loads((self.folder / "spec.json").read_text())
        head, *rest = path.split(".")
        found = spec.get(head)
        if isinstance(found, dict) and "params" in found:
            found = found["params"]
        for key in rest:
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, int | float):
            raise Unmeasured(f"the run {self.state['name']} has no number {path} in its spec")
        return float(found)

    def curve(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return every point of a curve: steps int64 (n,), values float64 (n,), n at least 1.

        Raises:
            Unmeasured: the run has no such curve.
        """
        state = self.state
        steps, values = self._read.series.points(name)
        if not len(steps):
            there = ", ".join(self._read.series.names) or "none"
            raise Unmeasured(f"the run {state['name']} has no curve {name!r}; it has: {there}")
        return steps, values.astype(np.float64)

    def epoch(self, step: int) -> float:
        """Return the epoch that ended with a step: 1 is the first."""
        return step / max(1, self.state["steps_per_epoch"])

    def step_of(self, epoch: int) -> int:
        """Return the step with which an epoch ended."""
        return epoch * max(1, self.state["steps_per_epoch"])

    def judged(self, name: str) -> float:
        """Return what the run was judged by at its end.

        Raises:
            Unmeasured: there is no such metric.
        """
        metrics = self.state["metrics"]
        if name not in metrics:
            raise Unmeasured(f"nothing was judged by {name!r}; there are: {', '.join(metrics)}")
        return float(metrics[name])  # also "NaN" and "Infinity", as a state has them

    def capture(self, probe: str, tensor: str, when: str) -> "Histogram":
        """Return the first or the last capture of a tensor.

        Raises:
            Unmeasured: the probe has captured no such tensor.
        """
        name = self.state["name"]
        found: dict[str, list[Captured]] = {}
        for one in self._read.captures.history(probe):
            found.setdefault(one.name, []).append(one)
        if tensor not in found:
            there = ", ".join(found) or "nothing"
            raise Unmeasured(f"the probe {probe} of the run {name} has captured no {tensor!r}, but {there}")
        return Histogram(found[tensor][0 if when == "first" else -1])

    @cached_property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights that the run ended with, by layer: float32, a row for each unit.

        Raises:
            Unmeasured: no checkpoint of the end is there.
        """
        saved = [one for one in self.state["checkpoints"] if one["name"] == "final"]
        for one in reversed(saved):
            try:
                tensors = read_safetensors(self.folder / one["path"] / "network.safetensors")
            except (OSError, ValueError, KeyError):
                continue
            ends = ".linear.weight"
            found = {name.removesuffix(ends).removeprefix("layers."): value for name, value in tensors.items()
                     if name.endswith(ends)}  # fmt: skip
            if found:
                return {name: value.reshape(len(value), -1) for name, value in found.items()}
        raise Unmeasured(f"the run {self.state['name']} has no checkpoint of its end that can be read")


class Walk:
    """The path of an optimizer over a surface, in columns: what is asked of it in place of a run."""

    def __init__(self, columns: Mapping[str, Any]):
        self._columns = {**columns, "height": columns["f"]}

    def at(self, name: str, step: int | None) -> float:
        """Return a column after a step, or at the end.

        Raises:
            Unmeasured: the path does not go so far.
        """
        column = self._columns[name]
        if step is not None and step >= len(column):
            raise Unmeasured(f"the path has {len(column) - 1} steps, not {step}")
        return column[-1 if step is None else step]


class Histogram:
    """A captured histogram and its facts."""

    def __init__(self, one: Captured):
        self.facts = one.facts
        self._counts = np.frombuffer(one.data, "<u4").astype(np.float64)

    def fact(self, name: str) -> float:
        """Return a fact; zeros as a share of all values."""
        if name == "zeros":
            return self.facts["zeros"] / max(1.0, self.facts["count"])
        return self.facts[name]

    def inside(self, low: float, high: float) -> float:
        """Return the share of the finite values from low to high; a bin that is cut counts by its part."""
        total = self._counts.sum()
        least, most = self.facts["low"], self.facts["high"]
        if not total:
            return float("nan")
        if least == most:
            return float(low <= least <= high)
        edges = np.linspace(least, most, len(self._counts) + 1)
        width = edges[1] - edges[0]
        part = (np.minimum(edges[1:], high) - np.maximum(edges[:-1], low)) / width
        return float((self._counts * part.clip(0, 1)).sum() / total)


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Return the float32 tensors of a file, by name.

    Source: https://huggingface.co/docs/safetensors, the format: length of the header, header in JSON, then bytes.
    """
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    found = {}
    for name, one in json.loads(data[8:begin]).items():
        if name != "__metadata__" and one["dtype"] == "F32":
            first, last = one["data_offsets"]
            found[name] = np.frombuffer(data[begin + first : begin + last], "<f4").reshape(one["shape"])
    return found
