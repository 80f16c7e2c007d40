"""Finds every sentence that the code can say to a person: string literals of app/ and trainer/ with a space in them.

A literal is what stands in the code, with {0}, {1}, ... for what is put into it. What is said to a terminal, a log file
or a developer is left out, by file and by the call it stands in.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# a terminal's and a developer's: commands, checks, what is planted for tests, what is written into log files
NOT_SAID = {
    "app/assets.py", "app/cli.py", "app/derived.py", "app/doctor.py", "app/folder_lock.py", "app/machine.py",
    "app/raw_log.py", "app/raw_numbers.py", "app/serve.py", "app/settings.py", "app/verify.py", "app/verify_fold.py",
    "app/train_here.py", "app/sweep.py", "app/lessons/command.py", "app/lessons/table.py", "app/lessons/training.py",
    # sentences of uploads, which the pages have by keys of their own
    "trainer/own/words.py", "trainer/own/options.py", "trainer/own/images.py",
    # to who writes a lesson's file
    "app/lessons/checks.py", "app/lessons/measures.py", "app/lessons/shelf.py", "app/lessons/translation.py",
    "app/lessons/wording.py", "app/migrations", "trainer/__main__.py", "trainer/faults.py",
}  # fmt: skip
NOT_SAID_BY = {
    "param",
    "entries",
    "Example",
    "learning_rate",
    "Query",
    "Field",
    "Meta",
    "Path",
    "Body",
    "print",
    "compile",
    "Option",
    "Argument",
    "text",
}
LOGGED_BY = {"debug", "info", "warning", "error", "exception", "critical"}
FOR_DEVELOPERS = {"TypeError", "RuntimeError", "AssertionError", "FileNotFoundError"}
WORDS = re.compile(r"[a-z]{2}.* | .*[a-z]{2}|→", re.DOTALL)


def sentences() -> dict[str, str]:
    """Return every sentence that may be said, and where it stands."""
    found: dict[str, str] = {}
    for folder in ("app", "trainer"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            name = str(file.relative_to(ROOT))
            if any(name == one or name.startswith(f"{one}/") for one in NOT_SAID):
                continue
            for text, line in literals(ast.parse(file.read_text(encoding="utf-8")), titles=folder == "app"):
                # a data set names its classes and features, which are data
                if WORDS.search(text) and (text.endswith(".") or not name.startswith("trainer/datasets/")):
                    found.setdefault(text.strip(), f"{name}:{line}")
    return found


def literals(tree: ast.AST, titles: bool) -> Iterator[tuple[str, int]]:
    """Return the text and the line of each string in a module that may be said; a component's title is not."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not _is_said(node) or (isinstance(node, ast.Assign) and _name(node.targets[0]) == "title" and not titles):
            continue
        if isinstance(node, ast.JoinedStr):
            yield _shape(node), node.lineno
            waiting += [one.value for one in node.values if isinstance(one, ast.FormattedValue)]
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield numbered(node.value), node.lineno
        waiting += [one for one in ast.iter_child_nodes(node) if not _is_docstring(one)]


def numbered(text: str) -> str:
    """Return a text to be filled by str.format with its places numbered."""
    places = iter(range(10))
    return re.sub(r"\{\w+\}", lambda _: f"{{{next(places)}}}", text)


def _shape(node: ast.JoinedStr) -> str:
    places = iter(range(100))
    return "".join(one.value if isinstance(one, ast.Constant) else f"{{{next(places)}}}" for one in node.values)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_said(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise):
        return _name(getattr(node.exc, "func", node.exc)) not in FOR_DEVELOPERS
    if isinstance(node, ast.Call):
        is_log = isinstance(node.func, ast.Attribute) and node.func.attr in LOGGED_BY
        return not (is_log or _name(node.func) in NOT_SAID_BY)
    return not isinstance(node, ast.arguments | ast.Import | ast.ImportFrom)


def _name(node: ast.AST | None) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))
