"""Dead ReLUs: units that give 0 whatever they are shown, and so get no gradient and never come back.

A step that was too long has pushed their bias so far down that no sample reaches them. They cost time and memory and
are no longer part of the network; where a whole layer is dead, nothing before it can learn and nothing after it sees
anything.

Source: Karpathy, CS231n, Neural Networks 1, https://cs231n.github.io/neural-networks-1/#actfun; Lu et al. 2019, Dying
ReLU and Initialization, https://arxiv.org/abs/1903.06733
"""

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, percent

EXPLAINS = ("lr_too_low", "underfitting")
# of a layer. Karpathy: "as much as 40 %" with a rate set too high; healthy small networks were seen with up to 30 %
DEAD = {"possible": 0.4, "likely": 0.5, "sure": 0.75}
LOOKS = 2  # in a row: a unit may be silent once, on its way
NARROW = 4  # units: in a narrower layer one unit is too large a share
BEYOND_HELP = 0.9  # of a layer: smaller steps save what lives, and bring nothing back
LEARNED = 0.5  # of the loss of guessing: a network that comes so far has units to spare


def look(case: Case) -> Finding | None:
    """Find the layer with the largest share of units that are 0 for every sample of the probe."""
    layer, spell = case.worst_layer("dead_units", DEAD, least=LOOKS, wide=NARROW)
    if spell is None:
        return None
    says = Said("dead_relus.says", {"layer": layer, "share": percent(spell.value), "step": spell.at})
    evidence = [
        Evidence(Said("see.dead", {"layer": layer, "step": spell.at}), f"dead_units.{layer}", spell.at),
        Evidence(Said("see.since", {"step": spell.since}), f"dead_units.{layer}", spell.since),
    ]
    lower = tries.lr_times(case, 0.1, spell.since)
    wanted = [
        tries.only_anew(lower) if spell.value >= BEYOND_HELP else lower, tries.scaling(case), tries.init(case, "he"),
        tries.activation(case, "leaky_relu"), tries.switch_on(case, "batch_norm", spell.since),
    ]  # fmt: skip
    if case.has_learned(LEARNED):
        return found(spell, "warn", says, "dead_relus", evidence, wanted, "possible")
    return found(spell, "bad", says, "dead_relus", evidence, wanted)
