"""Makes docs/screenshot.png: a demo server, a run that was steered a little, and chromium."""

import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("screenshot.png")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WATCH_S = 22
STEER_AT_S = 10


def main() -> None:
    """Start the demo, steer it, and take its picture."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "app.cli", "demo", "--port", "0", "--data-dir", folder]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = next(line.split()[-1] for line in demo.stdout if "/runs/" in line)
            photograph(address)
        finally:
            demo.terminate()
            demo.wait(30)


def photograph(address: str) -> None:
    """Open a run's page, switch L2 on and let it train on for a while."""
    root, run = address.split("/runs/")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = chromium.new_page(viewport={"width": 1440, "height": 1150}, device_scale_factor=1.5)
        page.goto(address)
        page.wait_for_timeout(STEER_AT_S * 1000)
        change = {"type": "change", "target": "regularizers.l2", "field": "enabled", "value": True}
        asked = urllib.request.Request(
            f"{root}/api/runs/{run}/commands", json.dumps(change).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(asked).close()
        page.wait_for_timeout((WATCH_S - STEER_AT_S) * 1000)
        page.screenshot(path=PICTURE)
        chromium.close()
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
