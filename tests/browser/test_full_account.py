"""Every page of the fullest account on a phone and on a desk: nothing is wider than the screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.browser.site import ACCOUNTS, Site
from tests.browser.test_pages import DESK, PHONE, WIDEST
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
# What sticks out of the box that should hold it, although the page is wide enough for it.
STICKS_OUT = """() => [...document.querySelectorAll("main :is(.card, .next-step, .empty, .advice, .letter, .row)")]
    .filter((e) => !e.closest(".table-wrap") && e.scrollWidth > e.clientWidth + 1).slice(0, 3)
    .map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`)"""


@pytest.fixture(scope="module", autouse=True)
def full_account(site: Site) -> None:
    manage(site.env, "shell", "-c", MAKE)
    ACCOUNTS["full"] = ("full@example.org", PASSWORD)


@pytest.mark.parametrize("look", [pytest.param(PHONE, id="360"), pytest.param(DESK, id="1280")])
def test_nothing_overflows(open_page: Open, site: Site, faults: list[str], look: dict[str, Any]) -> None:
    page = open_page("full", **look)
    [(fullest,)] = site.sql("SELECT known_id FROM portfolio_knows GROUP BY known_id ORDER BY COUNT(*) DESC LIMIT 1")
    wrong = []
    for address in [*every_page(page), f"/people/{fullest}/"]:
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{address}: {page.evaluate(WIDEST)}")
        wrong += [f"{address}: sticks out: {what}" for what in page.evaluate(STICKS_OUT)]
    assert wrong == []
    assert faults == []
