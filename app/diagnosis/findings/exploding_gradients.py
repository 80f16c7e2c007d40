"""Gradients explode: they are so long that a step of theirs throws the weights far away.

Going backwards each layer multiplies the gradient by its weights; where they are large it grows from layer to layer,
exponentially with depth. One such step can undo an hour of training, and the next may be infinite.

Source: Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks,
https://proceedings.mlr.press/v28/pascanu13.html; Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
"""

import numpy as np

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, short
from app.diagnosis.spells import watch

EXPLAINS = ()
# of the whole gradient, where classes are told apart: the loss's own gradient is at most sqrt(2) a sample, so only
# large inputs or large weights make it longer. Of numbers, whose unit is anybody's, times the first one measured
LONG = {"likely": 100.0, "sure": 1000.0}
SHOWN_BEFORE = 50  # steps before the longest that a link zooms to


def look(case: Case) -> Finding | None:
    """Find gradients that are far too long."""
    curve = case.curve("gradient_norm.all")
    if not len(curve):
        return None
    unit = 1.0 if case.kind in ("classes", "binary") else max(float(curve.mean[0]), 1e-6)
    spell = watch(curve.steps, curve.high.astype(np.float64) / unit, LONG)
    if spell is None:
        return None
    peak = spell.peak * unit
    layer = _longest(case, spell.peak_at)
    says = Said("exploding_gradients.says", {"norm": short(peak), "step": spell.peak_at, "layer": layer})
    span = [max(0, spell.peak_at - SHOWN_BEFORE), spell.peak_at + SHOWN_BEFORE]
    evidence = [
        Evidence(Said("see.gradients", {"step": spell.peak_at}), case.any_of("gradient_norm"), spell.peak_at),
        Evidence(Said("see.loss", {"step": spell.peak_at}), "loss.data", spell.peak_at, span),
    ]
    wanted = [
        tries.switch_on(case, "gradient_clipping", spell.since), tries.lr_times(case, 0.1, spell.since),
        tries.init(case, "he"), tries.scaling(case),
    ]  # fmt: skip
    return found(spell, "bad", says, "exploding_gradients", evidence, wanted)


def _longest(case: Case, step: int) -> str:
    """Return the layer whose gradient is the longest at a step."""
    at = {}
    for name, curve in case.by_layer("gradient_norm").items():
        index = int(np.searchsorted(curve.steps, step, "right")) - 1
        at[name] = float(curve.high[max(0, index)])
    return max(at, key=at.__getitem__) if at else ""
