"""A run in a few numbers, as a row of the list shows it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.run import Run

SPARK_POINTS = 60
SHOWN = ("train.", "validation.", "test.")


def card(run: "Run", numbers: dict[str, Any]) -> dict[str, Any]:
    """Return a run's row; `numbers` is what `measure` said last."""
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "by": run.by,
        "created": run.created,
        "step": numbers.get("step", 0),
        "steps": numbers.get("steps", 0),
        "epoch": numbers.get("epoch", 0),
        "epochs": numbers.get("epochs", 0),
        "eta_s": numbers.get("eta_s") if run.standing.name == "running" else None,
        "metrics": numbers.get("metrics", {}),
        "spark": numbers.get("spark", []),
        "dataset": numbers.get("dataset", ""),
        "model": numbers.get("model", ""),
        "optimizer": numbers.get("optimizer", ""),
    }


def measure(run: "Run") -> dict[str, Any]:
    """Return the numbers of a run's row, from what its events add up to so far."""
    state = run.state
    rate = (state["overhead"] or {}).get("steps_per_second", 0.0)
    left = max(0, state["steps"] - state["step"])
    numbers = {key: state[key] for key in ("step", "steps", "epoch", "epochs")}
    return numbers | {
        "eta_s": left / rate if isinstance(rate, float) and rate > 0 else None,
        "metrics": {name: value for name, value in list(state["metrics"].items()) if name.startswith(SHOWN)},
        "spark": run.series.spark("loss.data", SPARK_POINTS),
        **{part: state["spec"].get(part, {}).get("name", "") for part in ("dataset", "model")},
        "optimizer": state["knobs"].get("optimizer", {}).get("name", {}).get("value", ""),
    }
