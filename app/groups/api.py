"""JSON under /api/groups: several runs launched, looked at and stopped as one; /api/comparisons looks at any runs so.

What reads logs is a plain `def` route: it runs on a thread and never holds up the event loop.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.deps import TheGroup, TheGroups, TheLab, Who
from app.errors import BadGroup, BadRequest
from app.groups import table
from app.groups.card import group_card
from app.groups.feed import GroupFeed
from app.groups.group import Group
from app.groups.pages import labels_for
from app.groups.table import Seen
from app.groups.variants import flat
from app.groups.vary import MAX_MEMBERS, Member, Vary, members
from app.lab import Lab
from app.pages import pages
from app.run import Run
from trainer.spec import SpecError, check_values

MAX_NAMES = 20
NOT_FOUND = {404: {"description": "Problem details (RFC 9457): no such group, or no such run"}}
PROBLEM = {"description": "Problem details (RFC 9457): type, title, status, detail, hint, and problems of the runs"}
Names = Annotated[str, Query(max_length=2_000, description="Names of series, with commas between; none: validation")]
Width = Annotated[int, Query(ge=1, le=2_000, description="Places at most")]
Ids = Annotated[str, Query(max_length=27 * MAX_MEMBERS, description="Ids of runs, with commas between")]

router = APIRouter(tags=["groups"])


class VaryBody(BaseModel):
    """A place in the spec and the values that it takes."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(max_length=200, description="A path, as optimizer.params.lr, optimizer, regularizers.l2 or seed")
    values: list[Any] = Field(min_length=1, max_length=MAX_MEMBERS, description="Its values in turn")


class MemberBody(BaseModel):
    """One run, written out."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field("", max_length=200, description="Of its variant; runs that only differ in seed or fold share it")
    spec: dict[str, Any] = Field(description="As POST /api/runs takes it")


class MembersBody(BaseModel):
    """Runs: one spec and what varies in it, or each written out."""

    model_config = ConfigDict(extra="forbid")

    spec: dict[str, Any] = Field({}, description="What all have in common, as POST /api/runs takes it")
    vary: list[VaryBody] = Field([], max_length=20, description="What varies; seeds and folds repeat every variant")
    combine: Literal["each", "grid"] = Field("grid", description="Every combination, or one path at a time")
    baseline: bool = Field(False, description="With `each`: also the spec as it is")
    members: list[MemberBody] = Field([], max_length=MAX_MEMBERS, description="Instead of spec and vary: every run")

    def runs(self) -> list[Member]:
        """Return the runs that are asked for.

        Raises:
            BadGroup: they are asked for both ways, or in part by values that no spec may have.
        """
        if self.members and (self.vary or self.spec):
            told = "give either `members`, or `spec` with what varies in it."
            raise BadGroup([{"path": "members", "message": told, "members": []}])
        if self.members:
            return [Member(one.label, one.spec) for one in self.members]
        try:
            # the group keeps what was asked for, also what no run of it has
            check_values(self.spec)
            check_values({"vary": [{"values": one.values} for one in self.vary]})
        except SpecError as error:
            raise BadGroup([one.model_dump() | {"members": []} for one in error.problems]) from None
        return members(self.spec, [Vary(one.path, tuple(one.values)) for one in self.vary], self.combine,
                       baseline=self.baseline)  # fmt: skip

    def asked(self) -> dict[str, Any]:
        """Return what a form can be filled with to launch the same again; nothing where every run was written out."""
        return {} if self.members else self.model_dump(include={"spec", "vary", "combine", "baseline"})


class GroupBody(MembersBody):
    """A new group."""

    name: str = Field("", max_length=200, description="Of the group; its runs are named after it")
    kind: Literal["several", "lesson", "search"] = Field("several", description="What the act is")
    lesson: str = Field("", max_length=100, description="Name of the lesson that launches it")


@router.get("/api/groups")
async def list_groups(
    groups: TheGroups,
    search: Annotated[str, Query(max_length=200, description="Words in the name, lesson or author")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000, description="Groups at most")] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="Groups to leave out at the beginning")] = 0,
) -> dict[str, Any]:
    """Return the groups as cards, newest first, and the `count` of all that were found."""
    words = search.lower().split()
    found = [(group, runs) for group, runs in groups.all() if _has(group, words)]
    return {"groups": [group_card(*one) for one in found[offset : offset + limit]], "count": len(found)}


@router.post("/api/groups", status_code=201, responses={422: PROBLEM, 507: PROBLEM})
async def create_group(body: GroupBody, response: Response, groups: TheGroups, by: Who) -> dict[str, Any]:
    """Queue several runs as one: nothing is queued unless all can run. Problems name the runs that have them."""
    name = body.name or _text(body.spec.get("name"))
    group = await groups.create(name, body.runs(), by, body.kind, body.lesson, body.asked())
    response.headers["Location"] = f"/api/groups/{group.id}"
    return {"id": group.id, "runs": [run.id for run in groups.runs(group)]}


@router.post("/api/groups/plans", responses={422: PROBLEM, 503: PROBLEM})
async def plan_group(body: GroupBody, request: Request, groups: TheGroups, lab: TheLab) -> dict[str, Any]:
    """Say what a group would train: its runs, each with label, parameters and steps, and the `steps` of all.

    `first` is the whole plan of the first run, with its spec complete; `said` a label in the language of the request.
    """
    asked = body.runs()
    answers = await groups.plan(asked)
    plans = [one["plan"] for one in answers]
    rows = [flat(one["spec"]) for one in answers]
    words = labels_for(request, body.asked(), rows, await pages(request).catalog(request, lab))
    told = [
        {"label": one.label, "said": words.get(one.label, one.label)}
        | {key: plan[key] for key in ("parameters", "steps", "epochs")}
        for one, plan in zip(asked, plans, strict=True)
    ]
    return {"members": told, "runs": len(told), "steps": sum(one["steps"] for one in told), "first": answers[0]}


@router.get("/api/groups/{group_id}", responses=NOT_FOUND)
async def show_group(group: TheGroup, groups: TheGroups) -> dict[str, Any]:
    """Return one group: its card, what was asked for, and the cards of its runs."""
    runs = groups.runs(group)
    return group_card(group, runs) | {"asked": group.asked, "members": [run.card() for run in runs]}


@router.post("/api/groups/{group_id}/members", status_code=201, responses={404: PROBLEM, 422: PROBLEM, 507: PROBLEM})
async def add_members(body: MembersBody, group: TheGroup, groups: TheGroups, by: Who) -> dict[str, Any]:
    """Queue more runs in a group, as a search does that has learnt from those before: all or none."""
    return {"runs": [run.id for run in await groups.add(group, body.runs(), by)]}


@router.post("/api/groups/{group_id}/restore", status_code=204, responses={404: PROBLEM})
async def restore_group(group_id: str, groups: TheGroups) -> None:
    """Take the runs of a group out of the trash that were put there last."""
    await groups.restore(group_id)


@router.post("/api/groups/{group_id}/{what}", status_code=202, responses=NOT_FOUND)
async def ask_group(
    group: TheGroup, what: Literal["stop", "pause", "resume", "restart"], groups: TheGroups, by: Who
) -> dict[str, Any]:
    """Ask all runs of a group to stop, pause, resume, or restart: those that can be asked so at the moment.

    `asked` has their ids; `refused` those that could not be asked, with the `reason`.
    """
    return groups.ask(group, what, by)


@router.delete("/api/groups/{group_id}", status_code=204, responses={404: PROBLEM, 409: PROBLEM})
async def delete_group(group: TheGroup, groups: TheGroups) -> None:
    """Put all runs of a group in the trash, from which they can be restored for a week."""
    await groups.delete(group)


@router.get("/api/groups/{group_id}/series", responses=NOT_FOUND)
def group_series(group: TheGroup, groups: TheGroups, names: Names = "", width: Width = 600) -> dict[str, Any]:
    """Return for each variant of a group mean, min, max and std of series over the runs that repeat it.

    Runs that differ in nothing but seed or fold are one variant. `step` and `epoch` say where; `count` is the number of
    runs there; std is that of a sample, null for a single run. Without `names`: what was evaluated on validation data.
    """
    return _series(groups.seen(groups.runs(group)), names, width)


@router.get("/api/groups/{group_id}/curves", responses=NOT_FOUND)
async def group_curves(group: TheGroup, groups: TheGroups, names: Names = "") -> Response:
    """Return what a page of a group is told first, as one binary message (docs/protocol.md): cards and curves."""
    return await _whole(groups.feed(group.id, [], _named(names)))


@router.get("/api/comparisons/curves", responses=NOT_FOUND)
async def compared_curves(groups: TheGroups, runs: Ids, names: Names = "") -> Response:
    """Return what a page of any runs is told first, as one binary message (docs/protocol.md): cards and curves."""
    return await _whole(groups.feed("", [one for one in runs.split(",") if one], _named(names)))


@router.get("/api/groups/{group_id}/table", responses=NOT_FOUND)
def group_table(group: TheGroup, groups: TheGroups) -> dict[str, Any]:
    """Return the runs of a group as rows: what differs first, then status, step, metrics, best metrics and time.

    `variants` has what runs that repeat one another come to: of those that ended, mean, std, min, max and count.
    """
    return table.table(groups.seen(groups.runs(group)))


@router.get("/api/groups/{group_id}/table.csv", responses=NOT_FOUND)
def group_table_csv(group: TheGroup, groups: TheGroups) -> Response:
    """Return the table of a group as CSV."""
    return _csv(groups.seen(groups.runs(group)), group.id)


@router.get("/api/groups/{group_id}/ensembles/{variant}", responses=NOT_FOUND | {409: PROBLEM})
async def group_ensemble(
    group: TheGroup, groups: TheGroups, variant: Annotated[int, Path(ge=0, le=MAX_MEMBERS)]
) -> dict[str, Any]:
    """Return what the finished runs of a variant come to together: their mean prediction, against each one alone.

    `variant` counts from 0, in the order of the table. `parts` has validation and test, where all runs have the same
    samples: `alone` with mean and std over the runs, `together` all of them, `by_size` the first 1, 2, ... of them.
    """
    return await groups.ensemble(group, variant)


@router.get("/api/comparisons/series", responses=NOT_FOUND)
def compared_series(lab: TheLab, groups: TheGroups, runs: Ids, names: Names = "", width: Width = 600) -> dict[str, Any]:
    """Return series of any runs, as those of a group: runs that differ in nothing but seed or fold are one variant."""
    return _series(groups.seen(_runs(lab, runs)), names, width)


@router.get("/api/comparisons/table", responses=NOT_FOUND)
def compared_table(lab: TheLab, groups: TheGroups, runs: Ids) -> dict[str, Any]:
    """Return any runs as rows, what differs between them first."""
    return table.table(groups.seen(_runs(lab, runs)))


@router.get("/api/comparisons/table.csv", responses=NOT_FOUND)
def compared_table_csv(lab: TheLab, groups: TheGroups, runs: Ids) -> Response:
    """Return the table of any runs as CSV."""
    return _csv(groups.seen(_runs(lab, runs)), "comparison")


async def _whole(feed: GroupFeed) -> Response:
    await feed.begin()
    return Response(feed.message(0), media_type="application/octet-stream")


def _named(names: str) -> list[str]:
    asked = [one for one in names.split(",") if one]
    if len(asked) > MAX_NAMES:
        raise BadRequest(f"At most {MAX_NAMES} series at once; {len(asked)} were asked for.", "Name those you want.")
    return asked


def _series(seen: Seen, names: str, width: int) -> dict[str, Any]:
    asked = _named(names) or [one for one in table.metrics_of(seen) if one.startswith("validation.")]
    return table.series(seen, asked, width)


def _csv(seen: Seen, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(table.as_csv(seen), media_type="text/csv", headers=headers)


def _runs(lab: Lab, ids: str) -> Sequence[Run]:
    return [lab.run(one) for one in dict.fromkeys(ids.split(",")) if one]


def _has(group: Group, words: Sequence[str]) -> bool:
    text = " ".join((group.name, group.lesson, group.by, group.id)).lower()
    return all(word in text for word in words)


def _text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""
