"""Orphaned data-loader children: the whole process group is gone before the next attempt starts."""

import os
import signal
from pathlib import Path

import pytest

from app.workers.process import stat_of
from tests.ill import assert_sound
from tests.server import ENDLESS, ROOT, Server
from tests.waiting import wait_for

CIRCLE = ROOT / "trainer" / "datasets" / "circle.py"
# a trainer leads its session; the process that only works out a plan does not, and makes no children
FORKS = """
        import os
        import time

        for _ in range(2 if os.getsid(0) == os.getpid() else 0):
            if not os.fork():
                with open({pids!r}, "a") as file:
                    file.write(f"{{os.getppid()}} {{os.getpid()}}\\n")
                time.sleep(600)
                os._exit(0)
        chance = torch"""


def children(pids: Path) -> dict[int, list[int]]:
    """Return trainer -> the children that it made."""
    found: dict[int, list[int]] = {}
    for line in pids.read_text().splitlines() if pids.exists() else []:
        parent, child = line.split()
        found.setdefault(int(parent), []).append(int(child))
    return found


def lives(pid: int) -> bool:
    stat = stat_of(pid)
    return stat is not None and not stat.ended


@pytest.mark.parametrize("killed", ["trainer", "trainer, fork server and server"])
def test_children_of_a_killed_trainer_are_gone_before_the_next_attempt_starts(tree, folder, tmp_path, killed):
    pids = tmp_path / "pids"
    source = CIRCLE.read_text().replace("class Circle(", "class WithWorkers(")
    source = source.replace("\n        chance = torch", FORKS.format(pids=str(pids)))
    (tree / "trainer" / "datasets" / "with_workers.py").write_text(source)
    server = Server(folder, tree=tree).start()
    run = server.launch(ENDLESS | {"dataset": {"name": "with_workers"}})
    server.wait_for_step(run)
    trainer = server.trainer(run)
    old = wait_for(lambda: children(pids).get(trainer, []), lambda found: len(found) == 2)
    assert all(lives(one) for one in old)
    if killed != "trainer":
        keeper = int(Path(f"/proc/{trainer}/stat").read_text().rpartition(")")[2].split()[1])
        server.process.kill()
        os.kill(keeper, signal.SIGKILL)
        server.end(signal.SIGKILL)
        os.kill(trainer, signal.SIGKILL)
        assert all(lives(one) for one in old), "they should have outlived their trainer"
        server = Server(folder, tree=tree).start()
    else:
        os.kill(trainer, signal.SIGKILL)
    # the new attempt's children are the first thing that it makes: by then the old ones are gone
    wait_for(lambda: len(children(pids)) == 2)
    assert not any(lives(one) for one in old)
    server.wait(run, "running")
    server.stop(run)
    server.end()
    assert_sound(folder, run)
