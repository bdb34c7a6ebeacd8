"""Interactions, counted: every press, every filled field, every file chosen."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page


class Counted:
    """A page whose interactions are kept in ``done``, in words."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.done: list[str] = []

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def press(self, name: str | re.Pattern[str], *, timeout: float = 15_000) -> None:
        self.done.append(f"press {name if isinstance(name, str) else name.pattern}")
        control = self.main.get_by_role("button", name=name).or_(self.main.get_by_role("link", name=name))
        control.first.click(timeout=timeout)

    def fill(self, label: str, words: str) -> None:
        self.done.append(f"fill {label}")
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}")).first.fill(words)

    def choose_file(self, label: str, file: Path) -> None:
        self.done.append(f"choose {file.name}")
        self.page.get_by_label(label).set_input_files(file)

    def open_from_mail(self, link: str) -> None:
        self.done.append("press the link in the mail")
        self.page.goto(link)

    def told(self) -> str:
        return "\n".join(f"{number:2} {words}" for number, words in enumerate(self.done, 1))
