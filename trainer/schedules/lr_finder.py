"""The learning-rate finder: one run through all learning rates, which ends with the one to take."""

import math
from typing import Any, NamedTuple

from trainer.component import ParameterError, param
from trainer.schedules import Progress, Schedule

BINS = 100  # over the range of rates, whatever the number of steps
SMOOTHING = 0.95  # share of the past in the smoothed loss
DIVERGED = 4  # times the lowest smoothed loss
FEWEST = 5  # bins with a loss
HARDLY = 0.9  # of the loss at low rates
REACH = 5  # bins to either side between which a slope is taken


class Found(NamedTuple):
    """What a curve shows: the rates where the loss fell fastest and where it was lowest, how low, and its begin."""

    steepest: float
    lowest: float
    least: float
    first: float


class LrFinder(Schedule):
    """Raises the learning rate from very low to very high and says at which of them the loss fell best.

    lr = low (high / low)^(step / steps), whatever the optimizer's own is. The loss is smoothed,
    l <- 0.95 l + 0.05 loss, corrected for its beginning, and the run ends where l is over 4 times its lowest.
    Suggested are the rate at which l fell fastest per decade, and a tenth of the one at which it was lowest.

    A few hundred steps are enough. See the loss over the learning rate in its chart's menu.

    Source: Smith 2015, section 3.3 (LR range test), https://arxiv.org/abs/1506.01186; exponential rise and
        smoothing after fastai's lr_find, https://docs.fast.ai/callback.schedule.html
    """

    title = "Learning-rate finder"
    hears_steps = sweeps = True

    low: float = param(1e-5, "First learning rate", low=1e-10, high=10, scale="log")
    high: float = param(10.0, "Last learning rate", low=1e-9, high=100, scale="log")

    def __init__(self, /, **values: Any):
        super().__init__(**values)
        if self.low >= self.high:
            raise ParameterError("high", f"high = {self.high:g} is not over low = {self.low:g}. Turn one of them.")
        self._began: int | None = None
        self._heard = 0
        self._mean = 0.0
        self._lowest = math.inf
        self._sums, self._counts = [0.0] * BINS, [0] * BINS

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step: what makes its rate of the optimizer's."""
        if self._began is None:
            self._began = progress.step  # a finder that takes over in mid-run begins at its lowest too
        return self._rate(self._done(progress)) / progress.base if progress.base else 0.0

    def hear_step(self, progress: Progress, loss: float) -> str:
        """Hear a step's loss; say that the run shall end when it has diverged."""
        if not math.isfinite(loss):
            return self._diverged(progress)
        self._heard += 1
        self._mean = SMOOTHING * self._mean + (1 - SMOOTHING) * loss
        smooth = self._mean / (1 - SMOOTHING**self._heard)
        self._lowest = min(self._lowest, smooth)
        if smooth > DIVERGED * self._lowest:
            return self._diverged(progress)
        place = min(int(self._done(progress) * BINS), BINS - 1)
        self._sums[place] += smooth
        self._counts[place] += 1
        return ""

    def conclusion(self) -> str:
        """Return the rates that the curve suggests."""
        curve = self.curve()
        if len(curve) < FEWEST:
            return "Learning-rate finder: too few steps to tell. Train for more epochs, or with a smaller batch."
        if (found := self._found()) is None:
            return (
                f"Learning-rate finder: the loss never fell between {self.low:.2g} and {curve[-1][0]:.2g}. "
                "Begin lower, or look at the data and the network."
            )
        below, above = sorted((found.steepest, found.lowest / 10))
        care = " It hardly fell, so more epochs would tell more." if found.least > HARDLY * found.first else ""
        return (
            f"Learning-rate finder: the loss fell fastest at a learning rate of {found.steepest:.2g}. It was lowest, "
            f"{found.least:.3g}, at {found.lowest:.2g}, a tenth of which is {found.lowest / 10:.2g}. "
            f"Take one from {below:.2g} to {above:.2g}.{care}"
        )

    def suggestion(self) -> float | None:
        """Return the lower of the rates that the curve suggests, in two digits."""
        found = self._found()
        return float(f"{min(found.steepest, found.lowest / 10):.2g}") if found else None

    def curve(self) -> list[tuple[float, float]]:
        """Return (learning rate, smoothed loss) for each bin that has one, lowest rate first."""
        seen = zip(self._sums, self._counts, strict=True)
        return [(self._rate((one + 0.5) / BINS), total / n) for one, (total, n) in enumerate(seen) if n]

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return {
            "began": self._began, "heard": self._heard, "mean": self._mean, "lowest": self._lowest,
            "sums": list(self._sums), "counts": list(self._counts),
        }  # fmt: skip

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._began, self._heard = state["began"], state["heard"]
        self._mean, self._lowest = state["mean"], state["lowest"]
        self._sums, self._counts = list(state["sums"]), list(state["counts"])

    def _found(self) -> Found | None:
        curve = self.curve()
        if len(curve) < FEWEST:
            return None
        lowest = min(range(len(curve)), key=lambda one: curve[one][1])
        begin = lowest // 4  # rates that low move nothing: what rises and falls there is noise
        slopes = [_slope(curve[max(one - REACH, 0)], curve[min(one + REACH, lowest)]) for one in range(begin, lowest)]
        if not slopes or min(slopes) >= 0:
            return None
        first = sum(loss for _, loss in curve[: begin + 1]) / (begin + 1)
        return Found(curve[begin + slopes.index(min(slopes))][0], *curve[lowest], first)

    def _done(self, progress: Progress) -> float:
        steps = progress.steps - 1 - (self._began or 0)
        return min((progress.step - (self._began or 0)) / steps, 1.0) if steps > 0 else 0.0

    def _rate(self, done: float) -> float:
        return self.low * (self.high / self.low) ** done

    def _diverged(self, progress: Progress) -> str:
        return f"The loss diverged at a learning rate of {self._rate(self._done(progress)):.2g}."


def _slope(left: tuple[float, float], right: tuple[float, float]) -> float:
    """Return by how much the loss rises in a decade of rates."""
    return (right[1] - left[1]) / math.log10(right[0] / left[0])
