"""Saves screenshots of every page in ``shots/``: ``python -m tests.browser.shots [parts of the URL …]``."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from tests.browser.site import Site

FOLDER = Path(__file__).resolve().parent.parent.parent / "shots"
SCREENS: list[dict[str, Any]] = [
    {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for width in (360, 1280)
    for scheme in ("light", "dark")
]


def main(wanted: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.browser.site import running_site
    from tests.servers import CHROMIUM_ARGS, find_chromium

    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        for who in ("nobody", "empty", "demo"):
            for screen in SCREENS:
                take(browser, site, who, screen, wanted)
        browser.close()


def take(browser: Browser, site: Site, who: str, screen: dict[str, Any], wanted: list[str]) -> None:
    """Take screenshots of one account's pages at one screen size."""
    from tests.browser.site import ACCOUNTS, sign_in
    from tests.browser.walk import PUBLIC, every_page, shape

    page = browser.new_context(base_url=site.url, reduced_motion="reduce", **screen).new_page()
    if who in ACCOUNTS:
        sign_in(page, *ACCOUNTS[who])
    else:
        page.goto(site.mailbox_address())
    addresses = every_page(page) if who in ACCOUNTS else PUBLIC
    folder = FOLDER / f"{who}-{screen['viewport']['width']}-{screen['color_scheme']}"
    folder.mkdir(parents=True, exist_ok=True)
    for address in addresses:
        if not wanted or any(word in address for word in wanted):
            page.goto(address)
            name = re.sub(r"[^\w]+", "-", shape(address).replace("*", "1")).strip("-") or "front"
            page.screenshot(path=folder / f"{name}.png", full_page=True)
    page.context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
