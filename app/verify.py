"""livefit verify: reads runs again, by other code than the server's, and counts what is lost, duplicated or wrong.

Only reads, so a server may have the folder open; of a run that trains it checks what there was when it looked.

lost        steps missing in the visible curve, entries missing in a log or hidden behind damage, points not in the fold
duplicated  entries or steps that come twice in an attempt, points that come twice in the fold
wrong       a fold that differs from the log, an attempt that began where no checkpoint was, a checkpoint that was told
            of and is not sound, steps computed again with another result, an end that the exit code contradicts
torn        logs that end within an entry, as they do after a kill: nothing that was shown
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app import raw_log
from app.errors import NotARun
from app.raw_log import Points, RawLog
from app.verify_fold import compare_fold
from app.workers.process import Process
from trainer.protocol import Changed, Epoch, Failed, Finished, Interrupted, Paused, Saved, Started

ENDS = (Finished, Failed, Interrupted)
TOLD_AFTER_THEIR_STEP = (Epoch, Saved, Changed, Paused, Finished, Interrupted)
TOTAL = ("loss", "loss.total")


@dataclass
class Verdict:
    """What was found of one run. `said`: every finding in a sentence."""

    id: str
    name: str = ""
    lives: bool = False
    attempts: int = 0
    entries: int = 0
    steps: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    torn: int = 0
    sound: int = 0
    unsound: int = 0
    damage: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is lost, duplicated or wrong."""
        return not (self.lost or self.duplicated or self.wrong)

    def find(self, kind: str, count: int, told: str) -> None:
        """Take note of `count` findings of a kind: lost, duplicated or wrong."""
        if count:
            setattr(self, kind, getattr(self, kind) + int(count))
            self.said.append(f"{kind} {int(count)}: {told}")


@dataclass
class Line:
    """What is visible of a run after all attempts: the curves, and the events that no later attempt superseded."""

    curves: dict[tuple[str, str], Points] = field(default_factory=dict)
    said: list[Any] = field(default_factory=list)

    @property
    def steps(self) -> np.ndarray:
        """The steps of the curve of the loss, in the order in which they stand."""
        return self.curves.get(TOTAL, (np.empty(0, np.int64),))[0]


def runs_to_verify(run: str | None, runs: Path) -> list[Path]:
    """Return the folders that are meant: one by its id or its path, or all that lie in `runs`.

    Raises:
        NotARun: there is none.
    """
    if run:
        return [Path(run) if Path(run).is_dir() else runs / Path(run).name]
    found = sorted(one for one in runs.iterdir() if one.is_dir()) if runs.is_dir() else []
    if not found:
        raise NotARun(f"There is no run in {runs}.", "Name the server's data folder with --data-dir.")
    return found


def verify(folder: Path) -> Verdict:
    """Read everything of one run and return what was found.

    Raises:
        NotARun: the folder holds none.
    """
    verdict = Verdict(folder.name, _name(folder))
    process = Process.read(folder)
    verdict.lives = bool(process and process.alive())
    fold = compare_fold(folder) if verdict.lives else None  # before the logs: what they have more came meanwhile
    logs = [raw_log.read(path) for path in raw_log.event_logs(folder)]
    verdict.attempts, verdict.entries = len(logs), sum(one.entries for one in logs)
    for log in logs:
        _check_log(verdict, log)
    line = Line()
    for log in logs:
        _go_on(verdict, line, log, folder)
    _check_curve(verdict, line)
    _check_checkpoints(verdict, line, folder)
    if not verdict.lives and logs:
        _check_end(verdict, logs[-1], folder)
    for kind, count, told in (fold or compare_fold(folder))(line, logs, verdict.lives):
        verdict.find(kind, count, told)
    return verdict


def _name(folder: Path) -> str:
    if not folder.is_dir():
        raise NotARun(f"There is no folder {folder}.", "Name a run by its id, with --data-dir, or by its folder.")
    try:
        spec = json.loads((folder / "spec.json").read_text())
    except FileNotFoundError:
        raise NotARun(f"{folder} is not a run's folder: it has no spec.json.") from None
    except (OSError, ValueError) as error:
        raise NotARun(f"{folder}: spec.json cannot be read ({error}).") from None
    return str(spec.get("name", "")) if isinstance(spec, dict) else ""


def _check_log(verdict: Verdict, log: RawLog) -> None:
    verdict.torn += bool(log.torn_bytes and not verdict.lives)
    if log.damage:
        verdict.damage.append(log.damage)
    verdict.find("lost", log.behind, f"entries of {log.path.name}: the damaged one, and what stands behind it")
    verdict.find("lost", log.missing, log.damage)
    verdict.find("duplicated", log.repeated, log.damage)
    if log.started and log.started.attempt != log.attempt:
        verdict.find("wrong", 1, f"{log.path.name} says that it is attempt {log.started.attempt}")
    starts = sum(isinstance(one.said, Started) for one in log.said)
    verdict.find("duplicated", max(0, starts - 1), f"beginnings of attempt {log.attempt}")
    for (probe, name), (steps, _) in log.numbers.items():
        again = int((np.diff(steps) <= 0).sum())
        verdict.find("duplicated", again, f"{log.path.name}: {name} of {probe} goes back within the attempt")


def _go_on(verdict: Verdict, line: Line, log: RawLog, folder: Path) -> None:
    """Let the line go on with one more attempt; what lies after the step at which it begins is superseded."""
    begun = log.started
    if begun:
        _check_begin(verdict, line, begun, folder)
        before = line.curves
        line.curves = {name: raw_log.cut(points, begun.step) for name, points in before.items()}
        _check_again(verdict, line, before, log, begun)
        line.said = [one for one in line.said if one.step <= begun.step]
    for name, points in log.numbers.items():
        line.curves[name] = raw_log.joined(line.curves[name], points) if name in line.curves else points
    line.said += [one.said for one in log.said]


def _check_begin(verdict: Verdict, line: Line, begun: Started, folder: Path) -> None:
    if begun.step == 0:
        return
    saved = any(isinstance(one, Saved) and one.step == begun.step for one in line.said)
    if line.steps.size == 0 or line.steps.max() < begun.step:
        verdict.find("wrong", 1, f"attempt {begun.attempt} begins at step {begun.step}, which no earlier one reached")
    elif not saved and not any((folder / "checkpoints").glob(f"step-{begun.step}*")):
        # one that was not told of before its trainer died may have been taken away since, as all old ones are
        later = any((folder / "checkpoints").glob("step-*"))
        verdict.find(
            "wrong", not later, f"attempt {begun.attempt} begins at step {begun.step}: no checkpoint was there"
        )


def _check_again(
    verdict: Verdict, line: Line, before: dict[tuple[str, str], Points], log: RawLog, begun: Started
) -> None:
    """On the CPU the steps that an attempt computes again come out as before, up to the first new command."""
    if begun.device != "cpu" or getattr(begun, "chosen", False):
        return
    past = {one.command: one.step for one in line.said if isinstance(one, Changed) and one.command}
    now = {one.said.command: one.said.step for one in log.said if isinstance(one.said, Changed) and one.said.command}
    for command in past.keys() & now.keys():
        told = f"attempt {log.attempt} took command {command} at step {now[command]}; it had held from {past[command]}"
        verdict.find("wrong", now[command] != past[command], told)
    reached = log.numbers[TOTAL][0][-1] if TOTAL in log.numbers else begun.step
    forgotten = [one for one in past.keys() - now.keys() if begun.step < past[one] < reached]
    verdict.find("wrong", len(forgotten), f"commands that held were not taken again by attempt {log.attempt}")
    limit = min((now[one] for one in now.keys() - past.keys()), default=None)
    for name, (steps, bits) in before.items():
        if name[0] != "loss" or name not in log.numbers:
            continue
        again, bits_again = log.numbers[name]
        common, at, at_again = np.intersect1d(steps, again, return_indices=True)
        differ = (bits[at] != bits_again[at_again]) & (common > begun.step)
        if limit is not None:
            differ &= common <= limit
        verdict.find("wrong", int(differ.sum()), f"{name[1]} came out otherwise when attempt {log.attempt} went on")


def _check_curve(verdict: Verdict, line: Line) -> None:
    steps = np.unique(line.steps)
    verdict.steps = len(steps)
    reached = max((one.step for one in line.said if isinstance(one, TOLD_AFTER_THEIR_STEP)), default=0)
    last = max(reached, int(steps[-1]) if len(steps) else 0)
    absent = np.setdiff1d(np.arange(1, last + 1), steps)
    verdict.find("lost", len(absent), f"steps of the visible curve, the first is {absent[0]}" if len(absent) else "")


def _check_checkpoints(verdict: Verdict, line: Line, folder: Path) -> None:
    sound = {one: _sound(one) for one in (folder / "checkpoints").glob("step-*")}
    verdict.sound, verdict.unsound = sum(sound.values()), sum(not one for one in sound.values())
    for one in line.said:
        if isinstance(one, Saved) and sound.get(folder / one.path) is False:
            verdict.find("wrong", 1, f"{one.path} was told of and is not sound")
    paths = [one.path for one in line.said if isinstance(one, Saved)]
    verdict.find("duplicated", len(paths) - len(set(paths)), "checkpoints that were told of twice")


def _sound(checkpoint: Path) -> bool:
    try:
        files = json.loads((checkpoint / "manifest.json").read_text())["files"]
        return bool(files) and all(_sha256(checkpoint / Path(name).name) == known for name, known in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_end(verdict: Verdict, log: RawLog, folder: Path) -> None:
    try:
        how = json.loads((folder / "exit.json").read_text())
    except (OSError, ValueError):
        return
    if how.get("attempt") != log.attempt or how.get("signal") or log.damage:
        return
    end = next((one.said for one in reversed(log.said) if isinstance(one.said, ENDS)), None)
    good = isinstance(end, Finished | Interrupted)
    told = f"exit code {how.get('code')}, and the last word of attempt {log.attempt} is {type(end).__name__}"
    verdict.find("wrong", good != (how.get("code") == 0), told)


def print_verdicts(verdicts: list[Verdict], console: Console) -> None:
    """Print one row a run, and under the table every finding in a sentence."""
    table = Table("run", "name", box=None, pad_edge=False)
    for heading in ("attempts", "entries", "steps", "lost", "duplicated", "wrong", "torn", "damaged", "checkpoints"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in verdicts:
        counts = (one.lost, one.duplicated, one.wrong)
        checkpoints = f"{one.sound}" + (f" ({one.unsound} not sound)" if one.unsound else "")
        table.add_row(
            one.id, escape(one.name) + (" (trains)" if one.lives else ""), str(one.attempts), f"{one.entries:,}",
            f"{one.steps:,}", *(f"[red]{count}[/]" if count else "0" for count in counts), str(one.torn),
            str(len(one.damage)), checkpoints,
        )  # fmt: skip
    console.print(table)
    for one in verdicts:
        for told in (*one.damage, *one.said):
            console.print(f"{one.id}: {told}", markup=False, soft_wrap=True)
    bad = sum(not one.good for one in verdicts)
    told = "nothing is lost, duplicated or wrong" if not bad else f"{bad} with something lost, duplicated or wrong"
    console.print(f"{len(verdicts)} run{'s' * (len(verdicts) != 1)} read: {told}.")
