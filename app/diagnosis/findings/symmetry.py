"""Symmetry is never broken: the units of a layer began alike, get the same gradient, and so stay alike for ever.

A layer of a hundred such units can do what one unit can. Weights must begin different from one another, which is what
drawing them at random is for; zeros are the worst, for then the layers before get no gradient at all.

Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4
"""

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent

EXPLAINS = ("dead_relus", "vanishing_gradients", "lr_too_low", "underfitting", "majority_only")
ALIKE = {"likely": 0.9}  # of a layer's living units; chance alone makes none alike
DEAD = {"likely": 1.0}  # of a layer that began constant: with zeros no unit gives anything
CONSTANT = ("zeros", "ones", "constant")  # initialisations that draw nothing
SCALED = ("normal", "uniform")  # those that draw nothing when their scale is 0


def look(case: Case) -> Finding | None:
    """Find a layer whose units all do the same, and whether they began so."""
    constant = _begins_constant(case)
    how = "alike"
    layer, spell = case.worst_layer("alike_units", ALIKE)
    if spell is None and constant:
        how = "dead"
        layer, spell = case.worst_layer("dead_units", DEAD)
    if spell is None:
        return None
    init = str(case.asked("model", "init") or "")
    says = Said(f"symmetry.{how}", {"layer": layer, "share": percent(spell.value), "init": init})
    evidence = [Evidence(Said(f"see.{how}", {"layer": layer, "step": spell.at}), f"{how}_units.{layer}", spell.at)]
    wanted = [tries.init(case, "he" if case.asked("model", "activation") == "relu" else "xavier")]
    return found(spell, "bad", says, "symmetry", evidence, wanted, "sure" if constant else "likely", init=init)


def _begins_constant(case: Case) -> bool:
    if "start" in case.state["spec"]:
        return False  # its weights are another run's
    init = case.asked("model", "init")
    return init in CONSTANT or (init in SCALED and case.asked("model", "init_scale") == 0)
