"""What happens in one cycle: a spec, and who is killed when. All of it is drawn from a seed and a number."""

import random
from dataclasses import dataclass, field
from typing import Any

SMALL = {
    "dataset": {"name": "circle", "params": {"size": 400}},
    "model": {"name": "mlp", "params": {"hidden": [6]}},
    "training": {"epochs": 12, "batch_size": 16, "checkpoint_every": 0.0, "checkpoint_steps": 30},
    "probes": {"gradients": {"enabled": False}, "activations": {"enabled": False}},
}
# each takes another part of a checkpoint: moments, generators, schedule, stopping, buffers of the network
VARIANTS: dict[str, dict[str, Any]] = {
    "momentum": {"optimizer": {"name": "sgd", "params": {"lr": 0.05, "momentum": 0.9}}},
    "adam and dropout": {
        "optimizer": {"name": "adam", "params": {"lr": 0.01}},
        "regularizers": {"dropout": {"enabled": True}},
    },
    "noise and l2": {
        "optimizer": {"name": "rmsprop"},
        "regularizers": {"input_noise": {"enabled": True}, "l2": {"enabled": True}},
    },
    "plateau": {"schedule": {"name": "plateau"}, "optimizer": {"name": "adamw"}},
    "batch norm": {"regularizers": {"batch_norm": {"enabled": True}}},
}
# trainer's sites, how often each is reached in a run of this size, and what may happen there
TRAINER_SITES = {
    "trainer.begin": (1, "kill"),
    "loop.step": (240, "kill"),
    "reporter.flush": (12, "kill"),
    "events.append": (12, "kill torn short raise"),
    "events.appended": (12, "kill"),
    "events.sync": (8, "kill raise"),
    "events.synced": (8, "kill"),
    "checkpoint.write": (8, "kill raise"),
    "checkpoint.half": (8, "kill raise"),
    "checkpoint.written": (8, "kill"),
    "checkpoint.sync": (8, "kill"),
    "checkpoint.rename": (8, "kill raise"),
    "checkpoint.renamed": (8, "kill"),
    "checkpoint.saved": (8, "kill"),
    "trainer.end": (1, "kill"),
}
AGAIN_SITES = {"checkpoint.load": (1, "kill"), "trainer.begin": (1, "kill")}
SERVER_SITES = {
    "follow.fold": (400, "kill"),
    "feed.publish": (150, "kill"),
    "catalogue.save": (80, "kill"),
    "lab.launch": (10, "kill"),
    "lab.again": (8, "kill"),
    "commands.append": (4, "kill torn"),
    "commands.appended": (4, "kill"),
    "forkserver.forked": (12, "kill"),
    "forkserver.exit": (12, "kill"),
}
KINDS = {"point": 48, "trainer": 30, "steered": 16, "server": 2, "server point": 2, "both": 1, "end": 1}
DEEDS = {"trainer": "kill trainer", "server": "kill server", "both": "kill both", "end": "end server"}
KNOBS = (("optimizer", "lr", 0.003), ("regularizers.l2", "enabled", True), ("training", "speed", 400.0))
RUN_TAKES_S = 7.0  # of those that are killed from outside: long enough to be hit also on a busy machine


@dataclass(frozen=True)
class Plan:
    """One cycle. `deeds`: (seconds after its first step was shown, what is done); `faults`: of its trainers."""

    seed: int
    number: int
    kind: str
    variant: str
    spec: dict[str, Any]
    faults: str = ""
    server_faults: str = ""
    deeds: list[tuple[float, str]] = field(default_factory=list)


def draw(seed: int, number: int) -> Plan:
    """Return the plan of a cycle; the same for the same seed and number."""
    chance = random.Random(f"{seed}/{number}")
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    variant = chance.choice(list(VARIANTS))
    # a speed limit changes no number, and gives a kill from outside time to fall
    speed = 0.0 if kind == "point" else 216 / RUN_TAKES_S
    spec = spec_of(variant, f"{number}", speed)
    faults = server_faults = ""
    deeds: list[tuple[float, str]] = []
    if kind == "point":
        faults = " ".join(
            _fault(chance, {**TRAINER_SITES, **(AGAIN_SITES if attempt > 1 else {})}, attempt)
            for attempt in range(1, 1 + chance.choice((1, 1, 2, 3)))
        )
    elif kind == "server point":
        server_faults = _fault(chance, SERVER_SITES, 1)
    else:
        deeds = [(chance.uniform(0, RUN_TAKES_S), DEEDS.get(kind, "kill trainer"))]
        if kind == "trainer" and chance.random() < 0.3:
            deeds.append((deeds[0][0] + chance.uniform(0.5, 2.5), "kill trainer"))
    if kind in ("steered", "server point"):
        count = chance.choice((1, 2))
        deeds += [(chance.uniform(0, RUN_TAKES_S), f"turn {i}") for i in chance.sample(range(len(KNOBS)), count)]
        if chance.random() < 0.3:
            deeds.append((chance.uniform(0, RUN_TAKES_S), "pause"))
        if chance.random() < 0.3:
            deeds.append((chance.uniform(0, RUN_TAKES_S), "save"))
    return Plan(seed, number, kind, variant, spec, faults, server_faults, sorted(deeds))


def spec_of(variant: str, name: str, speed: float = 0.0) -> dict[str, Any]:
    """Return the spec of a variant."""
    return SMALL | VARIANTS[variant] | {"name": name, "training": SMALL["training"] | {"speed": speed}}


def _fault(chance: random.Random, sites: dict[str, tuple[int, str]], attempt: int) -> str:
    site = chance.choice(list(sites))
    often, actions = sites[site]
    return f"{site}:{chance.choice(actions.split())}@{chance.randint(1, often)}/{attempt}"
