"""Sigmoids or tanhs are saturated: most of what they give lies at their ends, where they are flat.

There the slope is next to 0, and so is the gradient that comes through: the weights before them hardly move any more.
Large initial weights do it at the first step; too large a learning rate does it later.

Source: Glorot & Bengio 2010, section 3, https://proceedings.mlr.press/v9/glorot10a.html; Saito 2016, Deep Learning from
Scratch, section 6.2
"""

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent

EXPLAINS = ()
# of a layer's values; weights of N(0, 1) drive 66 to 77 % of a sigmoid's and 85 % of a tanh's values there, Xavier's
# almost none (Saito's figure, recomputed)
SATURATED = {"possible": 0.4, "likely": 0.5, "sure": 0.65}
LOOKS = 2  # in a row
LEARNED = 0.2  # of the loss of guessing: a network that has learned its task is certain, and may be


def look(case: Case) -> Finding | None:
    """Find the layer whose values lie at the ends of its activation function, while there is still much to learn."""
    if case.has_learned(LEARNED):
        return None
    worst, spell = case.worst_layer("saturated", SATURATED, least=LOOKS)
    if spell is None:
        return None
    says = Said("saturation.says", {"layer": worst, "share": percent(spell.value), "step": spell.at})
    evidence = [
        Evidence(Said("see.saturated", {"layer": worst, "step": spell.at}), f"saturated.{worst}", spell.at),
        Evidence(Said("see.since", {"step": spell.since}), f"saturated.{worst}", spell.since),
    ]
    wanted = [
        tries.init(case, "xavier"), tries.scaling(case), tries.switch_on(case, "batch_norm", spell.since),
        tries.activation(case, "relu"), tries.lr_times(case, 0.1, spell.since),
    ]  # fmt: skip
    return found(spell, "warn", says, "saturation", evidence, wanted)
