"""The walls of the house: who may import whom, how long a file may be, how a module opens."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OF_TRAINER = {"trainer.protocol", "trainer.runlog", "trainer.spec", "trainer.faults", "trainer.manifest"}
COMPONENT_FOLDERS = {
    *("datasets", "models", "layers", "inits", "activations", "losses"),
    *("optimizers", "schedules", "regularizers", "stopping", "probes"),
}
MODULES = sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("trainer/**/*.py")])
SOURCES = sorted([*MODULES, *ROOT.glob("static/js/**/*.js"), *ROOT.glob("benchmarks/*.py"), *ROOT.glob("docs/*.py")])
TESTS = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("tests/**/*.js")])
COMPONENTS = [path for path in MODULES if path.parent.name in COMPONENT_FOLDERS and path.name != "__init__.py"]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Yield what a module imports, wherever in it: for types alone, or inside a function, is an arrow too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", [path for path in MODULES if "trainer" in path.parts], ids=name_of)
def test_the_trainer_never_imports_the_server(path):
    assert not [name for name in imports(path) if name.split(".")[0] == "app"]


@pytest.mark.parametrize("path", [path for path in MODULES if "app" in path.parts], ids=name_of)
def test_the_server_imports_only_protocol_runlog_and_spec_of_the_trainer(path):
    modules = {name_of(one) for one in MODULES}
    taken = {name for name in imports(path) if name.startswith("trainer") and name in modules} - {"trainer"}
    assert taken <= OF_TRAINER


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_a_component_imports_no_other_component(path):
    others = {name_of(one) for one in COMPONENTS} - {name_of(path)}
    assert not others & set(imports(path))


def test_importing_the_server_loads_no_torch():
    code = "import sys, app.main; print([n for n in ('torch', 'sklearn', 'safetensors') if n in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_no_imports_go_in_a_circle():
    names = {name_of(path) for path in MODULES}
    graph = {name_of(path): {name for name in imports(path) if name in names} for path in MODULES}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"circle: {' -> '.join((*trail[trail.index(name) :], name))}"
        if name not in done:
            for needed in graph[name] - {name}:
                visit(needed, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_over_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_test_file_is_over_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", [path for path in MODULES if path not in COMPONENTS], ids=name_of)
def test_every_module_opens_with_a_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name_of(path)} does not say what it is for"


@pytest.mark.parametrize("path", sorted(ROOT.glob("static/js/**/*.js")), ids=lambda path: str(path.relative_to(ROOT)))
def test_text_enters_the_page_as_text_only(path):
    written = path.read_text()
    assert not [word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write") if word in written]


@pytest.mark.parametrize("path", sorted(ROOT.glob("templates/**/*.html")), ids=lambda path: path.name)
def test_no_template_switches_escaping_off(path):
    assert "|safe" not in path.read_text().replace(" ", "")
