"""Settings from the environment, and where the pages are found."""

import pytest
from pydantic import ValidationError

from app.settings import Settings


def test_every_setting_can_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LIVEFIT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LIVEFIT_PORT", "9001")
    monkeypatch.setenv("LIVEFIT_ALLOWED_HOSTS", "lab.example, Lab.Example:8443")
    settings = Settings()
    assert (settings.data_dir, settings.port) == (tmp_path, 9001)
    assert settings.allowed_hosts == ("lab.example", "lab.example:8443")


def test_every_setting_says_what_it_is_for():
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert undescribed == []


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.5", False), ("lab", False)],
)
def test_only_loopback_addresses_need_no_sign_in(settings, host, alone):
    assert settings.model_copy(update={"host": host}).on_loopback is alone


def test_the_pages_of_a_checkout_are_found(settings):
    assert (settings.static_dir / "js").is_dir()
    assert (settings.templates_dir / "base.html").is_file()


@pytest.mark.parametrize("wrong", [{"port": 70_000}, {"max_running": 0}, {"log_level": "loud"}, {"stop_within_s": 0}])
def test_values_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)
