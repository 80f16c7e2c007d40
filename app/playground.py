"""The playground: optimizers that descend surfaces, and the geometry of penalties. Two pages, and what they ask.

What descends is torch's, so a forked child works it out; the heights of a surface are asked of it once.
"""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app import forms
from app.deps import TheLab
from app.errors import BadPaths, NoSuchSurface
from app.pages import pages

MAX_CHARACTERS = 16 * 1024  # of a request to the child
PROBLEM = {
    "description": "Problem details (RFC 9457): type, title, status, detail, hint, and problems with their paths"
}

router = APIRouter(tags=["playground"])


class OptimizerBody(BaseModel):
    """An optimizer by its component's name, with the parameters that differ from its defaults."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=100, description="As GET /api/catalog has it under `optimizers`")
    params: dict[str, Any] = Field({}, description="By name")


class PathsBody(BaseModel):
    """Who descends what, from where, for how long."""

    model_config = ConfigDict(extra="forbid")

    surface: str = Field(max_length=100, description="As GET /api/surfaces has it")
    start: list[Any] = Field(max_length=2, description="x and y, inside the surface's window")
    steps: Any = Field(description="Updates; GET /api/surfaces says how many at most")
    optimizers: list[OptimizerBody] = Field(max_length=100, description="Who sets out, each by itself")


@router.get("/paths", include_in_schema=False)
async def paths_page(request: Request, lab: TheLab) -> Response:
    """Show optimizers side by side on a surface; who and which is in the URL, and the script's to read."""
    catalog = await pages(request).catalog(request, lab)
    optimizers = forms.choice(catalog, {}, "optimizer").variants
    return pages(request).render(request, "paths.html", optimizers=optimizers)


@router.get("/geometry", include_in_schema=False)
async def geometry_page(request: Request) -> Response:
    """Show penalties against the loss contours of two weights."""
    return pages(request).render(request, "geometry.html")


@router.get("/api/surfaces", responses={503: PROBLEM})
async def surfaces(lab: TheLab) -> dict[str, Any]:
    """Return the surfaces that optimizers can descend: formula, window, minima, curvatures and who sets out."""
    return await lab.workers.surfaces()


@router.get("/api/surfaces/{name}", responses={404: PROBLEM, 503: PROBLEM})
async def surface(name: str, lab: TheLab) -> dict[str, Any]:
    """Return one surface with its heights over the window: float32 in base64, row by row from the lowest y."""
    told = await lab.workers.surfaces(name[:100])
    if "problems" in told:
        raise NoSuchSurface(told["problems"][0]["message"])
    return told


@router.post("/api/paths", responses={422: PROBLEM, 503: PROBLEM})
async def paths(body: PathsBody, lab: TheLab) -> dict[str, Any]:
    """Return the path of each optimizer over a surface, by the very components that train networks."""
    asked = body.model_dump()
    if len(json.dumps(asked)) > MAX_CHARACTERS:
        raise BadPaths([{"path": "", "message": f"this asks in more than {MAX_CHARACTERS:,} characters."}])
    told = await lab.workers.paths(asked)
    if "problems" in told:
        raise BadPaths(told["problems"])
    return told
