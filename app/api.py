"""JSON under /api: what can be trained, the runs, and what may be asked of them. Numbers are in `app.readings`."""

import asyncio
from importlib.metadata import version
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from app.deps import TheDoorman, TheLab, TheRun, Who
from app.errors import BadCommand, BadSpec
from app.listing import ROWS_AT_ONCE
from trainer.protocol import AnyCommand, read_command
from trainer.spec import RunSpec, SpecError

READ_AT_ONCE = 4096  # bytes: a larger spec is read in a thread, for YAML takes its time: 60 KB a second

router = APIRouter(tags=["runs"])


def _written_out(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_written_out(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _written_out(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {key: _written_out(one, parts) for key, one in schema.items() if key != "$defs"}


def _command_schema() -> dict[str, Any]:
    schema = msgspec.json.schema(AnyCommand)
    whole = _written_out({"oneOf": schema["anyOf"]}, schema["$defs"])
    for one in whole["oneOf"]:
        for field in ("id", "by"):  # the server's to say
            one["properties"].pop(field, None)
    return whole


SPEC_SCHEMA = RunSpec.model_json_schema()
SPEC_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _written_out(SPEC_SCHEMA, SPEC_SCHEMA.get("$defs", {}))},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}
COMMAND_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _command_schema()}},
    }
}
PROBLEM = {"description": "Problem details (RFC 9457): type, title, status, detail, hint, and problems of a spec"}


@router.get("/healthz", tags=["server"])
async def health() -> dict[str, str]:
    """Say that the server lives, and its version. Needs no sign-in."""
    return {"status": "ok", "version": version("livefit")}


@router.get("/api/catalog", tags=["server"], responses={503: PROBLEM})
async def catalog(lab: TheLab) -> dict[str, Any]:
    """Return every component with its JSON schema, folder by folder, and `training`."""
    return await lab.catalog()


@router.post("/api/invitations", status_code=201, tags=["server"])
async def invite(request: Request, doorman: TheDoorman) -> dict[str, str]:
    """Make a link that signs one more visitor in, once, within a day."""
    return {"url": f"{request.url.scheme}://{request.headers['host']}{doorman.invite()}"}


@router.post("/api/plans", responses={422: PROBLEM, 503: PROBLEM}, openapi_extra=SPEC_BODY)
async def plan(request: Request, lab: TheLab) -> dict[str, Any]:
    """Say what a spec would train: parameters, shapes, memory and steps; or every problem with its path."""
    return await lab.plan(await _spec(request))


@router.post("/api/runs", status_code=201, responses={422: PROBLEM, 507: PROBLEM}, openapi_extra=SPEC_BODY)
async def create_run(request: Request, response: Response, lab: TheLab, by: Who) -> dict[str, str]:
    """Queue a run from a spec in JSON or YAML; it starts when its turn comes. Nothing is queued that cannot run."""
    run = await lab.create(await _spec(request), by)
    response.headers["Location"] = f"/api/runs/{run.id}"
    return {"id": run.id}


@router.get("/api/runs")
async def list_runs(
    lab: TheLab,
    search: Annotated[str, Query(max_length=200, description="Words in the name, data set, model or author")] = "",
    sort: Annotated[Literal["-created", "created", "name", "-name", "status", "by"], Query()] = "-created",
    status: Annotated[str, Query(max_length=100, description="One status, or several with commas")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000, description="Runs at most")] = ROWS_AT_ONCE,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="Runs to leave out at the beginning")] = 0,
) -> dict[str, Any]:
    """Return the runs as cards, newest first, and the `count` of all that were found."""
    words = search.lower().split()
    asked = set(filter(None, status.split(",")))
    cards = [one for one in lab.runs() if (not asked or one["status"]["name"] in asked) and _has(one, words)]
    key = sort.removeprefix("-")
    cards.sort(key=lambda one: one["status"]["name"] if key == "status" else _folded(one[key]), reverse=sort[0] == "-")
    return {"runs": cards[offset : offset + limit], "count": len(cards)}


@router.get("/api/rows")
async def list_rows(
    lab: TheLab,
    search: Annotated[str, Query(max_length=200, description="Words in what is said of a run, or of its group")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000, description="Rows at most")] = ROWS_AT_ONCE,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="Rows to leave out at the beginning")] = 0,
) -> dict[str, Any]:
    """Return the rows of the front page, newest first: {"run": card} of a run alone, {"group"} of several as one.

    `count` is how many rows there are, `runs` how many runs, and `moving` how many of those train.
    """
    return lab.listing.rows(limit, offset, search)


@router.get("/api/runs/{run_id}", responses={404: PROBLEM})
def show_run(run: TheRun) -> dict[str, Any]:
    """Return one run: its card, and `state`, what its events add up to."""
    return run.card() | {"state": run.state.as_json()}


@router.delete("/api/runs/{run_id}", status_code=204, responses={404: PROBLEM, 409: PROBLEM})
async def delete_run(run: TheRun, lab: TheLab) -> None:
    """Put a run in the trash, from which it can be restored for a week."""
    await lab.delete(run)


@router.post("/api/runs/{run_id}/restore", status_code=204, responses={404: PROBLEM})
async def restore_run(run_id: str, lab: TheLab) -> None:
    """Take a run out of the trash."""
    await lab.trash.restore(run_id)


@router.post("/api/runs/{run_id}/restart", status_code=202, responses={404: PROBLEM, 409: PROBLEM})
async def restart_run(run: TheRun, lab: TheLab, by: Who) -> dict[str, Any]:
    """Let an interrupted, stopped or failed run go on from its last checkpoint, as a new attempt."""
    lab.restart(run, by)
    return {"id": run.id, "status": run.status}


@router.post(
    "/api/runs/{run_id}/commands",
    status_code=202,
    responses={404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
    openapi_extra=COMMAND_BODY,
)
async def send_command(request: Request, run: TheRun, by: Who) -> dict[str, str]:
    """Ask something of the trainer; what it says to it comes as an event with this id as its `command`."""
    try:
        command = read_command(await request.body())
    except msgspec.MsgspecError as error:
        raise BadCommand(f"{error}.") from None
    command.by = by
    return {"id": run.send(command)}


async def _spec(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        if len(body) < READ_AT_ONCE:
            return _read_spec(body)
        return await asyncio.to_thread(_read_spec, body)
    except UnicodeDecodeError:
        raise BadSpec([{"path": "", "message": "the spec is not UTF-8 text."}]) from None
    except SpecError as error:
        raise BadSpec([one.model_dump() for one in error.problems]) from None


def _read_spec(body: bytes) -> dict[str, Any]:
    return RunSpec.parse(body.decode()).model_dump()


def _has(card: dict[str, Any], words: list[str]) -> bool:
    text = " ".join(str(card[key]) for key in ("name", "by", "dataset", "model", "optimizer", "id")).lower()
    return all(word in text for word in words)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
