"""A run in a few numbers, as a row of the list shows them."""

import time
from collections.abc import Mapping
from typing import Any

from app.diagnosis.diagnose import EVERY_IN_A_LIST_S, worst
from app.followed import Followed

SPARK_POINTS = 60
SHOWN = ("train.", "validation.", "test.")


def measure(followed: Followed, level: float | None) -> dict[str, Any]:
    """Return the numbers of a run's row, from what its events add up to so far."""
    state = followed.state
    rate = (state["overhead"] or {}).get("steps_per_second", 0.0)
    left = max(0, state["steps"] - state["step"])
    numbers = {key: state[key] for key in ("step", "steps", "epoch", "epochs")}
    return numbers | {
        "eta_s": left / rate if isinstance(rate, float) and rate > 0 else None,
        "metrics": {name: value for name, value in list(state["metrics"].items()) if name.startswith(SHOWN)},
        "damage": state["damage"],
        "finding": worst(followed.lately.look(followed, level, time.monotonic(), EVERY_IN_A_LIST_S)),
        "spark": followed.series.spark("loss.data", SPARK_POINTS),
        **{part: state["spec"].get(part, {}).get("name", "") for part in ("dataset", "model")},
        "data": own_data(state["spec"]),
        "optimizer": state["knobs"].get("optimizer", {}).get("name", {}).get("value", ""),
    }


def own_data(spec: Mapping[str, Any]) -> str:
    """Return the id of the own data set that a spec trains on, "" where it is none."""
    data = spec.get("dataset", {}).get("params", {}).get("data", "")
    return data if isinstance(data, str) else ""
