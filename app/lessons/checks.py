"""Whether a lesson holds together: what it names is there, and every band can be graded. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.lessons.curriculum import LINES
from app.lessons.format import SETTINGS, Band, Lesson, Setting
from app.lessons.measures import AnyOfRun, Count, Ensemble, Measure, OfMany, OfTwo, Order, Path
from app.lessons.wording import in_words, no_such
from app.spec_pairs import BadPath, spec_of
from trainer.spec import RunSpec, SpecError

MOST_RUNS = 100
MOST_PATHS = 8  # as POST /api/paths has it


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
    if lesson.reference and bool(lesson.reference.paths) != bool(lesson.offline.paths):
        yield "reference.paths", "offline and reference are both runs, or both paths."
    if not lesson.offline.paths and not lesson.charts:
        yield "charts", "say one to four series of which the page draws the runs."
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
    if isinstance(one, OfMany):
        for key in ("by", "chosen") if getattr(one, "chosen", None) else ("by",):
            try:
                if isinstance(measure_by(one, of[0], key), Ensemble) and not isinstance(one, Order | Count):
                    yield f"{path}.{key}", "an ensemble has no number for each seed."
            except ValidationError as error:
                yield from ((f"{path}.{key}.{where}", told) for where, told in map(in_words, error.errors()))


def _of_setting(lesson: Lesson, path: str, setting: Setting) -> Iterator[tuple[str, str]]:
    yield from _known(setting.variants, lesson.variants, f"{path}.variants", "variant that the lesson has a name for")
    if (runs := len(setting.variants) * setting.seeds) > MOST_RUNS:
        yield f"{path}.seeds", f"these are {runs} runs; a lesson has at most {MOST_RUNS}."
    if setting.paths and len(setting.variants) > MOST_PATHS:
        yield f"{path}.variants", f"these are {len(setting.variants)} paths; one picture has at most {MOST_PATHS}."
    places = {f"{path}.spec": "", **{f"{path}.variants.{name}": name for name in setting.variants}}
    for where, variant in places.items():
        pairs = setting.pairs(variant)
        if setting.paths and (others := [one for one in pairs if one.split(".")[0] != "optimizer"]):
            yield where, f"{others[0]!r} is of no use here: a path has an optimizer, and nothing else."
        if setting.paths and variant and "optimizer" not in pairs:
            yield where, "say which optimizer descends, as in optimizer: sgd."
        try:
            RunSpec.read(spec_of(pairs))
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
    if _walks(lesson, measure) != bool(setting.paths):
        yield path, "paths are measured by take: path, and runs are not."
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


def measure_by(measure: OfMany, variant: str, key: str = "by") -> Any:
    """Return what a measure of several variants takes of one of them; `key`: by, or what one is chosen by.

    Raises:
        ValidationError: that is no measure of one run.
    """
    return TypeAdapter(AnyOfRun).validate_python({**getattr(measure, key), "of": variant})


def _walks(lesson: Lesson, measure: Any) -> bool:
    if isinstance(measure, OfTwo):
        return all(_walks(lesson, lesson.measures[name]) for name in measure.of)
    return isinstance(measure_by(measure, measure.of[0]) if isinstance(measure, OfMany) else measure, Path)


def _known(names: Iterable[str], known: Any, path: str, what: str) -> Iterator[tuple[str, str]]:
    yield from ((path, no_such(name, known, what)) for name in names if name not in known)
