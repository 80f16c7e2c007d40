"""Gradients vanish: next to nothing of them reaches the first layers, which stay as they were drawn.

Going backwards each layer multiplies the gradient by its weights and by the slope of its activation function, which
is at most a quarter for a sigmoid. With depth what is left shrinks exponentially: the last layers learn, on what the
first ones happen to give them.

Source: Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks,
https://proceedings.mlr.press/v9/glorot10a.html; Hochreiter 1991
"""

import numpy as np

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.finding import Evidence, Finding, Said, found, short
from app.diagnosis.spells import trailing, watch

EXPLAINS = ("underfitting", "lr_too_low")
SMALLER = {"possible": 50.0, "likely": 100.0, "sure": 1000.0}  # times, from the last layer to the first, per weight
LOOKS = 5  # readings averaged: the gradient of one batch is an accident
LEAST_LAYERS = 3  # with two layers there is no depth to vanish in
EPSILON = 1e-20  # gradients of as good as 0 are no quotient


def look(case: Case) -> Finding | None:
    """Find a first layer whose gradient, per weight, is a tiny part of the last layer's."""
    layers = list(case.by_layer("gradient_norm"))
    if len(layers) < LEAST_LAYERS:
        return None
    first, last = layers[0], layers[-1]
    steps, (low, high) = case.together(f"gradient_norm.{first}", f"gradient_norm.{last}")
    # the length grows with the number of weights: the root of the mean square does not
    low, high = (norm / case.layers[name] ** 0.5 for norm, name in ((low, first), (high, last)))
    logs = np.log(np.maximum(high, EPSILON)) - np.log(np.maximum(low, EPSILON))
    # a gradient that is exactly 0 was cut off, by dead units or zeros, and has not faded
    smaller = np.where((high > EPSILON) & (low > EPSILON), np.exp(np.minimum(trailing(logs, LOOKS), 50.0)), 0.0)
    spell = watch(steps, smaller, SMALLER, least=2)
    if spell is None:
        return None
    factor = spell.value ** (1 / (len(layers) - 1))
    says = Said("vanishing_gradients.says", {
        "times": short(spell.value), "first": first, "last": last, "factor": short(factor),
    })  # fmt: skip
    evidence = [Evidence(Said("see.gradients", {"step": spell.at}), case.any_of("gradient_norm"), spell.at)]
    squeezes = case.asked("model", "activation") in ("sigmoid", "tanh")
    wanted = [
        tries.activation(case, "relu") if squeezes else None, tries.switch_on(case, "batch_norm", spell.since),
        tries.init(case, "he" if not squeezes else "xavier"),
    ]  # fmt: skip
    return found(spell, "bad", says, "vanishing_gradients", evidence, wanted)
