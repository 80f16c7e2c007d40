"""Every error of the server, with its status and a hint, and how it becomes RFC 9457 problem details.

LivefitError 500
├── NotFound 404
│   ├── NoSuchRun
│   ├── NoSuchGroup
│   ├── NoSuchCheckpoint
│   ├── NoSuchDataset
│   ├── NoSuchUpload       it was never there, or was removed after a day
│   ├── NoSuchLesson
│   ├── NoSuchSurface
│   └── NoSuchReading      a series, a probe or a step that the run does not have
├── BadRequest 400
│   ├── BadCheckpoint 422  damaged, truncated, edited, or of a newer version
│   ├── BadUpload 422      `problems` has each reason with its place: an option, or a column of the table
│   ├── BadCommand 422     no such command, an unknown field, a wrong type
│   ├── BadGroup 422       `problems` has each reason with its path, and the members that it concerns
│   └── BadSpec 422        `problems` has each reason with its path in the spec
│       └── BadPaths       or in what was asked of optimizers on a surface
├── NotNow 409             the run's status does not allow it
│   └── InUse              a data set that runs were trained on
├── Forbidden 403
│   ├── WrongHost 421      the Host header names somebody else (DNS rebinding)
│   └── WrongOrigin        the request was made by a page of another site
├── NotSignedIn 401
├── TooLarge 413
├── WrongContentType 415
├── Unavailable 503
│   ├── WorkersAway        no trainer can be started at the moment
│   ├── CatalogueBusy      another program holds the catalogue
│   ├── Unwritable         the data folder takes nothing: read-only, or no right to write
│   └── DiskFull 507
│       └── OverBudget     runs take more than LIVEFIT_DISK_BUDGET allows
├── Damaged                a log of the run is not what was written
├── BadLesson              a lesson's file; `problems` has each reason with its path in it
├── NotARun                a folder that shall be verified and holds no run
└── CannotStart            the server itself: said in one sentence, exit code 1
    ├── FolderTaken        another server works on the data folder
    ├── FolderUnusable     it cannot be made or written
    └── PortTaken          or an address that is not ours
"""

import json
from typing import Any

PROBLEM_TYPE = "application/problem+json"


class LivefitError(Exception):
    """Something that went wrong and can be said in a sentence; `hint` says what to do about it."""

    status = 500
    title = "Something went wrong"
    hint = ""

    def __init__(self, detail: str = "", hint: str = ""):
        super().__init__(detail or self.title)
        self.detail = detail
        self.hint = hint or self.hint

    def problem(self) -> dict[str, Any]:
        """Return the error as RFC 9457 problem details."""
        return problem(self.status, self.title, self.detail, self.hint, kind=type(self).__name__)


class NotFound(LivefitError):
    status = 404
    title = "There is nothing here"
    hint = "The front page lists the runs; /docs lists the API."


class NoSuchRun(NotFound):
    title = "No such run"
    hint = "It may have been deleted. GET /api/runs lists the runs there are."


class NoSuchGroup(NotFound):
    title = "No such group of runs"
    hint = "Its runs may have been deleted. GET /api/groups lists the groups there are."


class NoSuchCheckpoint(NotFound):
    title = "No such checkpoint"
    hint = "Older ones are removed as new ones are saved. GET /api/runs/{id}/checkpoints lists those there are."


class NoSuchDataset(NotFound):
    title = "No such data set"
    hint = "GET /api/datasets lists those there are."


class NoSuchUpload(NotFound):
    title = "No such upload"
    hint = "An upload waits for a day until it is kept as a data set. Upload the file again."


class NoSuchLesson(NotFound):
    title = "No such lesson"
    hint = "GET /api/lessons lists the lessons there are."


class NoSuchSurface(NotFound):
    title = "No such surface"
    hint = "GET /api/surfaces lists the surfaces there are."


class NoSuchReading(NotFound):
    title = "Nothing was measured by that name"
    hint = "GET /api/runs/{id} shows what the run has."


class BadRequest(LivefitError):
    status = 400
    title = "The request cannot be understood"


class BadCheckpoint(BadRequest):
    status = 422
    title = "This checkpoint cannot be used"
    hint = "Take another one: GET /api/runs/{id}/checkpoints says which are sound."


class BadCommand(BadRequest):
    status = 422
    title = "That is not a command"
    hint = "Commands: change, swap, pause, resume, step, stop, save, measure. Their fields are in docs/protocol.md."


class BadSpec(BadRequest):
    status = 422
    title = "This spec cannot be run"
    hint = "Each problem names its place in the spec."

    def __init__(self, problems: list[dict[str, str]]):
        super().__init__("; ".join(f"{one['path']}: {one['message']}" if one["path"] else one["message"]
                                   for one in problems))  # fmt: skip
        self.problems = problems

    def problem(self) -> dict[str, Any]:
        return super().problem() | {"problems": self.problems}


class BadUpload(BadSpec):
    title = "This file cannot be taken so"
    hint = ""


class BadPaths(BadSpec):
    title = "These paths cannot be worked out"
    hint = "Each problem names its place in what was asked."


class BadGroup(BadRequest):
    """Runs that cannot be launched together. `problems`: [{path, message, members: [{place, label}]}]."""

    status = 422
    title = "These runs cannot be launched together"
    hint = "Nothing was started. Each problem names its place in the spec, and the runs that have it."

    def __init__(self, problems: list[dict[str, Any]]):
        super().__init__("; ".join(_of_group(one) for one in problems))
        self.problems = problems

    def problem(self) -> dict[str, Any]:
        return super().problem() | {"problems": self.problems}


class NotNow(LivefitError):
    status = 409
    title = "Not in this state"


class InUse(NotNow):
    title = "Runs were trained on it"
    hint = "Delete them first, and empty the trash."


class Forbidden(LivefitError):
    status = 403
    title = "Not allowed"


class WrongHost(Forbidden):
    status = 421
    title = "This server does not answer to that name"
    hint = "Open the address that the server printed at its start, or name this one in LIVEFIT_ALLOWED_HOSTS."


class WrongOrigin(Forbidden):
    title = "A page of another site may not do this"
    hint = "Open Livefit's own page and do it there."


class NotSignedIn(LivefitError):
    status = 401
    title = "Sign in first"
    hint = "Open the one-time link that the server printed at its start, or ask somebody signed in for a new one."


class TooLarge(LivefitError):
    status = 413
    title = "That is too much at once"


class WrongContentType(LivefitError):
    status = 415
    title = "The body has the wrong type"
    hint = "Send Content-Type: application/json, or application/yaml for a spec."


class Unavailable(LivefitError):
    status = 503
    title = "Not at the moment"


class WorkersAway(Unavailable):
    title = "No trainer can be started at the moment"
    hint = "What its process wrote to forkserver.txt, beside the runs, says why."


class CatalogueBusy(Unavailable):
    title = "The catalogue of runs cannot be written"
    hint = "Another program holds it. Close that program, or try again in a moment."


class DiskFull(Unavailable):
    status = 507
    title = "The disk is nearly full"
    hint = "Delete runs, or make room on the disk; queued runs go on by themselves."


class OverBudget(DiskFull):
    title = "Runs take more of the disk than they may"
    hint = "Free some on the page /storage, or raise LIVEFIT_DISK_BUDGET; queued runs go on by themselves."


class Unwritable(Unavailable):
    title = "The data folder cannot be written"
    hint = "What is there can be looked at. Make the folder writable again; queued runs go on by themselves."


class Damaged(LivefitError):
    title = "A log of this run is damaged"
    hint = "What stands before the damage is shown. Bring the file back from a copy, or run the spec again."


class BadLesson(LivefitError):
    title = "This lesson cannot be used"
    hint = "Mend its file; docs/lessons.md in the source says what may stand in it."

    def __init__(self, name: str, problems: list[tuple[str, str]]):
        super().__init__("\n".join(f"{name}: {path}: {told}" if path else f"{name}: {told}" for path, told in problems))
        self.problems = problems


class NotARun(LivefitError):
    title = "That is no run"


class CannotStart(LivefitError):
    title = "Livefit cannot start"


class FolderTaken(CannotStart):
    title = "Another server works on this data folder"


class FolderUnusable(CannotStart):
    title = "The data folder cannot be used"


class PortTaken(CannotStart):
    title = "The address cannot be listened on"


def problem(status: int, title: str, detail: str = "", hint: str = "", kind: str = "") -> dict[str, Any]:
    """Return problem details (RFC 9457); `kind` names the error's class and becomes its type."""
    return {
        "type": f"urn:livefit:{kind}" if kind else "about:blank",
        "title": title,
        "status": status,
        "detail": detail or title,
        "hint": hint,
    }


def _of_group(one: dict[str, Any]) -> str:
    members = [f"{each['label'] or each['place']}" for each in one["members"]]
    more = f" and {len(members) - 3} more" if len(members) > 3 else ""
    which = f"run {', '.join(members[:3])}{more}: " if members else ""
    return f"{which}{one['path']}: {one['message']}" if one["path"] else f"{which}{one['message']}"


def render(details: dict[str, Any]) -> bytes:
    """Return problem details as the bytes of an application/problem+json body."""
    return json.dumps(details, ensure_ascii=False, allow_nan=False).encode()
