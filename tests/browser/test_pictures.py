"""The three pictures of the portfolio with 0, 1, 7 and 25 mentors, on desktop and phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import ACCOUNTS, Site
from tests.browser.test_pages import DESK, PHONE, look_at, put_into
from tests.servers import manage

PICTURES = ["/portfolio/", "/portfolio/coverage/", "/portfolio/timeline/"]
SIZES = [(0, 3), (1, 4), (7, 8), (25, 40)]  # mentors, needs
PASSWORD = "a sky of one's own"
MAKE = f"""
from accounts.models import User
from allauth.account.models import EmailAddress
from tests.portfolios import fill
for mentors, needs in {SIZES}:
    email = f"mentors{{mentors}}@example.org"
    user = User.objects.create_user(email, {PASSWORD!r}, name="Mia Many", organisation="Trust 0")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    fill(user, mentors, needs)
"""


@pytest.fixture(scope="module", autouse=True)
def accounts(site: Site) -> None:
    manage(site.env, "shell", "-c", MAKE)
    for mentors, _ in SIZES:
        ACCOUNTS[f"mentors{mentors}"] = (f"mentors{mentors}@example.org", PASSWORD)


@pytest.mark.parametrize("mentors", [mentors for mentors, _ in SIZES])
def test_pictures_are_readable_for_everybody(open_page: Open, faults: list[str], mentors: int) -> None:
    page = open_page(f"mentors{mentors}")
    assert look_at(page, PICTURES) == []
    page.goto("/portfolio/")
    assert page.locator("a.star:not(.is-approached)").count() == mentors
    for look in (PHONE, DESK):
        put_into(page, look)
        assert page.evaluate(COVERED) == []
    assert faults == []


# Labels that overlap a star or each other, with a tolerance of a pixel for rounding.
COVERED = """() => {
    const boxes = (what) => [...document.querySelectorAll(what)].map((e) => [e, e.getBoundingClientRect()])
        .filter(([_, box]) => box.width);
    const before = (a, b) => a.right - 1 <= b.left || a.bottom - 2 <= b.top;
    const labels = boxes(".star-name"), shapes = boxes(".star-mark .shape"), wrong = [];
    labels.forEach(([label, box], i) => {
        for (const [other, otherBox] of [...labels.slice(i + 1), ...shapes])
            if (!before(box, otherBox) && !before(otherBox, box))
                wrong.push(`${label.textContent} covers ${other.textContent || other.tagName}`);
    });
    return wrong;
}"""


def test_a_finger_finds_every_star(open_page: Open) -> None:
    """A slot of 54 units is 24 pixels wide on a phone."""
    page = open_page("mentors25", **PHONE)
    page.goto("/portfolio/")
    sizes = page.evaluate("[...document.querySelectorAll('.star-reach')].map((e) => e.getBoundingClientRect().width)")
    assert min(sizes) >= 24


def test_every_star_and_gap_is_in_the_tab_order_and_shows_its_focus(open_page: Open) -> None:
    page = open_page("mentors7", **DESK)
    page.goto("/portfolio/")
    page.get_by_role("link", name="Past the picture").focus()
    wanted = page.locator(".sky a").count()
    seen = set()
    for _ in range(wanted):
        page.keyboard.press("Tab")
        seen.add(focused(page))
    assert len(seen) == wanted
    for what, mark in (("a.star", ".star-reach"), ("a.need", ".arc")):
        page.locator(what).first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(page.locator(what).first.locator(mark)).to_have_css("stroke-width", "3px" if mark != ".arc" else "10px")


def focused(page: Page) -> str:
    inside = "document.activeElement.closest('.sky') ? document.activeElement.outerHTML : ''"
    return str(page.evaluate(inside))


def test_one_can_pass_by_the_picture(open_page: Open) -> None:
    page = open_page("mentors25", **DESK)
    page.goto("/portfolio/")
    page.get_by_role("link", name="Past the picture").press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.sky')") is None


def test_arcs_are_eight_and_two_pixels_on_every_screen(open_page: Open) -> None:
    for look in (DESK, PHONE):
        page = open_page("mentors25", **look)
        page.goto("/portfolio/")
        styles = "[...document.querySelectorAll('.arc')].map((e) => getComputedStyle(e))"
        assert set(page.evaluate(f"{styles}.map((style) => style.strokeWidth)")) == {"8px", "2px"}
        assert set(page.evaluate(f"{styles}.map((style) => style.vectorEffect)")) == {"non-scaling-stroke"}


def test_needs_stay_in_sight_while_mentors_move_along(open_page: Open) -> None:
    page = open_page("mentors25", **PHONE)
    page.goto("/portfolio/coverage/")
    region = page.get_by_role("region", name="Needs and mentors")
    region.evaluate("(e) => e.scrollTo(900, 0)")
    left = page.locator("tbody .coverage-need").nth(1).evaluate("(e) => e.getBoundingClientRect().left")
    assert left == region.evaluate("(e) => e.getBoundingClientRect().left")


def test_on_paper_the_sky_is_light(open_page: Open) -> None:
    page = open_page("mentors7", **{**DESK, "color_scheme": "dark"})
    page.goto("/portfolio/")
    page.emulate_media(media="print")
    expect(page.locator(".sky")).to_have_css("background-color", re.compile(r"oklch\(0\.98 "))
    page.goto("/portfolio/timeline/")
    expect(page.locator(".years")).to_have_css("background-color", re.compile(r"oklch\(0\.98 "))
