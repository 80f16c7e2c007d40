"""Whether the changes that a spec asks for in advance can be taken: each is tried on the components, in its order."""

from trainer import changes
from trainer.assembly import Assembly, assemble
from trainer.catalog import CATALOG
from trainer.component import Component, ParameterError, no_such
from trainer.data import Data
from trainer.evaluate import check_monitor, metric_names
from trainer.moments import carry
from trainer.network import Network
from trainer.optimizers import Optimizer
from trainer.protocol import Change, Swap
from trainer.regularizers import Parts
from trainer.spec import PlannedChange, Problem, RunSpec, SpecError


def check(spec: RunSpec, network: Network, data: Data, steps_per_epoch: int) -> None:
    """Let pass a spec whose changes all take hold; `network` is on the meta device.

    Raises:
        SpecError: every change that would be refused, or that comes when the run has ended, each with its path.
    """
    trial = Trial(spec, network, data)
    problems = []
    in_order = sorted(enumerate(spec.changes), key=lambda one: changes.due(one[1], steps_per_epoch))
    for place, change in in_order:
        path = f"changes.{place}"
        if changes.due(change, steps_per_epoch) >= trial.assembly.training.epochs * steps_per_epoch:
            problems.append(_too_late(change, path, trial.assembly.training.epochs, steps_per_epoch))
            continue
        try:
            trial.take(changes.command(change, place))
        except ParameterError as error:
            problems.append(Problem(path=f"{path}.{_key(change, error.field)}", message=str(error)))
        except ValueError as error:
            key = "target" if change.name is None else "state"
            problems.append(Problem(path=f"{path}.{key}", message=str(error)))
    if problems:
        raise SpecError(problems)


def _key(change: PlannedChange, field: str) -> str:
    if change.name is None:
        return field if field in ("target", "field") else "value"
    return field if field == "name" else f"params.{field}"


def _too_late(change: PlannedChange, path: str, epochs: int, steps_per_epoch: int) -> Problem:
    steps = epochs * steps_per_epoch
    if change.epoch is None:
        key, told, last = "step", f"after step {change.step} is too late", steps - 1
    else:
        key, told, last = "epoch", f"after epoch {change.epoch} is too late", epochs - 1
    ends = f"this run ends after epoch {epochs}, which is step {steps}."
    there = f"Take at most {last}, or train for more epochs."
    return Problem(path=f"{path}.{key}", message=f"{told}: {ends} {there}")


class Trial:
    """A spec's components, which take changes as a run would, without a weight being moved."""

    def __init__(self, spec: RunSpec, network: Network, data: Data):
        self.assembly: Assembly = assemble(spec)
        self.assembly.choose_loss(data.kind)
        self._network = network
        self._parts = Parts(network, self.assembly.loss, data)
        self._metrics = metric_names(self.assembly.loss, data)

    def take(self, command: Change | Swap) -> None:
        """Take a command.

        Raises:
            ParameterError: what it names is not there, or a value is refused; `field` says which. ValueError: the
                optimizer or the moments do not take it.
        """
        if isinstance(command, Change):
            self._turn(command)
        elif command.target == "optimizer":
            fresh = _made("optimizers", command)
            old = self.assembly.optimizer
            carry(old, self._build(old), fresh, self._build(fresh), command.state)
            self.assembly.optimizer = fresh
        else:
            fresh = _made("schedules", command)
            check_monitor(fresh, self._metrics)
            self.assembly.schedule = fresh

    def _turn(self, command: Change) -> None:
        folder, _, name = command.target.partition(".")
        if folder in ("regularizers", "stopping", "probes"):
            self._turn_switched(folder, name, command)
            return
        if command.target not in ("optimizer", "schedule", "training"):
            there = ["optimizer", "schedule", "training"]
            there += [f"regularizers.{one}" for one in self.assembly.regularizers]
            raise ParameterError("target", no_such(command.target, there, "target of a change"))
        part = getattr(self.assembly, command.target)
        _set(part, command)
        if command.target == "optimizer":
            part.retune(self._build(part))

    def _turn_switched(self, folder: str, name: str, command: Change) -> None:
        switches = getattr(self.assembly, folder)
        if name not in switches:
            raise ParameterError("target", no_such(name, switches, f"component in {folder}"))
        switched = switches[name]
        if command.field == "enabled":
            if not isinstance(command.value, bool):
                raise ParameterError("enabled", f"enabled = {command.value!r} is not true or false.")
            switched.enabled = command.value
        else:
            _set(switched.part, command)
        if switched.enabled:
            check_monitor(switched.part, self._metrics)
            if folder == "regularizers":
                switched.part.check(self._parts)

    def _build(self, optimizer: Optimizer):
        decayed, kept = self._network.groups()
        return optimizer.build([{"params": decayed, "decayed": True}, {"params": kept, "decayed": False}])


def _set(part: Component, command: Change) -> None:
    try:
        part.set_live(command.field, command.value)
    except ParameterError as error:
        declared = part.params.get(command.field)
        raise ParameterError("value" if declared and declared.live else "field", str(error)) from None


def _made(folder: str, command: Swap) -> Component:
    if command.name not in CATALOG[folder]:
        raise ParameterError("name", no_such(command.name, CATALOG[folder], command.target))
    return CATALOG[folder][command.name](**command.params)
