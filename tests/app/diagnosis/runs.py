"""Small real runs with an illness, and ones without, each trained once for all tests; and cases of them."""

import functools
import tempfile
from collections import Counter
from pathlib import Path

from app.diagnosis.case import Case
from app.followed import Followed
from tests.training import train
from trainer.protocol import Measured
from trainer.spec import RunSpec

LEAST_LOOKS = 4

# looks as often as it can: a run of a second must be seen as one of a minute is
PROBES = {name: {"enabled": True, "rate": 50} for name in ("activations", "gradient_norm", "update_ratio")}
PROBES |= {name: {"enabled": False} for name in ("weights", "gradients")}
BASE = {
    "dataset": {"name": "digits"},
    "model": {"name": "mlp", "params": {"hidden": [32, 32]}},
    "optimizer": {"name": "sgd", "params": {"lr": 0.05, "momentum": 0.9}},
    "training": {"epochs": 12, "batch_size": 64, "checkpoint_every": 0.0, "budget": 0.5},
    "probes": PROBES,
}


def mlp(*hidden: int, **params) -> dict:
    return {"model": {"name": "mlp", "params": {"hidden": list(hidden), **params}}}


def sgd(lr: float, momentum: float = 0.0) -> dict:
    return {"optimizer": {"name": "sgd", "params": {"lr": lr, "momentum": momentum}}}


def data(name: str, **params) -> dict:
    return {"dataset": {"name": name, "params": params}}


def epochs(count: int, **more) -> dict:
    return {"training": BASE["training"] | {"epochs": count} | more}


RUNS = {
    "healthy": {},
    "healthy tanh": mlp(32, 32, 32, init="xavier", activation="tanh"),
    "healthy sigmoid": mlp(32, init="xavier", activation="sigmoid"),
    "healthy deep": mlp(*[32] * 5) | sgd(0.02, 0.9),
    "healthy circle": data("circle") | epochs(20),
    "healthy cancer": data("breast_cancer") | epochs(6, batch_size=16),
    "diverges to NaN": data("diabetes") | sgd(10.0) | epochs(20),
    "steps of 100": sgd(100.0) | epochs(6),
    "steps of a ten-thousandth": sgd(1e-4),
    "weights of 1": mlp(*[32] * 4, init="normal", init_scale=1.0) | sgd(1e-7) | epochs(5),
    "weights of 1, clipped": mlp(*[32] * 4, init="normal", init_scale=1.0)
    | sgd(1e-7)
    | epochs(5)
    | {"regularizers": {"gradient_clipping": {"enabled": True}}},
    "weights of 1, sigmoid": mlp(*[64] * 4, init="normal", init_scale=1.0, activation="sigmoid") | sgd(0.01),
    "weights of 0.01": mlp(*[32] * 4, init="normal", init_scale=0.01) | sgd(0.01) | epochs(20),
    "zeros": mlp(16, 16, init="zeros") | epochs(14),
    "ones, sigmoid": mlp(16, init="ones", activation="sigmoid"),
    "deep sigmoid": mlp(*[32] * 6, init="xavier", activation="sigmoid"),
    "raw inputs": data("digits", scaling="none") | sgd(0.1, 0.9),
    "150 samples": data("digits", validation=0.5, test=0.4) | epochs(40),
    "one unit": data("circle") | mlp(1) | epochs(30),
    "majority": data("breast_cancer") | mlp(8, init="normal", init_scale=0.001) | sgd(1e-4),
    "scaled on all": data("wine", scaling_fit="all") | epochs(4, batch_size=8),
    "shifted test": data("digits", test_shift=3.0) | epochs(4),
    "dropout": {"regularizers": {"dropout": {"enabled": True}}},
}  # fmt: skip


@functools.cache
def run_of(name: str) -> Path:
    """Return the folder of a run, trained when it is first asked for.

    The instrument budget is kept in wall time: where the machine held the trainer up in the middle of a look, none
    comes for a while, and a run of a second may end before the next. Such a run is trained again.
    """
    for _ in range(5):
        folder = Path(tempfile.mkdtemp(prefix="livefit-diagnosis-")) / name.replace(" ", "-")
        folder.mkdir()
        (folder / "watched").touch()
        said = train(folder, RunSpec.read({"name": name} | BASE | RUNS[name]))
        looks = Counter(one.probe for one in said if isinstance(one, Measured))
        if min(looks["activations"], looks["gradient_norm"]) >= LEAST_LOOKS:
            break
    return folder


def case_of(name: str, level: float | None = None) -> Case:
    """Return what a diagnosis looks at, of a run that was trained."""
    return case_in(run_of(name), level)


def case_in(folder: Path, level: float | None = None) -> Case:
    """Return what a diagnosis looks at, of a run's folder."""
    followed = Followed(folder)
    followed.catch_up()
    return Case(followed.state, followed.series, level)
