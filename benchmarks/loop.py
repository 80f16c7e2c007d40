"""Livefit's loop against the plain loop that people write: a DataLoader over a TensorDataset.

The plain loop is that of PyTorch's quickstart, https://docs.pytorch.org/tutorials/beginner/basics/quickstart_tutorial.html:
batches of 64 from loaders, in training and in evaluation; both parts are evaluated after each epoch, as by Livefit.
Beside it stands one that evaluates by Livefit's own code: what is left of the difference is the training steps alone.
"""

import time
from collections.abc import Callable

import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.overhead import SECONDS, bare, livefit, spec
from benchmarks.table import in_turns, ratio, show, spread
from trainer.assembly import assemble
from trainer.evaluate import evaluate
from trainer.run import Run
from trainer.spec import RunSpec

PAIRS = 9
BATCH = 64


def plain(asked: RunSpec, loaders: bool) -> float:
    """Train the network of a spec with a DataLoader, and evaluate with `loaders` or as Livefit does.

    Returns: seconds a step.
    """
    run = Run(asked, assemble(asked))
    network, loss, optimizer = run.network, run.assembly.loss, run.optimizer
    optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = run.assembly.optimizer.lr
    parts = (run.data.train, run.data.validation)
    sets = [TensorDataset(part.inputs, part.targets) for part in parts]
    batches = DataLoader(sets[0], batch_size=BATCH, shuffle=True)
    judged = [DataLoader(one, batch_size=BATCH) for one in sets]
    network.train()
    steps, began = 0, time.perf_counter()
    for _ in range(run.assembly.training.epochs):
        for inputs, targets in batches:
            optimizer.zero_grad()
            value = loss(network(inputs), targets)
            value.backward()
            optimizer.step()
            value.item()  # people log each step
            steps += 1
        for part, loader in zip(parts, judged, strict=True):
            if loaders:
                test(network, loss, loader)
            else:
                evaluate(network, run.judge, part, lambda: None, held_out=part is run.data.validation)
    return (time.perf_counter() - began) / steps


def test(network: torch.nn.Module, loss: Callable, batches: DataLoader) -> tuple[float, float]:
    """Return the mean loss and the accuracy over all batches."""
    network.eval()
    total, right, samples = 0.0, 0.0, 0
    with torch.no_grad():
        for inputs, targets in batches:
            outputs = network(inputs)
            total += loss(outputs, targets).item()
            right += (outputs.argmax(1) == targets).float().sum().item()
            samples += len(targets)
    network.train()
    return total / len(batches), right / samples


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    rows = []
    for name, hidden in (("2x100, SGD", [100, 100]), ("6x100, SGD", [100] * 6)):
        epochs = max(20, round(SECONDS / bare(spec(hidden, "sgd", 20)) / 20))
        asked = spec(hidden, "sgd", epochs)
        pairs = [
            in_turns(PAIRS, lambda asked=asked: livefit(asked, []), lambda asked=asked, by=by: plain(asked, by))
            for by in (True, False)
        ]
        whole, steps = pairs
        rows.append([
            name, spread(whole[0], 1e6, 0), spread(whole[1], 1e6, 0), f"x{ratio(whole):.2f}",
            spread(steps[1], 1e6, 0), f"x{ratio(steps):.2f}",
        ])  # fmt: skip
    show(
        "The loop: microseconds a step on the digits, batch 64, median (least to most)",
        ["network", "Livefit, all probes", "plain loop", "Livefit is faster by", "it, judged by Livefit's code", "by"],
        rows,
        "target: at least x1.5 against the plain loop",
    )


if __name__ == "__main__":
    main()
