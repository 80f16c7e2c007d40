"""The command line: what it does, and that everything that goes wrong is a sentence and an exit code."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app.train_here import override
from app.workers.process import Process
from tests.server import ENDLESS, QUICK, ROOT, Server
from tests.waiting import wait_for
from trainer.spec import SpecError

ENV = {key: value for key, value in os.environ.items() if not key.startswith("LIVEFIT_")}


def livefit(*arguments: object, cwd: Path | None = None, stdin: str = "", **env: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
    path = {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=cwd or ROOT, env=ENV | path | env, input=stdin, capture_output=True, text=True, timeout=100
    )


def says(told: subprocess.CompletedProcess, code: int, *words: str) -> None:
    assert told.returncode == code, told.stderr
    assert "Traceback" not in told.stderr
    for word in words:
        assert word in told.stderr, told.stderr


@pytest.fixture
def spec(tmp_path) -> Path:
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump(QUICK))
    return path


def test_the_version_is_printed():
    assert livefit("version").stdout.startswith("livefit ")


def test_help_names_every_command():
    told = livefit("--help").stdout
    assert all(name in told for name in ("serve", "demo", "train", "version"))


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        says(livefit("serve", "--port", port, "--data-dir", tmp_path), 1, f"127.0.0.1:{port}", "--port")


def test_an_address_that_is_not_ours(tmp_path):
    says(
        livefit("serve", "--port", 0, "--host", "192.0.2.1", "--data-dir", tmp_path),
        1,
        "192.0.2.1",
        "no such address",
        "--host",
    )


def test_an_address_that_is_nowhere(tmp_path):
    host = "nosuch.invalid"
    says(livefit("serve", "--port", 0, "--host", host, "--data-dir", tmp_path), 1, host, "no machine has that name")


def test_a_data_folder_that_cannot_be_made():
    says(livefit("serve", "--port", 0, "--data-dir", "/proc/nowhere"), 1, "/proc/nowhere", "--data-dir")


def test_a_data_folder_that_is_a_file(spec):
    says(livefit("serve", "--port", 0, "--data-dir", spec), 1, str(spec), "--data-dir")


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="root may write everywhere")
def test_a_data_folder_that_may_not_be_written(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o555)
    if os.geteuid():
        says(livefit("serve", "--port", 0, "--data-dir", folder), 1, "Permission denied", "--data-dir")
        return
    # root may write everywhere, unless it gives that right away
    dropped = ["/usr/bin/setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    command = [*dropped, sys.executable, "-m", "app.cli", "serve", "--port", "0", "--data-dir", str(folder)]
    told = subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=60)
    says(told, 1, "Permission denied", "--data-dir")


def test_a_setting_out_of_bounds(tmp_path):
    says(livefit("serve", "--data-dir", tmp_path, LIVEFIT_PORT="many"), 2, "LIVEFIT_PORT", "many")


def test_a_folder_of_a_user_whose_home_is_not_known(tmp_path):
    told = livefit("serve", "--data-dir", "~nobody-of-that-name/data", cwd=tmp_path)
    says(told, 2, "--data-dir", "~nobody-of-that-name/data", "home")


def test_a_server_elsewhere_prints_a_link_that_works_once(tmp_path):
    with Server(tmp_path / "data", "--host", "0.0.0.0") as server:
        line = server.process.stdout.readline()
        assert "/sign-in?token=" in line
        assert server.address.startswith("http://127.0.0.1:")
        assert f"{server.address}/sign-in" in line
        assert "this machine's name or address" in line
        assert "token=" not in server.errors()


def test_the_demo_trains_at_once(tmp_path):
    server = Server(tmp_path / "data")
    server._command[3] = "demo"
    with server:
        line = server.process.stdout.readline()
        run = line.split("/runs/")[1].strip()
        card = server.wait_for_step(run, 10)
        assert (card["dataset"], card["model"], card["status"]["name"]) == ("digits", "mlp", "running")


def test_training_needs_no_server(spec, tmp_path):
    told = livefit("train", spec, "training.epochs=2", "optimizer.lr=0.2", "optimizer=adam", "--out", tmp_path / "out")
    says(told, 0, "Finished: completed", "validation.accuracy", "2 epochs")
    (folder,) = (one for one in (tmp_path / "out").iterdir() if one.is_dir())
    written = json.loads((folder / "spec.json").read_text())
    assert written["optimizer"]["name"] == "adam"
    assert written["optimizer"]["params"]["lr"] == 0.2
    assert json.loads((folder / "exit.json").read_text())["code"] == 0


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump(ENDLESS))
    command = [sys.executable, "-m", "app.cli", "train", str(path), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, cwd=ROOT, env=ENV, stderr=subprocess.PIPE, text=True)
    log = wait_for(lambda: next((tmp_path / "out").glob("*/events-1.log"), None))
    wait_for(lambda: log.stat().st_size > 10_000)
    trainer = Process.read(log.parent).pid
    says(livefit("train", log.parent), 1, f"pid {trainer}", "Stop that one first")
    assert not (log.parent / "events-2.log").exists()
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert f"To go on: livefit train {log.parent}" in " ".join(told.split())
    assert not Process.read(log.parent).alive()
    assert list((log.parent / "checkpoints").iterdir())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("optimizer: {name: sgdd}\ntraining: {epochs: 1000000000}", ["optimizer.name", "'sgd'", "training.epochs"]),
        ("optimizr: {name: sgd}", ["optimizr", "'optimizer'"]),
        ("model: {name: mlp, params: {hidden: [100000, 100000]}}", ["model"]),
        ("a: [", ["neither JSON nor YAML"]),
        ("just text", ["a spec is a mapping"]),
        ("a: &a [1]\nb: *a", ["anchors"]),
    ],
)
def test_a_spec_that_cannot_run(text, words, tmp_path):
    says(livefit("train", "-", "--out", tmp_path / "out", stdin=text), 2, *words)


def test_a_spec_that_is_not_there(tmp_path):
    says(livefit("train", tmp_path / "none.yaml"), 2, "none.yaml", "No such file")


@pytest.mark.parametrize("change", ["optimizer.lr", "=3", "seed.more=1", "name.first.second=1"])
def test_a_change_that_is_none(spec, change):
    says(livefit("train", spec, change), 2, change.partition("=")[0].partition(".")[0])


@pytest.mark.parametrize(
    ("change", "layers"),
    [
        ("model.layers.0.kernel=5", [{"conv": 8, "kernel": 5}, "flatten"]),
        ("model.params.layers.0.conv=4", [{"conv": 4}, "flatten"]),
        ("model.layers.1={pool: 2}", [{"conv": 8}, {"pool": 2}]),
        ("model.layers=[{dense: 3}]", [{"dense": 3}]),
    ],
)
def test_a_change_reaches_an_entry_of_a_list_by_its_number(change, layers):
    spec = {"model": {"name": "layers", "params": {"layers": [{"conv": 8}, "flatten"]}}}
    override(spec, change)
    assert spec["model"] == {"name": "layers", "params": {"layers": layers}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("model.layers.2.kernel=5", "model.params.layers has 2 entries, numbered from 0; there is no 2."),
        ("model.layers.two=5", "there is no two."),
        ("model.layers.1.x=5", "1 is a single value; nothing lies below it."),
    ],
)
def test_a_change_of_an_entry_that_is_not_there(change, told):
    with pytest.raises(SpecError, match=re.escape(told)):
        override({"model": {"name": "layers", "params": {"layers": [{"conv": 8}, "flatten"]}}}, change)
