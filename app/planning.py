"""What specs would train, asked of a forked child before anything is queued: one spec, or many at once."""

import json
from collections.abc import Callable
from typing import Any

from app.checkpoint_files import start_of
from app.errors import BadSpec
from app.workers.local import LocalWorkers

PIECE_SPECS = 16
PIECE_CHARACTERS = 64 * 1024  # a request to the fork server is one packet

Find = Callable[[str], Any]  # a run by its id
Answer = dict[str, Any]


async def plan(workers: LocalWorkers, spec: dict[str, Any], find: Find) -> Answer:
    """Return {"plan", "spec"}: what the spec would train, and the spec with every default written out.

    Raises:
        BadSpec: it cannot be run; `problems` says why.
    """
    answer = await workers.plan(spec, start_of(spec, find))
    if "problems" in answer:
        raise BadSpec(answer["problems"])
    return answer


async def plan_all(workers: LocalWorkers, specs: list[dict[str, Any]], find: Find) -> list[Answer]:
    """Return for each spec what `plan` does, or {"problems"}. Specs that differ in name and seed alone are one."""
    answers: dict[str, Answer] = {}
    waiting: dict[str, dict[str, Any]] = {}
    for spec in specs:
        alike = spec | {"name": "", "seed": 1}
        key = _key(alike)
        if spec.get("start"):
            try:
                answers[key] = answers.get(key) or await plan(workers, alike, find)
            except BadSpec as error:
                answers[key] = {"problems": error.problems}
        else:
            waiting[key] = alike
    for keys in _pieces({key: len(key) for key in waiting}):
        found = await workers.plans([waiting[key] for key in keys])
        answers |= dict(zip(keys, found, strict=True))
    return [_named(answers[_key(spec | {"name": "", "seed": 1})], spec) for spec in specs]


def _key(spec: dict[str, Any]) -> str:
    return json.dumps(spec, sort_keys=True)


def _named(answer: Answer, spec: dict[str, Any]) -> Answer:
    if "problems" in answer:
        return answer
    return answer | {"spec": answer["spec"] | {"name": spec["name"], "seed": spec["seed"]}}


def _pieces(sizes: dict[str, int]) -> list[list[str]]:
    pieces: list[list[str]] = []
    room = 0
    for key, size in sizes.items():
        if not pieces or size > room or len(pieces[-1]) == PIECE_SPECS:
            pieces.append([])
            room = PIECE_CHARACTERS
        pieces[-1].append(key)
        room -= size
    return pieces
