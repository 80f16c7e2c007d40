"""The reporter between a full disk and a later attempt."""

import pytest

from trainer import faults
from trainer import reporter as reporting
from trainer.protocol import Paused
from trainer.reporter import Fenced, Reporter
from trainer.runlog import LogWriter, read_all


def test_who_waits_for_a_full_disk_asks_before_each_write_whether_a_later_attempt_has_begun(tmp_path, monkeypatch):
    log, later = LogWriter(tmp_path / "events-1.log"), []
    monkeypatch.setattr(reporting, "RETRY_S", 0.0)
    monkeypatch.setenv("LIVEFIT_TESTING", "1")
    monkeypatch.setenv("LIVEFIT_FAULT", "events.append:raise@1")
    faults.arm(tmp_path)
    reporter = Reporter(log, full_disk=lambda error: later.append(True), fenced=lambda: bool(later))
    with pytest.raises(Fenced):
        reporter.say(Paused(step=1), now=True)
    log.close()
    monkeypatch.undo()
    faults.arm()
    assert list(read_all(tmp_path / "events-1.log")) == []
