"""Trains the runs of lessons on this machine, with no server: several at once, each a process of its own."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import BadLesson, NoSuchRun
from app.lessons.asking import Answers, Asking
from app.lessons.format import Lesson
from app.planning import plan_all
from app.run_folder import new_folder
from app.workers.local import LocalWorkers
from trainer.spec import RunSpec


@dataclass(frozen=True)
class Job:
    """One run to be trained: which variant of which lesson, and with which seed; or a lesson's paths, seed 0."""

    lesson: Lesson
    setting: str
    variant: str
    seed: int


@dataclass
class Trained:
    """The folders that the runs of a lesson left, by variant, seed by seed, and what else was asked of them."""

    lesson: Lesson
    setting: str
    folders: dict[str, list[Path]] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)


def jobs_of(lesson: Lesson, setting: str, seeds: int = 0) -> list[Job]:
    """Return the runs of a lesson, with seeds 1, 2, ...: as many as its setting has, unless it is said how many.

    Paths know no chance: they are one job, whatever is said.
    """
    asked = lesson.setting(setting)
    if asked.paths:
        return [Job(lesson, setting, "", 0)]
    each = range(1, (seeds or asked.seeds) + 1)
    return [Job(lesson, setting, variant, seed) for seed in each for variant in asked.variants]


async def train(
    jobs: Iterable[Job], folder: Path, at_once: int, heard: Callable[[Job, str], None] = lambda job, what: None
) -> list[Trained]:
    """Train runs, `at_once` of them at a time, and return what each lesson left, in the order of the jobs.

    Args:
        jobs: of one lesson or of many.
        folder: where the runs' folders are made; it is there.
        at_once: trainers at a time.
        heard: is told "begun" and "ended" of each job.

    Raises:
        BadLesson: a variant cannot be run; nothing is trained then.
        WorkersAway: no trainer can be started.
    """
    workers = LocalWorkers(folder / "forkserver.txt")
    workers.start()
    try:
        jobs = list(jobs)
        complete = await _plans(jobs, workers)
        found: dict[tuple[str, str], Trained] = {}
        gate = asyncio.Semaphore(at_once)
        try:
            async with asyncio.TaskGroup() as group:
                for job in jobs:
                    one = found.setdefault((job.lesson.name, job.setting), Trained(job.lesson, job.setting))
                    if not job.seed:
                        continue
                    spec = complete[job.lesson.name, job.setting, job.variant, job.seed]
                    place = new_folder(folder, spec | {"seed": job.seed, "name": name_of(job)}).absolute()
                    one.folders.setdefault(job.variant, []).append(place)
                    group.create_task(_train(job, place, workers, gate, heard))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        asking = Asking(workers)
        for one in found.values():
            one.answers = await asking.of(one.lesson, one.setting, one.folders)
        for job in jobs:
            if not job.seed:
                heard(job, "ended")
        return list(found.values())
    finally:
        await workers.close()


def name_of(job: Job) -> str:
    """Return what a run of a lesson is called."""
    return f"{job.lesson.title} · {job.lesson.variants[job.variant]} · seed {job.seed}"[:200]


async def _plans(jobs: list[Job], workers: LocalWorkers) -> dict[tuple[str, str, str, int], dict[str, Any]]:
    """Return the complete spec of each variant and seed."""
    specs = {
        (job.lesson.name, job.setting, job.variant, job.seed): job.lesson.setting(job.setting).specs(job.seed)[
            job.variant
        ]
        for job in jobs
        if job.seed
    }
    whole = [RunSpec.read(spec).model_dump() for spec in specs.values()]
    answers = dict(zip(specs, await plan_all(workers, whole, _none), strict=True))
    problems = [
        (".".join((*key[1:2], "variants", key[2], one["path"])), f"{one['message']} (lesson {key[0]})")
        for key, answer in answers.items()
        for one in answer.get("problems", ())
    ]
    if problems:
        raise BadLesson(" ".join(dict.fromkeys(job.lesson.name for job in jobs)), list(dict.fromkeys(problems)))
    return {key: answer["spec"] for key, answer in answers.items()}


def _none(run: str) -> Any:
    raise NoSuchRun(f"A lesson starts from no other run, and so not from {run[:40]!r}.")


async def _train(job: Job, folder: Path, workers: LocalWorkers, gate: asyncio.Semaphore, heard: Any) -> None:
    async with gate:
        heard(job, "begun")
        process = await workers.train(folder, 1)
        try:
            await process.ended()
        except asyncio.CancelledError:
            process.send(signal.SIGKILL)
            raise
        heard(job, "ended")
