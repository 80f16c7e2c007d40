"""What to try, as changes that a page can offer: a command to the trainer, and the query of the New run form.

Each returns None where it would change nothing or the run has no such knob, so that a finding can list all that helps.
"""

from dataclasses import replace
from typing import Any

from app.diagnosis.case import Case
from app.diagnosis.finding import Said, Try, short
from app.form_values import shown

MOST_EPOCHS = 1_000_000
MOST_UNITS = 4096  # that a larger network is offered with
HIDDEN = 32  # units of a first hidden layer, for a network that has none


def change(case: Case, says: Said, target: str, field: str, value: Any, since: int = 0) -> Try:
    """Return a live knob turned; in a new run the part keeps its name, whose parameter it is."""
    part = target.partition(".")[0]
    changes = {target: case.knob(target, "name")} if part in ("optimizer", "schedule") else {}
    key = target if field == "enabled" else f"{target}.{field}"
    command = {"type": "change", "target": target, "field": field, "value": value}
    return Try(says, changes | {key: shown(value)}, command, case.turned(target, field, since))


def anew(says: Said, **changes: Any) -> Try:
    """Return a change that only a new run can make; `model__init` stands for model.init."""
    return Try(says, {key.replace("__", "."): shown(value) for key, value in changes.items()})


def only_anew(offered: Try | None) -> Try | None:
    """Return a change without its command: what is broken already is not mended by it."""
    return replace(offered, command=None, done=None) if offered else None


def lr_times(case: Case, factor: float, since: int = 0) -> Try | None:
    """Offer another learning rate."""
    lr = case.knob("optimizer", "lr")
    if not isinstance(lr, int | float) or not lr > 0:
        return None
    new = float(f"{lr * factor:.3g}")
    key = "try.lower_lr" if factor < 1 else "try.raise_lr"
    return change(case, Said(key, {"old": short(lr), "new": short(new)}), "optimizer", "lr", new, since)


def switch_on(case: Case, name: str, since: int = 0) -> Try | None:
    """Offer a regularizer, with the strength that it has."""
    target = f"regularizers.{name}"
    if not case.has(target) or (case.is_on(target) and case.turned(target, "enabled", since) is None):
        return None
    return change(case, Said(f"try.{name}"), target, "enabled", True, since)


def switch_off(case: Case, name: str, since: int = 0) -> Try | None:
    """Offer to do without a regularizer that is on."""
    target = f"regularizers.{name}"
    if not case.is_on(target) and case.turned(target, "enabled", since) is None:
        return None
    return change(case, Said("try.without", {"name": name}), target, "enabled", False, since)


def stop_early(case: Case) -> Try | None:
    """Offer to stop when validation has turned."""
    if not case.has("stopping.early") or case.is_on("stopping.early"):
        return None
    return change(case, Said("try.stop_early"), "stopping.early", "enabled", True)


def more_epochs(case: Case, since: int = 0) -> Try | None:
    """Offer twice as many epochs."""
    epochs = case.knob("training", "epochs")
    if not isinstance(epochs, int) or 2 * epochs > MOST_EPOCHS:
        return None
    says = Said("try.more_epochs", {"old": epochs, "new": 2 * epochs})
    return change(case, says, "training", "epochs", 2 * epochs, since)


def adam(case: Case) -> Try | None:
    """Offer Adam in the place of an optimizer that has one step size for all weights."""
    if case.knob("optimizer", "name") not in ("sgd", "asgd"):
        return None
    command = {"type": "swap", "target": "optimizer", "name": "adam", "params": {}, "state": "reset"}
    return Try(Said("try.adam"), {"optimizer": "adam"}, command)


def activation(case: Case, name: str) -> Try | None:
    """Offer another activation function."""
    old = case.asked("model", "activation")
    if old is None or old == name:
        return None
    return of_model(case, Said("try.activation", {"old": old.replace("_", " "), "new": name.replace("_", " ")}),
                    "activation", name)  # fmt: skip


def init(case: Case, name: str) -> Try | None:
    """Offer another initialisation."""
    old = case.asked("model", "init")
    if old is None or old == name:
        return None
    return of_model(case, Said("try.init", {"old": old, "new": name}), "init", name)


def scaling(case: Case) -> Try | None:
    """Offer to standardize inputs that come as they are, where they can be."""
    if case.asked("dataset", "scaling") != "none" or "standard" not in case.plan.get("scalings", ["standard"]):
        return None
    return of_data(case, Said("try.scaling"), "scaling", "standard")


def bigger_network(case: Case) -> Try | None:
    """Offer twice as many units in each layer."""
    return _resized(case, "try.bigger_network", 2)


def smaller_network(case: Case) -> Try | None:
    """Offer half as many units in each layer."""
    return _resized(case, "try.smaller_network", 0.5)


def of_model(case: Case, says: Said, field: str, value: Any) -> Try:
    """Return a new run with another parameter of its model, which keeps its name."""
    return anew(says, model=case.state["spec"]["model"]["name"], **{f"model__{field}": value})


def of_data(case: Case, says: Said, field: str, value: Any) -> Try:
    """Return a new run with another parameter of its data set, which keeps its name."""
    return anew(says, dataset=case.state["spec"]["dataset"]["name"], **{f"dataset__{field}": value})


def _resized(case: Case, key: str, factor: float) -> Try | None:
    there = [one for one in ("hidden", "channels") if isinstance(case.asked("model", one), list)]
    field, widths = (there[0], case.asked("model", there[0])) if there else ("", [])
    if field and not widths and factor > 1:
        return of_model(case, Said("try.hidden_layer", {"n": HIDDEN}), field, [HIDDEN])
    if not widths or not all(isinstance(one, int) for one in widths):
        return None
    new = [max(1, min(MOST_UNITS, int(one * factor))) for one in widths]
    if new == widths:
        return None
    return of_model(case, Said(key, {"old": shown(widths), "new": shown(new)}), field, new)
