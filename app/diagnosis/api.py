"""What a run tells, over HTTP: its diagnosis with its words, and the level that it is judged against."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request

from app.deps import TheRun
from app.diagnosis.balance import metric_of
from app.diagnosis.case import Case
from app.errors import BadRequest
from app.pages import pages
from app.texts import Translate

router = APIRouter(prefix="/api/runs/{run_id}", tags=["diagnosis"])
NOT_FOUND = {404: {"description": "Problem details (RFC 9457): no such run"}}
Level = Annotated[
    float | None, Body(embed=True, ge=0, le=1e30, allow_inf_nan=False, description="An accuracy or RMSE; null: unknown")
]


@router.get("/diagnosis", responses=NOT_FOUND)
def diagnosis(run: TheRun, request: Request) -> dict[str, Any]:
    """Return what is the matter with a run: findings with evidence, how sure each is, and what to try.

    Each sentence has its `text` in the language of the request; docs/diagnosis.md lists what can be found.
    """
    texts = pages(request).texts
    found = run.followed.lately.look(run.followed, run.level, time.monotonic())
    return with_words(found, texts.translator(texts.language(request))) | {"step": run.state["step"]}


@router.put("/level", status_code=204, responses=NOT_FOUND | {400: {"description": "Problem details: no such level"}})
def set_level(run: TheRun, level: Level) -> None:
    """Set what a person gets, or the best that is possible: bias is what is missing to it. Every page hears of it."""
    if level is not None and level > 1 and metric_of(Case(run.state, run.series)) == "accuracy":
        raise BadRequest(
            f"{level:g} is no accuracy: it is a share, from 0 to 1.", f"For {level:g} % send {level / 100:g}."
        )
    run.set_level(level)


def with_words(diagnosis: dict[str, Any], t: Translate) -> dict[str, Any]:
    """Return a diagnosis in which every sentence has its words."""

    def worded(value: Any) -> Any:
        if isinstance(value, list):
            return [worded(one) for one in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"key", "values"}:
            return value | {"text": t(f"diagnosis.{value['key']}", **value["values"])}
        return {key: worded(one) for key, one in value.items()}

    titled = [{"title": t(f"diagnosis.{one['name']}.title")} | one for one in diagnosis["findings"]]
    return worded(diagnosis | {"findings": titled})
