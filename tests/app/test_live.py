"""The websocket of a real server: what a page hears, what it asks, and how little one page can harm another."""

import json
import subprocess
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError

from tests.page_socket import Browser
from tests.server import ENDLESS, QUICK
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(server):
    run_id = server.launch(ENDLESS)
    server.wait_for_step(run_id)
    yield run_id
    server.stop(run_id)


def test_a_page_is_greeted_by_name(server):
    with Browser(server) as nobody, Browser(server, "Kim 민준") as kim:
        assert nobody.hello["name"] == "someone"
        assert kim.hello["name"] == "Kim 민준"
        assert kim.hello["version"]


def test_nothing_is_deflated_though_a_page_offers_it(server):
    # numbers hardly shrink, and a window for each of hundreds of pages would be megabytes
    with Browser(server) as page:
        assert "permessage-deflate" in page.socket.request.headers["Sec-WebSocket-Extensions"]
        assert "Sec-WebSocket-Extensions" not in page.socket.response.headers


def test_who_watches_gets_a_snapshot_and_then_an_unbroken_chain_of_deltas(server, run):
    with Browser(server) as page:
        first = page.watch(run)
        assert first["type"] == "snapshot"
        assert first["status"]["name"] == "running"
        assert first["state"]["plan"]["parameters"] > 0
        assert "loss.data" in first["overviews"]
        position, steps = first["position"], 0
        for _ in range(10):
            told = page.hear("delta")
            assert told["from"] == position
            position = told["position"]
            steps += sum(table["count"] for table in told["tables"] if table["probe"] == "loss")
        assert steps > 10


def test_a_turned_knob_is_confirmed_in_every_browser_with_who_turned_it(server, run):
    with Browser(server, "Kim") as kim, Browser(server, "Lee") as lee:
        kim.watch(run)
        lee.watch(run)
        change = {"type": "change", "target": "optimizer", "field": "lr", "value": 0.0123}
        kim.say(type="command", run=run, ref="c1", command=change)
        accepted = kim.hear("accepted")
        assert accepted["ref"] == "c1"
        for page in (kim, lee):
            changed = page.event("changed")
            assert (changed["new"], changed["by"], changed["command"]) == (0.0123, "Kim", accepted["id"])
    knob = server.ask("GET", f"/api/runs/{run}")["state"]["knobs"]["optimizer"]["lr"]
    assert knob == {"value": 0.0123, "since": changed["step"], "by": "Kim"}


def test_nobody_can_speak_in_another_name(server, run):
    with Browser(server, "Kim") as page:
        page.watch(run)
        page.say(type="command", run=run, ref="c", command={"type": "pause", "by": "Lee", "id": "x"})
        accepted = page.hear("accepted")
        paused = page.event("paused")
        assert (paused["by"], paused["command"]) == ("Kim", accepted["id"])


def test_a_value_out_of_bounds_comes_back_as_an_event_with_the_reason(server, run):
    with Browser(server) as page:
        page.watch(run)
        command = {"type": "change", "target": "optimizer", "field": "lr", "value": -1.0}
        page.say(type="command", run=run, ref="c", command=command)
        assert "lr" in page.event("rejected")["reason"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{", "truncated"),
        ('{"type": "sing"}', "sing"),
        ('{"type": "watch"}', "run"),
        ('{"type": "watch", "run": "x", "loud": true}', "loud"),
        ("[]", "object"),
    ],
)
def test_what_makes_no_sense_is_answered_and_harms_nothing(server, said, words):
    with Browser(server) as page:
        page.socket.send(said)
        told = page.hear("problem")
        assert words in told["detail"]
        assert "docs/protocol.md" in told["hint"]
        page.say(type="watch_list")
        assert page.hear("runs")["rows"] is not None


def test_a_command_that_is_none_or_comes_too_late_is_a_problem_with_its_reference(server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    with Browser(server) as page:
        page.say(type="command", run=run, ref="a", command={"type": "dance"})
        page.say(type="command", run=run, ref="b", command={"type": "pause"})
        assert page.hear("problem")["ref"] == "a"
        late = page.hear("problem")
        assert late["ref"] == "b"
        assert "finished" in late["detail"]


def test_a_number_that_no_log_can_hold_is_a_problem_and_the_line_stays(server, run):
    with Browser(server) as page:
        command = {"type": "change", "target": "training", "field": "epochs", "value": 2**70}
        page.say(type="command", run=run, ref="c1", command=command)
        assert page.hear("problem", "accepted")["ref"] == "c1"
        page.say(type="command", run=run, ref="c2", command={"type": "save"})
        assert page.hear("accepted")["ref"] == "c2"


def test_a_run_that_is_not_there_is_gone(server, run):
    with Browser(server) as page:
        page.say(type="watch", run="nothing")
        assert page.hear("gone")["run"] == "nothing"


def test_a_run_that_is_deleted_while_one_watches_is_gone(server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    with Browser(server) as page:
        assert page.watch(run)["state"]["ended"]["kind"] == "finished"
        server.ask("DELETE", f"/api/runs/{run}")
        assert page.hear("gone")["run"] == run


def test_a_page_that_comes_back_goes_on_from_its_position(server, run):
    with Browser(server) as page:
        position = page.watch(run)["position"]
        for _ in range(3):
            position = page.hear("delta")["position"]
    with Browser(server) as page:
        first = page.watch(run, position)
        assert first["type"] == "delta"
        assert first["from"] == position
    with Browser(server) as page:
        assert page.watch(run, [9, 9])["type"] == "snapshot"


def test_a_run_knows_whether_anybody_watches(server, run):
    watched = server.folder / "runs" / run / "watched"
    with Browser(server) as one, Browser(server) as other:
        one.watch(run)
        other.watch(run)
        other.watch(run)
        one.say(type="unwatch", run=run)
        assert wait_for(watched.exists)
    wait_for(lambda: not watched.exists())


def alone(told):
    return [row["run"] for row in told["rows"] if "run" in row]


def test_the_list_of_runs_is_told_when_it_changes(server):
    with Browser(server) as page:
        page.say(type="watch_list")
        page.hear("runs")
        run = server.launch(QUICK)

        def finished(told):
            return any(one["id"] == run and one["status"]["name"] == "finished" for one in alone(told))

        card = next(one for one in alone(page.hear("runs", until=finished)) if one["id"] == run)
        assert card["spark"]


def test_a_message_that_is_too_long_ends_only_the_socket_it_came_by(server, run):
    with Browser(server) as page, Browser(server) as other:
        page.say(type="watch", run="x" * 65 * 1024)
        with pytest.raises(ConnectionClosedError) as closed:
            page.hear("problem")
        assert closed.value.rcvd.code == 1009
        other.watch(run)


def test_one_that_never_reads_does_not_slow_down_another(server, run):
    stalled = [Browser(server) for _ in range(20)]
    try:
        for page in stalled:
            page.say(type="watch", run=run)
            for _ in range(50):
                page.say(type="watch", run=run)
        with Browser(server) as reader:
            reader.watch(run)
            # one of a status or of a diagnosis has no event in it
            times = [reader.hear("delta", until=lambda told: told["time"])["time"] for _ in range(30)]
        assert times[-1] - times[0] < 15
    finally:
        for page in stalled:
            page.__exit__()


def test_the_page_s_own_scripts_see_what_the_server_sees(server, run):
    address = server.address.replace("http", "ws").rstrip("/") + "/live"
    told = subprocess.run(
        ["node", "--experimental-websocket", "tests/js/watch_run.js", address, run],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout)
    assert seen["seen"]["snapshot"] == 1
    assert seen["answered"] is True
    assert seen["refused"]["title"] == "That is not a command"
    assert seen["state"] == server.ask("GET", f"/api/runs/{run}")["state"]
    assert seen["points"] == seen["state"]["step"]
    assert seen["state"]["paused"] is True
