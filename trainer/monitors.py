"""What a stopping criterion or a schedule may watch, and which way each of it has to go to get better.

A run has those that belong to its kind of problem (`trainer.evaluate.metric_names`); a plan refuses the others.
"""

RISING = frozenset({"accuracy", "precision", "recall", "f1", "auc", "exact"})
# each of the validation part first, where it means something; auc is of what was not trained on alone
MONITORS = (
    "validation.loss", "validation.accuracy", "validation.precision", "validation.recall", "validation.f1",
    "validation.auc", "validation.exact", "validation.rmse", "validation.mae",
    "train.loss", "train.accuracy", "train.precision", "train.recall", "train.f1", "train.exact", "train.rmse",
    "train.mae",
)  # fmt: skip


def rises(name: str) -> bool:
    """Return whether a metric is better the higher it is: validation.accuracy is, validation.loss is not."""
    return name.rpartition(".")[2].removeprefix("mc_") in RISING


def beats(name: str, value: float, best: float, margin: float = 0.0) -> bool:
    """Return whether a metric is better than the best so far by more than a margin. NaN never is."""
    return value > best + margin if rises(name) else value < best - margin
