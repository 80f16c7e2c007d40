"""What a lesson file may hold: its parts, and what each is for. Pure: no disk is read, no component known."""

import math
from typing import Any, Literal

from pydantic import Field

from app.errors import NoSuchLesson
from app.lessons.curriculum import TOPICS
from app.lessons.measures import AnyMeasure, Name, Part, Series, Text
from app.spec_pairs import laid_over, spec_of

SETTINGS = ("offline", "reference")
SEED = "{seed}"  # as the value of a pair: the seed of the run

SettingName = Literal["offline", "reference"]
Pairs = dict[str, Any]  # path in a spec -> value, as the address of the new-run form has them


class Source(Part):
    """Where a number comes from: a title, the same in every language, and a `note` on how it came about."""

    title: str = Field(min_length=1)
    note: Text | None = None
    url: str = ""

    @property
    def told(self) -> str:
        """The title with its note."""
        return f"{self.title}; {self.note}" if self.note else self.title


class Prediction(Part):
    """What the learner is asked before the runs; `answer` is one of the choices, `reveal` says why it is so."""

    ask: Text
    choices: dict[Name, Text] = Field(min_length=2, max_length=6)
    answer: Name
    reveal: Text


class Chart(Part):
    """One chart of the lesson's page: a series, of all variants one over another."""

    series: Series
    log: bool = False


class Look(Part):
    """What to look at: a sentence, and the chart and the step that it points to."""

    text: Text
    series: Series | None = None
    step: int | None = Field(None, ge=0)


class Change(Part):
    """One thing to change: a link into the form of a new run, with one variant's spec and these pairs laid over it."""

    text: Text
    variant: Name
    set: Pairs = Field(min_length=1, max_length=8)


class Band(Part):
    """Between what a measure must lie. `reference`: what it was where it comes from, `source` or `measured` over seeds.

    For `order`, the variants from the least to the greatest.
    """

    reference: float | None = None
    low: float | None = None
    high: float | None = None
    order: tuple[Name, ...] | None = None
    source: Name | None = None
    measured: int | None = Field(None, ge=1, description="Seeds over which Livefit itself measured the reference")

    @property
    def holds(self) -> tuple[float, float]:
        """The least and the greatest value that land."""
        return -math.inf if self.low is None else self.low, math.inf if self.high is None else self.high


class Paths(Part):
    """A surface that the variants' optimizers descend, each by itself; which there are, GET /api/surfaces says."""

    surface: Name
    start: tuple[float, float]
    steps: int = Field(ge=1, le=1000)


class Setting(Part):
    """The runs of a lesson on one data set: offline in seconds, or reference as in the source.

    With `paths` nothing is trained: variants are optimizers on a surface. `{seed}` as a value is the run's seed.
    """

    about: Text
    paths: Paths | None = None
    seeds: int = Field(1, ge=1, le=20)
    spec: Pairs = Field(default_factory=dict)
    variants: dict[Name, Pairs] = Field(min_length=1)
    bands: dict[Name, Band] = Field(min_length=1)
    caption: Text | None = None

    def pairs(self, variant: str, changes: Pairs | None = None, seed: int = 1) -> Pairs:
        """Return the pairs of a variant, with changes laid over them."""
        whole = laid_over(laid_over(self.spec, self.variants.get(variant, {})), changes or {})
        return {path: seed if value == SEED else value for path, value in whole.items()}

    def specs(self, seed: int = 1) -> dict[str, dict[str, Any]]:
        """Return the spec of each variant, without its name and seed."""
        return {name: spec_of(self.pairs(name, seed=seed)) for name in self.variants}

    @property
    def descents(self) -> dict[str, Any]:
        """What POST /api/paths is asked, where variants are paths: in their order, who descends what and from where."""
        optimizers = [spec["optimizer"] for spec in self.specs().values()]
        return {**self.paths.model_dump(mode="json"), "optimizers": optimizers}


class Lesson(Part):
    """A lesson in one language."""

    name: str
    title: Text
    summary: Text
    topic: Literal[tuple(TOPICS)]
    covers: tuple[str, ...] = Field(min_length=1)
    experiment: str = Field("", description="Of the book or course that it is from: its section or file")
    question: Text
    prediction: Prediction
    variants: dict[Name, Text] = Field(min_length=1)
    charts: tuple[Chart, ...] = Field((), max_length=4)
    look: tuple[Look, ...] = Field(min_length=1)
    change: tuple[Change, ...] = Field(min_length=1)
    caption: Text
    sources: dict[Name, Source] = Field(min_length=1)
    measures: dict[Name, AnyMeasure] = Field(min_length=1)
    offline: Setting
    reference: Setting | None = None

    def setting(self, name: str) -> Setting:
        """Return a setting by its name.

        Raises:
            NoSuchLesson: the lesson has no such runs.
        """
        found = getattr(self, name) if name in SETTINGS else None
        if found is None:
            raise NoSuchLesson(f"The lesson {self.name!r} has no {name[:40]} runs.", "Its offline runs are there.")
        return found
