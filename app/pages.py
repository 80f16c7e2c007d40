"""The pages: they gather what a template needs, and decide nothing.

Everything that moves on them comes over the websocket; here they get their form, their words and their knobs.
"""

import asyncio
import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

from app import form_values, forms, steered
from app.assets import FOREVER
from app.card import own_data
from app.component_words import translated
from app.deps import TheGroups, TheLab, TheRun, name_of
from app.errors import Damaged, NoSuchRun
from app.example import EXAMPLE, NEW_RUN
from app.lab import Lab
from app.run_folder import unusable_spec
from app.settings import Settings
from app.texts import COOKIE, ENGLISH, NAMES, Texts
from trainer.spec import RunSpec

router = APIRouter(include_in_schema=False)

A_YEAR_S = 365 * 24 * 3600
SCRIPTS = {
    "index.html": "home", "new_run.html": "new", "run.html": "run", "group.html": "group", "storage.html": "storage",
    "lessons.html": "lessons", "lesson.html": "lesson",
}  # fmt: skip
SCRIPTS |= {f"{page}.html": page for page in ("data", "data_new", "data_draw", "data_one")}
SCRIPTS |= {"paths.html": "paths", "geometry.html": "geometry"}
PLOTLY_VERSION = version("plotly")


class Pages:
    """The templates with the words, made once for an application."""

    def __init__(self, settings: Settings):
        self.texts = Texts(settings.static_dir / "texts")
        self.templates = Jinja2Templates(directory=settings.templates_dir)
        self.templates.env.trim_blocks = self.templates.env.lstrip_blocks = True

    def words(self, request: Request) -> dict[str, str]:
        """Return the catalogue of the request's language; none for English, in which errors speak by themselves."""
        language = self.texts.language(request)
        return {} if language == ENGLISH else self.texts.catalogues[language]

    def said(self, request: Request, text: str) -> str:
        """Return what the code says in the request's language."""
        return self.texts.says[self.texts.language(request)].said(text)

    async def catalog(self, request: Request, lab: Lab) -> Mapping[str, Any]:
        """Return the schemas of every component, in the words of the request's language."""
        return translated(await lab.catalog(), self.texts.components[self.texts.language(request)])

    def say(self, request: Request, key: str) -> str:
        """Return a sentence in the language of the request."""
        return self.texts.translator(self.texts.language(request))(key)

    def render(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page in the language of the request."""
        language = self.texts.language(request)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        assets = request.app.state.assets
        own = assets.modules("js/main.js", *(f"js/pages/{one}.js" for one in (SCRIPTS.get(template),) if one))
        return self.templates.TemplateResponse(
            request,
            template,
            values
            | {
                "t": self.texts.translator(language),
                "language": language,
                "languages": NAMES,
                "static": assets.address,
                "modules": own,
                # from anywhere one goes to a run, and wants to see it at once
                "next_modules": [one for one in assets.modules("js/pages/run.js") if one not in own],
                "path": request.url.path,
                "new_run": NEW_RUN,
                "here": here,
                "who": name_of(request),
                "version": version("livefit"),
                "invites": status != 401 and request.app.state.settings.asks_who_comes,
                "plotly_url": f"/-/plotly.min.js?v={PLOTLY_VERSION}",
            },
            status_code=status,
        )


@router.get("/")
async def home(request: Request, lab: TheLab) -> Response:
    """Show the runs."""
    told = lab.listing.rows()
    rest = told["count"] - len(told["rows"])
    return pages(request).render(request, "index.html", rows=told["rows"], rest=rest, example=json.dumps(EXAMPLE))


@router.get("/new")
async def new_run(request: Request, lab: TheLab, groups: TheGroups) -> Response:
    """Show the form of a new run, filled from the URL, another run (`?from=<id>`) or a group (`?group=<id>`).

    With `steered` what was changed in that other run while it trained is carried as changes of this one.
    """
    catalog = await pages(request).catalog(request, lab)
    given = request.query_params
    pairs = [(key, value) for key, value in given.multi_items() if key not in ("from", "group", "steered")]
    source = lab.run(given["from"]) if "from" in given else None
    asked = groups.group(given["group"]).asked if "group" in given else {}
    base = spec_of(source) if source else form_values.fitting(asked.get("spec", {}))
    was_steered = source is not None and any(one["kind"] in ("change", "swap") for one in source.state["marks"])
    if was_steered and "steered" in given:
        base = base | {"changes": await asyncio.to_thread(steered.changes_of, source.folder, base.get("changes", []))}
    spec = form_values.merge(base, form_values.read_query(catalog, pairs, base))
    return pages(request).render(
        request,
        "new_run.html",
        groups=forms.form(catalog, spec),
        spec=spec,
        source=source,
        offers_steered=was_steered and "steered" not in given,
        changes=steered.lines(spec.get("changes")),
        asked=json.dumps(asked) if asked else "",
        start=start_of(lab, spec),
    )


@router.get("/runs/{run_id}")
async def one_run(request: Request, run: TheRun, lab: TheLab) -> Response:
    """Show one run: its charts and its knobs."""
    spec = spec_of(run)
    catalog = await pages(request).catalog(request, lab)
    yaml = RunSpec.read(spec).to_yaml()
    return pages(request).render(
        request,
        "run.html",
        run=run,
        dataset=lab.data_names.get(own_data(spec)) or spec["dataset"]["name"],
        spec=spec,
        knobs=forms.knobs(catalog, spec),
        swaps=forms.swaps(catalog, spec),
        start=start_of(lab, spec),
        yaml=yaml,
        command=f"livefit train - <<'YAML'\n{yaml}YAML\n",
    )


@router.get("/docs")
def docs(request: Request) -> Response:
    """Show the API, from the application's own description of it."""
    return pages(request).render(request, "docs.html", operations=operations(request.app.openapi()))


@router.get("/language/{code}")
def switch_language(code: str, back: str = "/") -> Response:
    """Keep the language that was chosen, and go back to where one was."""
    # a path of ours only: "//host" and "/\host" are addresses of somebody else
    here = back if back.startswith("/") and back[1:2] not in ("/", "\\") else "/"
    answer = RedirectResponse(here, status_code=303)
    if code in NAMES:
        answer.set_cookie(COOKIE, code, max_age=A_YEAR_S, samesite="lax")
    return answer


@router.get("/-/plotly.min.js")
def plotly(request: Request, v: str = "") -> Response:
    """Serve plotly.js from the installed package, compressed once."""
    headers = {"Cache-Control": FOREVER if v == PLOTLY_VERSION else "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed_plotly(), media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})
    return Response(plotly_file().read_bytes(), media_type="text/javascript", headers=headers)


def error_page(request: Request, status: int, title: str, detail: str = "", hint: str = "") -> Response:
    """Return what is wrong as a page, for a browser that asked for one; in its language where there are words."""
    if words := pages(request).words(request):
        title, hint = words.get(f"error.{status}", title), words.get(f"error.{status}.hint", hint)
    said = {
        key: pages(request).said(request, one) for key, one in (("title", title), ("detail", detail), ("hint", hint))
    }
    return pages(request).render(request, "error.html", status, **said)


def sign_in_page(scope: Any) -> Response:
    """Return the page for a visitor who has not come by the server's link, or by one that was used before."""
    answer = pages(Request(scope)).render(Request(scope), "sign_in.html", 401, used=scope["path"] == "/sign-in")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def pages(request: Request) -> Pages:
    """Return the application's templates; made when the first page is asked for."""
    state = request.app.state
    if not hasattr(state, "pages"):
        state.pages = Pages(state.settings)
    return state.pages


def spec_of(run: Any) -> dict[str, Any]:
    """Return the complete spec that a run was asked to be; where spec.json is none any more, what it began with.

    Raises:
        Damaged: its log does not say that either.
    """
    try:
        spec = RunSpec.read(json.loads((run.folder / "spec.json").read_text(encoding="utf-8"))).model_dump()
    except (OSError, ValueError):
        spec = run.state["spec"]
        if not spec:
            hint = "Bring it back from a copy of the folder, or delete the run."
            raise Damaged(unusable_spec(run.folder), hint) from None
    return spec


def start_of(lab: Lab, spec: dict[str, Any]) -> dict[str, Any] | None:
    """Return the checkpoint that a spec begins with: `run`, its `name` if it is still `known`, and `checkpoint`."""
    start = spec.get("start")
    if not isinstance(start, dict):
        return None
    said = {key: str(start.get(key, ""))[:100] for key in ("run", "checkpoint")}
    try:
        return said | {"known": True, "name": lab.run(said["run"]).name}
    except NoSuchRun:
        return said | {"known": False, "name": ""}


@cache
def packed_plotly() -> bytes:
    """Return plotly.js compressed. Takes about 0.3 s, once."""
    return gzip.compress(plotly_file().read_bytes(), compresslevel=6, mtime=0)


def plotly_file() -> Path:
    """Return where the installed plotly keeps its script, without importing it."""
    package = find_spec("plotly")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("plotly is not installed: pip install plotly")
    return Path(package.submodule_search_locations[0]) / "package_data" / "plotly.min.js"


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an OpenAPI description as rows for the page: method, path, words, parameters, body, answers."""
    rows = []
    for path, methods in schema.get("paths", {}).items():
        for method, one in methods.items():
            body = one.get("requestBody", {}).get("content", {})
            rows.append(
                {
                    "id": f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
                    "method": method.upper(),
                    "path": path,
                    "summary": one.get("summary", ""),
                    "description": one.get("description", ""),
                    "parameters": [
                        {
                            "name": each["name"],
                            "where": each["in"] + (" *" if each.get("required") else ""),
                            "type": kind_of(each.get("schema", {})),
                            "description": each.get("description", each.get("schema", {}).get("description", "")),
                        }
                        for each in one.get("parameters", ())
                    ],
                    "body": json.dumps(resolved(next(iter(body.values())).get("schema", {}), schema), indent=2)
                    if body
                    else "",
                    "answers": [
                        {"status": status, "description": answer.get("description", "")}
                        for status, answer in one.get("responses", {}).items()
                    ],
                }
            )
    return rows


def kind_of(schema: dict[str, Any]) -> str:
    """Return a parameter's type in a word."""
    options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return kind_of(options[0]) if options else schema.get("type", "any")


def resolved(schema: Any, whole: dict[str, Any], depth: int = 0) -> Any:
    """Return a schema with its references written out, four deep: deeper ones stay references."""
    if isinstance(schema, list):
        return [resolved(each, whole, depth) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema and depth < 4:
        name = schema["$ref"].rpartition("/")[2]
        return resolved(whole["components"]["schemas"][name], whole, depth + 1)
    return {key: resolved(each, whole, depth) for key, each in schema.items()}
