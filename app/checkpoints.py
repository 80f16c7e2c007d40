"""A run's checkpoints over HTTP: what there is, the weights to take away, and "Continue from here"."""

import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app import checkpoint_files as files
from app.deps import TheLab, TheRun, Who
from app.errors import NotNow
from trainer.manifest import Line

router = APIRouter(prefix="/api/runs/{run_id}/checkpoints", tags=["checkpoints"])
NOT_FOUND = {404: {"description": "Problem details (RFC 9457): no such run, or no such checkpoint"}}
REFUSED = {
    409: {"description": "Problem details: the run trains, or nobody can go on from there"},
    422: {"description": "Problem details: the checkpoint is damaged"},
    507: {"description": "Problem details: there is no room on the disk"},
}


@router.get("", responses=NOT_FOUND)
def list_checkpoints(run: TheRun) -> dict[str, Any]:
    """Return the run's checkpoints, newest first.

    `name` says why it was saved: auto, epoch, best, final, interrupted, or what was typed. `sound`: its files are what
    was written, else `flaw` says what is wrong. `superseded`: the run went on from an earlier step since. `sha256` is
    that of network.safetensors.
    """
    return {"checkpoints": files.listing(run.folder)}


@router.get(
    "/{checkpoint}/network.safetensors",
    responses=NOT_FOUND | {200: {"content": {"application/octet-stream": {}}}, 422: REFUSED[422]},
    response_class=StreamingResponse,
)
def download(run: TheRun, checkpoint: str) -> StreamingResponse:
    """Return the weights of a checkpoint, as safetensors."""
    found = files.Download(files.path_of(run.folder, checkpoint))
    name = f"{run.id}-{checkpoint}.safetensors"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(found.size)}
    return StreamingResponse(found, media_type="application/octet-stream", headers=headers)


@router.post("/{checkpoint}/continue", status_code=202, responses=NOT_FOUND | REFUSED)
async def continue_from(run: TheRun, checkpoint: str, lab: TheLab, by: Who) -> dict[str, Any]:
    """Let a run that does not train go on from a checkpoint, as its next attempt.

    Its knobs are as they were there; commands that came later are not taken again.
    """
    path = files.path_of(run.folder, checkpoint)
    manifest = await asyncio.to_thread(files.sound, path)
    line = await asyncio.to_thread(Line, run.folder)
    if line.superseded(manifest):
        attempt = line.attempt_of(manifest)
        told = f"{checkpoint} is of attempt {attempt}, and the run went on from an earlier step since."
        raise NotNow(told, "Start a new run with its weights, or continue from a checkpoint of the present line.")
    if 0 < manifest.get("epochs", 0) <= manifest["epoch"]:
        told = f"At {checkpoint} all {manifest['epochs']:,} epochs are done: nothing is left to train."
        raise NotNow(told, "Continue from an earlier one, or start a new run with its weights.")
    # from here to the end without an await: nobody can start the run in between
    if run.held:
        raise NotNow(f"The run is not free: {run.held}.", "Try again in a moment.")
    told = f"continued from step {manifest['step']:,} by {by}"
    lab.go_on(run, told, lambda: files.choose(run.folder, checkpoint, run.next_attempt()))
    return {"id": run.id, "status": run.status}
