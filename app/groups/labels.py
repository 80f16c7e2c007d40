"""The labels of a group's variants in the language of a page. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.errors import BadGroup
from app.groups.titles import Catalog, titles
from app.groups.vary import Vary, canonical, members
from app.groups.wording import Wording, mapping_of, short_names
from app.texts import Translate

Spec = Mapping[str, Any]


def labels_in(asked: Mapping[str, Any], rows: Iterable[Spec], catalog: Catalog, t: Translate) -> dict[str, str]:
    """Return {label as it is kept: label in the words of `catalog` and `t`} for what was asked of a group.

    Args:
        asked: {"spec", "vary", "combine", "baseline"}; nothing for a group whose runs were written out.
        rows: specs of its runs as `app.groups.variants.flat` gives them: which component a parameter belongs to.
    """
    try:
        vary = [Vary(canonical(one["path"], place), tuple(one["values"])) for place, one in enumerate(asked["vary"])]
        how: dict[str, Any] = {"combine": asked["combine"], "baseline": asked["baseline"]}
        kept = members(asked["spec"], vary, **how)
    except (KeyError, BadGroup):
        return {}
    known = titles(catalog, rows, dict.fromkeys(path for one in vary for path in _paths(one)))
    names = {path: known.get(path, name) for path, name in short_names([one.path for one in vary]).items()}
    wording = Wording(names, known, t("groups.as_it_is"), t("groups.on"), t("groups.off"))
    said = members(asked["spec"], vary, **how, wording=wording)
    return {one.label: other.label for one, other in zip(kept, said, strict=True) if one.label}


def _paths(one: Vary) -> Iterator[str]:
    """Yield the path that varies, and those of parameters that some of its values set."""
    yield one.path
    for value in one.values:
        inner = mapping_of(value)
        params = mapping_of(inner.get("params"))
        yield from (f"{one.path}.params.{name}" for name in params)
        yield from (f"{one.path}.{name}" for name in inner if name not in ("name", "params"))
