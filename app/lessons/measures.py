"""The vocabulary in which a lesson says what is measured: each `take` is one way to get a number from finished runs.

Most take a number from one run and are `of` one variant of the lesson: it is taken for every seed, and then brought
together. `difference` and `ratio` are of two other measures, seed by seed; `across`, `order`, `count` and `influence`
are of several variants. `ensemble`, `sharpness`, `barrier` and `path` ask a forked child, for they need torch.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000), "text"]
Series = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Unit = Literal["number", "share", "points", "times", "epochs", "steps", "yes"]
Together = Literal["mean", "median", "lowest", "highest", "spread"]


class Part(BaseModel):
    """A piece of a lesson: strict about names, so that a slip of the pen is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Measure(Part):
    """What every measure may say. One that has a band says label, landed and missed; the others may go without.

    landed, missed: sentences; {measured}, {reference}, {low}, {high}, {spread} and {seeds} are filled in.
    """

    label: Text | None = None
    landed: Text | None = None
    missed: Text | None = None
    unit: Unit = "number"
    seeds: Together = Field(
        "mean", description="How the numbers of the seeds become one; spread is the deviation of a sample"
    )


class OfOne(Measure):
    """A measure that is taken of each run of one variant."""

    of: Name


class OfCurve(OfOne):
    """One number of a curve: train.loss, validation.accuracy, loss.data, penalty.l2, gradient_norm.dense 1 ..."""

    take: Literal["last", "lowest", "highest", "epoch_of_lowest", "epoch_of_highest", "not_finite"]
    series: Series


class At(OfOne):
    """The curve at a step, or at the end of an epoch: its last point up to there."""

    take: Literal["at"]
    series: Series
    step: int | None = Field(None, ge=0)
    epoch: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one_place(self) -> "At":
        if (self.step is None) == (self.epoch is None):
            raise ValueError("say either step or epoch")
        return self


class Mean(OfOne):
    """The mean of the last points of a curve: a batch's loss is too noisy to take one."""

    take: Literal["mean"]
    series: Series
    points: int = Field(ge=2)
    step: int | None = Field(None, ge=1, description="The last step that counts; none: the end")


class Passes(OfOne):
    """When a curve is first over, or under, a value; infinite when it never is."""

    take: Literal["passes"]
    series: Series
    over: float | None = None
    under: float | None = None
    counted_in: Literal["epochs", "steps"] = "epochs"

    @model_validator(mode="after")
    def _one_side(self) -> "Passes":
        if (self.over is None) == (self.under is None):
            raise ValueError("say either over or under")
        return self


class End(OfOne):
    """What the run was judged by at its end: after early stopping that of the weights that were brought back."""

    take: Literal["end"]
    series: Series


class Capture(OfOne):
    """A fact of a histogram that a probe captured: of activations, weights or gradients of one layer.

    When a probe looks depends on the machine; but the first look of the one probe that is on is at step 1.
    """

    take: Literal["capture"]
    probe: Literal["activations", "weights", "gradients"]
    tensor: Series
    fact: Literal["mean", "std", "low", "high", "q05", "q25", "q50", "q75", "q95", "zeros", "inside", "outside"]
    between: tuple[float, float] | None = Field(None, description="For inside and outside: the share of the values")
    when: Literal["first", "last"] = "last"

    @model_validator(mode="after")
    def _has_between(self) -> "Capture":
        if (self.fact in ("inside", "outside")) != (self.between is not None):
            raise ValueError("between: [low, high] belongs to the facts inside and outside, and to no other")
        return self


class Weights(OfOne):
    """A fact of the weights that a run ended with, biases apart; of one layer, or of all together.

    size: mean |w| · std · largest |w| · small: share of |w| below `below` · longest: length of the longest row, which
    is one unit's weights · norm: length of all.
    """

    take: Literal["weights"]
    layer: Series = "all"
    fact: Literal["size", "std", "largest", "small", "longest", "norm"]
    below: float = Field(1e-3, gt=0)


class Marks(OfOne):
    """How many marks of a kind the run's charts have: nan, lr, best, saved, change, swap, stop."""

    take: Literal["marks"]
    kind: Series


class Reached(OfOne):
    """How far a run came: with early stopping it ends before its last epoch."""

    take: Literal["reached"]
    counted_in: Literal["epochs", "steps"] = "epochs"


class Parameters(OfOne):
    """How many parameters the network has."""

    take: Literal["parameters"]


class Sharpness(OfOne):
    """How sharp the minimum is in which a run ended, on training data, without penalties, in evaluation mode.

    box: how much higher the loss gets inside |y_i| <= epsilon (|w_i| + 1), in per cent of 1 + loss; found by climbing,
    so a lower bound · hessian: the largest eigenvalue of the Hessian · loss: the loss there.
    """

    take: Literal["sharpness"]
    fact: Literal["box", "hessian", "loss"]
    epsilon: float = Field(1e-3, gt=0, le=1)
    samples: int = Field(1000, ge=1, le=20_000, description="Of the training part: the first so many")


class Barrier(Measure):
    """How much higher than at both ends the loss gets on the straight line between two variants' weights, seed by seed.

    On training data as for `sharpness`. 0: it is nowhere higher.
    """

    take: Literal["barrier"]
    of: tuple[Name, Name]
    samples: int = Field(1000, ge=1, le=20_000)


class Ensemble(OfOne):
    """What the networks of a variant say together, over all its seeds or the first `members`: their mean, judged once.

    drawn: the share of the training samples that a network has seen, which a bootstrap sample makes smaller.
    """

    take: Literal["ensemble"]
    fact: Literal["accuracy", "loss", "rmse", "mae", "drawn"] = "accuracy"
    part: Literal["validation", "test"] = "validation"
    members: int | None = Field(None, ge=1, le=20)


class Path(OfOne):
    """Where an optimizer is on its surface, and how it came there, after a step or at its end."""

    take: Literal["path"]
    fact: Literal["x", "y", "height", "length", "flips_x", "flips_y"]
    step: int | None = Field(None, ge=0)


class OfTwo(Measure):
    """The first of two measures minus, or over, the second, seed by seed."""

    take: Literal["difference", "ratio"]
    of: tuple[Name, Name]


class Across(Measure):
    """What a measure that is taken of each of several variants comes to over all of them, seed by seed.

    With `chosen` it is that of the one variant of which another measure, `chosen`, is the highest, or else the lowest.
    """

    take: Literal["across"]
    of: tuple[Name, ...] = Field(min_length=2)
    by: dict[str, Any]
    variants: Together = Field("mean", description="How the numbers of the variants become one")
    chosen: dict[str, Any] | None = Field(None, description="What a variant is chosen by; `variants`: highest, lowest")

    @model_validator(mode="after")
    def _one_end(self) -> "Across":
        if self.chosen is not None and self.variants not in ("highest", "lowest"):
            raise ValueError("with chosen, say variants: highest or lowest, the end that is chosen")
        return self


class Order(Measure):
    """The variants from the least to the greatest by a measure that is taken of each."""

    take: Literal["order"]
    of: tuple[Name, ...] = Field(min_length=2)
    by: dict[str, Any]


class Count(Measure):
    """Of how many variants a measure is over, or under, a value."""

    take: Literal["count"]
    of: tuple[Name, ...] = Field(min_length=1)
    by: dict[str, Any]
    over: float | None = None
    under: float | None = None

    @model_validator(mode="after")
    def _one_side(self) -> "Count":
        if (self.over is None) == (self.under is None):
            raise ValueError("say either over or under")
        return self


class Influence(Measure):
    """How a measure goes with a value that differs between the variants: the rank correlation, from -1 to 1.

    `setting`: the path of that value, as optimizer.lr · `log`: whether it was drawn by orders of magnitude, for the
    picture; to ranks it is the same · `squared`: the share of the ranks' variance that goes with it, from 0 to 1.
    """

    take: Literal["influence"]
    of: tuple[Name, ...] = Field(min_length=3)
    by: dict[str, Any]
    setting: str = Field(min_length=1, max_length=100)
    log: bool = False
    squared: bool = False


OfRun = (
    OfCurve | At | Mean | Passes | End | Capture | Weights | Marks | Reached | Parameters | Sharpness | Ensemble | Path
)
OfMany = Across | Order | Count | Influence
AnyMeasure = Annotated[OfRun | OfTwo | Barrier | OfMany, Field(discriminator="take")]
AnyOfRun = Annotated[OfRun, Field(discriminator="take")]
