"""Every page of the full account on a phone and a desktop: nothing overflows or is too small to tap."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.site import ACCOUNTS, Site
from tests.browser.test_pages import DESK, PHONE, WIDEST, put_into
from tests.browser.walk import every_page
from tests.servers import manage

PASSWORD = "much of everything"
MAKE = f"""
from accounts.models import User
from allauth.account.models import EmailAddress
from tests.full_account import fill_full
user = User.objects.create_user("full@example.org", {PASSWORD!r}, name="Mia Many", organisation="Trust 0")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
fill_full(user)
"""
# Elements that overflow their container, although the page is wide enough. (Small plain buttons overflow by four
# pixels, so that their text is aligned.)
STICKS_OUT = """() => [...document.querySelectorAll("main :is(.card, .next-step, .empty, .advice, .letter, .row)")]
    .filter((e) => !e.closest(".table-wrap") && e.scrollWidth > e.clientWidth + 5).slice(0, 3)
    .map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`)"""

# Touch targets that are too small (WCAG 2.2, 2.5.8): below 24 pixels, minus one for rounding, except inline links.
TOO_SMALL = """() => [...document.querySelectorAll("main :is(a, button, summary, select)")]
    .filter((e) => !e.closest("svg, .visually-hidden, .table-wrap"))
    .filter((e) => {
        const box = e.getBoundingClientRect(), within = e.parentElement.innerText.trim() !== e.innerText.trim();
        if (!box.width) return false;
        return (box.height < 23 || box.width < 23) && !(within && getComputedStyle(e).display === "inline");
    }).slice(0, 3).map((e) => `${e.tagName}.${e.className} ${e.innerText.slice(0, 30)}`)"""


@pytest.fixture(scope="module", autouse=True)
def full_account(site: Site) -> None:
    manage(site.env, "shell", "-c", MAKE)
    ACCOUNTS["full"] = ("full@example.org", PASSWORD)


def test_nothing_overflows_and_everything_is_big_enough(open_page: Open, site: Site, faults: list[str]) -> None:
    page = open_page("full")
    [(fullest,)] = site.sql("SELECT known_id FROM portfolio_knows GROUP BY known_id ORDER BY COUNT(*) DESC LIMIT 1")
    wrong = []
    addresses = [*every_page(page, followed=3), f"/people/{fullest}/"]
    for look in (PHONE, DESK):
        put_into(page, look)
        for address in addresses:
            page.goto(address)
            where = f"{address} ({look['viewport']['width']} px)"
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append(f"{where}: {page.evaluate(WIDEST)}")
            wrong += [f"{where}: sticks out: {what}" for what in page.evaluate(STICKS_OUT)]
            wrong += [f"{where}: too small: {what}" for what in page.evaluate(TOO_SMALL)]
    assert wrong == []
    assert faults == []
