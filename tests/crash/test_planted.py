"""The checkers are checked: each planted bug must be found, by the count that it belongs to."""

import re
import subprocess
import sys

import pytest

from app.verify import verify
from tests.crash.plans import Plan, spec_of
from tests.crash.test_crash import crash, references  # noqa: F401
from tests.hard_life import Fate, attempt, kill, live, make
from tests.server import ROOT
from tests.training import SMALL, with_fields
from trainer import faults
from trainer.faults import SITES
from trainer.protocol import Change

KILLED = "loop.step:kill@100/1"
SAVING = with_fields(SMALL, training=SMALL.training | {"epochs": 1, "checkpoint_steps": 10})
# planted in the trainer -> the count that must not be 0
IN_TRAINERS = {
    "reporter.flush:drop@3": "lost",
    "events.append:skip@3": "lost",
    "events.append:twice@3": "duplicated",
    f"{KILLED} checkpoint.load:forget@1/2": "wrong",
}
IN_SERVERS = {
    " ".join(f"follow.fold:drop@{n}" for n in range(10, 30)): "lost",  # some of them are numbers
    " ".join(f"feed.publish:drop@{n}" for n in range(4, 20)): "lost",  # some of them have numbers
    "lab.again:never@1": "hung",
}


def plan(number, faults="", **fields):
    spec = spec_of("momentum", f"{number}", fields.pop("speed", 0.0))
    return Plan(0, number, "point", "momentum", spec, faults, **fields)


@pytest.mark.timeout(300)
def test_a_bug_planted_in_a_trainer_is_found(tmp_path, references):  # noqa: F811
    plans = [plan(number, planted) for number, planted in enumerate(IN_TRAINERS)]
    sound = plan(len(plans), KILLED)
    tally, told = crash(tmp_path, references, [*plans, sound])
    found = {failed.faults: said for failed, _, said in tally.failed}
    for planted, kind in IN_TRAINERS.items():
        assert any(line.startswith(kind) for line in found.get(planted, [])), f"{planted} was not found:\n{told}"
    assert sound.faults not in found, told


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", IN_SERVERS, ids=lambda fault: fault.partition("@")[0])
def test_a_bug_planted_in_the_server_is_found(tmp_path, references, fault):  # noqa: F811
    # held to a speed, or a run is over before its page has had so many deltas
    cycle = plan(0, KILLED if fault.startswith("lab") else "", server_faults=fault, speed=100.0)
    tally, told = crash(tmp_path, references, [cycle], hung_after_s=15.0)
    assert getattr(tally, IN_SERVERS[fault]) > 0, told


def test_a_command_that_is_taken_again_one_step_late_is_found(tmp_path):
    turn = Change(id="turn", target="optimizer", field="lr", value=0.003)

    def steered(name, *then):
        folder = make(tmp_path / name, SAVING)
        attempt(folder, {14: [turn]}, kill(18))  # its last checkpoint is that of step 10
        live(folder, {}, then)
        return verify(folder)

    assert steered("in time").said == []
    late = steered("late", Fate("kill", 20, "steering.replay:late@1"))
    assert late.wrong > 0
    assert any("at step 15; it had held from 14" in told for told in late.said), late.said


def test_a_fence_that_does_not_hold_is_found(tmp_path, monkeypatch):
    assert attempt(make(tmp_path / "holds", SAVING), fate=Fate("fenced", 12)) == 75
    monkeypatch.setenv("LIVEFIT_TESTING", "1")
    monkeypatch.setenv("LIVEFIT_FAULT", " ".join(f"attempts.fence:open@{n}" for n in range(1, 500)))
    assert attempt(make(tmp_path / "open", SAVING), fate=Fate("fenced", 12)) == 0


@pytest.mark.parametrize("program", [["app.cli", "version"], ["trainer", "{run}"]], ids=["livefit", "trainer"])
def test_faults_are_refused_outside_of_tests(tmp_path, program):
    run = make(tmp_path / "run", SAVING)
    command = [sys.executable, "-m", *(one.format(run=run) for one in program)]
    env = {"PATH": "", "LIVEFIT_FAULT": "loop.step:kill@1"}
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=env)
    assert told.returncode in (1, 2)
    assert "set LIVEFIT_TESTING=1" in told.stderr
    assert "Traceback" not in told.stderr
    assert not list(run.glob("events-*"))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("nowhere:kill@1", "There are: trainer.begin"),
        ("loop.step:dance@1", "It can: kill, stop, raise"),
        ("loop.step", "as in events.append:kill@3"),
        ("loop.step:kill@0", "as in events.append:kill@3"),
    ],
)
def test_a_fault_that_is_misspelt_is_named(monkeypatch, plan, words):
    monkeypatch.setenv("LIVEFIT_TESTING", "1")
    monkeypatch.setenv("LIVEFIT_FAULT", plan)
    with pytest.raises(faults.FaultRefused, match=re.escape(words)):
        faults.arm()


def test_every_site_is_reached_somewhere():
    sources = "".join(one.read_text() for part in ("app", "trainer") for one in (ROOT / part).rglob("*.py"))
    for site in SITES:
        kind, _, rest = site.partition(".")
        written = f'f"{{self._kind}}.{rest}"' if kind in ("events", "commands") else f'"{site}")'
        assert written in sources, f"nobody reaches {site}"
