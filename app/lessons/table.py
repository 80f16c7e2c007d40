"""Lessons as a terminal shows them: the list, the progress of their runs, and what they came to as a table."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from app.lessons.curriculum import TOPICS
from app.lessons.format import Lesson
from app.lessons.grading import Grade, grade
from app.lessons.training import Job, Trained
from app.settings import Settings
from app.texts import Texts


def print_list(lessons: Sequence[Lesson], settings: Settings, console: Console) -> None:
    """Print every lesson under its topic."""
    t = Texts(settings.static_dir / "texts").translator("en")
    for topic in TOPICS:
        found = [one for one in lessons if one.topic == topic]
        if not found:
            continue
        table = Table(
            title=t(f"lesson.topic.{topic}"), title_justify="left", title_style="bold", box=None, padding=(0, 3, 0, 0)
        )
        for one in found:
            settings_told = "offline, reference" if one.reference else "offline"
            table.add_row(one.name, one.title, f"[dim]{settings_told}[/dim]")
        console.print(table, "")
    console.print("To train and grade one: livefit lesson run NAME")


class Progress:
    """A bar for each lesson that trains; use as a context manager."""

    def __init__(self, jobs: Iterable[Job], console: Console):
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Bars(*columns, console=console)
        self._waiting = self._bars.add_task("Importing torch: some seconds", total=None)
        self._tasks: dict[str, Any] = {}
        for job in jobs:
            name = job.lesson.name
            if name not in self._tasks:
                self._tasks[name] = self._bars.add_task(name, total=0, visible=False)
            task = self._bars.tasks[self._tasks[name]]
            self._bars.update(task.id, total=(task.total or 0) + 1)

    def heard(self, job: Job, what: str) -> None:
        """Hear that a run began or ended."""
        self._bars.update(self._waiting, visible=False)
        task = self._tasks[job.lesson.name]
        self._bars.update(task, visible=True, advance=1 if what == "ended" else 0)

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


def print_grades(trained: Iterable[Trained], settings: Settings, console: Console) -> bool:
    """Print what each lesson's runs came to, and return whether all landed."""
    t = Texts(settings.static_dir / "texts").translator("en")
    grades = [(one.lesson, grade(one.lesson, one.setting, one.folders, t, one.answers)) for one in trained]
    for lesson, one in grades:
        _print_one(lesson, one, console)
    if len(grades) > 1:
        console.print(_summary(grades), "")
    missed = [lesson.name for lesson, one in grades if not one.landed]
    count = f"{len(grades) - len(missed)} of {len(grades)} landed"
    console.print(f"{count}{'; missed: ' + ', '.join(missed) if missed else '.'}")
    return not missed


def _print_one(lesson: Lesson, one: Grade, console: Console) -> None:
    title = f"{lesson.title} · {one.setting} · {one.seeds} seed{'' if one.seeds == 1 else 's'} · {_verdict(one.landed)}"
    table = Table(title=title, title_justify="left", title_style="bold", caption_justify="left", expand=False)
    for heading in ("measure", "measured", "band", "reference", "", "from"):
        table.add_column(heading, overflow="fold")
    sources = list(dict.fromkeys(row.source for row in one.rows))
    for row in one.rows:
        measured = f"{row.measured} ± {row.spread}" if row.spread else row.measured
        # of an order band and reference are the same words
        reference = "" if row.reference == row.band else row.reference
        number = str(1 + sources.index(row.source))
        table.add_row(row.label, measured, row.band, reference, _verdict(row.landed), number)
    console.print(table)
    for row in one.rows:
        console.print(f"  {'✓' if row.landed else '✗'} {row.sentence}")
    for number, source in enumerate(sources, 1):
        console.print(f"  [dim]{number} {source}[/dim]")
    console.print()


def _summary(grades: Sequence[tuple[Lesson, Grade]]) -> Table:
    """Return a line for each lesson: how many of its measures landed, and which did not."""
    table = Table(title="All of them", title_justify="left", title_style="bold", expand=False)
    for heading in ("lesson", "runs", "seeds", "landed", "", "missed"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("seeds", "landed") else "left")
    for lesson, one in grades:
        missed = [f"{row.label}: {row.measured}, not {row.band}" for row in one.rows if not row.landed]
        landed = f"{len(one.rows) - len(missed)}/{len(one.rows)}"
        table.add_row(lesson.name, one.setting, str(one.seeds), landed, _verdict(one.landed), "; ".join(missed))
    return table


def _verdict(landed: bool) -> str:
    return "[green]landed[/green]" if landed else "[red]MISSED[/red]"
