"""The board by mouse, by keyboard and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open


def column(page: Page, name: str) -> Locator:
    return page.locator(".board-column", has=page.get_by_role("heading", name=name))


@pytest.fixture
def board(open_page: Open) -> Page:
    page = open_page("demo")
    page.goto("/outreach/")
    return page


def gwen(where: Locator) -> Locator:
    return where.locator(".approach-card", has_text="Gwen Abara")


def undo(page: Page) -> None:
    page.locator(".messages").get_by_role("button", name="Undo").click()
    expect(page.locator(".messages")).to_contain_text("Undone")
    expect(page).to_have_url(re.compile(r"/outreach/#approach-\d+$"))
    expect(gwen(column(page, "Approached"))).to_be_visible()


def test_a_card_is_dropped_on_another_column(board: Page, faults: list[str]) -> None:
    gwen(column(board, "Approached")).drag_to(column(board, "Mentoring requested"))
    expect(board.locator(".messages")).to_contain_text("Prof. Gwen Abara moved to “Mentoring requested”.")
    expect(board.locator(".messages")).to_contain_text("You haven’t spoken yet.")
    expect(gwen(column(board, "Mentoring requested"))).to_be_visible()
    board.reload()
    expect(gwen(column(board, "Mentoring requested"))).to_be_visible()
    gwen(column(board, "Mentoring requested")).drag_to(column(board, "Approached"))
    expect(board.locator(".messages")).to_contain_text("moved to “Approached”")
    expect(gwen(column(board, "Approached"))).to_be_visible()
    assert faults == []


def test_a_move_the_server_refuses_puts_the_card_where_it_stands(board: Page, open_page: Open) -> None:
    other = board.context.new_page()
    other.goto("/outreach/")
    gwen(column(board, "Approached")).drag_to(column(board, "Preparing"))
    expect(gwen(column(board, "Preparing"))).to_be_visible()
    gwen(column(other, "Approached")).drag_to(column(other, "Shortlisted"))
    expect(other.locator(".messages")).to_contain_text("was moved to “Preparing” elsewhere meanwhile")
    expect(gwen(column(other, "Preparing"))).to_be_visible()
    expect(gwen(column(other, "Shortlisted"))).to_have_count(0)
    undo(board)


def test_a_card_goes_back_where_nothing_could_be_saved(board: Page) -> None:
    board.route("**/move/", lambda route: route.abort())
    gwen(column(board, "Approached")).drag_to(column(board, "Initial conversation"))
    expect(board.locator(".messages")).to_contain_text("the card is back where it was")
    expect(gwen(column(board, "Approached"))).to_be_visible()
    expect(gwen(column(board, "Initial conversation"))).to_have_count(0)


def test_the_menu_works_by_keyboard_alone(board: Page) -> None:
    menu = gwen(board.locator("#board")).locator("summary")
    menu.focus()
    board.keyboard.press("Enter")
    board.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(gwen(board.locator("#board")).get_by_role("button", name="Preparing")).to_be_hidden()
    board.keyboard.press("Enter")
    board.keyboard.press("Tab")
    board.keyboard.press("Tab")
    expect(gwen(board.locator("#board")).get_by_role("button", name="Preparing")).to_be_focused()
    board.keyboard.press("Enter")
    expect(board.locator(".messages")).to_contain_text("moved to “Preparing”")
    undo(board)


def test_the_menu_works_without_scripts(open_page: Open) -> None:
    page = open_page("demo", java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/outreach/")
    gwen(page.locator("#board")).locator("summary").click()
    gwen(page.locator("#board")).get_by_role("button", name="Initial conversation").click()
    expect(page.locator(".messages")).to_contain_text("moved to “Initial conversation”")
    expect(page.locator(".messages")).to_contain_text("No conversation has a date yet.")
    undo(page)
