"""What becomes of a loss that is NaN or infinite: a mark that says where it began, and the end where that is wanted.

On the CPU a loss is looked at in its own step (0.4 microseconds), so the mark and the end come at the same step
however often the run is resumed. On a GPU that would be a sync in every step: there the next flush sees it.
"""

import math

import torch
from torch import Tensor, nn

from trainer.network import Network, plain_name
from trainer.protocol import Failed, Marked
from trainer.reporter import Reporter
from trainer.run import BadLoss, Run

HINT = (
    "A smaller learning rate or gradient clipping often helps. To go on, continue from a checkpoint before that "
    "step and turn the knob at once, or start a new run."
)


def look(run: Run, loss: Tensor, inputs: Tensor) -> None:
    """Look at a step's loss while the weights are still those which gave it. inputs (batch, *shape)."""
    if run.device.type == "cpu" and not math.isfinite(value := loss.item()):
        run.bad_loss = BadLoss(run.step + 1, value, first_in(run.network, inputs))


def seen_late(run: Run) -> bool:
    """Say whether a loss is looked at in the next flush only, and not in its own step."""
    return run.device.type != "cpu"


def on_flush(run: Run, reporter: Reporter) -> None:
    """Hear from the reporter, where a step's loss is not looked at in its step."""

    def heard(step: int, value: float) -> None:
        run.bad_loss = BadLoss(step, value, first_in(run.network))

    if seen_late(run):
        reporter.on_bad_loss(heard)


def is_well(run: Run, reporter: Reporter) -> bool:
    """Say whether the last loss is finite; where it is seen late that costs a flush."""
    if not seen_late(run):
        return run.bad_loss is None
    reporter.flush()
    return reporter.loss_is_finite


def answer(run: Run, reporter: Reporter) -> Failed | None:
    """Mark the first loss that is not finite; return the end where the run shall stop at it."""
    bad, run.bad_loss = run.bad_loss, None
    kind = "NaN" if math.isnan(bad.value) else "Infinity"
    told = f"{kind} at step {bad.step}, first in {bad.where}."
    if not run.bad_loss_marked:
        run.bad_loss_marked = True
        reporter.say(Marked(step=bad.step, kind="nan", text=told))
    if run.assembly.training.on_nan == "stop":
        return Failed(step=run.step, reason=told, hint=HINT)
    return None


@torch.no_grad()
def first_in(network: Network, inputs: Tensor | None = None) -> str:
    """Return where something that is not finite is first seen: in the inputs, a weight, or what a layer gives.

    One pass in evaluation mode, which leaves no trace in the training.
    """
    if inputs is not None and not _finite(inputs):
        return "the inputs"
    for name, one in network.state_dict().items():
        if not _finite(one):
            return plain_name(name)
    return _first_layer(network, inputs) if inputs is not None else "the loss"


def _first_layer(network: Network, inputs: Tensor) -> str:
    seen: list[str] = []

    def note(name: str):
        def hook(layer: nn.Module, _: object, output: Tensor) -> None:
            if not _finite(output):
                seen.append(f"what {name} gives")

        return hook

    hooks = [layer.register_forward_hook(note(name)) for name, layer in network.layers.items()]
    was_training = network.training
    network.eval()
    try:
        network(inputs)
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    return next(iter(seen), "the loss")


def _finite(one: Tensor) -> bool:
    return not one.is_floating_point() or bool(torch.isfinite(one).all())
