"""When a diagnosis is made, and that it is the same whoever makes it and whenever."""

import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from app.diagnosis.case import Case
from app.diagnosis.diagnose import EVERY_S, NOTHING, Lately, diagnose, worst
from app.diagnosis.level import read_level, write_level
from app.feed import Cursor, Feed
from app.followed import Followed
from app.run import Run
from tests.app.diagnosis.runs import case_of, run_of
from tests.app.diagnosis.test_thresholds import KNOWN
from tests.telling import PLAN, epoch, measured, started, write
from trainer.protocol import Finished
from trainer.runlog import LogWriter, read_all

RUNNING = {"name": "running"}


def of(followed, level=None):
    return diagnose(Case(followed.state, followed.series, level))


def folded(folder, **options):
    followed = Followed(folder, **options)
    followed.catch_up()
    return followed


@pytest.mark.parametrize("run", ["zeros", "raw inputs", "150 samples", "steps of 100"])
def test_whoever_folds_a_run_finds_the_same_however_often_somebody_looked(tmp_path, run):
    """Looked at after every piece, folded in one go, and gone on with from what was kept: after a restart."""
    said = [entry.said for entry, _ in read_all(run_of(run) / "events-1.log")]
    followed = Followed(tmp_path, keeps=True)
    log = LogWriter(tmp_path / "events-1.log")
    for begin in range(0, len(said), 20):
        log.append(said[begin : begin + 20])
        followed.catch_up()
        of(followed)
        if begin <= len(said) // 2 < begin + 20:
            followed.keeper.keep(followed)
    log.close()
    restarted = Followed(tmp_path, keeps=True)
    restarted._open()
    assert restarted.position[1] > 1, "it goes on from what was kept"
    restarted.catch_up()
    whole = of(folded(tmp_path))
    assert whole["findings"]
    assert of(followed) == whole
    assert of(restarted) == whole


def test_an_attempt_that_goes_on_from_an_earlier_step_takes_back_what_was_found_later(tmp_path):
    begun = started()
    begun.plan = PLAN | KNOWN
    values = [*np.linspace(2.3, 0.3, 60), *[3.0] * 40]
    write(tmp_path, begun, measured(range(1, 101), loss__data=values))
    assert [one["name"] for one in of(folded(tmp_path))["findings"]] == ["lr_too_high"]
    again = started(attempt=2, step=60)
    again.plan = begun.plan
    write(tmp_path, again, attempt=2)
    assert of(folded(tmp_path))["findings"] == []


class Told:
    """A run whose log is written here, and what a page is told of it."""

    def __init__(self, folder):
        begun = started()
        begun.plan = PLAN | KNOWN
        self.log = LogWriter(folder / "events-1.log")
        self.log.append([begun])
        self.run = SimpleNamespace(id="r", status=RUNNING, level=None)
        self.followed = folded(folder)
        self.now = 100.0
        self.feed = Feed(self.run, self.followed)
        self.followed.lately._at = self.now
        self.cursor = Cursor(self.feed, None, lambda: None)
        self.heard()

    def say(self, *events):
        self.log.append(events)
        self.followed.catch_up()

    def heard(self, after_s=0.0):
        """Return the diagnoses in what a page hears within a time, looked at as often as the server does."""
        found = []
        for tick in range(int(after_s * 50) + 1):
            self.feed.tick(self.now + tick * 0.02, lambda run_id: None)
        self.now += after_s
        for message in self.cursor.messages():
            (length,) = struct.unpack_from("<I", message)
            found.append(json.loads(message[4 : 4 + length])["diagnosis"])
        return [one for one in found if one]


OVERFITS = [
    epoch(n, train__accuracy=0.99, validation__accuracy=0.7, train__loss=0.1 / n, validation__loss=0.5)
    for n in range(1, 9)
]


def test_a_page_is_told_what_is_new_within_a_second_and_once(tmp_path):
    told = Told(tmp_path)
    told.say(*OVERFITS)
    assert told.heard(0.5) == []
    (diagnosis,) = told.heard(EVERY_S)
    assert [one["name"] for one in diagnosis["findings"]] == ["overfitting"]
    assert told.heard(3 * EVERY_S) == []


def test_what_a_run_says_last_is_thought_over_at_once(tmp_path):
    told = Told(tmp_path)
    told.say(*OVERFITS, Finished(step=160, reason="completed", epoch=8))
    assert [[one["name"] for one in diagnosis["findings"]] for diagnosis in told.heard(0.2)] == [["overfitting"]]


def test_a_level_that_is_set_is_told_at_once_and_to_who_comes_back(tmp_path):
    told = Told(tmp_path)
    told.say(*OVERFITS)
    told.heard(2 * EVERY_S)
    told.run.level = 0.9
    (diagnosis,) = told.heard(0.2)
    assert diagnosis["balance"]["level"] == 0.9
    back = Cursor(told.feed, told.followed.position, lambda: None)
    *_, message = back.messages()
    (length,) = struct.unpack_from("<I", message)
    assert json.loads(message[4 : 4 + length])["diagnosis"]["balance"]["level"] == 0.9


def test_a_rule_that_fails_takes_nothing_with_it(tmp_path, monkeypatch, caplog):
    write(tmp_path, started())
    monkeypatch.setattr("app.diagnosis.diagnose.diagnose", lambda case: 1 / 0)
    assert Lately().look(folded(tmp_path), None, 100.0) == NOTHING
    assert "could not be diagnosed" in caplog.text


def test_a_list_shows_what_is_serious_and_no_guess():
    assert worst(diagnose(case_of("raw inputs"))) == "dead_relus"
    assert worst(diagnose(case_of("healthy"))) == ""
    assert worst(diagnose(case_of("dropout"))) == ""


@pytest.mark.parametrize(
    "text", ["", "{}", '{"level": -1}', '{"level": true}', '{"level": NaN}', "[1]", '{"level": "1"}']
)
def test_a_level_that_is_none_is_none(tmp_path, text):
    (tmp_path / "level.json").write_text(text)
    assert read_level(tmp_path) is None


def test_a_level_is_kept_in_the_run_s_folder_and_can_be_taken_back(tmp_path):
    write_level(tmp_path, 0.98)
    assert read_level(tmp_path) == 0.98
    assert [one.name for one in tmp_path.iterdir()] == ["level.json"]
    write_level(tmp_path, None)
    assert read_level(tmp_path) is None
    write_level(tmp_path, None)


def test_a_run_that_a_restarted_server_knows_anew_has_its_level(tmp_path):
    row = {"name": "r", "by": "", "created": 0.0}
    Run(None, tmp_path, row).set_level(0.95)
    assert Run(None, tmp_path, row).level == 0.95
