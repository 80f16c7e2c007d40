"""The fork server's keeper: a component file that changes is trained with by the next run."""

import asyncio
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import serve
from app.settings import Settings
from app.workers import local
from app.workers.process import Process, boot_id, stat_of
from tests.server import QUICK, ROOT, Server

NEW = '''"""Does nothing."""

from trainer.component import param
from trainer.regularizers import Regularizer


class Idle(Regularizer):
    """Changes nothing.

    Source: none.
    """

    much: float = param({default}, "How much of nothing", low=0, high=1, live=True)
'''


@pytest.fixture
def tree(tmp_path):
    """A copy of the checkout, whose component files may be changed."""
    for part in ("app", "trainer", "static", "templates"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_new_component_file_is_there_at_once_for_all_who_ask_at_the_same_time(tree):
    file = tree / "trainer" / "regularizers" / "idle.py"
    with Server(tree / "data", tree=tree) as server, ThreadPoolExecutor(6) as visitors:
        assert "idle" not in server.ask("GET", "/api/catalog")["regularizers"]
        for default in (0.25, 0.5):
            file.write_text(NEW.format(default=default))
            catalogs = [visitors.submit(server.ask, "GET", "/api/catalog") for _ in range(3)]
            plans = [visitors.submit(server.ask, "POST", "/api/plans", QUICK) for _ in range(3)]
            for one in catalogs:
                assert one.result(60)["regularizers"]["idle"]["properties"]["much"]["default"] == default
            for one in plans:
                assert one.result(60)["spec"]["regularizers"]["idle"]["much"] == default
        run = server.launch(QUICK)
        server.wait(run, "finished")


def test_a_plan_is_worked_out_once_until_a_component_changes(tmp_path, monkeypatch):
    workers, asked, stamps = local.LocalWorkers(tmp_path / "log"), [], ["before"]

    async def ask(request):
        asked.append(request["spec"])
        lacks = request["spec"].get("lacks", {})
        return {"problems": []} if "wrong" in request["spec"] else {"plan": {"steps": len(asked), **lacks}, "spec": {}}

    monkeypatch.setattr(workers, "_ask", ask)
    monkeypatch.setattr(local, "components_stamp", lambda: stamps[-1])

    async def plans():
        first = await workers.plan({"seed": 1, "name": "a"})
        assert await workers.plan({"name": "a", "seed": 1}) == first
        assert await workers.plan({"seed": 2}) != first
        stamps.append("after")
        assert await workers.plan({"seed": 1, "name": "a"}) != first
        assert len(asked) == 3
        for _ in range(2):
            assert "problems" in await workers.plan({"wrong": 1})
        assert len(asked) == 5
        for lacks in ({"download": {"title": "x", "bytes": 1}}, {"note": "others stand in"}):
            # what is in the cache folder may be another thing at the next look
            assert await workers.plan({"lacks": lacks}) != await workers.plan({"lacks": lacks})
        for seed in range(local.PLANS_KEPT + 10):
            await workers.plan({"seed": seed})
        assert len(workers._plans) == local.PLANS_KEPT

    asyncio.run(plans())


def test_small_messages_do_not_wait_for_one_another(tmp_path):
    with serve._listen(Settings(data_dir=tmp_path, port=0)) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_process_that_leads_no_group_yet_is_killed_too():
    """As a trainer does in the moment between its fork and its setsid: this kill must not go by."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    Process(child.pid, stat_of(child.pid).start_time, boot_id(), 1).send(signal.SIGKILL)
    with child.stdin:
        assert child.wait(10) == -signal.SIGKILL
