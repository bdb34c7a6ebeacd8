"""The portfolio without JavaScript: every page shows its content, and every form saves its data."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.walk import pages_of

# Forms with stored values, which can be saved unchanged.
EDITS = {
    "agreement_edit",
    "brief_step",
    "event_edit",
    "mentorship_edit",
    "need_edit",
    "outcome_edit",
    "person_edit",
    "place_edit",
    "reflection_edit",
    "review_edit",
    "tag_edit",
}
# Empty forms, what to fill in (by label), and the resulting message.
NEW = [
    ("/needs/new/", {"In your words": "be heard without a script"}, "Knowing why", "be heard without a script"),
    ("/people/places/new/", {"Name": "Register without scripts"}, "", "Register without scripts"),
    (
        "/reflect/new/?question=beyond",
        {"Your answer": "By asking, without scripts."},
        "",
        "By asking, without scripts.",
    ),
    ("/reflect/reviews/new/", {"In your own words": "Steady, also without scripts."}, "", "Steady, also without"),
]
# Nothing needs a script: every control is in a form, and nothing is hidden except elements that need scripts.
OUT_OF_REACH = """() => [...document.querySelectorAll("main :is(button, input, select, textarea)")]
    .filter((e) => !e.form && !e.closest("[hidden]")).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def page(open_page: Open) -> Page:
    return open_page("demo", java_script_enabled=False)


def of_the_portfolio(page: Page) -> dict[str, str]:
    """URLs of the portfolio app's pages, with the names of their routes."""
    names = {address: resolve(urlsplit(address).path) for address in pages_of("demo", page, __file__)}
    apps = ("portfolio.", "mentoring.")
    return {address: str(match.url_name) for address, match in names.items() if match.func.__module__.startswith(apps)}


def test_each_page_shows_its_content(page: Page) -> None:
    wrong = []
    for address in of_the_portfolio(page):
        page.goto(address)
        main = page.get_by_role("main")
        if not main.get_by_role("heading", level=1).first.is_visible() or len(main.inner_text()) < 60:
            wrong.append(f"{address}: {main.inner_text()!r}")
        wrong += [f"{address}: {control}" for control in page.evaluate(OUT_OF_REACH)]
    assert wrong == []


def test_each_form_that_changes_something_saves(page: Page) -> None:
    forms = {address: name for address, name in of_the_portfolio(page).items() if name in EDITS}
    assert EDITS - set(forms.values()) == set()
    for address in forms:
        page.goto(address)
        with page.expect_navigation():
            page.locator("main form[method=post] .button:not(.quiet, .plain)").first.click()
        assert page.locator(".error-summary, .field-error").count() == 0, address
        assert urlsplit(page.url).path != urlsplit(address).path, f"{address} stayed where it was"


@pytest.mark.parametrize(("address", "words", "choice", "kept"), NEW)
def test_each_new_thing_is_kept(page: Page, address: str, words: dict[str, str], choice: str, kept: str) -> None:
    page.goto(address)
    for label, text in words.items():
        page.get_by_label(re.compile(rf"^{label}")).first.fill(text)
    if choice:
        page.get_by_label(choice).check()
    page.locator("main form[method=post] .button:not(.quiet, .plain)").first.click()
    expect(page.get_by_role("main").or_(page.locator(".messages")).filter(has_text=kept).first).to_be_visible()
