"""Commands take hold here: bounds are checked here, in one place, in the words of the schema.

`listen` is called between two steps and nowhere else. It also holds the training up: while paused, and
while it is ahead of its speed limit.
"""

import time
from collections.abc import Iterable
from pathlib import Path

from trainer import faults
from trainer.budget import Budget
from trainer.catalog import CATALOG
from trainer.checkpoint import Keeper
from trainer.component import Component, ParameterError, no_such
from trainer.evaluate import check_monitor
from trainer.inbox import Inbox
from trainer.moments import carry
from trainer.protocol import (
    AnyCommand,
    Change,
    Changed,
    Marked,
    Measure,
    Pause,
    Paused,
    Rejected,
    Resume,
    Resumed,
    Save,
    Step,
    Stop,
    Swap,
)
from trainer.reporter import Reporter
from trainer.run import Run
from trainer.runlog import LogDamaged

INTERRUPTED = "interrupted"
LOOK_EVERY_S = 0.01
LOOK_FOR_WATCHERS_S = 0.25
MAX_COUNT = 1_000_000_000


class Steering:
    """Applies commands to a run.

    `replay` has commands that take hold at known steps: those that did in an earlier attempt, and the spec's own.
    `resumed`: an earlier attempt came before this one; `reached` is the furthest step that it has shown: nobody turns
    a knob before that, or what was shown would come out otherwise.
    """

    def __init__(
        self,
        run: Run,
        reporter: Reporter,
        budget: Budget,
        keeper: Keeper,
        folder: Path,
        replay: Iterable[tuple[int, AnyCommand]] = (),
        resumed: bool = False,
        reached: int = 0,
    ):
        self._run, self._reporter, self._budget, self._keeper = run, reporter, budget, keeper
        self._inbox = Inbox(folder / "commands.log")
        self._watched = folder / "watched"
        self._replay = sorted(replay, key=lambda one: one[0])
        self._reached = reached
        # by the place in the log, never by a clock, which may jump
        self._past_until, self._deaf = self._inbox.size() if resumed else 0, False
        self._paused = False
        self._pause_at: int | None = None
        self._look_at = 0.0
        self._next_step_at = 0.0
        self._looked_for_watchers = 0.0
        self._ended: str | None = None
        self.stopped_by = ("", "")

    def leave(self) -> None:
        """Ask the run to save itself and go; safe in a signal handler."""
        self._ended = INTERRUPTED

    def pause_at(self, step: int) -> None:
        """Pause once `step` updates are done."""
        self._pause_at = step

    def listen(self) -> str | None:
        """Apply what was received, hold while paused or too fast; return why to end, or None to go on."""
        while True:
            now = time.perf_counter()
            if now >= self._look_at or (self._replay and self._replay[0][0] <= self._run.step):
                self._look_at = now + LOOK_EVERY_S
                self._receive(now)
            if self._ended:
                return self._ended
            if self._pause_at is not None and self._run.step >= self._pause_at and not self._paused:
                self._pause("", "")
            wait = LOOK_EVERY_S if self._paused else self._ahead(now)
            if wait <= 0:
                return None
            self._reporter.tick(now)
            time.sleep(min(wait, LOOK_EVERY_S))

    def apply(self, command: AnyCommand) -> None:
        """Take one command, and answer it with an event."""
        try:
            self._take(command)
        except ValueError as error:
            self._reject(command, str(error))
        self._run.answered.add(command.id)

    def _reject(self, command: AnyCommand, reason: str) -> None:
        said = {field: getattr(command, field, "") for field in ("target", "field", "by")}
        self._reporter.say(Rejected(step=self._run.step, reason=reason, command=command.id, **said), now=True)
        self._run.answered.add(command.id)

    def _received(self) -> list[tuple[AnyCommand, int]]:
        if self._deaf:
            return []
        try:
            return self._inbox.received()
        except LogDamaged as damage:
            self._deaf = True
            told = f"{damage} No command can be heard any more; stop the run and let it go on as a new one."
            self._reporter.say(Marked(step=self._run.step, kind="damage", text=told), now=True)
            return []

    def _receive(self, now: float) -> None:
        while self._replay and self._replay[0][0] <= self._run.step:
            if faults.reach("steering.replay") == "late":
                break
            self.apply(self._replay.pop(0)[1])
        for command, end in self._received():
            if command.id in self._run.answered or any(command.id == one.id for _, one in self._replay):
                continue
            if isinstance(command, Change | Swap) and self._run.step < self._reached:
                self._replay = sorted([*self._replay, (self._reached, command)], key=lambda one: one[0])
            elif end <= self._past_until and not isinstance(command, Change | Swap):
                self._reject(command, "This was asked of an earlier attempt, which ended before it answered.")
            else:
                self.apply(command)
        if now - self._looked_for_watchers > LOOK_FOR_WATCHERS_S:
            self._looked_for_watchers = now
            self._budget.retune(watched=self._watched.exists())

    def _take(self, command: AnyCommand) -> None:
        match command:
            case Change():
                self._change(command)
            case Swap(target="optimizer"):
                self._swap_optimizer(command)
            case Swap():
                self._swap_schedule(command)
            case Pause():
                self._pause(command.by, command.id)
            case Resume() | Step():
                self._resume(command)
            case Stop():
                self._ended, self.stopped_by = "stopped", (command.by, command.id)
            case Save():
                self._save(command)
            case Measure():
                self._part("probes", command.probe)
                if self._paused:
                    raise ValueError("A probe looks at a step, and training is paused. Take a step, or go on.")
                self._budget.ask(command.probe, command.id)

    def _change(self, command: Change) -> None:
        old, new, note = self.turn(command.target, command.field, command.value)
        self._say_changed(command, command.field, old, new, note)

    def turn(self, target: str, field: str, value) -> tuple[object, object, str]:
        """Turn one knob of the run and return (old value, new value, what was done).

        Raises:
            ValueError: no such target or field, or the value is refused; nothing has changed.
        """
        folder, _, name = target.partition(".")
        assembly = self._run.assembly
        if folder in ("regularizers", "stopping", "probes"):
            return self._turn_switched(folder, name, field, value)
        if target not in ("optimizer", "schedule", "training"):
            there = ["optimizer", "schedule", "training", *(f"regularizers.{name}" for name in assembly.regularizers)]
            raise ValueError(no_such(target, there, "target of a change"))
        part: Component = getattr(assembly, target)
        old = getattr(part, field, None)
        new = part.set_live(field, value)
        if target == "optimizer":
            try:
                assembly.optimizer.retune(self._run.optimizer)
            except ValueError:
                part.set_live(field, old)
                raise
        if target == "schedule":
            self._run.leave_momentum()
        if target == "training":
            self._budget.retune(share=assembly.training.budget)
        return old, new, ""

    def _turn_switched(self, folder: str, name: str, field: str, value) -> tuple[object, object, str]:
        switched = self._part(folder, name)
        if field == "enabled":
            if not isinstance(value, bool):
                raise ParameterError(field, f"enabled = {value!r} is not true or false.")
            if value:
                self._check(folder, switched.part)
            old, switched.enabled = switched.enabled, value
        else:
            old = getattr(switched.part, field, None)
            value = switched.part.set_live(field, value)
            if switched.enabled:
                try:
                    self._check(folder, switched.part)
                except ValueError:
                    switched.part.set_live(field, old)
                    raise
        note = ""
        if folder == "regularizers" and (switched.enabled or field == "enabled"):
            note = switched.part.on_switch(self._run.parts(), switched.enabled)
            self._run.renew()
        if folder == "probes":
            self._budget.retune()
        return old, value, note

    def _check(self, folder: str, part: Component) -> None:
        check_monitor(part, self._run.metric_names)
        if folder == "regularizers":
            part.check(self._run.parts())

    def _swap_optimizer(self, command: Swap) -> None:
        if command.name not in CATALOG["optimizers"]:
            raise ValueError(no_such(command.name, CATALOG["optimizers"], "optimizer"))
        run = self._run
        old, fresh = run.assembly.optimizer, CATALOG["optimizers"][command.name](**command.params)
        groups = run.groups()
        optimizer = fresh.build(groups)
        note = carry(old, run.optimizer, fresh, optimizer, command.state)
        before = {"name": old.name, "params": old.values()}
        run.assembly.optimizer, run.optimizer = fresh, optimizer
        self._say_changed(command, "name", before, {"name": fresh.name, "params": fresh.values()}, note)

    def _swap_schedule(self, command: Swap) -> None:
        if command.name not in CATALOG["schedules"]:
            raise ValueError(no_such(command.name, CATALOG["schedules"], "schedule"))
        assembly = self._run.assembly
        old, fresh = assembly.schedule, CATALOG["schedules"][command.name](**command.params)
        check_monitor(fresh, self._run.metric_names)
        assembly.schedule = fresh
        self._run.leave_momentum()
        before = {"name": old.name, "params": old.values()}
        self._say_changed(command, "name", before, {"name": fresh.name, "params": fresh.values()}, "")

    def _say_changed(self, command: Change | Swap, field: str, old: object, new: object, note: str) -> None:
        changed = Changed(
            step=self._run.step, target=command.target, field=field, old=old, new=new,
            by=command.by, command=command.id, note=note,
        )  # fmt: skip
        self._reporter.say(changed, now=True)

    def _pause(self, by: str, command: str) -> None:
        self._paused, self._pause_at = True, None
        self._reporter.say(Paused(step=self._run.step, by=by, command=command), now=True)

    def _save(self, command: Save) -> None:
        try:
            self._keeper.save(command.name or "saved", command=command.id)
        except OSError as error:
            raise ValueError(f"The checkpoint could not be written: {error.strerror}. Free some space.") from None

    def _resume(self, command: Resume | Step) -> None:
        until = None
        if isinstance(command, Step):
            if not 1 <= command.count <= MAX_COUNT:
                raise ValueError(f"count = {command.count} is outside 1 to {MAX_COUNT:,} {command.unit}.")
            until = self._run.step + self._steps(command)
        self._paused, self._pause_at = False, until
        self._reporter.say(Resumed(step=self._run.step, by=command.by, command=command.id, until=until), now=True)

    def _steps(self, command: Step) -> int:
        if command.unit == "steps":
            return command.count
        each = self._run.steps_per_epoch
        return command.count * each - self._run.step % each

    def _ahead(self, now: float) -> float:
        speed = self._run.assembly.training.speed
        if speed <= 0:
            self._next_step_at = now
            return 0.0
        wait = self._next_step_at - now
        if wait <= 0:
            # a limit, not a debt: a late step does not make the next ones hurry by more than one
            self._next_step_at = max(self._next_step_at, now - 1 / speed) + 1 / speed
        return min(wait, 1 / speed)

    def _part(self, folder: str, name: str):
        switches = getattr(self._run.assembly, folder)
        if name not in switches:
            raise ValueError(no_such(name, switches, f"component in {folder}"))
        return switches[name]
