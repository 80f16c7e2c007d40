"""create_app(settings): what the server is made of, and the order in which it starts and stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app import (
    api,
    checkpoints,
    data_pages,
    downloads_api,
    live,
    pages,
    playground,
    readings,
    stacks,
    storage_api,
    superseded,
)
from app.assets import Assets
from app.catalog_db import Catalogue
from app.diagnosis import api as diagnosis
from app.downloads import Downloads
from app.errors import PROBLEM_TYPE, BadRequest, LivefitError, problem, render
from app.folder_lock import FolderLock
from app.freeing import Freeing
from app.groups import api as groups_api
from app.groups import pages as groups_pages
from app.groups.groups import Groups
from app.guard import HEADERS, Doorman, Guard
from app.lab import Lab
from app.lessons import api as lessons_api
from app.lessons import pages as lessons_pages
from app.lessons.asking import Asking
from app.lessons.shelf import Shelf
from app.settings import Settings
from app.storage import Storage
from app.sweep import sweep
from app.uploads import api as uploads_api
from app.uploads.own import OwnData
from app.uploads.waiting import Waiting
from app.workers.local import LocalWorkers

UNREAD = "The body cannot be read as JSON: its lists and objects may stand too deep in one another."
UNREAD_HINT = "Send JSON as UTF-8 text, with no list or object hundreds of levels down."
SUMMARY = "Launch, watch and steer networks while they train."


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the server as an ASGI application. From here on the data folder is this server's.

    Raises:
        CannotStart: another server works on the data folder, or it or the catalogue cannot be used.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="Livefit", summary=SUMMARY, version=version("livefit"), lifespan=_life,
        docs_url=None, redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    app.state.settings = settings
    app.state.lock = FolderLock(settings.data_dir)
    app.state.catalogue = Catalogue(settings.catalogue_url)
    app.state.doorman = Doorman(settings)
    app.state.shelf = Shelf(settings.lessons_dir)
    app.add_middleware(Guard, settings=settings, doorman=app.state.doorman, sign_in_page=pages.sign_in_page)
    app.include_router(api.router)
    app.include_router(readings.router)
    app.include_router(superseded.router)
    app.include_router(checkpoints.router)
    app.include_router(groups_api.router)
    app.include_router(lessons_api.router)
    app.include_router(storage_api.router)
    app.include_router(stacks.router)
    app.include_router(uploads_api.router)
    app.include_router(downloads_api.router)
    app.include_router(data_pages.router)
    app.include_router(diagnosis.router)
    app.include_router(playground.router)
    app.include_router(live.router)
    app.include_router(pages.router)
    app.include_router(lessons_pages.router)
    app.include_router(groups_pages.router)
    app.state.assets = Assets(settings.static_dir)
    app.mount("/static", app.state.assets, name="static")
    app.add_exception_handler(LivefitError, _say_problem)
    app.add_exception_handler(HTTPException, _say_http)
    app.add_exception_handler(RequestValidationError, _say_invalid)
    app.add_exception_handler(Exception, _say_fault)
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    try:
        await asyncio.to_thread(sweep, settings.data_dir)
        app.state.lab = lab = Lab(settings, app.state.catalogue, _workers(settings))
        app.state.own = own = OwnData(lab, Waiting(settings.data_dir))
        lab.components.offers["datasets"] = own.titles
        app.state.downloads = Downloads(ended=lab.workers.forget_plans)
        app.state.freeing = Freeing(Storage(lab))
        app.state.groups = groups = Groups(lab)
        app.state.asking = Asking(lab.workers)
        await lab.open()
        groups.open()
        work = (app.state.freeing.storage.tend(), groups.tend(), own.waiting.tend())
        tending = [asyncio.create_task(one) for one in work]
        try:
            yield
        finally:
            for task in tending:
                task.cancel()
            await app.state.downloads.close()
            await lab.close()
    finally:
        app.state.catalogue.close()
        app.state.lock.release()


def _workers(settings: Settings) -> LocalWorkers:
    return LocalWorkers(settings.data_dir / "forkserver.txt", settings.data_dir)


def _say_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, LivefitError)
    return _say(request, error.problem())


def _say_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, LivefitError):  # of a body: see `app.bodies`
        return _say_problem(request, error.__cause__)
    if error.status_code == 400:  # FastAPI found no JSON in a body that it could take, and says nothing of why
        return _say_problem(request, BadRequest(UNREAD, UNREAD_HINT))
    words = {404: "There is nothing here", 405: "This address does not take that method"}
    title = words.get(error.status_code, str(error.detail))
    hint = "The front page lists the runs; /docs lists the API."
    details = problem(error.status_code, title, f"{request.method} {request.url.path}", hint)
    return _say(request, details, error.headers)


def _say_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [{"path": ".".join(str(one) for one in each["loc"][1:]), "message": each["msg"]}
                for each in error.errors()]  # fmt: skip
    told = "; ".join(f"{one['path']}: {one['message']}" for one in problems)
    return _say(request, problem(422, "The request cannot be understood", told) | {"problems": problems})


def _say_fault(request: Request, error: Exception) -> Response:
    details = problem(500, "Something went wrong in the server", type(error).__name__, "The server's log says more.")
    answer = _say(request, details)
    # this one is written outside the guard, which puts them on every other answer
    answer.raw_headers.extend(HEADERS)
    return answer


def _say(request: Request, details: dict[str, Any], headers: Any = None) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if wants_page and request.method == "GET":
        return pages.error_page(request, details["status"], details["title"], details["detail"], details["hint"])
    return Response(render(details), details["status"], headers, PROBLEM_TYPE)
