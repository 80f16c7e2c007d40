"""A run in training: everything that makes its next step, and nothing else.

Every source of chance has a generator of its own, seeded by the run's seed and its name: switching
dropout on does not move the order of the data.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor

from trainer.assembly import Assembly, Switched
from trainer.chance import generator, seed_of
from trainer.data import prepare
from trainer.evaluate import metric_names
from trainer.monitors import beats
from trainer.regularizers import Parts
from trainer.schedules import Progress
from trainer.spec import Problem, RunSpec, SpecError

GATHERED = 16  # batches that are picked from the data at once, where so many are not more than
GATHERED_NUMBERS = 2**24  # that is 64 MB


class BadLoss(NamedTuple):
    """A loss that is no finite number: at which step, what it is, and where such a thing was first seen."""

    step: int
    value: float
    where: str


class Run:
    """The state of a training. `step` counts updates done; `position` is where in the epoch's order the next begins."""

    def __init__(self, spec: RunSpec, assembly: Assembly):
        self.name, self.seed, self.start, self.changes = spec.name, spec.seed, spec.start, spec.changes
        self.assembly = assembly
        self.device = pick_device(assembly.training.device)
        self.data = prepare(assembly.dataset, self.device)
        assembly.choose_loss(self.data.kind)
        self.metric_names = metric_names(assembly.loss, self.data)
        self.judge = type(assembly.loss)(**assembly.loss.values())  # the same loss, never smoothed
        init = generator(spec.seed, "init")
        network = assembly.model.build(self.data.shape, self.data.outputs, init, self.data.tokens)
        self.network = network.to(self.device)
        self.order_generator = generator(spec.seed, "order")
        for name, one in assembly.regularizers.items():
            one.part.generator = torch.Generator(self.device).manual_seed(seed_of(spec.seed, f"regularizers.{name}"))
        self.active = assembly.active()
        for one in self.active:
            one.on_switch(self.parts(fresh=True), True)
        self.optimizer = assembly.optimizer.build(self.groups())
        self.parameters = list(self.network.parameters())
        self.samples = len(self.data.train.targets)
        numbers = assembly.training.batch_size * max(1, math.prod(self.data.shape))
        self._at_once = max(1, min(GATHERED, GATHERED_NUMBERS // numbers))
        self.step = self.epoch = self.position = 0
        self.gathered_from = 0
        self.order: Tensor | None = None
        self._gathered: list[tuple[Tensor, Tensor]] = []
        self.best: dict[str, Tensor] | None = None
        self.best_seen: tuple[str, float] | None = None
        self.answered: set[str] = set()
        self.last_metrics: dict[str, float] = {}
        self.bad_loss: BadLoss | None = None
        self.bad_loss_marked = False
        self.ended = ""

    @property
    def steps_per_epoch(self) -> int:
        """Samples / batch size, rounded up."""
        return -(-self.samples // self.assembly.training.batch_size)

    @property
    def lr(self) -> float:
        """The learning rate of the next step: base x the schedule's factor."""
        return self.assembly.optimizer.lr * self.assembly.schedule.factor(self._progress(self.step))

    @property
    def momentum(self) -> float | None:
        """The momentum that the schedule has in mind for the next step, where the optimizer has one; else None."""
        momentum = self.assembly.schedule.momentum(self._progress(self.step))
        return momentum if momentum is not None and self.assembly.optimizer.own_momentum else None

    def spec(self) -> RunSpec:
        """Return the spec with every knob as it is now."""
        return self.assembly.spec(self.name, self.seed, self.start, self.changes)

    def parts(self, fresh: bool = False) -> Parts:
        """Return what a regularizer may act on; `fresh` before the first step of the run."""
        return Parts(self.network, self.assembly.loss, self.data, fresh)

    def groups(self) -> list[dict[str, Any]]:
        """Return torch's parameter groups: weights decay, biases and norms never do."""
        decayed, kept = self.network.groups()
        return [{"params": decayed, "decayed": True}, {"params": kept, "decayed": False}]

    def renew(self) -> None:
        """Hear that a regularizer was switched. Parameters that stay keep the optimizer's moments."""
        self.active = self.assembly.active()
        self.parameters = list(self.network.parameters())
        for group, fresh in zip(self.optimizer.param_groups, self.groups(), strict=True):
            group["params"] = fresh["params"]
        present = {one for group in self.optimizer.param_groups for one in group["params"]}
        for gone in self.optimizer.state.keys() - present:
            del self.optimizer.state[gone]

    def next_batch(self) -> tuple[Tensor, Tensor]:
        """Return the next samples of this epoch: (batch, *shape) and their targets."""
        if not self._gathered:
            self.gathered_from = self.position
            self._gathered = self._gather()
        self.position = min(self.position + self.assembly.training.batch_size, self.samples)
        return self._gathered.pop()

    def go_to(self, position: int, order: Tensor | None, gathered_from: int) -> None:
        """Stand at a position in an epoch's order, with the batches picked as they were.

        The last bit of a matrix product depends on where in memory its factors lie (MKL), so a batch must be the
        view into the same gathering that it would have been.
        """
        self.position, self.order, self.gathered_from, self._gathered = position, order, gathered_from, []
        if order is not None and (taken := -(-(position - gathered_from) // self.assembly.training.batch_size)):
            self._gathered = self._gather()[:-taken]

    def _gather(self) -> list[tuple[Tensor, Tensor]]:
        # picking rows costs much the same for one batch and for sixteen: the batches are views into one gathering
        if self.order is None:
            self.order = self._new_order()
        size = self.assembly.training.batch_size
        picked = self.order[self.gathered_from : self.gathered_from + self._at_once * size]
        inputs, targets = self.data.train.inputs[picked], self.data.train.targets[picked]
        return list(zip(inputs.split(size), targets.split(size), strict=True))[::-1]

    def epoch_ended(self) -> bool:
        """Say whether the last batch was the last of its epoch; if so the next one begins a new order."""
        if self.position < self.samples:
            return False
        self.epoch += 1
        self.position, self.order = 0, None
        return True

    def leave_momentum(self) -> None:
        """Give the momentum back to the optimizer's knob; a schedule that goes on cycling it writes it in each step."""
        self.assembly.optimizer.write_momentum(self.optimizer, self.assembly.optimizer.own_momentum)

    def hear_step(self, loss: Tensor) -> str:
        """Let a schedule that listens hear the loss of the last step; return why the run shall end, or ""."""
        schedule = self.assembly.schedule
        return schedule.hear_step(self._progress(self.step - 1), loss.item()) if schedule.hears_steps else ""

    def stopping(self) -> list[Switched]:
        """Return the stopping criteria that are on."""
        return [one for one in self.assembly.stopping.values() if one.enabled]

    def is_best(self, metrics: dict[str, float]) -> bool:
        """Say whether an epoch is the best so far on what a stopping criterion watches, else on the validation loss."""
        watched = [one.part.monitor for one in self.stopping() if hasattr(one.part, "monitor")]
        name = next(one for one in (*watched, "validation.loss", "train.loss") if one in metrics)
        value = metrics[name]
        if not math.isfinite(value):
            return False
        if self.best_seen and self.best_seen[0] == name and not beats(name, value, self.best_seen[1]):
            return False
        self.best_seen = (name, value)
        return True

    def keep_best(self) -> None:
        """Remember the network as it is, to come back to it at the end."""
        self.best = {name: one.detach().clone() for name, one in self.network.state_dict().items()}

    def restore_best(self) -> bool:
        """Bring the best network back, where there is one that fits; say whether that was so.

        Where batch normalization was switched since, it is put back for a moment: the network computes what the best
        one did, and has the layers that it has now.
        """
        if self.best is None:
            return False
        norms = self.assembly.regularizers["batch_norm"]
        switched = self.best.keys() != self.network.state_dict().keys()
        if switched:
            norms.part.on_switch(self.parts(fresh=True), not norms.enabled)
        fits = self.best.keys() == self.network.state_dict().keys()
        if fits:
            self.network.load_state_dict(self.best)
        if switched:
            norms.part.on_switch(self.parts(), norms.enabled)
            self.renew()
        return fits

    @contextmanager
    def mean_weights(self) -> Iterator[None]:
        """Have the optimizer's mean of the weights in the network for a while, where it keeps one."""
        means = self.assembly.optimizer.mean_weights(self.optimizer)
        kept = {weight: weight.detach().clone() for weight in means}
        put(means)
        try:
            yield
        finally:
            put(kept)

    def take_mean(self) -> bool:
        """Leave the optimizer's mean of the weights in the network; say whether it keeps one."""
        means = self.assembly.optimizer.mean_weights(self.optimizer)
        put(means)
        return bool(means)

    def _progress(self, step: int) -> Progress:
        each = self.steps_per_epoch
        return Progress(step, self.assembly.training.epochs * each, each, self.assembly.optimizer.lr)

    def _new_order(self) -> Tensor:
        training = self.assembly.training
        if training.replacement:
            drawn = (self.steps_per_epoch * training.batch_size,)
            return torch.randint(self.samples, drawn, generator=self.order_generator).to(self.device)
        if not training.shuffle:
            return torch.arange(self.samples, device=self.device)
        return torch.randperm(self.samples, generator=self.order_generator).to(self.device)


@torch.no_grad()
def put(values: dict[Tensor, Tensor]) -> None:
    """Write values into weights: {weight: value}."""
    for weight, value in values.items():
        weight.copy_(value)


def pick_device(asked: str) -> torch.device:
    """Return the device to train on.

    Raises:
        SpecError: cuda was asked for and there is none.
    """
    found = torch.cuda.is_available()
    if asked == "cuda" and not found:
        told = "device = 'cuda', but this machine has no GPU that torch can use. Use auto or cpu."
        raise SpecError([Problem(path="training.device", message=told)])
    return torch.device("cuda" if found and asked != "cpu" else "cpu")
