"""Every page: accessible, in light and dark mode, on desktop and phone, by keyboard, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.walk import PAGES, PUBLIC, every_page, names_of

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
AXE = Axe()
# Faster than Axe.run, which also transfers all passed checks, and preloads external style sheets and videos, which this
# site doesn't have.
VIOLATIONS = "axe.run({resultTypes: ['violations'], preload: false}).then((found) => found.violations)"


@pytest.fixture(scope="module")
def mail_is_kept(site: Site) -> None:
    """Put a mail into the development mailbox."""
    folder = site.database.parent / "mail"
    folder.mkdir(exist_ok=True)
    text = "X-Envelope-To: dana@example.org\nSubject: Hello\nContent-Type: text/html; charset=utf-8\n\n"
    (folder / "20260105T090000000000-0123abcd.eml").write_text(
        f'{text}<!doctype html><html lang="en"><title>Hello</title><main><h1>Hello</h1></main></html>'
    )


def look_at(page: Page, addresses: list[str], looks: Sequence[dict[str, Any]] = (PHONE, DESK)) -> list[str]:
    """The problems of these pages, in each look.

    Each is loaded anew in each look: where the colours of a loaded page change, Axe sometimes measures them midway.
    """
    wrong = []
    for look in looks:
        put_into(page, look)
        for address in addresses:
            page.goto(address)
            page.evaluate(AXE.axe_script)
            wrong += [f"{address} ({look['viewport']['width']} px): {what}" for what in faults_of(page)]
    return wrong


def put_into(page: Page, look: dict[str, Any]) -> None:
    page.set_viewport_size(look["viewport"])
    page.emulate_media(color_scheme=look["color_scheme"])


def faults_of(page: Page) -> list[str]:
    """The problems of the page in its current state, according to Axe."""
    wrong = []
    for violation in page.evaluate(VIOLATIONS):
        where = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
        wrong.append(f"{violation['id']} ({violation['impact']}): {violation['help']}: {where}")
    wide, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if wide > width:
        wrong.append(f"{wide} px wide: {page.evaluate(WIDEST)}")
    return wrong


WIDEST = """() => [...document.querySelectorAll("main *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3)
    .map((e) => e.tagName + "." + e.className)"""


def test_public_pages(site: Site, open_page: Open, faults: list[str], mail_is_kept: None) -> None:
    page = open_page()
    assert look_at(page, PUBLIC) == []
    page.goto(site.mailbox_address())
    expect(page.get_by_role("heading", name="Mail kept here")).to_be_visible()
    assert look_at(page, ["/dev/mail/", "/dev/mail/20260105T090000000000-0123abcd/"]) == []
    assert faults == []


def test_every_page_of_the_demo(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo")
    addresses = every_page(page)
    assert PAGES - names_of(addresses) == set(), "No link leads to these pages."
    assert look_at(page, addresses) == []
    assert faults == []


def test_every_page_of_an_empty_account(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    addresses = [address for address in every_page(page) if "/templates/" not in address]
    assert look_at(page, addresses) == []
    assert faults == []


def test_a_bad_page_would_be_noticed(open_page: Open, site: Site, faults: list[str]) -> None:
    page = open_page()
    only_on_the_desk = "@media (min-width: 1000px) and (prefers-color-scheme: light) { b { color: #eee } }"
    body = "<main><img src=/x.png><p style='width:900px'>x</p><b>pale</b><script>throw 1</script></main>"
    bad = f"<!doctype html><style>{only_on_the_desk}</style>{body}"
    page.route("**/bad/", lambda route: route.fulfill(body=bad, content_type="text/html"))
    found = look_at(page, [f"{site.url}/bad/"])
    assert len([line for line in found if "image-alt" in line]) == 2
    assert ["(360 px)" in line for line in found if "px wide" in line] == [True]
    assert ["(1280 px)" in line for line in found if "color-contrast" in line] == [True]
    assert len(faults) == 4  # the missing image and the exception, in each look


def test_works_by_keyboard(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    next_step = page.locator("#next .button").first
    for _ in range(5):
        page.keyboard.press("Tab")
        if next_step.evaluate("(e) => e === document.activeElement"):
            break
    expect(next_step).to_be_focused()
    outline = next_step.evaluate("(e) => getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow")
    assert outline != "nonenone", "The focus must be seen."
    address = next_step.get_attribute("href") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    assert faults == []


def test_works_without_javascript(open_page: Open, site: Site) -> None:
    page = open_page("demo", java_script_enabled=False)
    main = page.get_by_role("main")
    [(brief,)] = site.sql("SELECT MIN(id) FROM portfolio_brief")
    page.goto(f"/brief/{brief}/why-now/")
    page.locator("textarea").fill("Because it is time, also without scripts.")
    main.locator("form .button").first.click()
    expect(main).to_contain_text("Because it is time, also without scripts.")

    page.goto("/people/new/")
    page.get_by_label("Name", exact=True).fill("Ines Noscript")
    page.get_by_label("E-mail addresses").fill("ines@example.org")
    main.locator("form .button").first.click()
    page.goto("/approaches/new/")
    page.get_by_label("Who?").select_option(label="Ines Noscript")
    main.locator("form .button").first.click()
    page.get_by_role("button", name="Draft the first e-mail").click()
    expect(page.locator("#preview .obstacles")).to_be_visible()
    page.get_by_label("Subject").fill("Hello")
    page.get_by_label("Message").fill("Dear {their_first_name}, may I ask you for a quarter of an hour?")
    page.get_by_role("button", name="Save and look at it").click()
    expect(page.locator("#merged-body")).to_have_text("Dear Ines, may I ask you for a quarter of an hour?")
    page.get_by_role("button", name="I sent it").click()
    expect(page.locator(".messages")).to_contain_text(re.compile("Noted as sent to Ines Noscript"))
