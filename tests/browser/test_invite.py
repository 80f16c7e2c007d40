"""Inviting somebody to a server that asks who comes: a link that lets one visitor in, once."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import READY
from tests.browser.test_accessibility import faults
from tests.server import Server


@pytest.fixture
def elsewhere(tmp_path):
    """A server that listens on every address, and the one-time link that it printed."""
    with Server(tmp_path / "data", "--host", "0.0.0.0") as server:
        yield server, re.search(r"http://\S+/sign-in\?token=\S+", server.process.stdout.readline())[0]


def test_somebody_who_has_signed_in_can_invite_another_once(visit, chromium: Browser, elsewhere):
    server, link = elsewhere
    host = visit("/")
    host.context.grant_permissions(["clipboard-read", "clipboard-write"])
    host.goto(link)
    host.wait_for_selector(READY, state="attached")
    host.get_by_role("button", name="Invite").click()
    dialog = host.get_by_role("dialog")
    expect(dialog).to_contain_text("A link that signs one visitor in, once, within a day")
    assert faults(host) == []
    invitation = dialog.get_by_role("textbox").input_value()
    assert invitation.startswith(f"{server.address}/sign-in?token=")
    assert invitation != link
    dialog.get_by_role("button", name="Copy the link").click()
    expect(host.locator(".toast")).to_contain_text("Copied")
    assert host.evaluate("navigator.clipboard.readText()") == invitation
    host.keyboard.press("Escape")
    expect(host.get_by_role("dialog")).to_have_count(0)

    guest, late = visit("/"), visit("/")
    late.expected = ("401",)
    guest.goto(invitation)
    guest.wait_for_selector(READY, state="attached")
    expect(guest.locator("h1")).to_have_text("Runs")
    assert "token" not in guest.url
    late.goto(invitation)
    expect(late.locator("main")).to_contain_text("This link has been used or has run out.")
    late.goto(server.address)
    expect(late.locator("h1")).to_have_text("Sign in first")
    for page in (host, guest, late):
        page.goto("about:blank")


def test_a_server_that_asks_nobody_offers_no_invitation(visit):
    page = visit("/")
    expect(page.get_by_role("button", name="Invite")).to_have_count(0)
