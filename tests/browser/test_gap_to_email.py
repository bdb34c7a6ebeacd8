"""From a gap to a first e-mail that is ready to send, in at most twelve interactions."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.counted import Counted
from tests.browser.site import EMPTY_EMAIL, EMPTY_PASSWORD, MAKE_EMPTY_USER, Site, sign_in
from tests.servers import manage

# A separate account, so that the others don't change.
EMAIL, PASSWORD = "twelve@example.org", "twelve small presses"
AT_MOST = 12
NEED = "choose between two good paths"


def make_gap(page: Page) -> None:
    """Create a need without a mentor, as if on an earlier day."""
    page.goto("/needs/new/")
    page.get_by_label("Knowing why").check()
    page.get_by_label("In your words").fill(NEED)
    page.get_by_role("main").locator("form .button").first.click()


def test_from_a_gap_to_a_ready_first_email_in_twelve_interactions(
    site: Site, open_page: Open, faults: list[str]
) -> None:
    manage(site.env, "shell", "-c", MAKE_EMPTY_USER.replace(EMPTY_EMAIL, EMAIL).replace(EMPTY_PASSWORD, PASSWORD))
    page = open_page()
    sign_in(page, EMAIL, PASSWORD)
    make_gap(page)
    page.goto("/portfolio/")
    user = Counted(page)
    user.press(re.compile(NEED))
    user.press("Add someone")
    user.fill("Name", "Prof. Julie Hart")
    user.fill("E-mail addresses", "julie@example.org")
    user.press("Save")
    user.press("Shortlist Prof. Julie Hart")
    user.press("Draft the first e-mail")
    user.fill("What you noticed about their work", "Your talk in Leeds changed how I plan my week.")
    user.fill("Why them", "you have stood at that fork yourself")
    user.fill("What you’d like to ask about", "choosing between two good paths")
    user.fill("A sentence about you", "I run trials in Leeds.")
    # The preview updates while typing, without another click.
    preview = page.locator("#preview")
    expect(preview.locator(".obstacles")).to_have_count(0)
    expect(preview).to_contain_text("Dear Julie")
    expect(preview.get_by_role("link", name="Open in your mail program")).to_be_visible()
    assert len(user.done) <= AT_MOST, user.done
    assert faults == []
