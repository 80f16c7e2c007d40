"""What runs in the browser: the node tests, and the laws that hold across both languages."""

import json
import struct
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from app import wire
from app.captures import MAX_HISTORY
from app.diagnosis.case import Case
from app.diagnosis.diagnose import diagnose
from app.feed import Feed
from app.followed import Followed
from app.state import plain
from tests.telling import captured, epoch, measured, started, write
from trainer.protocol import Changed, Failed, Finished, Interrupted, Marked, Overhead, Paused, Rejected, Resumed, Saved
from trainer.runlog import LogWriter

ROOT = Path(__file__).resolve().parents[1]
RUNNING = {"name": "running", "since": 0.0, "reason": "", "hint": "", "position": None, "actions": ["pause"]}
BAD = np.array([np.nan, np.inf, -np.inf], np.float32)


def node(*arguments: str, **options) -> str:
    told = subprocess.run(["node", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=100, **options)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def folded_by_node(tmp_path: Path, *messages: bytes) -> dict:
    file = tmp_path / "messages"
    file.write_bytes(b"".join(struct.pack("<I", len(one)) + one for one in messages))
    return json.loads(node("tests/js/fold.js", str(file)))


def as_node_says(followed: Followed) -> dict:
    """Return what node must print for a run, from Python's own folds."""
    overviews = {}
    for name, (width, cells) in followed.series.overviews().items():
        views = {"start": cells.start, "min": cells.low, "max": cells.high, "last": cells.last,
                 "counts": cells.count, "bad": cells.bad}  # fmt: skip
        overviews[name] = {"width": width, "count": len(cells.start), "mean": cells.mean.tolist()}
        overviews[name] |= {key: plain(view.tolist()) for key, view in views.items()}
    return {"state": json.loads(json.dumps(followed.state.as_json())), "overviews": overviews}


def assert_same(told: dict, followed: Followed) -> None:
    right = as_node_says(followed)
    assert told["state"] == right["state"]
    assert told["position"] == followed.position
    assert told["overviews"].keys() == right["overviews"].keys()
    for name, overview in right["overviews"].items():
        means = np.array([float(one) for one in told["overviews"][name].pop("mean")])
        np.testing.assert_allclose(means, np.array(overview.pop("mean")), rtol=1e-6)
        assert told["overviews"][name] == overview, name


def a_long_story(seed: int) -> list:
    """Return the events of a run with everything in it that may happen, in many small frames."""
    chance = np.random.default_rng(seed)
    events, step = [started()], 0
    for number in range(1, 60):
        for _ in range(3):
            steps = step + np.arange(1, chance.integers(2, 60))
            values = chance.normal(size=len(steps)).astype(np.float32)
            values[chance.random(len(steps)) < 0.02] = chance.choice(BAD)
            extra = {"penalty__l2": values**2} if number % 3 else {}
            events.append(
                measured(steps, loss__data=values, loss__total=values * 3, optimizer__lr=np.abs(values), **extra)
            )
            step = int(steps[-1])
            events.append(measured([step], probe="gradient_norm", gradient_norm__all=[values[-1]]))
            events.append(captured(step, mean=float(values[0])))
            events.append(captured(step, "dense 2.weight", fill=int(step)))
        events.append(Overhead(step=step, share=0.02, probes={"weights": 0.1}, steps_per_second=1234.5))
        one = epoch(number, best=number % 7 == 0, train__loss=float(values[0]), validation__accuracy=1 / number)
        one.step = step
        events.append(one)
    knobs = {"by": "Kim", "command": "c", "step": step}
    sgd, adam = ({"name": name, "params": {"lr": 0.1}} for name in ("sgd", "adam"))
    events += [
        Changed(target="regularizers.l2", field="enabled", old=False, new=True, **knobs),
        Changed(target="training", field="epochs", old=5, new=9, **knobs),
        Changed(target="optimizer", field="name", old=sgd, new=adam, note="moments reset", **knobs),
        Rejected(reason="lr = -1 is outside 0 to 10.", target="optimizer", field="lr", **knobs),
        Paused(**knobs),
        Resumed(**knobs),
        Saved(step=step, name="mine", path="checkpoints/x", sha256="0" * 64, size=123),
        *(Saved(step=step, name="auto", path=f"checkpoints/{n}", sha256="0" * 64, size=123) for n in range(4)),
        Marked(step=step, kind="nan", text="The loss is not finite."),
        Marked(step=step, kind="measured", text="weights looked.", command="c"),
    ]  # fmt: skip
    return events


def feed_of(tmp_path: Path) -> tuple[Followed, Feed]:
    followed = Followed(tmp_path)
    followed.catch_up()
    return followed, Feed(SimpleNamespace(id="r1", status=RUNNING, level=0.98), followed)


def test_the_node_tests_pass():
    node("--test", "tests/js/")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("early", [1, 150, 700])
def test_a_snapshot_and_its_tail_fold_in_the_browser_to_what_all_events_fold_to_here(tmp_path, seed, early):
    events = a_long_story(seed)
    end = Finished(step=events[-1].step, reason="completed", epoch=59, metrics={"test.loss": float("nan")})
    run = tmp_path / "r1"
    write(run, *events[:early])
    followed, feed = feed_of(run)
    messages = [feed.snapshot()]
    later = [*events[early:], end]
    log = None
    for begin in range(0, len(later), 37):
        log = _append(run, log, later[begin : begin + 37])
        while followed.advance():
            pass
        feed.publish()
    messages += [message for _, message in feed.messages(0)]
    told = folded_by_node(tmp_path, *messages)
    assert told["refused"] == []
    whole = Followed(run)
    whole.catch_up()
    assert_same(told, followed)
    found = diagnose(Case(whole.state, whole.series, 0.98))
    assert told["diagnosis"] == found
    again = folded_by_node(tmp_path, wire.snapshot("r1", whole, RUNNING, found))
    assert again["diagnosis"] == found
    assert_same(again, followed)
    newest = {f"{one.probe}/{one.name}": one.step for one in followed.captures.newest()}
    assert {key: one["step"] for key, one in told["captures"].items()} == newest
    assert told["captures"]["weights/dense 2.weight"]["counts"] == [newest["weights/dense 2.weight"]] * 64


def test_an_attempt_that_goes_on_from_an_earlier_step_reaches_the_browser_as_a_snapshot(tmp_path):
    run = tmp_path / "r1"
    turned = Changed(step=30, target="optimizer", field="lr", old=0.05, new=0.01, by="Kim", command="c")
    write(
        run,
        started(),
        measured(range(1, 101), loss__data=range(100)),
        turned,
        epoch(3),
        Interrupted(step=100, reason="x"),
    )
    followed, feed = feed_of(run)
    number = feed.number_after(followed.position)
    spec = {"optimizer": {"name": "sgd", "params": {"lr": 0.01, "momentum": 0.9}}}
    write(
        run,
        started(2, step=50, **spec),
        measured(range(51, 60), loss__data=range(9)),
        Failed(step=59, reason="y"),
        attempt=2,
    )
    followed.catch_up()
    feed.publish()
    messages = [message for _, message in feed.messages(number)]
    assert len(messages) == 1
    told = folded_by_node(tmp_path, *messages)
    assert_same(told, followed)
    assert told["state"]["knobs"]["optimizer"]["lr"] == {"value": 0.01, "since": 30, "by": "Kim"}
    assert told["state"]["ended"] == {"kind": "failed", "reason": "y", "hint": "", "suggests": {}}


def test_an_attempt_that_loses_nothing_is_a_delta_like_any_other(tmp_path):
    run = tmp_path / "r1"
    write(run, started(), measured(range(1, 51), loss__data=range(50)), Interrupted(step=50, reason="SIGTERM"))
    followed, feed = feed_of(run)
    first = feed.snapshot()
    write(run, started(2, step=50), measured(range(51, 60), loss__data=range(9)), attempt=2)
    followed.catch_up()
    feed.publish()
    messages = [message for _, message in feed.messages(feed.number_after([1, 3]))]
    assert messages != [feed.snapshot()]
    assert followed.position == [2, 2]
    assert_same(folded_by_node(tmp_path, first, *messages), followed)


def test_histories_thin_by_the_same_rule(tmp_path):
    run = tmp_path / "r1"
    write(run, started())
    followed, feed = feed_of(run)
    messages, log = [feed.snapshot()], None
    for step in range(1, 400):
        log = _append(run, log, [captured(step)])
        followed.advance()
        feed.publish()
    messages += [message for _, message in feed.messages(0)]
    told = folded_by_node(tmp_path, *messages)
    kept = [one.step for one in followed.captures.history("weights")]
    assert len(kept) <= MAX_HISTORY
    assert told["history"]["weights/dense 1.weight"] == kept


def _append(run: Path, log: LogWriter | None, events: list) -> LogWriter:
    log = log or LogWriter(run / "events-1.log")
    log.append(events)
    return log
