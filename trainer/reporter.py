"""Gathers what happens and appends it to the event log, some twenty times a second.

Numbers stay on the device until a flush: one sync and one write for all of them, never an `.item()`
in the loop. A full disk holds the training up and loses nothing: the same batch is tried until it fits.
"""

import time
from collections.abc import Callable
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from trainer import faults
from trainer.probes import Array, Histogram, Reading
from trainer.protocol import AnyEvent, Captured, Marked, Measured, Overhead
from trainer.runlog import LogWriter, NotWritten

FLUSH_EVERY_S = 0.05
BEAT_EVERY_S = 5.0
RETRY_S = 0.5
MAX_PENDING = 4096


class Fenced(Exception):
    """A later attempt has begun: this one was thought dead, and must write nothing any more."""


class Reporter:
    """Writes one attempt's event log.

    `full_disk(error)` is called when it begins to wait for one, `fenced()` before each write: it says whether a
    later attempt has begun.
    """

    def __init__(
        self, log: LogWriter, full_disk: Callable[[OSError], None], fenced: Callable[[], bool] = lambda: False
    ):
        self._log = log
        self._full_disk, self._fenced = full_disk, fenced
        self._bad_loss: Callable[[int, float], None] = lambda step, value: None
        self.loss_is_finite = True  # the last that was written; nothing but a flush changes it
        self._steps: list[tuple[int, dict[str, Tensor], float]] = []
        self._events: list[AnyEvent] = []
        self._flushed = self._wrote = 0.0

    def on_bad_loss(self, heard: Callable[[int, float], None]) -> None:
        """Call `heard` with the first step of a batch whose loss is not finite, and that loss."""
        self._bad_loss = heard

    def step(self, step: int, numbers: dict[str, Tensor], lr: float) -> None:
        """Take the numbers of one step: 0-d tensors, left on the device, and the learning rate.

        Without loss.total among them the total is the data loss: nothing was added to it.
        """
        self._steps.append((step, numbers, lr))

    def reading(self, probe: str, step: int, reading: Reading) -> None:
        """Take what a probe saw."""
        if reading.numbers:
            values = torch.stack([one.detach().float() for one in reading.numbers.values()]).cpu().numpy()
            columns = {name: values[i : i + 1].tobytes() for i, name in enumerate(reading.numbers)}
            self.say(Measured(step=step, probe=probe, steps=np.int64([step]).tobytes(), columns=columns))
        for name, histogram in reading.histograms.items():
            self.say(captured(probe, step, name, histogram))
        for name, array in reading.arrays.items():
            self.say(captured_array(probe, step, name, array))

    def say(self, event: AnyEvent, now: bool = False) -> None:
        """Take an event; `now` writes it at once, with all that came before it."""
        self._events.append(event)
        if now:
            self.flush()
            self._flushed = 0.0  # the step after it is written at once too: a run's first number is waited for

    def tick(self, now: float) -> float:
        """Flush when it is time to, or when much has gathered; return the seconds of the processor that took, 0 mostly.

        Not the seconds that passed: on a machine with much to do those are others', and no probe would have its turn.
        """
        if now - self._flushed < FLUSH_EVERY_S and len(self._steps) < MAX_PENDING:
            return 0.0
        began = time.thread_time()
        self.flush()
        return time.thread_time() - began

    def beat(self, step: int) -> None:
        """Say, every 5 s at most, that work goes on which is no step: who listens takes silence for a hang."""
        if time.perf_counter() - self._wrote > BEAT_EVERY_S:
            self._events.append(Overhead(step=step, share=0.0, probes={}, steps_per_second=0.0))
            self.flush()

    def flush(self) -> None:
        """Write all that was gathered: numbers first, then what was said.

        Raises:
            Fenced: a later attempt has begun; nothing was written since.
        """
        if self._fenced():
            raise Fenced
        self._flushed = self._wrote = time.perf_counter()
        batch = [*self._measured(), *self._events]
        if faults.reach("reporter.flush") == "drop":
            batch = self._events
        self._events = []
        began = None
        while batch:
            try:
                self._log.append(batch)
                break
            except NotWritten as error:
                batch = batch[error.written :]
                if began is None:
                    began = time.monotonic()
                    self._full_disk(error)
                time.sleep(RETRY_S)
                if self._fenced():
                    raise Fenced from None
        if began:
            told = f"The disk took nothing for {time.monotonic() - began:.0f} s. Training waited; nothing was lost."
            self.say(Marked(step=batch[-1].step, kind="disk", text=told))

    def sync(self) -> None:
        """Write all that was gathered and make it durable."""
        self.flush()
        self._log.sync()

    def close(self) -> None:
        """Flush, sync and close the log."""
        try:
            self.flush()
        finally:
            self._log.close()

    def __enter__(self) -> "Reporter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _measured(self) -> list[Measured]:
        taken, self._steps = self._steps, []
        return [self._table(list(rows)) for _, rows in groupby(taken, key=lambda one: one[1].keys())]

    def _table(self, rows: list[tuple[int, dict[str, Tensor], float]]) -> Measured:
        names = list(rows[0][1])
        # one sync for the whole batch: (columns, steps)
        table = torch.stack([value for _, numbers, _ in rows for value in numbers.values()])
        table = np.ascontiguousarray(table.float().cpu().numpy().reshape(len(rows), len(names)).T, "<f4")
        steps = np.fromiter((step for step, *_ in rows), "<i8", len(rows))
        columns = {name: column.tobytes() for name, column in zip(names, table, strict=True)}
        columns.setdefault("loss.total", columns["loss.data"])
        columns["optimizer.lr"] = np.fromiter((lr for *_, lr in rows), "<f4", len(rows)).tobytes()
        total = table[names.index("loss.total" if "loss.total" in names else "loss.data")]
        finite = np.isfinite(total)
        self.loss_is_finite = bool(finite[-1])
        if not finite.all():
            self._bad_loss(int(steps[~finite][0]), float(total[~finite][0]))
        return Measured(step=int(steps[-1]), probe="loss", steps=steps.tobytes(), columns=columns)


def captured(probe: str, step: int, name: str, seen: Histogram) -> Captured:
    """Return the event that carries a histogram: 64 counts, and what it knows of the tensor as facts."""
    facts = dict(zip(("q05", "q25", "q50", "q75", "q95"), seen.quantiles, strict=True))
    for fact in ("low", "high", "mean", "std", "count", "zeros", "nan", "neg_inf", "pos_inf"):
        facts[fact] = float(getattr(seen, fact))
    data = np.asarray(seen.counts, "<u4").tobytes()
    return Captured(step=step, probe=probe, name=name, shape=[len(seen.counts)], dtype="uint32", data=data, facts=facts)


def captured_array(probe: str, step: int, name: str, seen: Array) -> Captured:
    """Return the event that carries an array: whole numbers as uint32, all else as float32."""
    values = seen.values.detach().cpu().numpy()
    dtype = "uint32" if values.dtype.kind in "iub" else "float32"
    data = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()
    shape = list(values.shape)
    return Captured(step=step, probe=probe, name=name, shape=shape, dtype=dtype, data=data, facts=dict(seen.facts))
