"""livefit verify: each kind of fault in a run's folder is counted, and a sound folder has none."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from app.verify import verify
from tests import telling
from tests.app.test_cli import livefit, says
from tests.server import ENDLESS, QUICK
from trainer.protocol import Changed, Finished, Saved
from trainer.runlog import LogWriter, frame, read_all

STEPS = list(range(1, 41))


def run_of(folder, *attempts, exit_code=None):
    """Write a run whose attempts say these events."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(json.dumps(telling.SPEC))
    for number, events in enumerate(attempts, 1):
        telling.write(folder, *events, attempt=number)
    if exit_code is not None:
        how = {"attempt": len(attempts), "code": exit_code, "signal": None}
        (folder / "exit.json").write_text(json.dumps(how))
    return folder


def losses(steps, add=0.0):
    values = np.float32([1 / step + add for step in steps])
    return telling.measured(steps, loss__data=values, loss__total=values)


def finished(step):
    return Finished(step=step, reason="completed", epoch=2)


def counts(verdict):
    return (verdict.lost, verdict.duplicated, verdict.wrong), verdict.said


def checkpoint(folder, step):
    path = folder / "checkpoints" / f"step-{step}"
    path.mkdir(parents=True)
    (path / "network.safetensors").write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    (path / "manifest.json").write_text(json.dumps({"files": {"network.safetensors": sha256}, "step": step}))
    return path


def saved(step):
    return Saved(step=step, name="auto", path=f"checkpoints/step-{step}", sha256="", size=1)


def test_a_sound_run_of_two_attempts_has_no_findings(tmp_path):
    folder = run_of(
        tmp_path / "run",
        [telling.started(), losses(STEPS[:15]), saved(10), losses([16, 17, 18])],
        [telling.started(2, 10), losses(STEPS[10:]), finished(40)],
    )
    verdict = verify(folder)
    assert counts(verdict) == ((0, 0, 0), [])
    assert (verdict.attempts, verdict.entries, verdict.steps, verdict.torn) == (2, 7, 40, 0)


def test_a_step_that_is_missing_is_lost(tmp_path):
    found = verify(run_of(tmp_path / "run", [telling.started(), losses([*STEPS[:9], *STEPS[12:]]), finished(40)]))
    assert counts(found)[0] == (3, 0, 0)
    assert "the first is 10" in found.said[0]


def test_the_last_steps_are_missing_when_the_end_says_so(tmp_path):
    assert counts(verify(run_of(tmp_path / "run", [telling.started(), losses(STEPS), finished(43)])))[0][0] == 3


def test_a_step_that_comes_twice_in_an_attempt_is_duplicated(tmp_path):
    found = verify(run_of(tmp_path / "run", [telling.started(), losses(STEPS), losses([40]), finished(40)]))
    assert found.duplicated > 0


def test_an_entry_that_is_missing_is_lost_and_one_that_comes_twice_is_duplicated(tmp_path):
    folder = run_of(tmp_path / "run", [telling.started(), losses(STEPS), finished(40)])
    log = folder / "events-1.log"
    payloads = [one.payload for _, one in read_all(log)]
    log.write_bytes(b"".join(map(frame, [payloads[0], payloads[2]])))
    assert verify(folder).lost == 1
    log.write_bytes(b"".join(map(frame, [*payloads, payloads[1]])))
    assert verify(folder).duplicated == 1


def test_a_torn_tail_is_counted_and_is_no_fault(tmp_path):
    folder = run_of(tmp_path / "run", [telling.started(), losses(STEPS)])
    with (folder / "events-1.log").open("ab") as file:
        file.write(b"\x01\x02\x03")
    verdict = verify(folder)
    assert (verdict.torn, verdict.good) == (1, True)


def test_an_attempt_that_begins_where_nobody_was_is_wrong(tmp_path):
    found = verify(run_of(tmp_path / "run", [telling.started(), losses(STEPS[:5])], [telling.started(2, 20)]))
    assert any("no earlier one reached" in told for told in found.said)


def test_an_attempt_that_begins_without_a_checkpoint_is_wrong(tmp_path):
    attempts = [telling.started(), losses(STEPS[:15])], [telling.started(2, 10), losses(STEPS[10:])]
    assert any("no checkpoint was" in told for told in verify(run_of(tmp_path / "run", *attempts)).said)
    checkpoint(tmp_path / "run", 10)
    assert not any("no checkpoint was" in told for told in verify(tmp_path / "run").said)


def test_a_checkpoint_that_was_told_of_and_is_damaged_is_wrong(tmp_path):
    folder = run_of(tmp_path / "run", [telling.started(), losses(STEPS), saved(40), finished(40)])
    path = checkpoint(folder, 40)
    assert (verify(folder).wrong, verify(folder).sound) == (0, 1)
    (path / "network.safetensors").write_bytes(b"weighty")
    assert (verify(folder).wrong, verify(folder).unsound) == (1, 1)
    shutil.rmtree(path)
    assert verify(folder).good, "one that was taken away is no fault"


def test_steps_that_come_out_otherwise_the_second_time_are_wrong(tmp_path):
    begin = [telling.started(), losses(STEPS[:10]), saved(10), losses(STEPS[10:20])]
    same = run_of(tmp_path / "same", begin, [telling.started(2, 10), losses(STEPS[10:])])
    other = run_of(tmp_path / "other", begin, [telling.started(2, 10), losses(STEPS[10:], add=1e-6)])
    assert verify(same).wrong == 0
    assert verify(other).wrong == 2 * 10  # two series


def test_a_command_that_is_taken_again_at_another_step_or_not_at_all_is_wrong(tmp_path):
    def turned(step):
        return Changed(step=step, target="optimizer", field="lr", old=0.1, new=0.2, command="c1")

    begin = [telling.started(), losses(STEPS[:10]), saved(10), losses(STEPS[10:14]), turned(14), losses(STEPS[14:20])]

    def second(*said):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        return verify(run_of(folder, begin, [telling.started(2, 10), *said])).wrong

    assert second(losses(STEPS[10:14]), turned(14), losses(STEPS[14:])) == 0
    assert second(losses(STEPS[10:15]), turned(15), losses(STEPS[15:])) == 1
    assert second(losses(STEPS[10:])) == 1


@pytest.mark.parametrize(("code", "last", "wrong"), [(0, [finished(40)], 0), (0, [], 1), (1, [finished(40)], 1)])
def test_an_exit_code_that_contradicts_the_log_is_wrong(tmp_path, code, last, wrong):
    found = verify(run_of(tmp_path / "run", [telling.started(), losses(STEPS), *last], exit_code=code))
    assert found.wrong == wrong


def test_a_run_that_trains_is_verified_beside_its_server(server):
    run = server.launch(ENDLESS)
    try:
        server.wait_for_step(run, 100)
        folder = server.folder / "runs" / run
        before = sorted(one.name for one in folder.rglob("*"))
        told = livefit("verify", run, "--data-dir", server.folder, COLUMNS="200")
        assert told.returncode == 0, told.stdout + told.stderr
        assert "(trains)" in told.stdout
        assert sorted(one.name for one in folder.rglob("*")) == before
    finally:
        server.stop(run)


def test_the_command_prints_a_table_and_its_exit_code_says_whether_all_is_well(server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    folder = server.folder / "runs" / run
    told = livefit("verify", folder, COLUMNS="200")
    assert told.returncode == 0, told.stdout + told.stderr
    assert all(
        word in told.stdout for word in (run, "lost", "duplicated", "wrong", "torn", "checkpoints", "1 run read")
    )
    writer = LogWriter(folder / "events-2.log")
    writer.append([telling.started(2, 0), losses([1, 2], add=5.0)])
    writer.close()
    told = livefit("verify", folder, COLUMNS="200")
    assert told.returncode == 1
    assert f"{run}: wrong" in told.stdout


def test_what_is_no_run_is_said_in_a_sentence(tmp_path):
    says(livefit("verify", tmp_path), 1, str(tmp_path), "no spec.json")
    says(livefit("verify", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--data-dir", tmp_path), 1, "There is no folder", "--data-dir")
    says(livefit("verify", "--data-dir", tmp_path / "empty"), 1, "There is no run in", "--data-dir")
    (tmp_path / "spec.json").write_text("{")
    says(livefit("verify", tmp_path), 1, "spec.json cannot be read")
