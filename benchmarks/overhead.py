"""What instruments cost: Livefit with every probe on and watched, against the bare loop of the same network.

By turns in one process, on the digits. The bare loop does what anybody's does: a shuffled index, forward,
loss, backward, step, and both parts evaluated after each epoch.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.table import in_turns, ratio, show, spread
from trainer.assembly import assemble
from trainer.budget import Budget
from trainer.checkpoint import Keeper
from trainer.evaluate import evaluate
from trainer.loop import train
from trainer.protocol import Overhead
from trainer.reporter import Reporter
from trainer.run import Run
from trainer.runlog import LogWriter, read_all
from trainer.spec import Choice, RunSpec
from trainer.steering import Steering

PAIRS = 9
SECONDS = 1.2  # of training on each turn


def spec(hidden: list[int], optimizer: str, epochs: int, probes: bool = True) -> RunSpec:
    """Return a run on the digits, batch 64, with every probe on or off."""
    from trainer.catalog import CATALOG

    return RunSpec(
        dataset=Choice(name="digits"),
        model=Choice(name="mlp", params={"hidden": hidden}),
        optimizer=Choice(name=optimizer),
        probes={name: {"enabled": probes} for name in CATALOG["probes"]},
        training={"epochs": epochs, "batch_size": 64, "checkpoint_every": 0.0},
    )


def bare(asked: RunSpec) -> float:
    """Train the network of a spec in the loop that anybody would write; return seconds a step."""
    run = Run(asked, assemble(asked))
    network, loss, optimizer = run.network, run.assembly.loss, run.optimizer
    inputs, targets = run.data.train.inputs, run.data.train.targets
    optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = run.assembly.optimizer.lr
    network.train()
    steps, began = 0, time.perf_counter()
    for _ in range(run.assembly.training.epochs):
        order = torch.randperm(len(inputs), generator=run.order_generator)
        for picked in order.split(64):
            optimizer.zero_grad()
            value = loss(network(inputs[picked]), targets[picked])
            value.backward()
            optimizer.step()
            steps += 1
        evaluate(network, run.judge, run.data.train, lambda: None)
        evaluate(network, run.judge, run.data.validation, lambda: None, held_out=True)
    return (time.perf_counter() - began) / steps


def livefit(asked: RunSpec, shares: list[float]) -> float:
    """Train the same under Livefit, watched; return seconds a step and note what Livefit says it cost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "watched").touch()
        (path / "spec.json").write_text(json.dumps(asked.model_dump()))
        run = Run(asked, assemble(asked))
        reporter = Reporter(LogWriter(path / "events-1.log"), full_disk=print)
        budget = Budget(run.assembly.probes, run.assembly.training.budget, time.perf_counter)
        keeper = Unkept(run, reporter, path)
        steering = Steering(run, reporter, budget, keeper, path, replay=[])
        began = time.perf_counter()
        train(run, reporter, steering, budget, keeper)
        taken = time.perf_counter() - began
        reporter.close()
        told = [entry.said for entry, _ in read_all(path / "events-1.log")]
        shares.extend(one.share for one in told if isinstance(one, Overhead))
        return taken / run.step


class Unkept(Keeper):
    """Saves nothing: the bare loop keeps no checkpoint at its end either."""

    def save(self, name: str, command: str = "", metrics: dict[str, float] | None = None, ended: str = "") -> None:
        """Do nothing."""


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    rows = []
    for name, hidden, optimizer in (
        ("2x100, SGD", [100, 100], "sgd"),
        ("2x100, Adam", [100, 100], "adam"),
        ("6x100, SGD", [100] * 6, "sgd"),
        ("6x100, Adam", [100] * 6, "adam"),
    ):
        a_step = bare(spec(hidden, optimizer, 20))
        asked = spec(hidden, optimizer, max(20, round(SECONDS / a_step / 20)))
        quiet = spec(hidden, optimizer, max(20, round(SECONDS / a_step / 20)), probes=False)
        rows.append(row(name, asked, quiet))
    show(
        "Instruments: microseconds a step on the digits, batch 64, median (least to most)",
        ["network", "bare loop", "Livefit, all probes", "ratio", "Livefit, probes off", "ratio", "says it costs"],
        rows,
        "target: ratio at most 1.03 for 2x100",
    )


def row(name: str, asked: RunSpec, quiet: RunSpec) -> list[str]:
    """Measure one network by turns."""
    shares: list[float] = []
    watched = in_turns(PAIRS, lambda: bare(asked), lambda: livefit(asked, shares))
    unwatched: tuple[list[float], list[float]] = in_turns(PAIRS, lambda: bare(quiet), lambda: livefit(quiet, []))
    cell: Callable[[list[float]], str] = lambda values: spread(values, 1e6, 0)  # noqa: E731
    said = sorted(shares)[len(shares) // 2] if shares else 0
    return [
        name,
        cell(watched[0]),
        cell(watched[1]),
        f"x{ratio(watched):.3f}",
        cell(unwatched[1]),
        f"x{ratio(unwatched):.3f}",
        f"{said:.1%}",
    ]


if __name__ == "__main__":
    main()
