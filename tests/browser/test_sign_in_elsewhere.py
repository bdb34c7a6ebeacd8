"""Signing in with a real provider on this machine: there and back, turning back, linking, signing out elsewhere."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import ACCOUNTS, Site, sign_in


def go_there(page: Page, button: str = "Sign in with Example University") -> None:
    """Press the button; the page between goes on by itself."""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", name="Authorize Client")).to_be_visible()


def come_back(page: Page, person: str) -> None:
    page.get_by_role("button", name=person).first.click()


def ours(faults: list[str], site: Site) -> list[str]:
    """The faults of our own pages: the provider's ask another host for their looks."""
    return [fault for fault in faults if fault.startswith(site.url)]


def test_a_new_person_comes_in_by_a_provider_and_again_without_a_form(
    site: Site, open_page: Open, faults: list[str]
) -> None:
    page = open_page()
    page.goto("/account/login/")
    go_there(page)
    come_back(page, "uma")
    expect(page.get_by_role("heading", name="Almost there")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Uma University")
    expect(page.get_by_label("E-mail address")).to_have_value("uma@example.org")
    page.get_by_role("button", name="Create my account").click()
    page.wait_for_url("**/today/")
    again = open_page()
    again.goto("/account/login/?next=/people/")
    go_there(again)
    come_back(again, "uma")
    again.wait_for_url("**/people/")
    # Both browsers are listed; one ends the other.
    page.goto("/settings/sessions/")
    expect(page.get_by_role("region", name="This device")).to_contain_text("in use now")
    page.get_by_role("button", name="Sign out the other device").click()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    again.goto("/today/")
    expect(again).to_have_url(re.compile("/account/login/"))
    assert ours(faults, site) == []


def test_turning_back_at_the_provider_changes_nothing(site: Site, open_page: Open, faults: list[str]) -> None:
    page = open_page()
    page.goto("/account/login/")
    go_there(page)
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="You turned back")).to_be_visible()
    page.get_by_role("link", name="Back to signing in").click()
    expect(page).to_have_url(re.compile("/account/login/$"))
    assert ours(faults, site) == []


def test_an_account_is_linked_and_unlinked_in_settings(site: Site, open_page: Open, faults: list[str]) -> None:
    page = open_page()
    email, password = ACCOUNTS["empty"]
    sign_in(page, email, password)
    page.goto("/settings/")
    page.get_by_role("link", name="Other ways in").click()
    page.get_by_role("button", name="Link Example University").click()
    if page.get_by_role("button", name="Go to Example University").is_visible():
        go_there(page, "Go to Example University")
    expect(page.get_by_role("heading", name="Authorize Client")).to_be_visible()
    come_back(page, "nia")
    expect(page.get_by_text("Example University is linked.")).to_be_visible()
    elsewhere = open_page()
    elsewhere.goto("/account/login/")
    go_there(elsewhere)
    come_back(elsewhere, "nia")
    elsewhere.wait_for_url("**/today/")
    page.get_by_role("button", name="Unlink Example University").click()
    expect(page.get_by_text("Nothing is linked yet.")).to_be_visible()
    assert ours(faults, site) == []
