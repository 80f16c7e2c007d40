"""What the browser makes of the messages of a group is what Python put into them."""

import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from app.followed import Followed
from app.groups.feed import GroupFeed
from app.groups.looks import Looks
from app.run import Run
from tests.telling import SPEC, epoch, started, write
from tests.test_js import node
from trainer.protocol import Finished


def run_of(folder, seed: int, losses: list[float]) -> Run:
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(json.dumps(SPEC | {"seed": seed}))
    told = [epoch(number, validation__loss=loss) for number, loss in enumerate(losses, 1)]
    write(folder, started(), *told, Finished(step=20 * len(losses), epoch=len(losses), reason="completed", metrics={}))
    followed = Followed(folder)
    followed.catch_up()
    follower = SimpleNamespace(followed=lambda run: followed)
    lab = SimpleNamespace(attends=lambda run: False, follower=follower, group_names={}, data_names={})
    row = {"name": folder.name, "by": "", "created": 1.0, "status": {"name": "finished", "since": 1.0}, "place": seed}
    return Run(lab, folder, row | {"group_id": "G", "label": "one", "summary": {"step": 60, "steps": 100, "epoch": 3}})


def told_by_node(tmp_path, *messages: bytes) -> dict:
    file = tmp_path / "messages"
    file.write_bytes(b"".join(struct.pack("<I", len(one)) + one for one in messages))
    return json.loads(node("tests/js/groups/read_group.js", str(file)))


def test_cards_variants_and_spreads_arrive_as_they_were_meant(tmp_path):
    runs = [run_of(tmp_path / "a", 1, [1.0, 2.0, 3.0]), run_of(tmp_path / "b", 2, [3.0, 4.0])]
    feed = GroupFeed(("G",), lambda: runs, ["validation.loss"], Looks())
    assert feed.look()
    told = told_by_node(tmp_path, feed.message(0))
    assert told["variants"] == [{"label": "one", "runs": ["a", "b"]}]
    assert told["names"] == ["validation.loss"]
    assert told["cards"] == ["a", "b"]
    assert told["progress"] == {"statuses": {"finished": 2}, "step": 120, "steps": 120, "eta_s": None}
    assert told["state"]["ended"] == {"kind": "finished"}
    ranged, std, none = told["bands"]
    assert ranged == {"start": [20, 40, 60], "mean": [2, 3, 3], "min": [1, 2, 3], "max": [3, 4, 3]}
    assert none["min"] == none["max"] == none["mean"]
    np.testing.assert_allclose(std["max"], [2 + 2**0.5, 3 + 2**0.5, 3], rtol=1e-6)
    assert told["epochs"]["start"] == told["line"]["start"] == [1, 2, 3]
    assert told["line"]["mean"] == [1, 2, 3]


def test_a_page_that_skips_messages_has_all_that_was_in_them(tmp_path):
    runs = [run_of(tmp_path / "a", 1, [1.0])]
    feed = GroupFeed(("G",), lambda: list(runs), ["validation.loss"], Looks())
    feed.look()
    first, seen = feed.message(0), feed.version
    assert not feed.look()
    assert feed.version == seen
    runs[0].summary = runs[0].summary | {"step": 70}
    assert feed.look()
    runs.append(run_of(tmp_path / "b", 2, [3.0]))
    assert feed.look()
    told = told_by_node(tmp_path, first, feed.message(seen))
    assert told["cards"] == ["a", "b"]
    assert told["bands"][0]["mean"] == pytest.approx([2])
    assert told["progress"]["step"] == 70 + 60
