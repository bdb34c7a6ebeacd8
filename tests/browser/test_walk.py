"""The walk through sources in a real browser: added rows, and inline recording of ideas."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open


def test_rows_grow_and_a_thought_is_noted_without_leaving(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo")
    page.goto("/people/walk/academic/")
    page.get_by_label("People who examined you").check()
    names = page.locator('.name-row [name="name"]')
    expect(names).to_have_count(3)
    for i, name in enumerate(("Ana Walker", "Ben Walker", "Cleo Walker", "Dan Walker")):
        names.nth(i).fill(name)
    expect(names).to_have_count(5)
    expect(page.locator('.name-row [name="detail"]').nth(3)).to_have_value("Examined me")
    page.get_by_role("button", name="Keep these names").click()
    expect(page.locator(".messages")).to_contain_text("4 people are in your people")

    names.first.fill("Not yet kept")
    row = page.locator("#taken .row").first
    row.locator("summary").click()
    row.get_by_label("With what?").select_option(label="lead a team")
    row.get_by_label("A word why").fill("has led three")
    row.get_by_role("button", name="Note it").click()
    expect(row).to_contain_text("Could help with “lead a team”: has led three")
    expect(names.first).to_have_value("Not yet kept")
    assert faults == []


def test_a_list_is_pasted_without_javascript(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty", java_script_enabled=False)
    page.goto("/people/walk/linkedin/")
    page.locator("summary").last.click()
    page.get_by_label("Names and addresses").fill('"Hart, Julie" <julie@example.org>; bob@')
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_label("Still in the box")).to_have_value("bob@")
    page.get_by_role("button", name="Add this person").click()
    page.goto("/people/walk/linkedin/")
    expect(page.locator("#taken")).to_contain_text("Julie Hart")
    assert faults == []
