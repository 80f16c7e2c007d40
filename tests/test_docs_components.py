"""docs/components.md says what the components say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_page_of_components_is_up_to_date():
    told = subprocess.run(
        [sys.executable, "-c", "import runpy; print(runpy.run_path('docs/generate_components.py')['page'](), end='')"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    written = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")
    assert written == told, "run: python docs/generate_components.py"
