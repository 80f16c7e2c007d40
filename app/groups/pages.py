"""The pages of several runs: a group, and any runs side by side."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.deps import TheGroup, TheGroups, TheLab
from app.errors import WorkersAway
from app.groups.groups import Groups
from app.groups.labels import labels_in
from app.groups.looks import spec_of
from app.groups.table import variants_among
from app.groups.titles import Catalog, titles
from app.groups.variants import BETWEEN, differing, flat
from app.groups.vary import MAX_MEMBERS
from app.lab import Lab
from app.lessons.api import TheShelf
from app.lessons.labels import words_of
from app.lessons.shelf import Shelf
from app.pages import pages
from app.run import Run
from app.texts import ENGLISH

CATALOG_WITHIN_S = 1.0
OWN_DATA = "dataset.params.data"
Words = Mapping[str, str]  # words as they are kept -> words of the page
router = APIRouter(include_in_schema=False)


@router.get("/groups/{group_id}")
async def one_group(request: Request, group: TheGroup, groups: TheGroups, lab: TheLab, shelf: TheShelf) -> Response:
    """Show a group: its curves over one another, what differs between its runs, and what they come to."""
    runs = groups.runs(group)
    said = words_of(shelf, group, pages(request).texts.language(request))
    title = said.get(group.name, group.name) or pages(request).say(request, "groups.unnamed")
    return pages(request).render(
        request,
        "group.html",
        group=group,
        runs=runs,
        title=title,
        what=_what(runs[0]),
        csv=f"/api/groups/{group.id}/table.csv",
        **await _words(request, lab, runs, group.asked, said),
    )


@router.get("/compare")
async def compare(
    request: Request,
    lab: TheLab,
    groups: TheGroups,
    shelf: TheShelf,
    runs: Annotated[str, Query(max_length=27 * MAX_MEMBERS)] = "",
) -> Response:
    """Show any runs side by side, as those of a group."""
    found = [lab.run(one) for one in dict.fromkeys(runs.split(",")) if one]
    return pages(request).render(
        request,
        "group.html",
        group=None,
        runs=found,
        title=pages(request).say(request, "groups.compare"),
        what="",
        csv=f"/api/comparisons/table.csv?runs={','.join(run.id for run in found)}",
        **await _words(request, lab, found, {}, _of_lessons(request, groups, shelf, found)),
    )


def labels_for(
    request: Request, asked: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], catalog: Catalog
) -> dict[str, str]:
    """Return {label as it is kept: label} in the language of a request; nothing in English, in which they are kept."""
    texts = pages(request).texts
    language = texts.language(request)
    return {} if language == ENGLISH else labels_in(asked, rows, catalog, texts.translator(language))


async def _words(
    request: Request, lab: Lab, runs: Sequence[Run], asked: Mapping[str, Any], lessons: Words
) -> dict[str, str]:
    """Return `titles` of what differs, and `labels` by those that are kept, in the language of the request: as JSON.

    `lessons`: the words of those that launched the runs, by the words that are kept.
    """
    known = [(run, spec) for run in runs if (spec := spec_of(run.folder))]
    specs = [spec for _, spec in known]
    called = {**lessons, **_called(request, known, lessons)}
    try:
        async with asyncio.timeout(CATALOG_WITHIN_S):
            catalog = await pages(request).catalog(request, lab)
    except (WorkersAway, TimeoutError):
        # no component file can be read, or not yet: the names in the specs do as well
        return {"titles": "{}", "labels": json.dumps(called)}
    rows = [flat(one) for one in specs]
    ids = {row.get(OWN_DATA) for row in rows} & lab.data_names.keys()
    named = {f"{OWN_DATA}={id}": lab.data_names[id] for id in ids}
    labels = labels_for(request, asked, rows, catalog) | called
    return {"titles": json.dumps(titles(catalog, rows, differing(specs)) | named), "labels": json.dumps(labels)}


def _called(request: Request, known: Sequence[tuple[Run, Mapping[str, Any]]], lessons: Words) -> dict[str, str]:
    """Return {label as the server tells it: label} in the language of a request, of variants called "4 folds" too."""
    texts = pages(request).texts
    t = texts.translator(texts.language(request))
    runs, specs = [run for run, _ in known], [spec for _, spec in known]
    counted = variants_among(runs, specs, lambda what, n: t(f"groups.count.{what}", n=n))
    said = [BETWEEN.join(lessons.get(part, part) for part in one.label.split(BETWEEN)) for one in counted]
    pairs = zip(variants_among(runs, specs), said, strict=True)
    return {one.label: label for one, label in pairs if one.label != label}


def _of_lessons(request: Request, groups: Groups, shelf: Shelf, runs: Sequence[Run]) -> dict[str, str]:
    language, ids = pages(request).texts.language(request), {run.group_id for run in runs}
    found: dict[str, str] = {}
    for group, _ in groups.all():
        if group.id in ids:
            found |= words_of(shelf, group, language)
    return found


def _what(run: Run) -> str:
    card = run.card()
    return f"{card['dataset_name'] or card['dataset']} · {card['model']}" if card["model"] else ""
