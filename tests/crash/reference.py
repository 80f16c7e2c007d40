"""Uninterrupted runs that crashed ones are compared with."""

import tempfile
from pathlib import Path
from typing import Any

from app import raw_log
from tests.crash.checking import Reference, weights_of
from tests.crash.plans import spec_of
from tests.hard_life import attempt, make
from trainer.protocol import AnyCommand, Change
from trainer.spec import RunSpec


def train_reference(variant: str, turned: tuple[tuple[int, str, str, Any], ...] = ()) -> Reference:
    """Train a variant without interruption, and turn knobs at exactly these steps: (step, target, field, value).

    How commands are taken again after a crash plays no part here: each is asked when the run stands at its step.
    """
    script: dict[int, list[AnyCommand]] = {}
    for number, (step, target, field, value) in enumerate(turned):
        script.setdefault(step, []).append(Change(id=f"turn {number}", target=target, field=field, value=value))
    with tempfile.TemporaryDirectory() as scratch:
        folder = make(Path(scratch) / "run", RunSpec.read(spec_of(variant, "reference")))
        assert attempt(folder, script) == 0, (folder / "output.txt").read_text()  # nothing held it up
        log = raw_log.read(folder / "events-1.log")
        curves = {
            name: dict(zip(steps.tolist(), bits.tolist(), strict=True))
            for (probe, name), (steps, bits) in log.numbers.items()
            if probe == "loss"
        }
        return Reference(curves, weights_of(folder))
