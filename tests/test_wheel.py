"""A wheel is the whole of Livefit: it serves its pages from any folder, with no checkout beside it."""

import re
import subprocess
import sys
import zipfile

from tests.server import QUICK, ROOT, Server


def test_a_server_from_a_wheel_has_its_pages_and_trains(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("livefit-*.whl")
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
    with Server(tmp_path / "data", tree=elsewhere, PYTHONPATH=str(installed)) as server:
        run = server.launch(QUICK)
        for path in ("/", "/new", "/lessons/weight_decay", "/docs", "/-/plotly.min.js", f"/runs/{run}"):
            assert server.http.get(path).status_code == 200, path
        addresses = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', server.http.get("/").text))
        assert any(one.endswith(".css") for one in addresses)
        assert any(one.endswith(".js") for one in addresses)
        for one in addresses:
            assert server.http.get(one).status_code == 200, one
        server.wait(run, "finished")
        trained_by = (tmp_path / "data" / "forkserver.txt").read_text()
        assert str(ROOT) not in trained_by
