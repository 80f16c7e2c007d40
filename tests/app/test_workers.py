"""The fork server's keeper: a component file that changes is trained with by the next run."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import serve
from app.errors import BadSpec, WorkersAway
from app.settings import Settings
from app.workers import local
from app.workers.process import Process, boot_id, stat_of
from tests.server import QUICK, ROOT, Server
from tests.waiting import wait_for
from trainer.forkserver import MAX_REQUEST

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


def test_a_fork_server_that_cannot_be_started_is_tried_again_until_it_can(tmp_path, caplog):
    away = tmp_path / "away"

    async def plan():
        workers = local.LocalWorkers(away / "log")
        workers.start()
        try:
            asked = asyncio.create_task(workers.plan(QUICK))
            await asyncio.to_thread(wait_for, lambda: "the fork server cannot be started" in caplog.text)
            assert not asked.done()
            away.mkdir()
            return await asked
        finally:
            await workers.close()

    assert "plan" in asyncio.run(plan())


@contextmanager
def unread(tmp_path):
    """Workers whose fork server reads nothing."""
    workers = local.LocalWorkers(tmp_path / "log")
    workers._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with workers._socket, theirs:
        yield workers, theirs


def files_open():
    return sorted(one.name for one in Path("/proc/self/fd").iterdir())


def test_a_fork_server_that_takes_no_requests_holds_nobody_up_and_is_said_to_be_away(tmp_path, monkeypatch):
    monkeypatch.setattr("app.workers.request.TAKEN_WITHIN_S", 0.2)

    async def fill(workers):
        asked = [asyncio.create_task(workers._request({"spec": "x" * 60_000})) for _ in range(8)]
        away = next(iter((await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED))[0]))
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        return away.exception()

    with unread(tmp_path) as (workers, _):
        before = files_open()
        error = asyncio.run(fill(workers))
        assert files_open() == before
    assert isinstance(error, WorkersAway)
    assert "takes no requests" in error.detail


def test_a_spec_of_many_korean_letters_reaches_the_fork_server_as_it_is(tmp_path):
    spec = {"name": "가" * 65_000}

    async def ask(workers, theirs):
        asked = asyncio.create_task(workers._request({"spec": spec}))
        data, pipes, _, _ = await asyncio.to_thread(socket.recv_fds, theirs, MAX_REQUEST, 1)
        assert json.loads(data) == {"spec": spec}
        with os.fdopen(pipes[0], "wb") as answer:
            answer.write(b'{"plan": 1}')
        return await asked

    with unread(tmp_path) as (workers, theirs):
        assert asyncio.run(ask(workers, theirs)) == {"plan": 1}


def test_a_request_that_is_too_large_for_the_fork_server_is_a_spec_that_cannot_be_run(tmp_path):
    with unread(tmp_path) as (workers, _):
        before = files_open()
        with pytest.raises(BadSpec, match="too large"):
            asyncio.run(workers._request({"spec": "x" * 400_000}))
        assert files_open() == before


def test_many_specs_that_are_too_large_for_one_request_are_asked_in_parts(tmp_path, monkeypatch):
    workers, asked = local.LocalWorkers(tmp_path / "log"), []

    async def ask(request):
        specs = request.get("specs") or [request["spec"]]
        if len(specs) > 2:
            raise BadSpec([{"path": "", "message": "too large"}])
        asked.append(len(specs))
        plans = [{"plan": {"steps": 1}} for _ in specs]
        return {"plans": plans} if "specs" in request else plans[0]

    monkeypatch.setattr(workers, "_ask", ask)
    assert len(asyncio.run(workers.plans([{"seed": seed} for seed in range(5)]))) == 5
    assert sorted(asked) == [1, 2, 2]


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
