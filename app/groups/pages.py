"""The pages of several runs: a group, and any runs side by side."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.deps import TheGroup, TheGroups, TheLab
from app.groups.vary import MAX_MEMBERS
from app.pages import pages, spec_of
from app.run import Run

router = APIRouter(include_in_schema=False)


@router.get("/groups/{group_id}")
def one_group(request: Request, group: TheGroup, groups: TheGroups) -> Response:
    """Show a group: its curves over one another, what differs between its runs, and what they come to."""
    runs = groups.runs(group)
    page = pages(request)
    title = group.name or page.say(request, "groups.unnamed")
    csv = f"/api/groups/{group.id}/table.csv"
    return page.render(request, "group.html", group=group, runs=runs, title=title, what=_what(runs[0]), csv=csv)


@router.get("/compare")
def compare(request: Request, lab: TheLab, runs: Annotated[str, Query(max_length=27 * MAX_MEMBERS)] = "") -> Response:
    """Show any runs side by side, as those of a group."""
    found = [lab.run(one) for one in dict.fromkeys(runs.split(",")) if one]
    page = pages(request)
    title = page.say(request, "groups.compare")
    csv = f"/api/comparisons/table.csv?runs={','.join(run.id for run in found)}"
    return page.render(request, "group.html", group=None, runs=found, title=title, what="", csv=csv)


def _what(run: Run) -> str:
    spec = spec_of(run)
    return f"{spec['dataset']['name']} · {spec['model']['name']}"
