"""Lessons under /api: which there are, what one holds, starting it, and what its runs came to."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.deps import TheGroups, Who
from app.lessons.format import Lesson, SettingName
from app.lessons.launching import grade_of, graded, groups_of, launch
from app.lessons.outline import address_of, by_topic, in_brief
from app.lessons.shelf import Shelf
from app.pages import pages

router = APIRouter(prefix="/api/lessons", tags=["lessons"])
NOT_FOUND = {404: {"description": "Problem details (RFC 9457): no such lesson, or no such group"}}
PROBLEM = {"description": "Problem details (RFC 9457): type, title, status, detail, hint"}


def the_shelf(request: Request) -> Shelf:
    """Return the application's lessons."""
    return request.app.state.shelf


def the_lesson(name: str, request: Request) -> Lesson:
    """Return the lesson that the path names, in the language of the request; an unknown one is a 404."""
    return the_shelf(request).lesson(name, pages(request).texts.language(request))


TheShelf = Annotated[Shelf, Depends(the_shelf)]
TheLesson = Annotated[Lesson, Depends(the_lesson)]


class StartBody(BaseModel):
    """Which runs of the lesson."""

    model_config = ConfigDict(extra="forbid")

    setting: SettingName = Field(
        "offline", description="offline: in seconds, on data that come along; reference: on the data of the source"
    )


@router.get("")
async def list_lessons(request: Request, shelf: TheShelf, groups: TheGroups) -> dict[str, Any]:
    """Return the lessons in the language of the request, by topic; `groups` are those that each has launched."""
    lessons = await shelf.all_of(pages(request).texts.language(request))
    return {"lessons": [in_brief(one) | {"groups": groups_of(groups, one.name)} for one in by_topic(lessons)]}


@router.get("/{name}", responses=NOT_FOUND)
async def show_lesson(lesson: TheLesson, groups: TheGroups) -> dict[str, Any]:
    """Return one lesson, whole, in the language of the request; `change` has the address of each form."""
    told = lesson.model_dump(exclude_none=True)
    told["change"] = [{"text": one.text, "address": address_of(lesson, at)} for at, one in enumerate(lesson.change)]
    return told | in_brief(lesson) | {"groups": groups_of(groups, lesson.name)}


@router.post("/{name}/start", status_code=201, responses={**NOT_FOUND, 400: PROBLEM, 422: PROBLEM, 507: PROBLEM})
async def start_lesson(
    lesson: TheLesson, body: StartBody, response: Response, groups: TheGroups, by: Who
) -> dict[str, Any]:
    """Queue the runs of a lesson as one group: nothing is queued unless all can run."""
    group = await launch(groups, lesson, body.setting, by)
    response.headers["Location"] = f"/api/groups/{group.id}"
    return {"group": group.id, "runs": [run.id for run in groups.runs(group)]}


@router.get("/{name}/grade", responses={**NOT_FOUND, 400: PROBLEM, 409: PROBLEM, 503: PROBLEM})
async def grade_lesson(
    request: Request,
    lesson: TheLesson,
    shelf: TheShelf,
    groups: TheGroups,
    group: Annotated[str, Query(max_length=40, description="The group of runs that the lesson launched")] = "",
    setting: Annotated[SettingName, Query(description="Of a lesson of paths, which has no runs: which of them")] = (
        "offline"
    ),
) -> dict[str, Any]:
    """Say what the runs of a lesson came to: each measure with its band, the reference, and whether it landed.

    A lesson of paths is graded without a group. 409 while a run has not ended.
    """
    texts = pages(request).texts
    t, asking = texts.translator(texts.language(request)), request.app.state.asking
    if lesson.setting(setting).paths:
        return (await grade_of(asking, lesson, setting, {}, t)).as_json()
    found = groups.group(group)
    return (await graded(shelf, asking, lesson, found, groups.runs(found), t)).as_json()
