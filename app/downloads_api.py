"""Downloads of data sets over HTTP: begin one, see how far it is, cancel it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from app.deps import TheLab
from app.downloads import Downloads
from app.errors import NoSuchDataset
from app.uploads.api import PROBLEM, Name

router = APIRouter(prefix="/api/datasets/{name}/download", tags=["data"], responses={404: PROBLEM})


async def the_downloads(request: Request) -> Downloads:
    """Return the downloads of this application."""
    return request.app.state.downloads


async def built_in(name: Name, lab: TheLab) -> str:
    """Return the name of a built-in data set.

    Raises:
        NoSuchDataset: there is none of that name.
    """
    known = (await lab.catalog())["datasets"]
    if name not in known:
        raise NoSuchDataset(f"There is no data set {name[:40]!r}. Built in: {', '.join(sorted(known))}.")
    return name


TheDownloads = Annotated[Downloads, Depends(the_downloads)]
BuiltIn = Annotated[str, Depends(built_in)]


@router.get("")
async def show_download(name: BuiltIn, downloads: TheDownloads) -> dict[str, Any]:
    """Return how far a download is, in bytes; `problem` and `hint` say why one that is over failed."""
    return downloads.told(name)


@router.post("", status_code=202)
async def begin_download(name: BuiltIn, downloads: TheDownloads) -> dict[str, Any]:
    """Bring a data set here. Who asks while it is under way shares the download; one that broke off goes on."""
    return downloads.start(name)


@router.delete("", status_code=204)
async def cancel_download(name: BuiltIn, downloads: TheDownloads) -> None:
    """Cancel a download, for all who wait for it. What has come is kept, and the next one goes on from there."""
    await downloads.cancel(name)
