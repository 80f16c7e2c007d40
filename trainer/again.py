"""A batch that is evaluated more than once in a step, as SAM and L-BFGS do: the same loss is asked each time.

Dropout masks and noise are those of the first time, or a line search would compare two different losses; and what a
step does to generators and moving averages is what it does when it evaluates once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from trainer.run import Run

Closure = Callable[[], Tensor]


def the_same_each_time(closure: Closure, run: Run) -> Closure:
    """Return a closure that answers as the first time however often it is asked at the same weights."""
    before = [one.generator.get_state() for one in run.active]
    asked = False

    def ask() -> Tensor:
        nonlocal asked
        if not asked:
            asked = True
            return closure()
        for one, state in zip(run.active, before, strict=True):
            one.generator.set_state(state)
        with averages_at_rest(run.network):
            return closure()

    return ask


@contextmanager
def chance_kept(run: Run) -> Iterator[None]:
    """Leave the regularizers' generators as they were, whatever is drawn in between."""
    before = [one.generator.get_state() for one in run.active]
    try:
        yield
    finally:
        for one, state in zip(run.active, before, strict=True):
            one.generator.set_state(state)


@contextmanager
def averages_at_rest(network: nn.Module) -> Iterator[None]:
    """Let batch normalization go by the batch without moving its moving averages."""
    norms = [one for one in network.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
