"""From a spec to components: every name looked up, every parameter checked, all problems told at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.catalog import CATALOG
from trainer.component import Component, ParameterError, no_such
from trainer.datasets import Dataset
from trainer.losses import Loss, choose
from trainer.models import Model
from trainer.optimizers import Optimizer
from trainer.regularizers import Regularizer
from trainer.schedules import Schedule
from trainer.spec import Choice, PlannedChange, Problem, RunSpec, SpecError, Start, Toggle
from trainer.training import Training

CHOICES = {"dataset": "datasets", "model": "models", "optimizer": "optimizers", "schedule": "schedules"}
TOGGLES = {"regularizers": False, "stopping": False, "probes": True}  # folder: on when the spec does not say


@dataclass
class Switched:
    """A component that is on or off."""

    part: Any
    enabled: bool


@dataclass
class Assembly:
    """The components of a run, with their present knobs: the spec as objects."""

    dataset: Dataset
    model: Model
    loss: Loss | None  # None: the data set's kind of problem will choose
    optimizer: Optimizer
    schedule: Schedule
    regularizers: dict[str, Switched]
    stopping: dict[str, Switched]
    probes: dict[str, Switched]
    training: Training

    def choose_loss(self, kind: str) -> None:
        """Pick the loss that belongs to the kind of problem, or check the one that was asked for.

        Raises:
            SpecError: the chosen loss is not for this kind of problem.
        """
        if self.loss is None:
            self.loss = choose(kind)
        elif kind not in self.loss.kinds:
            fitting = ", ".join(name for name, one in CATALOG["losses"].items() if kind in one.kinds)
            told = f"{self.loss.name} is not for a problem of kind {kind!r}. Fitting: {fitting}, or auto."
            raise SpecError([Problem(path="loss.name", message=told)])

    def active(self) -> list[Regularizer]:
        """Return the regularizers that are on, in the catalogue's order."""
        return [one.part for one in self.regularizers.values() if one.enabled]

    def spec(self, name: str, seed: int, start: Start | None = None, changes: Sequence[PlannedChange] = ()) -> RunSpec:
        """Return the spec that would assemble this, with every knob as it is now and every default written out."""
        chosen = {field: _choice(getattr(self, field)) for field in CHOICES}
        toggled = {folder: _toggles(getattr(self, folder)) for folder in TOGGLES}
        loss = Choice(name="auto") if self.loss is None else _choice(self.loss)
        training = self.training.values()
        plain = {"name": name, "seed": seed, "start": start, "changes": list(changes)}
        return RunSpec(**plain, loss=loss, training=training, **chosen, **toggled)


def assemble(spec: RunSpec) -> Assembly:
    """Return the components that a spec names.

    Raises:
        SpecError: with every unknown name and every refused parameter, each with its path.
    """
    problems: list[Problem] = []
    parts: dict[str, Any] = {}
    for field, folder in CHOICES.items():
        parts[field] = _build(folder, getattr(spec, field), field, problems)
    parts["loss"] = None if spec.loss.name == "auto" else _build("losses", spec.loss, "loss", problems)
    for folder, default in TOGGLES.items():
        parts[folder] = _switches(folder, getattr(spec, folder), default, problems)
    parts["training"] = _try(lambda: Training(**spec.training), "training", problems)
    if problems:
        raise SpecError(problems)
    return Assembly(**parts)


def singular(folder: str) -> str:
    """Return what one component of a folder is called: an optimizer, a loss."""
    return "loss" if folder == "losses" else folder.removesuffix("s")


def _build(folder: str, choice: Choice, path: str, problems: list[Problem]) -> Component | None:
    if choice.name not in CATALOG[folder]:
        told = no_such(choice.name, CATALOG[folder], singular(folder))
        problems.append(Problem(path=f"{path}.name", message=told))
        return None
    return _try(lambda: CATALOG[folder][choice.name](**choice.params), f"{path}.params", problems)


def _switches(folder: str, asked: Mapping[str, Toggle], default: bool, problems: list[Problem]) -> dict[str, Switched]:
    known = CATALOG[folder]
    for name in asked.keys() - known.keys():
        problems.append(Problem(path=f"{folder}.{name}", message=no_such(name, known, singular(folder))))
    switches = {}
    for name, kind in known.items():
        toggle = asked.get(name, Toggle())
        part = _try(lambda kind=kind, toggle=toggle: _made(kind, toggle.params), f"{folder}.{name}", problems)
        by_itself = default and getattr(kind, "on_by_itself", True)
        switches[name] = Switched(part, by_itself if toggle.enabled is None else toggle.enabled)
    return switches


def _made(kind: type[Component], params: Mapping[str, Any]) -> Component:
    # 'enabled' stands among the parameters when a person writes them, so it may be what was meant
    if unknown := [name for name in params if name not in kind.params]:
        told = no_such(unknown[0], {"enabled", *kind.params}, f"parameter of {kind.name}")
        raise ParameterError(unknown[0], told)
    return kind(**params)


def _try(make: Callable[[], Component], path: str, problems: list[Problem]) -> Component | None:
    try:
        return make()
    except ParameterError as error:
        problems += [Problem(path=f"{path}.{one.field}", message=str(one)) for one in (error, *error.more)]
    except ValueError as error:
        problems.append(Problem(path=path, message=str(error)))
    return None


def _choice(part: Component) -> Choice:
    return Choice(name=part.name, params=part.values())


def _toggles(switches: Mapping[str, Switched]) -> dict[str, Toggle]:
    return {name: Toggle(enabled=one.enabled, params=one.part.values()) for name, one in switches.items()}
