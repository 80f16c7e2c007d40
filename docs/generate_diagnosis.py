"""Writes docs/diagnosis.md from the findings themselves: `python docs/generate_diagnosis.py`."""

import ast
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "diagnosis.md"
FINDINGS = ROOT / "app" / "diagnosis" / "findings"
WORDS = json.loads((ROOT / "static" / "texts" / "en.json").read_text(encoding="utf-8"))

HEAD = """# Diagnosis

<!-- Written by docs/generate_diagnosis.py from app/diagnosis/ itself; do not edit. -->

What is the matter with a run: on its page under "What this run tells", on the front page as a chip, and over HTTP at
`GET /api/runs/{id}/diagnosis`. One file in `app/diagnosis/findings/` is one finding. Each has its evidence (numbers,
with the way to the step on the chart), how sure it is and why, and what to try: asked of the running trainer at a
click, or taken along into a new run.

"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for title, module in (
        ("The document", "__init__.py"),
        ("When something holds", "spells.py"),
        ("Bias and variance", "balance.py"),
        ("What somebody sets", "level.py"),
    ):
        file = ROOT / "app" / "diagnosis" / module
        parts.append(f"## {title}\n\n{docstring(file)}\n\n{thresholds(file)}")
    parts.append(f"## Findings\n\n{docstring(FINDINGS / '__init__.py')}\n\n")
    parts.extend(finding(one) for one in sorted(FINDINGS.glob("*.py")) if one.stem != "__init__")
    return "".join(parts).rstrip() + "\n"


def finding(file: Path) -> str:
    """Return one finding: what it is, why it matters, its source and its thresholds."""
    return f"### {file.stem}: {WORDS[f'diagnosis.{file.stem}.title']}\n\n{docstring(file)}\n\n{thresholds(file)}"


def docstring(file: Path) -> str:
    """Return a module's docstring."""
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def thresholds(file: Path) -> str:
    """Return the constants of a module that have a comment, beside or above them, as a table."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    rows = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        reason = comment(lines, node)
        if reason:
            value = ast.unparse(node.value)
            rows.append(f"| `{node.targets[0].id}` | `{value}` | {reason} |")
    return "\n".join(["| threshold | value | reason |", "| --- | --- | --- |", *rows, "", ""]) if rows else ""


def comment(lines: list[str], node: ast.Assign) -> str:
    """Return what is written beside an assignment, or in the lines right above it."""
    beside = lines[node.end_lineno - 1][node.end_col_offset :].partition("#")[2].strip()
    if beside and not beside.startswith("fmt:"):
        return beside
    above: list[str] = []
    for line in reversed(lines[: node.lineno - 1]):
        if not line.startswith("#"):
            break
        above.insert(0, line.lstrip("# ").strip())
    return " ".join(above)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET.relative_to(ROOT)}\n")
