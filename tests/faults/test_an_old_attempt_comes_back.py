"""An old attempt comes back: fenced, its data never mixes with the new attempt's."""

import os
import shutil
import signal

import pytest

from app.workers import fence
from app.workers.process import stat_of
from tests.ill import STEADY, assert_sound, points, state, uninterrupted
from tests.server import Server
from tests.waiting import wait_for


def lives(pid: int) -> bool:
    stat = stat_of(pid)
    return stat is not None and not stat.ended


@pytest.mark.parametrize("killed", [True, False], ids=["it is killed", "it cannot be killed"])
def test_an_attempt_that_was_stopped_and_wakes_again_changes_nothing(tree, folder, killed):
    if not killed:  # as when it runs on another machine, or waits for a dead disk
        source = tree / "app" / "workers" / "fence.py"
        harmless = source.read_text().replace("os.kill(pid, signal.SIGKILL)", "os.kill(pid, 0)")
        source.write_text(harmless.replace("GONE_WITHIN_S = 5.0", "GONE_WITHIN_S = 0.1"))
        assert harmless != source.read_text()
    server = Server(folder, tree=tree).start()
    plain = server.launch(uninterrupted(STEADY))
    server.wait(plain, "finished")
    run = server.launch(STEADY)
    server.wait_for_step(run, 70)
    old = server.trainer(run)
    os.kill(old, signal.SIGSTOP)
    server.end(signal.SIGKILL)
    here = folder / "runs" / run
    (here / "trainer.json").unlink()  # nobody knows of the old one any more
    server = Server(folder, tree=tree).start()
    wait_for(lambda: state(server, run)["attempt"] == 2)
    assert lives(old) is not killed
    if not killed:
        log = here / "events-1.log"
        before = log.stat().st_size
        os.kill(old, signal.SIGCONT)
        wait_for(lambda: not lives(old), within_s=10)  # it finds a later log than its own, and goes without a word
        assert log.stat().st_size == before
    server.wait(run, "finished")
    assert points(server, run) == points(server, plain)
    server.end()
    shutil.rmtree(here / "derived", ignore_errors=True)
    with Server(folder, tree=tree) as server:
        assert points(server, run) == points(server, plain)
    assert_sound(folder, run)


def test_only_what_writes_the_run_s_log_is_killed(tmp_path):
    log = tmp_path / "events-1.log"
    log.write_bytes(b"")
    with log.open("rb"):
        assert list(fence._writers(tmp_path)) == []
    child = os.fork()
    if child == 0:
        opened = log.open("ab")
        signal.pause()
        os._exit(bool(opened))
    wait_for(lambda: list(fence._writers(tmp_path)) == [child])
    reader = os.fork()
    if reader == 0:
        opened = log.open("rb")
        signal.pause()
        os._exit(bool(opened))
    try:
        # nobody reaps it here, so it stays as a zombie: gone is gone
        assert fence.clear(tmp_path) == []
        assert not lives(child)
        assert lives(reader)
    finally:
        os.kill(reader, signal.SIGKILL)
        for pid in (child, reader):
            os.waitpid(pid, 0)
