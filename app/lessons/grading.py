"""Says of finished runs whether a lesson landed: what was measured, the band, the reference, and a sentence of each.

A pure function of the runs' folders, the same in the terminal, in the server and in the tests.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.lessons.asking import Answers, key_of, of_paths
from app.lessons.format import Band, Lesson, Setting
from app.lessons.measures import Across, Order, Unit
from app.lessons.measuring import Measured, measure
from app.lessons.readings import NEVER, Reading, Unmeasured, Walk

Translate = Callable[..., str]
NO_ANSWERS: Answers = {}


@dataclass(frozen=True)
class Row:
    """One measure that was graded, as it is told. `measured` and the rest are texts with their units.

    landed: whether it lies in its band · values: of several variants, what each came to · numbers: measured,
    low, high and reference as numbers, None where one is not finite · problem: why nothing could be measured, or "" ·
    picture: of an influence, {setting, log, series, points: [[value, measure]]}.
    """

    measure: str
    label: str
    landed: bool
    measured: str
    spread: str
    reference: str
    band: str
    sentence: str
    source: str
    source_url: str
    numbers: dict[str, float | None]
    values: dict[str, str]
    problem: str = ""
    picture: dict[str, Any] | None = None


@dataclass(frozen=True)
class Grade:
    """What a lesson's runs came to: it landed when every row did."""

    lesson: str
    setting: str
    landed: bool
    seeds: int
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the grade as the API gives it."""
        return asdict(self)


def grade(
    lesson: Lesson, setting: str, runs: Mapping[str, Sequence[Path]], t: Translate, answers: Answers = NO_ANSWERS
) -> Grade:
    """Return the grade of a lesson whose variants left these folders, seed by seed, in the language of `t`.

    `answers`: what `app.lessons.asking` was told of these runs; only measures that need torch look there.

    Nothing is refused: a run that is missing, failed or has not what is measured makes its rows miss, and says why.

    Raises:
        NoSuchLesson: the lesson has no such setting.
    """
    asked = lesson.setting(setting)
    read = {variant: [Reading(folder, answers) for folder in folders] for variant, folders in runs.items()}
    if asked.paths:
        read = _walks(asked, answers)
    rows = tuple(_row(lesson, name, band, read, t) for name, band in asked.bands.items())
    seeds = max((len(found) for found in read.values()), default=0)
    return Grade(lesson.name, setting, all(row.landed for row in rows), seeds, rows)


def _walks(asked: Setting, answers: Answers) -> dict[str, list[Walk]]:
    columns = answers.get(key_of(of_paths(asked)), {}).get("paths", ())
    return {variant: [Walk(one)] for variant, one in zip(asked.variants, columns, strict=False)}


def _row(lesson: Lesson, name: str, band: Band, runs: Mapping[str, Sequence[Reading]], t: Translate) -> Row:
    one = lesson.measures[name]
    problem = ""
    try:
        measured = measure(lesson, one, runs)
    except Unmeasured as error:
        measured, problem = None, str(error)
    landed = measured is not None and _lands(measured.value, band)
    told = _told(lesson, one, band, measured, t)
    template = str(one.landed if landed else one.missed)
    sentence = t("lesson.unmeasured", problem=problem) if problem else filled(template, told)
    source = lesson.sources[band.source] if band.source else None
    return Row(
        measure=name,
        label=str(one.label),
        landed=landed,
        measured=told["measured"],
        spread=told["spread"],
        reference=told["reference"],
        band=told["band"],
        sentence=sentence,
        source=source.told if source else t("lesson.source.own", n=band.measured),
        source_url=source.url if source else "",
        numbers=_numbers(band, measured),
        values=_values(lesson, one, measured, t),
        problem=problem,
        picture=_picture(one, measured),
    )


def _picture(one: Any, measured: Measured | None) -> dict[str, Any] | None:
    if measured is None or not measured.places:
        return None
    points = [list(place) for place in measured.places if all(map(math.isfinite, place))]
    return {"setting": one.setting, "log": one.log, "series": one.by.get("series", ""), "points": points}


def _lands(value: float | tuple[str, ...], band: Band) -> bool:
    if isinstance(value, tuple):
        return value == band.order
    low, high = band.holds
    return low <= value <= high


def _told(lesson: Lesson, one: Any, band: Band, measured: Measured | None, t: Translate) -> dict[str, str]:
    nothing = t("lesson.nothing")
    seeds = str(len(measured.each)) if measured else "0"
    if isinstance(one, Order):
        order = [lesson.variants[name] for name in band.order or ()]
        found = nothing if measured is None else " < ".join(lesson.variants[name] for name in measured.value)
        expected = " < ".join(order)
        return {"measured": found, "reference": expected, "band": expected, "spread": "", "seeds": seeds,
                "low": expected, "high": expected}  # fmt: skip

    def show(value: float | None) -> str:
        return nothing if value is None else shown(value, one.unit, t, width)

    width = band.holds[1] - band.holds[0]
    many = measured is not None and measured.spread is not None and one.unit != "yes"
    return {
        "measured": show(measured.value if measured else None),
        "spread": show(measured.spread) if many else "",
        "reference": show(band.reference),
        "low": show(band.low),
        "high": show(band.high),
        "band": _band(band, show, t),
        "seeds": seeds,
    }


def _numbers(band: Band, measured: Measured | None) -> dict[str, float | None]:
    value = measured.value if measured and isinstance(measured.value, float) else None
    numbers = {"measured": value, "low": band.low, "high": band.high, "reference": band.reference}
    return {name: one if one is not None and math.isfinite(one) else None for name, one in numbers.items()}


def _band(band: Band, show: Callable[[float | None], str], t: Translate) -> str:
    if band.low is None:
        return t("lesson.band.high", high=show(band.high))
    if band.high is None:
        return t("lesson.band.low", low=show(band.low))
    if band.low == band.high:
        return show(band.low)
    return t("lesson.band", low=show(band.low), high=show(band.high))


def _values(lesson: Lesson, one: Any, measured: Measured | None, t: Translate) -> dict[str, str]:
    if measured is None or measured.by_variant is None:
        return {}
    unit = one.by.get("unit", one.unit if isinstance(one, Across) else "number")
    return {lesson.variants[name]: shown(value, unit, t) for name, value in measured.by_variant.items()}


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a sentence with its {placeholders} filled."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


def shown(value: float, unit: Unit, t: Translate, width: float = 0.0) -> str:
    """Return a number with its unit, as it is read: 0.8941 as 89.4 %, 0.22 points, 131 epochs, never.

    width: of the band that it is compared with, which may need more digits; 0 or infinite where there is none.
    """
    if unit == "yes":
        return t("lesson.yes" if value else "lesson.no")
    if math.isnan(value):
        return "NaN"
    if value == NEVER:
        return t("lesson.never")
    if not math.isfinite(value):
        return "-∞"
    if unit in ("share", "points"):
        return t(f"lesson.unit.{unit}", value=_decimals(100 * value, 1, _needed(100 * width)))
    if unit in ("epochs", "steps"):
        whole = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
        return t(f"lesson.unit.{unit}", value=whole)
    number = plain_number(value, _needed(width))
    return t("lesson.unit.times", value=number) if unit == "times" else number


def plain_number(value: float, decimals: int = 0) -> str:
    """Return a number with three or four digits that count: 2.303, 0.0112, 9.8e-6, 16,400.

    decimals: so many at least where they are not zeros, of the number as it stands without an exponent.
    """
    size = abs(value)
    if size == 0 or (value == int(value) and size < 1e6):
        return f"{value:,.0f}"
    exponent = math.floor(math.log10(size))
    if size < 1e-3 or size >= 1e6:
        mantissa = f"{value:.{max(1, decimals + exponent)}e}".partition("e")
        return f"{_short(mantissa[0], 1)}e{int(mantissa[2])}"
    if size >= 1000:
        return _decimals(value, 0, decimals)
    return f"{value:.{max(4, decimals + exponent + 1)}g}"


def _needed(width: float) -> int:
    """Return how many decimals tell numbers apart that differ by a tenth of a band's width."""
    return math.ceil(round(1 - math.log10(width), 6)) if 0 < width < math.inf else 0


def _decimals(value: float, fewest: int, wanted: int) -> str:
    return _short(f"{value:,.{max(fewest, wanted)}f}", fewest)


def _short(number: str, fewest: int) -> str:
    """Return a number without the zeros at its end, but with the fewest decimals that it is to have."""
    whole, _, decimals = number.partition(".")
    decimals = decimals[:fewest] + decimals[fewest:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
