"""Bias and variance, with the numbers: what a run gets wrong in training, and how much more on data it never saw.

avoidable bias = training error - level; variance = validation error - training error. The level is what a person
gets, or the best that is possible; where nobody has said, it is taken to be no error at all. Of classes the error is
1 - accuracy; of numbers it is the share of the targets' variance that is not explained, loss / variance.

Source: Ng 2018, Machine Learning Yearning, chapters 20 to 27, https://info.deeplearning.ai/machine-learning-yearning-book
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from app.diagnosis.case import Case
from app.diagnosis.spells import watch

Quadrant = Literal["fine", "bias", "variance", "both"]
ACCIDENT = 2  # standard errors that a gap must be over, or the validation part is too small to say
EPOCHS = 3  # in a row that it must be high
HIGH = 0.05  # Ng calls 15 % against 16 % high bias, 1 % against 11 % high variance and 0.5 % against 1 % fine


class Errors(NamedTuple):
    """Training error, validation error and training loss at the end of each epoch, (n,); `best`: the least error."""

    steps: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    loss: np.ndarray
    best: float

    @property
    def bias(self) -> np.ndarray:
        """What could be avoided of the training error."""
        return self.train - self.best

    @property
    def variance(self) -> np.ndarray:
        """How much more is wrong on data that was not trained on."""
        return self.validation - self.train


def errors(case: Case) -> Errors | None:
    """Return a run's errors; None without a validation part, or where an error has no scale to be judged on."""
    if metric_of(case) == "accuracy":
        steps, (train, validation, loss) = case.together("train.accuracy", "validation.accuracy", "train.loss")
        train, validation = 1 - train, 1 - validation
        best = 1 - case.level if case.level is not None else 0.0
    elif case.chance_loss and metric_of(case) == "rmse":
        steps, (loss, validation) = case.together("train.loss", "validation.loss")
        train, validation = loss / case.chance_loss, validation / case.chance_loss
        best = case.level**2 / case.chance_loss if case.level is not None else 0.0
    else:
        return None
    return Errors(steps, train, validation, loss, best) if len(steps) else None


def metric_of(case: Case) -> str:
    """Return which metric a level of this run is of: accuracy or rmse; "" for neither."""
    known = case.plan.get("problem", {}).get("metrics", ())
    return next((one for one in ("accuracy", "rmse") if one in known), "")


def spread(case: Case, error: np.ndarray) -> np.ndarray:
    """Return by how much error rates on the validation part may be off by accident: their standard errors, (n,)."""
    many = case.samples("validation")
    if not many or metric_of(case) != "accuracy":
        return np.zeros_like(error)
    return np.sqrt(np.clip(error * (1 - error), 0.0, None) / many)


def beyond_accident(case: Case, measured: Errors) -> np.ndarray:
    """Return the variance where it is more than the accident of a small validation part, else 0; (n,)."""
    accident = ACCIDENT * spread(case, measured.validation)
    return np.where(measured.variance > accident, measured.variance, 0.0)


def balance(case: Case) -> dict[str, Any]:
    """Return where a run stands: see the package's docstring."""
    told: dict[str, Any] = {"metric": metric_of(case), "level": case.level, "high": HIGH}
    found = errors(case)
    if found is None:
        return told
    variance = watch(found.steps, beyond_accident(case, found), {"likely": HIGH}, least=EPOCHS)
    high = [bool(spell and spell.holds) for spell in (watch(found.steps, found.bias, {"likely": HIGH}), variance)]
    names: dict[tuple[bool, ...], Quadrant] = {
        (False, False): "fine", (True, False): "bias", (False, True): "variance", (True, True): "both",
    }  # fmt: skip
    train, validation = float(found.train[-1]), float(found.validation[-1])
    numbers = {
        "best": found.best, "train": train, "validation": validation, "bias": train - found.best,
        "variance": validation - train, "spread": float(spread(case, found.validation)[-1]),
    }  # fmt: skip
    step = int(found.steps[-1])
    told |= {name: round(value, 4) for name, value in numbers.items()}
    return told | {"quadrant": names[tuple(high)], "step": step, "epoch": case.epoch(step)}
