"""Data sets over HTTP: bring a file in, see what it would become, keep it, look at it, take it away, delete it.

An upload is the body itself, streamed to the disk; what is in it is read by a forked child. See `app.uploads`.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from app.bodies import BYTES
from app.deps import TheLab, Who
from app.errors import Forbidden, NoSuchDataset
from app.form_values import read_query
from app.run_folder import RUN_ID
from app.uploads.own import NAME, OwnData, clean

MAX_NAME = 200
MAX_COLUMNS = 2_000  # that are corrected
PROBLEM = {"description": "Problem details (RFC 9457), with `problems`: each has a path, a message, a key and values"}
FILE = {"requestBody": {"required": True, "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}}}

router = APIRouter(tags=["data"])
Kind = Literal["number", "category", "ignore"]
Id = Annotated[str, Path(max_length=MAX_NAME, description="The id that the upload was given")]
Name = Annotated[str, Path(max_length=MAX_NAME, description="A built-in data set's name, or the id of an own one")]


class Options(BaseModel):
    """How a file is to be read. What is left out is guessed, and the preview says how."""

    model_config = ConfigDict(extra="forbid")

    encoding: Literal["utf-8", "utf-16", "cp949", "latin-1"] | None = Field(None, description="Of a table")
    separator: Literal["comma", "semicolon", "tab", "bar"] | None = Field(None, description="Between cells of a table")
    decimal: Literal["point", "comma"] | None = Field(None, description="The sign before the decimals of a table")
    header: bool | None = Field(None, description="Whether the first line of a table names its columns")
    target: str | None = Field(None, max_length=MAX_NAME, description="The column of a table that is to be predicted")
    target_kind: Literal["classes", "number"] | None = Field(None, description="What a target is")
    columns: dict[Annotated[str, Field(pattern=r"^\d{1,5}$")], Kind] | None = Field(
        None, max_length=MAX_COLUMNS, description="What columns of a table are, by number from 0, where guessed wrong"
    )
    missing: Literal["fill", "drop"] | None = Field(
        None, description="Cells that are missing: fill them by what the training part says, or drop their rows"
    )
    not_numbers: Literal["refuse", "missing"] | None = Field(
        None, description="Cells of a number's column that are none: refuse the table, or count them as missing"
    )
    inputs: str | None = Field(None, max_length=MAX_NAME, description="The array of an npz that holds the inputs")
    targets: str | None = Field(None, max_length=MAX_NAME, description="The array of an npz that holds the targets")
    layout: Literal["first", "last"] | None = Field(None, description="Where the channels are in images of an npz")
    size: int | None = Field(None, description="Width and height that images of a zip are given, 8 to 256 pixels")
    colour: Literal["grey", "colour"] | None = Field(None, description="Whether images of a zip keep their colours")
    fit: Literal["crop", "pad", "stretch"] | None = Field(None, description="How images of a zip become square")
    unreadable: Literal["refuse", "skip"] | None = Field(None, description="Images of a zip that cannot be read")

    def given(self) -> dict[str, Any]:
        """Return those that were given."""
        return self.model_dump(exclude_none=True)


class Wish(BaseModel):
    """How a file shall be read for a preview."""

    model_config = ConfigDict(extra="forbid")

    options: Options = Options()


class Keeping(Wish):
    """What shall be kept as a data set."""

    upload: str = Field(max_length=MAX_NAME, description="The id of an upload")
    name: str = Field("", max_length=MAX_NAME, description="What to call it; the file's name when left out")
    drawn: bool = Field(False, description="Whether its points were drawn on the page /data/draw")


async def the_own_data(request: Request) -> OwnData:
    """Return the own data sets of this application."""
    return request.app.state.own


TheOwn = Annotated[OwnData, Depends(the_own_data)]


@router.post("/api/uploads", status_code=201, responses={413: PROBLEM, 507: PROBLEM}, openapi_extra=FILE)
async def upload(
    request: Request, own: TheOwn, lab: TheLab, by: Who,
    name: Annotated[str, Query(max_length=MAX_NAME, description="The file's name")] = "",
) -> dict[str, Any]:  # fmt: skip
    """Bring a file in: a table (CSV), arrays (npz), or a zip of images. It waits for a day until it is kept.

    The body is the file itself, as application/octet-stream, of at most LIVEFIT_UPLOAD_LIMIT bytes.
    """
    return await own.waiting.take(request.stream(), clean(name), by, lab.disk.check_room)


@router.post("/api/uploads/{upload_id}/preview", responses={404: PROBLEM, 422: PROBLEM})
async def preview(upload_id: Id, wish: Wish, own: TheOwn) -> dict[str, Any]:
    """Say what an upload would become, and keep nothing: its first rows, what each column is taken for, `problems`.

    `options` has every option, also those that were guessed. A file that cannot be read at all is a 422.
    """
    return await own.preview(upload_id, wish.options.given())


@router.delete("/api/uploads/{upload_id}", status_code=204, responses={404: PROBLEM})
def forget(upload_id: Id, own: TheOwn) -> None:
    """Remove an upload that waits. A data set that it became stays."""
    own.waiting.forget(upload_id)


@router.get("/api/datasets")
async def list_datasets(lab: TheLab, own: TheOwn) -> dict[str, Any]:
    """Return the data sets: `own` ones, newest first, with what is known of each; and those that are `built_in`."""
    known = (await lab.catalog())["datasets"]
    told = ("title", "summary", "source")
    built_in = [{"name": name, **{key: one[key] for key in told}} for name, one in known.items() if name != NAME]
    return {"own": own.every(), "built_in": built_in}


@router.post("/api/datasets", status_code=201, responses={404: PROBLEM, 422: PROBLEM, 507: PROBLEM})
async def keep(wanted: Keeping, response: Response, own: TheOwn, by: Who) -> dict[str, Any]:
    """Keep an upload as a data set. A run trains on it with dataset {"name": "own", "params": {"data": its id}}."""
    meta = await own.keep(wanted.upload, wanted.name, wanted.options.given(), by, drawn=wanted.drawn)
    response.headers["Location"] = f"/api/datasets/{meta['id']}"
    return meta


@router.get("/api/datasets/{name}", responses={404: PROBLEM})
async def show_dataset(name: Name, lab: TheLab, own: TheOwn) -> dict[str, Any]:
    """Return what is known of a data set: of an own one its columns and classes, of a built-in one its schema."""
    known = (await lab.catalog())["datasets"]
    return known[name] if name in known else own.meta(name)


@router.delete("/api/datasets/{name}", status_code=204, responses={403: PROBLEM, 404: PROBLEM, 409: PROBLEM})
async def delete_dataset(name: Name, lab: TheLab, own: TheOwn) -> None:
    """Delete an own data set for good. One that a run was trained on stays, also while that run is in the trash."""
    if name in (await lab.catalog())["datasets"]:
        raise Forbidden(f"{name} is built in; only own data sets can be deleted.")
    await own.delete(name)


@router.get("/api/datasets/{name}/look", responses={404: PROBLEM, 422: PROBLEM})
async def look(
    name: Name, request: Request, lab: TheLab, own: TheOwn,
    first: Annotated[int, Query(ge=0, le=1_000_000, description="The first feature to show")] = 0,
    count: Annotated[int, Query(ge=1, le=100, description="Features to show")] = 12,
) -> dict[str, Any]:  # fmt: skip
    """Return what a data set looks like: classes and samples of each part, distributions before and after scaling.

    The parameters of the data set are taken from the query as the page of a new run has them: `dataset.scaling=unit`.
    """
    params = await params_of(lab, name, request)
    return await own.look(NAME if RUN_ID.fullmatch(name) else name, params, first, count)


@router.get(
    "/api/datasets/{name}/table.npz",
    responses={404: PROBLEM, 200: {"content": {BYTES: {}}}},
    response_class=FileResponse,
)
def download(name: Name, own: TheOwn) -> FileResponse:
    """Return an own data set as it is kept: an npz with `inputs` and `targets`."""
    return FileResponse(own.table(name), media_type=BYTES, filename=f"{name}.npz")


async def params_of(lab: Any, name: str, request: Request) -> dict[str, Any]:
    """Return the parameters of a data set that a query gives; what cannot be read stays as typed.

    Raises:
        NoSuchDataset: there is no component of this name, and that is no id.
    """
    catalog = await lab.catalog()
    component = NAME if RUN_ID.fullmatch(name) else name
    if component not in catalog["datasets"]:
        known = ", ".join(sorted(catalog["datasets"]))
        raise NoSuchDataset(f"There is no data set {name[:40]!r}. Built in: {known}.")
    pairs = [(key, value) for key, value in request.query_params.multi_items() if key.startswith("dataset.")]
    params = read_query(catalog, [("dataset", component), *pairs])["dataset"]["params"]
    return params | {"data": name} if component != name else params
