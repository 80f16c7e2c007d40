"""livefit lesson list | run: lessons in the terminal, graded. Exit code 0 when all landed, 1 when one missed."""

import asyncio
import os
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from app.settings import Settings

command = typer.Typer(no_args_is_help=True, help="Classic experiments that say themselves whether they landed.")


@command.command("list")
def list_lessons() -> None:
    """List the lessons, by topic."""
    from rich.console import Console

    from app.lessons.shelf import Shelf
    from app.lessons.table import print_list

    settings = Settings()
    print_list(Shelf(settings.lessons_dir).lessons(), settings, Console(highlight=False))


@command.command()
def run(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of lessons, as `livefit lesson list` shows them")
    ] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every lesson that there is")] = False,
    reference: Annotated[bool, typer.Option(help="On the data of the source, not on those that come along")] = False,
    seeds: Annotated[int, typer.Option(help="Seeds of each variant; 0: as many as the lesson has", min=0, max=100)] = 0,
    at_once: Annotated[int, typer.Option(help="Trainers at a time; 0: one a core", min=0, max=256)] = 0,
    out: Annotated[Path | None, typer.Option(help="Keep the runs in this folder; left out, they are not kept")] = None,
) -> None:
    """Train the variants of lessons here, without a server, and print what landed."""
    from rich.console import Console

    from app.lessons.shelf import Shelf
    from app.lessons.table import Progress, print_grades
    from app.lessons.training import jobs_of, train

    settings = Settings()
    shelf = Shelf(settings.lessons_dir)
    setting = "reference" if reference else "offline"
    chosen = [shelf.lesson(name) for name in (shelf.names() if all_of_them else names or [])]
    if all_of_them:
        chosen = [one for one in chosen if getattr(one, setting)]
    if not chosen:
        raise typer.BadParameter("Name a lesson, or give --all. `livefit lesson list` shows them.")
    console = Console(highlight=False)
    jobs = [job for lesson in chosen for job in jobs_of(lesson, setting, seeds)]
    if out:
        out.mkdir(parents=True, exist_ok=True)
    with nullcontext(out) if out else tempfile.TemporaryDirectory(prefix="livefit-lessons-") as folder:
        with Progress(jobs, Console(stderr=True)) as progress:
            trained = asyncio.run(train(jobs, Path(folder), at_once or len(os.sched_getaffinity(0)), progress.heard))
        landed = print_grades(trained, settings, console)
    raise typer.Exit(0 if landed else 1)
