"""What a spec would train, before anything is queued: parameters, shapes, steps and bytes, or what is wrong.

The network is built on the meta device, where a tensor has a shape and no memory: a spec of 10^10
parameters costs nothing to refuse.
"""

from pathlib import Path
from typing import Any

import torch

from trainer import plan_changes, rows
from trainer.assembly import Assembly, assemble
from trainer.component import ParameterError
from trainer.data import Data, outline
from trainer.datasets import Dataset
from trainer.downloads import Unavailable, check_download, source
from trainer.evaluate import check_monitor, metric_names
from trainer.losses import Loss
from trainer.manifest import Unsound
from trainer.network import Network
from trainer.regularizers import Parts
from trainer.run import pick_device
from trainer.spec import Problem, RunSpec, SpecError
from trainer.start import check as check_start

MAX_PARAMETERS = 50_000_000
BYTES_OF_FLOAT = 4


def answer(spec: dict[str, Any], start: str | None = None, kept: dict[str, Data] | None = None) -> dict[str, Any]:
    """Return {"plan": ..., "spec": complete spec} for what a person wrote, or {"problems": [...]}.

    `start`: the folder of the checkpoint that the spec starts from, if it does. `kept`: where data waits for the
    next spec that is planned on it.
    """
    try:
        plan, complete = make(RunSpec.read(spec), Path(start) if start else None, kept)
    except SpecError as error:
        return {"problems": [one.model_dump() for one in error.problems]}
    return {"plan": plan, "spec": complete.model_dump()}


def make(
    spec: RunSpec, start: Path | None = None, kept: dict[str, Data] | None = None
) -> tuple[dict[str, Any], RunSpec]:
    """Return the plan of a spec, and the spec with every default written out.

    Raises:
        SpecError: the spec cannot run, or what it starts from does not fit; every problem with its path.
    """
    assembly = assemble(spec)
    pick_device(assembly.training.device)
    _check_download(assembly)
    data = _data(assembly, {} if kept is None else kept)
    assembly.choose_loss(data.kind)
    _check_monitors(assembly, metric_names(assembly.loss, data))
    samples = len(data.train.targets)
    batch = assembly.training.batch_size
    if batch > samples:
        told = f"batch_size = {batch} is more than the {samples} samples to train on; at most {samples}, which is all."
        raise SpecError([Problem(path="training.batch_size", message=told)])
    network = _network(assembly, data)
    _check_regularizers(assembly, network, data)
    told = describe(assembly, data, network), assembly.spec(spec.name, spec.seed, spec.start, spec.changes)
    if spec.changes:
        plan_changes.check(spec, network, data, told[0]["steps_per_epoch"])
    if spec.start:
        _check_start(spec, start, assembly, network, data)
    return told


def describe(assembly: Assembly, data: Data, network: Network) -> dict[str, Any]:
    """Return the plan of an assembled run as plain data; see docs/protocol.md for its fields."""
    samples = len(data.train.targets)
    steps_per_epoch = -(-samples // assembly.training.batch_size)
    parameters = sum(one.numel() for one in network.parameters())
    # weights, gradients and up to two moments of the optimizer
    size = parameters * 4 * BYTES_OF_FLOAT + data.nbytes
    lacking = download(assembly.dataset)
    tensors = [
        f"{name}.{kind}"
        for name, layer in network.layers.items()
        for kind, _ in layer.linear.named_parameters(recurse=False)
    ]
    return {
        "parameters": parameters,
        "bytes": size,
        "layers": rows.told(network),
        "tensors": tensors,
        "input_shape": list(data.shape),
        "outputs": data.outputs,
        "classes": data.classes,
        "samples": {
            "train": samples,
            "validation": len(data.validation.targets),
            "test": len(data.test.targets),
        },
        "batch_size": assembly.training.batch_size,
        "epochs": assembly.training.epochs,
        "steps_per_epoch": steps_per_epoch,
        "steps": steps_per_epoch * assembly.training.epochs,
        "sweeps": assembly.schedule.sweeps,
        "problem": problem(data, assembly.loss),
        "monitors": metric_names(assembly.loss, data),
        "download": lacking,
        "note": assembly.dataset.note(),
        "scalings": list(assembly.dataset.params["scaling"].choices),
        "chance": {} if lacking else chance(data, assembly.loss),  # labels that stand in for it know nothing
    }


def problem(data: Data, loss: Loss) -> dict[str, Any]:
    """Return the kind of problem with the loss, last activation and metrics that belong to it, and why."""
    metrics = dict.fromkeys(name.partition(".")[2] for name in metric_names(loss, data))
    return {
        "kind": data.kind,
        "loss": loss.name,
        "last_activation": loss.last_activation,
        "metrics": [name for name in metrics if name != "loss"],
        "why": loss.why,
    }


def download(dataset: Dataset) -> dict[str, Any] | None:
    """Return what has to be downloaded before the run can begin, {"title", "bytes"}, or None."""
    wanted = source(dataset.download) if dataset.download else None
    return None if wanted is None or wanted.is_here() else {"title": wanted.title, "bytes": wanted.bytes - wanted.come}


def _check_download(assembly: Assembly) -> None:
    assembly.dataset.settle()
    try:
        check_download(assembly.dataset.download)
    except Unavailable as error:
        raise SpecError([Problem(path="dataset.name", message=f"{error} {error.hint}")]) from None


def chance(data: Data, loss: Loss) -> dict[str, Any]:
    """Return what always giving the best constant answer gets, by the training part: its `loss`, and of classes its
    `accuracy` on training and validation part and the class `answer`. Nothing where that is not known.
    """
    train, validation = data.train.targets, data.validation.targets
    if data.kind == "number":
        return {"loss": train.var(0, correction=0).mean().item()} if loss.name == "mse" else {}
    if data.kind not in ("classes", "binary"):
        return {}
    counts = torch.bincount(train.flatten().long().cpu(), minlength=max(2, data.outputs)).double()
    answer = int(counts.argmax())
    accuracy = {"train": counts[answer].item() / len(train)}
    if len(validation):
        accuracy["validation"] = (validation.flatten().long() == answer).double().mean().item()
    # -sum p log p, the entropy: what the classes' shares as an answer cost
    shares = counts / counts.sum()
    return {"loss": torch.special.entr(shares).sum().item(), "accuracy": accuracy, "answer": answer}


def _data(assembly: Assembly, kept: dict[str, Data]) -> Data:
    key = f"{assembly.dataset.name} {assembly.dataset.values()}"
    try:
        if key not in kept:
            kept.clear()
            kept[key] = outline(assembly.dataset)
    except ParameterError as error:
        raise SpecError([Problem(path=f"dataset.params.{error.field}", message=str(error))]) from None
    except ValueError as error:
        raise SpecError([Problem(path="dataset.params", message=str(error))]) from None
    return kept[key]


def _network(assembly: Assembly, data: Data) -> Network:
    kind = torch.int64 if data.tokens else torch.float32  # images may be kept as bytes, but a network gets floats
    try:
        with torch.device("meta"):
            network = assembly.model.build(data.shape, data.outputs, torch.Generator(), data.tokens)
            network(torch.empty(1, *data.shape, dtype=kind))
    except ParameterError as error:
        path = ".".join(filter(None, ("model.params", error.field)))
        raise SpecError([Problem(path=path, message=str(error))]) from None
    except (ValueError, RuntimeError) as error:
        raise SpecError([Problem(path="model.params", message=str(error))]) from None
    parameters = sum(one.numel() for one in network.parameters())
    if parameters > MAX_PARAMETERS:
        told = f"this network has {parameters:,} parameters; at most {MAX_PARAMETERS:,} are taken. Make it smaller."
        raise SpecError([Problem(path="model.params", message=told)])
    return network


def _check_regularizers(assembly: Assembly, network: Network, data: Data) -> None:
    problems = []
    for one in assembly.active():
        try:
            one.check(Parts(network, assembly.loss, data, fresh=True))
        except ParameterError as error:
            problems.append(Problem(path=f"regularizers.{one.name}.{error.field}", message=str(error)))
    if problems:
        raise SpecError(problems)


def _check_start(spec: RunSpec, start: Path | None, assembly: Assembly, network: Network, data: Data) -> None:
    try:
        if start is None:
            raise Unsound(f"{spec.start.checkpoint} of run {spec.start.run} is not at hand: ask a server that has it.")
        for one in assembly.active():  # batch normalization adds tensors
            one.generator = torch.Generator()
            one.on_switch(Parts(network, assembly.loss, data, fresh=True), True)
        check_start(start, spec.start.checkpoint, network.state_dict())
    except Unsound as error:
        raise SpecError([Problem(path="start.checkpoint", message=str(error))]) from None


def _check_monitors(assembly: Assembly, names: list[str]) -> None:
    watching = {f"stopping.{name}": one.part for name, one in assembly.stopping.items() if one.enabled}
    for path, part in {"schedule.params": assembly.schedule, **watching}.items():
        try:
            check_monitor(part, names)
        except ParameterError as error:
            raise SpecError([Problem(path=f"{path}.monitor", message=str(error))]) from None
