"""Fixtures with the running product: gunicorn, a recording mail server, and Chromium.

The site has a separate database file, which the tests access only with SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.site import ACCOUNTS, Site, running_site, sign_in
from tests.servers import CHROMIUM_ARGS, Process, all_of, celery_beat, celery_worker, find_chromium

expect.set_options(timeout=15_000)  # milliseconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if find_chromium() is None:
        pytest.skip("chromium is not installed")
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def clockwork(site: Site) -> Iterator[list[Process]]:
    """A real worker and beat, which send the site's mail."""
    worker, beat = celery_worker(site.env), celery_beat(site.env)
    with all_of(worker, beat):
        worker.wait_for("ready", 60)
        yield [worker, beat]
        print(f"worker runs: {worker.running}", beat.log[-1000:], worker.log[-6000:], sep="\n")  # noqa: T201 - shown if the test failed


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(site: Site, playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
    yield chromium
    chromium.close()


Open = Callable[..., Page]
BODY = "Dear you, {topic}"


@pytest.fixture
def faults() -> list[str]:
    """Problems on the opened pages: console errors (including CSP violations), failed requests, exceptions."""
    return []


@pytest.fixture(scope="session")
def sessions() -> dict[str, list[Any]]:
    """The cookies of each account that has signed in, so that not every test sends the form."""
    return {}


@pytest.fixture
def open_page(site: Site, browser: Browser, faults: list[str], sessions: dict[str, list[Any]]) -> Iterator[Open]:
    """A page in a new browser profile; ``signed_in`` as "demo" or "empty". Other options are passed to Chromium."""
    contexts: list[BrowserContext] = []

    def opened(signed_in: str = "", **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(base_url=site.url, locale="en-GB", reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        watch(context, faults)
        page = context.new_page()
        if signed_in:
            _sign_in_again(page, sessions, signed_in)
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            print(f"{page.url}\n{page.locator('body').inner_text()}\n")  # noqa: T201 - shown if the test failed
        context.close()


def _sign_in_again(page: Page, sessions: dict[str, list[Any]], who: str) -> None:
    """Open Today with the cookies of an earlier sign-in, or sign in if there was none or a test ended it."""
    if who in sessions:
        page.context.add_cookies(sessions[who])
        page.goto("/today/")
        if urlsplit(page.url).path == "/today/":
            return
        page.context.clear_cookies()
    sign_in(page, *ACCOUNTS[who])
    sessions[who] = page.context.cookies()


@pytest.fixture
def draft(site: Site) -> str:
    """Create a draft of a first e-mail as the demo user; returns its URL."""
    [(owner,)] = site.sql("SELECT id FROM accounts_user WHERE email = ?", ACCOUNTS["demo"][0])
    [(approach, person)] = site.sql(
        "SELECT id, person_id FROM outreach_approach WHERE owner_id = ? AND outcome = '' ORDER BY id LIMIT 1", owner
    )
    now = "2026-01-05 10:00:00"
    site.sql(
        "INSERT INTO outreach_message (owner_id, person_id, approach_id, purpose, channel, state, subject, body,"
        " field_values, put_away, beside, sent_subject, sent_body, sent_to, created_at, updated_at)"
        " VALUES (?, ?, ?, 'thank_you', 'email', 'draft', 'Thanks', ?, '{}', '[]', '[]', '', '', '', ?, ?)",
        owner, person, approach, BODY, now, now,
    )  # fmt: skip
    [(pk,)] = site.sql("SELECT MAX(id) FROM outreach_message")
    return f"/messages/{pk}/"


def watch(context: BrowserContext, faults: list[str]) -> None:
    # An expected 404 is also logged on the console; so is Axe's attempt to talk to a frame that runs no scripts.
    expected = ("Failed to load resource", "Failed to execute 'postMessage' on 'DOMWindow'")

    def said(message: Any) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(expected):
            faults.append(f"{message.page.url if message.page else ''}: {message.text}")

    context.on("console", said)
    context.on("weberror", lambda error: faults.append(f"{error.page.url if error.page else ''}: {error.error}"))
    # Leaving a page before it has loaded, or opening a mail program, aborts requests; this is expected.
    context.on(
        "requestfailed",
        lambda request: request.failure != "net::ERR_ABORTED" and faults.append(f"{request.url}: {request.failure}"),
    )
    context.on(
        "response",
        lambda response: (
            faults.append(f"{response.url}: {response.status}")
            if response.status >= 500 or (response.status >= 400 and response.request.resource_type != "document")
            else None
        ),
    )
