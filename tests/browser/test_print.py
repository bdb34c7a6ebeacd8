"""Printing: dark text on white without navigation, even in dark mode."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mentoring.demo import DEMO_EMAIL
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.test_pages import DESK

SHELL = ".nav, .bar .account, .foot, .page-actions, .button, .crumb, .private"


@pytest.fixture
def page(open_page: Open) -> Page:
    return open_page("demo", **{**DESK, "color_scheme": "dark"})


def on_paper(page: Page, address: str) -> None:
    page.goto(address)
    page.emulate_media(media="print")
    for shown in page.locator(SHELL).all():
        expect(shown).to_be_hidden()
    expect(page.get_by_role("main")).to_have_css("color", re.compile(r"oklch\(0\.25 "))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_agreement_is_a_sheet_to_sign(page: Page, site: Site) -> None:
    [(mentorship, words)] = site.sql(
        "SELECT m.id, m.agreement FROM portfolio_mentorship m JOIN accounts_user u ON u.id = m.owner_id"
        " WHERE m.agreement <> '' AND u.email = ? LIMIT 1",
        DEMO_EMAIL,
    )
    on_paper(page, f"/mentorships/{mentorship}/agreement/")
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", name="Working agreement")).to_be_visible()
    expect(main.locator(".letter-body")).to_contain_text(words.split("\n")[0].strip())
    expect(main.locator(".signatures p")).to_have_count(2)
    expect(main.get_by_text("Nothing else of yours is on this page")).to_be_hidden()
    assert main.inner_text().startswith("Working agreement")


def test_a_brief_is_its_answers_and_needs(page: Page, site: Site) -> None:
    [(brief, why)] = site.sql(
        "SELECT id, why_now FROM portfolio_brief WHERE finished_at IS NOT NULL ORDER BY id LIMIT 1"
    )
    on_paper(page, f"/brief/{brief}/")
    main = page.get_by_role("main")
    expect(main).to_contain_text(why)
    expect(main).to_contain_text("be known to social-care commissioners")
    expect(main.locator(".on-paper")).to_be_visible()
    for link in main.get_by_role("link", name=re.compile("Edit|Add to the needs")).all():
        expect(link).to_be_hidden()
    expect(main.locator(".next-step")).to_be_hidden()
