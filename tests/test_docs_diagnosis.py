"""docs/diagnosis.md says what the findings say, and every threshold has its reason."""

import ast
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FINDINGS = sorted(one for one in (ROOT / "app" / "diagnosis" / "findings").glob("*.py") if one.stem != "__init__")
DOCS = runpy.run_path(str(ROOT / "docs" / "generate_diagnosis.py"))


def test_the_page_of_diagnoses_is_up_to_date():
    written = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    assert written == DOCS["page"](), "run: python docs/generate_diagnosis.py"


@pytest.mark.parametrize("file", FINDINGS, ids=lambda file: file.stem)
def test_a_finding_says_what_it_is_why_it_matters_and_where_it_comes_from(file):
    what, why, source = DOCS["docstring"](file).split("\n\n")
    assert len(what) > 20
    assert len(why) > 100
    assert source.startswith("Source: ")


@pytest.mark.parametrize("file", FINDINGS, ids=lambda file: file.stem)
def test_every_threshold_of_a_finding_has_a_reason(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {node.targets[0].id for node in tree.body if isinstance(node, ast.Assign)} - {"EXPLAINS"}
    table = DOCS["thresholds"](file)
    assert [name for name in sorted(names) if f"| `{name}` |" not in table] == []
