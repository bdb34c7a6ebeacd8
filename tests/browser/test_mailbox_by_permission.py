"""Connecting a mailbox at Gmail with a real browser and worker: there, a yes, back, tried, disconnected."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import ACCOUNTS, Site, sign_in
from tests.servers import Process


def go_there(page: Page) -> None:
    """The page in between goes on by itself."""
    page.goto("/settings/mailbox/connect/")
    page.get_by_role("button", name="Connect Gmail").click()
    expect(page.get_by_role("link", name="Allow")).to_be_visible()


def test_a_mailbox_is_connected_by_a_yes_tried_and_disconnected(
    site: Site, open_page: Open, faults: list[str], clockwork: list[Process]
) -> None:
    page = open_page()
    sign_in(page, *ACCOUNTS["demo"])
    go_there(page)
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("you didn’t allow it at Gmail")).to_be_visible()

    go_there(page)
    page.get_by_role("link", name="Allow").click()
    expect(page.get_by_role("heading", name="ffion.marsh@example.org")).to_be_visible()
    expect(page.get_by_text("Works. Last looked")).to_be_visible(timeout=30_000)  # the page looks again by itself
    expect(page.get_by_text("Works. Each finished letter has a button for it.")).to_be_visible()
    expect(page.get_by_role("link", name="Change the password")).to_have_count(0)
    assert "code=" not in page.url

    page.get_by_role("link", name="Disconnect it").click()
    page.get_by_role("main").get_by_role("button", name="Disconnect it").click()
    expect(page.get_by_text("We tell Gmail that our permission ends")).to_be_visible()
    assert len(site.google.revoked) == 1
    assert site.sql("SELECT COUNT(*) FROM mail_connectedmailbox") == [(0,)]
    assert [fault for fault in faults if fault.startswith(site.url)] == []
