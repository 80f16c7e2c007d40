"""The pages of data: every data set, bringing one in, drawing one, and what one looks like with some parameters."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app import form_values, forms
from app.deps import TheLab
from app.errors import NoSuchDataset, NoSuchUpload
from app.pages import pages
from app.run_folder import RUN_ID
from app.uploads.api import TheOwn
from app.uploads.own import NAME

router = APIRouter(include_in_schema=False)


@router.get("/data")
async def data(request: Request, lab: TheLab, own: TheOwn) -> Response:
    """Show every data set, and the ways to bring one in."""
    known = (await pages(request).catalog(request, lab))["datasets"]
    built_in = [forms.variant("dataset", name, one, {}, chosen=False) for name, one in known.items() if name != NAME]
    limit = lab.settings.upload_limit
    return pages(request).render(
        request, "data.html", built_in=built_in, own=own.every(), own_name=NAME, limit=limit
    )  # fmt: skip


@router.get("/data/new")
async def bring_in(request: Request, own: TheOwn) -> Response:
    """Show what an upload would become (`?upload=<id>`), and how it is read, until it is kept. Without one: /data."""
    upload = request.query_params.get("upload", "")[:40]
    if not upload:
        return RedirectResponse("/data", status_code=303)
    try:
        _, file = own.waiting.known(upload)
    except NoSuchUpload:
        file = {"name": "", "bytes": 0}  # the preview says so
    return pages(request).render(request, "data_new.html", upload=upload, file=file)


@router.get("/data/draw")
async def draw(request: Request) -> Response:
    """Show a plane to set points on."""
    return pages(request).render(request, "data_draw.html")


@router.get("/data/{name}")
async def one_dataset(name: str, request: Request, lab: TheLab, own: TheOwn) -> Response:
    """Show one data set with the parameters in the URL."""
    if RUN_ID.fullmatch(name):
        return RedirectResponse(f"/data/{NAME}?dataset.data={own.meta(name)['id']}", status_code=303)
    catalog = await pages(request).catalog(request, lab)
    if name not in catalog["datasets"]:
        raise NoSuchDataset(f"There is no data set {name[:40]!r}.", "The page /data lists those there are.")
    pairs = [("dataset", name), *request.query_params.multi_items()]
    spec = form_values.read_query(catalog, pairs)
    chosen = next(one for one in forms.choice(catalog, spec, "dataset").variants if one.chosen)
    meta = _meta(own, chosen)
    return pages(request).render(request, "data_one.html", chosen=chosen, meta=meta, is_own=name == NAME)


def _meta(own: Any, chosen: forms.Variant) -> dict[str, Any] | None:
    if chosen.name != NAME:
        return None
    id = next((one.text for one in chosen.fields if one.name == "data"), "")
    try:
        return own.meta(id)
    except NoSuchDataset:
        return None
