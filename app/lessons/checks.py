"""Whether a lesson holds together: what it names is there, and every band can be graded. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.lessons.curriculum import LINES
from app.lessons.format import SETTINGS, Band, Lesson, Setting
from app.lessons.measures import Across, AnyOfRun, Count, Measure, OfTwo, Order
from app.lessons.wording import in_words, no_such
from app.spec_pairs import BadPath, laid_over, spec_of
from trainer.spec import RunSpec, SpecError

MOST_RUNS = 100


def problems_of(lesson: Lesson) -> list[tuple[str, str]]:
    """Return all that does not hold together in a lesson of the right shape, as (path, sentence)."""
    if problems := list(_of_lesson(lesson)):
        return problems
    settings = {name: setting for name in SETTINGS if (setting := getattr(lesson, name))}
    return [problem for name, setting in settings.items() for problem in _of_setting(lesson, name, setting)]


def _of_lesson(lesson: Lesson) -> Iterator[tuple[str, str]]:
    yield from _known(lesson.covers, LINES, "covers", "line of the curriculum")
    yield from _known([lesson.prediction.answer], lesson.prediction.choices, "prediction.answer", "choice")
    yield from _known([one.variant for one in lesson.change], lesson.variants, "change", "variant")
    drawn = [one.series for one in lesson.charts]
    yield from _known([one.series for one in lesson.look if one.series], drawn, "look", "series among the charts")
    for name, one in lesson.measures.items():
        yield from _of_measure(lesson, name, one)


def _of_measure(lesson: Lesson, name: str, one: Measure) -> Iterator[tuple[str, str]]:
    path = f"measures.{name}"
    of = [one.of] if isinstance(one.of, str) else one.of
    # of those before it, so that none is made of itself
    before = list(lesson.measures)[: list(lesson.measures).index(name)]
    pool, what = (before, "measure above it") if isinstance(one, OfTwo) else (lesson.variants, "variant")
    yield from _known(of, pool, f"{path}.of", what)
    if isinstance(one, OfTwo):
        yield from ((f"{path}.of", f"{name} is an order or a count, which has no number for each seed.")
                    for name in of if isinstance(lesson.measures.get(name), Order | Count))  # fmt: skip
    if isinstance(one, Across | Order | Count):
        for key in ("by", "chosen") if getattr(one, "chosen", None) else ("by",):
            try:
                measure_by(one, of[0], key)
            except ValidationError as error:
                yield from ((f"{path}.{key}.{where}", told) for where, told in map(in_words, error.errors()))


def _of_setting(lesson: Lesson, path: str, setting: Setting) -> Iterator[tuple[str, str]]:
    yield from _known(setting.variants, lesson.variants, f"{path}.variants", "variant that the lesson has a name for")
    if (runs := len(setting.variants) * setting.seeds) > MOST_RUNS:
        yield f"{path}.seeds", f"these are {runs} runs; a lesson has at most {MOST_RUNS}."
    pairs = {f"{path}.spec": {}, **{f"{path}.variants.{name}": one for name, one in setting.variants.items()}}
    for where, changes in pairs.items():
        try:
            RunSpec.read(spec_of(laid_over(setting.spec, changes)))
        except BadPath as error:
            yield where, str(error)
        except SpecError as error:
            yield from ((f"{where}: {one.path}", one.message) for one in error.problems)
    for name, band in setting.bands.items():
        yield from _of_band(lesson, setting, f"{path}.bands.{name}", name, band)


def _of_band(lesson: Lesson, setting: Setting, path: str, name: str, band: Band) -> Iterator[tuple[str, str]]:
    yield from _known([name], lesson.measures, path, "measure")
    yield from _known([band.source] if band.source else [], lesson.sources, f"{path}.source", "source of this lesson")
    if (band.source is None) == (band.measured is None):
        yield path, "say where the reference comes from: source, or measured with the number of seeds."
    measure = lesson.measures.get(name)
    if measure is None:
        return
    for field in ("label", "landed", "missed"):
        if getattr(measure, field) is None:
            yield f"measures.{name}.{field}", f"it is missing: {path} says that this is graded."
    yield from _known(variants_of(lesson, measure), setting.variants, path, "variant of these runs")
    if isinstance(measure, Order):
        if sorted(band.order or ()) != sorted(measure.of):
            yield path, f"order has each of these once, from the least to the greatest: {', '.join(measure.of)}."
    elif band.order or band.reference is None or (band.low is None and band.high is None):
        yield path, "a band has a reference, and low or high or both."
    elif not band.holds[0] <= band.reference <= band.holds[1]:
        yield path, f"the reference {band.reference:g} is itself not within low and high."


def variants_of(lesson: Lesson, measure: Any) -> set[str]:
    """Return the variants whose runs a measure needs."""
    if isinstance(measure, OfTwo):
        return {one for name in measure.of for one in variants_of(lesson, lesson.measures[name])}
    return {measure.of} if isinstance(measure.of, str) else set(measure.of)


def measure_by(measure: Across | Order | Count, variant: str, key: str = "by") -> Any:
    """Return what a measure of several variants takes of one of them; `key`: by, or what one is chosen by.

    Raises:
        ValidationError: that is no measure of one run.
    """
    return TypeAdapter(AnyOfRun).validate_python({**getattr(measure, key), "of": variant})


def _known(names: Iterable[str], known: Any, path: str, what: str) -> Iterator[tuple[str, str]]:
    yield from ((path, no_such(name, known, what)) for name in names if name not in known)
