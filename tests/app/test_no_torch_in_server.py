"""The server stays small and quick because it never imports torch; not even while it trains and plans."""

import subprocess
import sys
from pathlib import Path

from tests.server import QUICK, ROOT

HEAVY = ("torch", "sklearn", "safetensors", "scipy", "plotly", "trainer.catalog", "trainer.loop")


def test_no_module_of_the_server_brings_torch_along():
    modules = [".".join(one.relative_to(ROOT).with_suffix("").parts) for one in (ROOT / "app").rglob("*.py")
               if "migrations" not in one.parts]  # fmt: skip
    code = f"""
import importlib, sys
for name in {modules}: importlib.import_module(name)
print([name for name in {HEAVY} if name in sys.modules])"""
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_server_that_has_planned_and_trained_has_not_loaded_torch(server):
    server.ask("POST", "/api/plans", QUICK)
    server.wait(server.launch(QUICK), "finished")
    mapped = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "libtorch" not in mapped
    assert "sklearn" not in mapped
