"""Livefit's loop against the plain loop that people write: a DataLoader over a TensorDataset."""

import time

import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.overhead import SECONDS, bare, livefit, spec
from benchmarks.table import in_turns, ratio, show, spread
from trainer.assembly import assemble
from trainer.evaluate import evaluate
from trainer.run import Run
from trainer.spec import RunSpec

PAIRS = 9


def plain(asked: RunSpec) -> float:
    """Train the network of a spec with a DataLoader; return seconds a step."""
    run = Run(asked, assemble(asked))
    network, loss, optimizer = run.network, run.assembly.loss, run.optimizer
    optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = run.assembly.optimizer.lr
    batches = DataLoader(TensorDataset(run.data.train.inputs, run.data.train.targets), batch_size=64, shuffle=True)
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
        evaluate(network, run.judge, run.data.train, lambda: None)
        evaluate(network, run.judge, run.data.validation, lambda: None)
    return (time.perf_counter() - began) / steps


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    rows = []
    for name, hidden in (("2x100, SGD", [100, 100]), ("6x100, SGD", [100] * 6)):
        epochs = max(20, round(SECONDS / bare(spec(hidden, "sgd", 20)) / 20))
        asked = spec(hidden, "sgd", epochs)
        found = in_turns(PAIRS, lambda asked=asked: livefit(asked, []), lambda asked=asked: plain(asked))
        rows.append([name, spread(found[1], 1e6, 0), spread(found[0], 1e6, 0), f"x{ratio(found):.2f}"])
    show(
        "The loop: microseconds a step on the digits, batch 64, median (least to most)",
        ["network", "DataLoader loop", "Livefit, all probes", "Livefit is faster by"],
        rows,
        "target: at least x1.5",
    )


if __name__ == "__main__":
    main()
