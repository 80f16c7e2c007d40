"""What a forked child answers: what only torch can say, as a plan, and what an upload holds, whatever that is."""

import resource
import signal
from importlib import import_module
from pathlib import Path
from typing import Any

ANSWER_WITHIN_S = 10
# seconds: for what computes with networks that are trained, and to read 50,000 reviews while others train
LONGER = {"ensemble": 120, "sharpness": 120, "barrier": 120, "look": 30}
KEEP_WITHIN_S = 120  # a zip of 20,000 photographs takes a minute
ANSWER_MEMORY = 2 * 1024**3
CRASHED = 70  # EX_SOFTWARE of sysexits.h: an exception that nobody answered for
MORE = "What it wrote to forkserver.txt, beside the runs, says more."


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for, within limits of time and memory that end this process."""
    _limit(within_s(request))
    return _ANSWERS[request["do"]](request)


def problem(message: str) -> dict[str, Any]:
    """Return an answer that says what is wrong."""
    return {"problems": [{"path": "", "message": message}]}


def within_s(request: dict[str, Any]) -> int:
    """Return in how many seconds a request is to be answered."""
    return KEEP_WITHIN_S if request.get("into") else LONGER.get(request["do"], ANSWER_WITHIN_S)


def why_none(code: int, request: dict[str, Any]) -> str:
    """Return why a child that ended with a code, or minus a signal, gave no answer to a request."""
    if code == -signal.SIGALRM:
        return f"working this out took more than {within_s(request)} seconds; try something smaller."
    if code in (-signal.SIGKILL, CRASHED):
        return f"working this out failed or took too much memory; try something smaller. {MORE}"
    return f"the process that worked this out died ({code}). {MORE}"


def _describe(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.catalog").schemas()


def _plan(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.plan").answer(request["spec"], request.get("start"))


def _plans(request: dict[str, Any]) -> dict[str, Any]:
    plan = import_module("trainer.plan")
    kept: dict[str, Any] = {}
    return {"plans": [plan.answer(one, kept=kept) for one in request["specs"]]}


def _surfaces(request: dict[str, Any]) -> dict[str, Any]:
    paths = import_module("trainer.paths")
    return paths.surface(request["name"]) if request.get("name") else paths.surfaces()


def _paths(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.paths").answer(request["asked"])


def _ensemble(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.members").answer(request["runs"])


def _sharpness(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.sharpness").answer(request)


def _barrier(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.sharpness").answer_between(request)


def _upload(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.own.answer").answer(request)


def _look(request: dict[str, Any]) -> dict[str, Any]:
    return import_module("trainer.look").answer(request)


_ANSWERS = {
    "describe": _describe,
    "plan": _plan,
    "plans": _plans,
    "surfaces": _surfaces,
    "paths": _paths,
    "ensemble": _ensemble,
    "sharpness": _sharpness,
    "barrier": _barrier,
    "upload": _upload,
    "look": _look,
    "ready": lambda request: {"ready": True},
}


def _limit(within_s: int) -> None:
    # a plan allocates nothing, so one that takes this much is a mistake or an attack
    signal.alarm(within_s)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + ANSWER_MEMORY, now + ANSWER_MEMORY))
