"""The storage over HTTP: what runs take on the disk, what would be freed, and freeing it; and the page of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.freeing import Asked, Freeing
from app.pages import pages
from trainer.spec import ID_PATTERN

MAX_RUNS = 1_000
PROBLEM = {"description": "Problem details (RFC 9457)"}

router = APIRouter(tags=["storage"])


class Body(BaseModel):
    """What shall be freed. Of each run the whole (`delete`), or old checkpoints and most captures; and the trash."""

    model_config = ConfigDict(extra="forbid")

    runs: list[Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]] = Field(
        [], max_length=MAX_RUNS, description="Ids of the runs that are meant"
    )
    delete: bool = Field(False, description="Put them in the trash, whole; their space is free once that is emptied")
    checkpoints: Literal["none", "old", "all"] = Field(
        "none", description="Drop none; the old ones: superseded, or saved by themselves and not the newest; or all"
    )
    captures: Literal["keep", "thin"] = Field(
        "keep", description="Keep all; or at most 128 of each tensor, as many as a page shows. Every number stays"
    )
    trash: bool = Field(False, description="Remove what is in the trash, for good")

    def asked(self) -> Asked:
        """Return it as `app.freeing` takes it."""
        return Asked(tuple(self.runs), self.delete, self.checkpoints, self.captures, self.trash)


async def the_freeing(request: Request) -> Freeing:
    """Return who frees space in this application."""
    return request.app.state.freeing


TheFreeing = Annotated[Freeing, Depends(the_freeing)]


@router.get("/api/storage")
async def storage(freeing: TheFreeing) -> dict[str, Any]:
    """Return what runs take on the disk, largest first, and what is in the trash until when. All sizes are bytes.

    `disk.floor`: with fewer free bytes no run is started. `budget`: what all may take (LIVEFIT_DISK_BUDGET), or null.
    """
    return await freeing.storage.report()


@router.post("/api/storage/preview", responses={404: PROBLEM})
async def preview(body: Body, freeing: TheFreeing) -> dict[str, Any]:
    """Say what would be freed, and do nothing. `later`: bytes that are free once the trash is emptied.

    `what` has each deed: kind (delete, checkpoints, captures, trash), run, name, frees, count of checkpoints, and
    `refused`: why it cannot be done, or "".
    """
    return await freeing.preview(body.asked())


@router.post("/api/storage/free", responses={404: PROBLEM})
async def free(body: Body, freeing: TheFreeing) -> dict[str, Any]:
    """Free what was asked for, and say what was done, as the preview does. A run that trains is never touched."""
    return await freeing.free(body.asked())


@router.get("/storage", include_in_schema=False)
async def storage_page(request: Request) -> Response:
    """Show what takes the disk, and what can be freed."""
    return pages(request).render(request, "storage.html")
