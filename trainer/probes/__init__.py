"""Probes: what is looked at while training. They look and never touch: a law with a test for each.

A probe runs when `trainer.budget` says that there is time for it. It overrides one hook, or two when it
compares before and after; what it returns goes to the reporter.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from torch import Tensor

from trainer.component import Component, param
from trainer.losses import Loss
from trainer.network import Network


@dataclass(frozen=True)
class Histogram:
    """How the values of a tensor are spread: 64 bins between its least and its largest finite value.

    counts: (64,) finite values per bin, zeros among them. quantiles: 5, 25, 50, 75 and 95 %, finite values.
    count: all values, so count = sum(counts) + nan + neg_inf + pos_inf. zeros: values that are exactly 0.
    """

    counts: list[int]
    low: float
    high: float
    mean: float
    std: float
    quantiles: tuple[float, float, float, float, float]
    count: int
    zeros: int
    nan: int
    neg_inf: int
    pos_inf: int


@dataclass(frozen=True)
class Array:
    """Values of any shape: counts as whole numbers, all else as float32; and what is known of them, by name."""

    values: Tensor
    facts: dict[str, float] = field(default_factory=dict)


@dataclass
class Reading:
    """What a probe saw: scalars left on the device (0-d tensors), histograms and arrays by name."""

    numbers: dict[str, Tensor] = field(default_factory=dict)
    histograms: dict[str, Histogram] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a network gave for a whole part of the data: outputs (n, outputs), with targets as in `Table`."""

    part: str
    loss: Loss
    outputs: Tensor
    targets: Tensor


class Probe(Component):
    """Looks at a network. Hooks come in the order in which a step reaches them."""

    # whether it looks at evaluations, and so has no turn between two steps
    at_evaluations: ClassVar[bool] = False
    # whether it is on where a spec says nothing of it
    on_by_itself: ClassVar[bool] = True

    rate: float = param(2.0, "Looks a second at most, while somebody watches", low=0.01, high=50, unit="Hz", live=True)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the probe as JSON Schema; `enabled` says whether it is on by itself."""
        return super().schema() | {"enabled": cls.on_by_itself}

    def after_backward(self, network: Network) -> Reading | None:
        """Read gradients; regularizers have changed them already."""
        return None

    def before_update(self, network: Network) -> None:
        """Keep what `after_update` compares with."""

    def after_update(self, network: Network) -> Reading | None:
        """Read weights."""
        return None

    def on_samples(self, network: Network, samples: Tensor) -> Reading | None:
        """Run the network on a small fixed batch of validation inputs, (at most 256, *shape).

        Called in eval mode, without gradients and with every generator kept and put back.
        """
        return None

    def on_outcome(self, outcome: Outcome) -> Reading | None:
        """Read what an evaluation has found out; the network does not run once more for it.

        Of the validation part at the end of an epoch, or the training part where there is none; and, always, of the
        validation and the test part at the end of a run. Only for probes with `at_evaluations`.
        """
        return None
