"""After signing out, the browser's Back shows nothing, also with its cache of whole pages on.

That cache needs a whole Chromium, because the headless shell has none, and Playwright switches it off.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.site import ACCOUNTS, OFFICE, Site, sign_in
from tests.servers import CHROMIUM_ARGS, find_whole_chromium

# Whether the page shown last was kept by the cache; the function survives in a page that was.
NOTE_KEPT = "addEventListener('pageshow', (event) => { window.wasKept = event.persisted; })"


@pytest.fixture(scope="module")
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    found = find_whole_chromium()
    if found is None:
        pytest.skip("chromium is not installed (the headless shell keeps no pages for Back)")
    chromium = playwright.chromium.launch(
        executable_path=found,
        args=[*CHROMIUM_ARGS, f"--host-resolver-rules=MAP {OFFICE} 127.0.0.1"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield chromium
    chromium.close()


@pytest.fixture(params=["localhost", OFFICE])
def page(request: pytest.FixtureRequest, site: Site, whole_browser: Browser) -> Iterator[Page]:
    """A page of the site on localhost, where Chromium obeys as over https, and where it ignores Clear-Site-Data."""
    context = whole_browser.new_context(base_url=site.url.replace("localhost", request.param), locale="en-GB")
    context.add_init_script(NOTE_KEPT)
    yield context.new_page()
    context.close()


def go_back(page: Page) -> None:
    # A page from the cache doesn't load again.
    page.go_back(wait_until="commit")
    page.wait_for_function("window.wasKept !== undefined")


def test_back_after_signing_out_shows_nothing(page: Page) -> None:
    # The cache is on: it keeps the front page, and while signed in also one's own pages.
    page.goto("/")
    page.goto("/account/login/")
    go_back(page)
    assert page.evaluate("window.wasKept")
    sign_in(page, *ACCOUNTS["demo"])
    page.goto("/people/")
    page.get_by_role("main").get_by_role("link", name="Tomasz Wren").first.click()
    expect(page.get_by_role("heading", name="Tomasz Wren")).to_be_visible()
    page.goto("/today/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You’re signed out")).to_be_visible()

    for _ in ("/today/", "the person", "/people/"):
        go_back(page)
        assert not page.evaluate("window.wasKept")
        expect(page.get_by_role("main").get_by_role("heading", level=1)).to_have_text("Sign in")
        assert urlsplit(page.url).path == "/account/login/"
        assert "Tomasz" not in page.content()
