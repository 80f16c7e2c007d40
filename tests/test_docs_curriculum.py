"""docs/curriculum.md is true: each page, component, test and lesson that it names is there."""

import re
from importlib import import_module

import pytest

from tests.server import ROOT
from trainer.catalog import CATALOG

CELLS = ("line", "page", "components", "test", "lessons")
TEXT = (ROOT / "docs" / "curriculum.md").read_text(encoding="utf-8")
ROWS = [
    dict(zip(CELLS, (cell.strip() for cell in line[1:-1].split("|")), strict=True))
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| line", "| ---"))
]


@pytest.fixture(scope="module")
def pages():
    modules = [
        ".".join(one.relative_to(ROOT).with_suffix("").parts)
        for one in ROOT.glob("app/**/*.py")
        if "pages" in one.stem or one.stem == "playground"
    ]
    return {route.path for name in modules for route in import_module(name).router.routes}


def test_it_has_rows():
    assert len(ROWS) > 50


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["line"])
def test_what_a_line_names_is_there(row, pages):
    assert row["page"] in pages
    for component in row["components"].split():
        folder, _, name = component.partition(".")
        assert name in CATALOG[folder]
    file, _, name = row["test"].partition("::")
    assert re.search(rf"^def {name or 'test_'}", (ROOT / "tests" / file).read_text(), re.MULTILINE)
    for lesson in row["lessons"].split():
        assert (ROOT / "lessons" / f"{lesson}.yaml").is_file()
