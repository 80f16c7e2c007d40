"""The training loop: read this first.

A step, in the order in which it happens: commands take hold · a batch · loss and penalties · gradients ·
the update · numbers to the reporter · at the end of an epoch evaluation, schedule and stopping.
Probes look in between when the budget has time for them; they look and never touch.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial

import torch
from torch import Tensor

from trainer import faults, not_finite
from trainer.again import the_same_each_time
from trainer.budget import Budget
from trainer.checkpoint import Keeper
from trainer.data import Part
from trainer.evaluate import evaluate
from trainer.optimizers import take_step
from trainer.probes import Outcome, Probe, Reading
from trainer.protocol import Epoch, Failed, Finished, Interrupted, Marked, Overhead
from trainer.reporter import Reporter
from trainer.run import Run
from trainer.slope import gradient_norm
from trainer.steering import INTERRUPTED, Steering

PROBE_ROWS = 256
TIME_EVERY = 64  # steps between two that are timed, to know what handing numbers over costs


def train(
    run: Run, reporter: Reporter, steering: Steering, budget: Budget, keeper: Keeper
) -> Finished | Interrupted | Failed:
    """Train until the last epoch, a stopping criterion, a Stop, or a SIGTERM; return how it ended."""
    looker = Looker(run, reporter, budget)
    steps_told = run.step
    ended: str | None = run.ended or None
    found = ""
    run.network.train()
    while not ended and run.epoch < run.assembly.training.epochs:
        faults.reach("loop.step")
        # commands take hold here and nowhere else: between two steps
        if ended := steering.listen():
            break
        probe = budget.due(time.perf_counter())

        inputs, targets = run.next_batch()
        loss = update(run, inputs, targets, looker, probe)
        best, found = False, run.hear_step(loss)
        if epoch_ended := run.epoch_ended():
            ended, best = end_epoch(run, reporter, looker)
        looker.on_samples(probe)
        loss_is_finite = run.bad_loss is None
        if not loss_is_finite and (failed := not_finite.answer(run, reporter)) and not found:
            return failed
        ended = ended or found

        now = time.perf_counter()
        if spent := reporter.tick(now):
            budget.charge("report", spent)
        # what has ended is not to be gone on with, and what diverged would push the last good checkpoint out
        if not ended and loss_is_finite:
            keeper.tick(now, epoch_ended, best)
        if told := budget.account(now):
            rate = (run.step - steps_told) / told.seconds
            steps_told = run.step
            reporter.say(Overhead(step=run.step, share=told.share, probes=told.spent, steps_per_second=rate))
    reporter.flush()  # on a GPU the last losses are looked at only now
    if run.bad_loss and (failed := not_finite.answer(run, reporter)) and not found:
        return failed
    if ended == INTERRUPTED:
        return interrupt(run, reporter, keeper)
    return finish(run, reporter, steering, keeper, looker, ended or "completed")


def update(run: Run, inputs: Tensor, targets: Tensor, looker: "Looker", probe: str | None) -> Tensor:
    """Do one update; return its loss, penalties and all. inputs (batch, *shape), targets as the loss wants them."""
    assembly, network, optimizer = run.assembly, run.network, run.optimizer
    active = run.active
    lr, momentum = run.lr, run.momentum
    for group in optimizer.param_groups:
        group["lr"] = lr
    if momentum is not None:
        assembly.optimizer.write_momentum(optimizer, momentum)
    for regularizer in active:
        inputs, targets = regularizer.on_batch(inputs, targets)
    numbers: dict[str, Tensor] = {}

    def closure() -> Tensor:
        for parameter in run.parameters:  # what optimizer.zero_grad() does, in a fifth of its time
            parameter.grad = None
        for regularizer in active:
            regularizer.before_forward(network)
        data_loss = total = assembly.loss(network(inputs), targets)
        seen = {"loss.data": data_loss.detach()}
        for regularizer in active:
            if (penalty := regularizer.penalty(network)) is not None:
                seen[f"penalty.{regularizer.name}"] = penalty.detach()
                total = total + penalty
        if total is not data_loss:
            seen["loss.total"] = total.detach()
        total.backward()
        for regularizer in active:
            regularizer.on_gradients(network, run.step)
        if not numbers:  # some ask more than once in a step; the first answer is the step's
            numbers.update(seen)
            looker.after_backward(probe)
            not_finite.look(run, total, inputs)
            for regularizer in active:
                regularizer.before_update(network, lr)
        return total

    looker.before_update(probe)
    if assembly.optimizer.asks_again:
        optimizer.step(the_same_each_time(closure, run))
    else:
        closure()
        take_step(optimizer)
    for regularizer in active:
        regularizer.after_update(network)
    run.step += 1
    looker.after_update(probe)
    if momentum is not None:
        numbers["optimizer.momentum"] = torch.tensor(momentum, device=run.device)
    looker.numbers(numbers, lr)
    return numbers.get("loss.total", numbers["loss.data"])


def end_epoch(run: Run, reporter: Reporter, looker: "Looker") -> tuple[str, bool]:
    """Evaluate, let schedule and stopping hear of it; return why to stop, or "", and whether it is the best so far."""
    metrics = {}
    with run.mean_weights():
        for name, part in (("train", run.data.train), ("validation", run.data.validation)):
            metrics |= judged(run, reporter, name, part, partial(looker.on_outcome, name))
        slope = partial(gradient_norm, run, lambda: reporter.beat(run.step))
        for one in run.stopping():
            metrics |= one.part.look(run.epoch, metrics, run.network, slope)
        run.last_metrics = metrics
        verdicts = [one.part.observe(run.epoch, metrics) for one in run.stopping()]
        best = any(verdict.best for verdict in verdicts)
        if best and any(one.part.restores for one in run.stopping()):
            run.keep_best()
    reporter.say(Epoch(step=run.step, epoch=run.epoch, metrics=metrics, best=best))
    if told := run.assembly.schedule.observe(metrics, run.lr):
        reporter.say(Marked(step=run.step, kind="lr", text=told))
    why = next((f"early stopping: {verdict.stop}" for verdict in verdicts if verdict.stop), "")
    return why, run.is_best(metrics)


def judged(
    run: Run, reporter: Reporter, name: str, part: Part, look: Callable[[Tensor, Tensor], None]
) -> dict[str, float]:
    """Return the metrics of one part of the data under its name: validation.loss, ...; `look` sees what it answered."""
    held_out = name != "train"
    judges = [one.judge for one in run.active] if held_out else []
    found = evaluate(
        run.network, run.judge, part, lambda: reporter.beat(run.step), judges,
        held_out=held_out, look=lambda outputs: look(outputs, part.targets),
    )  # fmt: skip
    return {f"{name}.{key}": value for key, value in found.items()}


def finish(run: Run, reporter: Reporter, steering: Steering, keeper: Keeper, looker: "Looker", reason: str) -> Finished:
    """Bring back the best network where asked, judge it on the test part, save it, and say so."""
    there = bool(run.ended)  # an earlier attempt saved its end, and died before it could say so
    # a run that was stopped by hand may be asked to go on, from where it stood
    goes_on = reason == "stopped"
    if not there and (told := run.assembly.schedule.conclusion()):
        reporter.say(Marked(step=run.step, kind="lr", text=told))
        reason = {"completed": told, "stopped": reason}.get(reason, f"{reason} {told}")
    if not there and not goes_on:
        if run.take_mean():
            reporter.say(Marked(step=run.step, kind="mean", text="The mean of the weights took their place."))
        if any(one.part.restores for one in run.stopping()) and run.restore_best():
            reporter.say(Marked(step=run.step, kind="best", text="The best epoch's weights were brought back."))
    metrics = dict(run.last_metrics)
    with run.mean_weights() if goes_on else nullcontext():
        for name, part in (("validation", run.data.validation), ("test", run.data.test)):
            metrics |= judged(run, reporter, name, part, partial(looker.on_outcome, name, last=True))
    if not there:
        keeper.insist("final", metrics, reason)
    by, command = steering.stopped_by
    rate = run.assembly.schedule.suggestion()
    suggests = {} if rate is None else {"optimizer.lr": rate}
    return Finished(
        step=run.step, reason=reason, epoch=run.epoch, metrics=metrics, suggests=suggests, by=by, command=command
    )


def interrupt(run: Run, reporter: Reporter, keeper: Keeper) -> Interrupted:
    """Save everything that makes the next step: a later attempt goes on from here."""
    keeper.leave()
    return Interrupted(step=run.step, reason="The trainer was asked to save itself and go (SIGTERM).")


class Looker:
    """Lets the probe whose turn it is look at each stage of a step, and times it."""

    def __init__(self, run: Run, reporter: Reporter, budget: Budget):
        self._run, self._reporter, self._budget = run, reporter, budget
        self._watches = "validation" if len(run.data.validation.targets) else "train"
        self._samples = getattr(run.data, self._watches).inputs[:PROBE_ROWS]
        self._spent = 0.0

    def after_backward(self, probe: str | None) -> None:
        """Let the probe read gradients; the reading belongs to the update under way."""
        if probe:
            with self._timed():
                self._take(probe, self._part(probe).after_backward(self._run.network), self._run.step + 1)

    def before_update(self, probe: str | None) -> None:
        """Let the probe keep weights to compare with."""
        if probe:
            with self._timed():
                self._part(probe).before_update(self._run.network)

    def after_update(self, probe: str | None) -> None:
        """Let the probe read weights."""
        if probe:
            with self._timed():
                self._take(probe, self._part(probe).after_update(self._run.network), self._run.step)

    def on_samples(self, probe: str | None) -> None:
        """Let the probe run the network on a few samples, and close its account for this step."""
        if probe is None:
            return
        with self._timed():
            self._take(probe, sampled(self._part(probe), self._run.network, self._samples), self._run.step)
        self._close(probe)

    def on_outcome(self, name: str, outputs: Tensor, targets: Tensor, last: bool = False) -> None:
        """Let the probes that look at evaluations see what the network gave for a part; the `last` one they all see."""
        if name != self._watches and not last:
            return
        outcome = Outcome(name, self._run.judge, outputs, targets)
        spent, self._spent = self._spent, 0.0  # by the probe whose step it is that ended the epoch
        for probe in self._budget.due_at_evaluation(time.perf_counter(), last=last):
            with self._timed():
                self._take(probe, self._part(probe).on_outcome(outcome), self._run.step)
            self._close(probe)
        self._spent = spent

    def numbers(self, numbers: dict[str, Tensor], lr: float) -> None:
        """Hand a step's numbers to the reporter."""
        if self._run.step % TIME_EVERY:
            self._reporter.step(self._run.step, numbers, lr)
            return
        # by the processor's time: a moment in which others had the processor would count sixty-four times
        began = time.thread_time()
        self._reporter.step(self._run.step, numbers, lr)
        self._budget.charge("report", (time.thread_time() - began) * TIME_EVERY)

    def _close(self, probe: str) -> None:
        self._budget.charge(probe, self._spent)
        self._spent = 0.0
        if asked := self._budget.answered(probe):
            self._reporter.say(Marked(step=self._run.step, kind="measured", text=f"{probe} looked.", command=asked))

    def _part(self, probe: str) -> Probe:
        return self._run.assembly.probes[probe].part

    def _take(self, probe: str, reading: Reading | None, step: int) -> None:
        if reading is not None:
            self._reporter.reading(probe, step, reading)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began = time.perf_counter()
        with torch.no_grad():
            yield
        self._spent += time.perf_counter() - began


def sampled(probe: Probe, network: torch.nn.Module, samples: Tensor) -> Reading | None:
    """Let a probe run the network on samples in eval mode, and leave every generator as it was."""
    if type(probe).on_samples is Probe.on_samples:
        return None
    chance = torch.get_rng_state()
    network.eval()
    try:
        with torch.no_grad():
            return probe.on_samples(network, samples)
    finally:
        network.train()
        torch.set_rng_state(chance)
