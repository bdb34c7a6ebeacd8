"""The list of people while typing, with and without JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open

EVERYBODY = re.compile(r"^\s*\d+ people\s*$")


def titles(page: Page) -> Locator:
    return page.locator("#results .row-title")


def test_search_leads_while_one_types(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo")
    page.goto("/people/")
    page.evaluate("window.untouched = true")
    box = page.get_by_label("Search your people")
    expect(page.locator("#people-count")).to_have_text(EVERYBODY)
    box.press_sequentially("MARGAR", delay=20)
    expect(titles(page)).to_have_text(["Margaret Osei"])
    expect(page.locator("#people-count")).to_have_text("1 person found")
    expect(page.locator("#people-count")).to_have_attribute("role", "status")
    expect(page).to_have_url(re.compile(r"/people/\?q=MARGAR$"))
    expect(box).to_be_focused()
    expect(box).to_have_value("MARGAR")
    assert page.evaluate("window.untouched"), "The page was loaded anew."
    assert faults == []


def test_filters_lead_too_and_the_address_can_be_opened_again(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo")
    page.goto("/people/")
    page.get_by_text("Filter and sort").click()
    page.get_by_label("How you know them").focus()
    page.get_by_label("How you know them").select_option("academic")
    expect(page.locator("#people-count")).to_have_text(re.compile(r"\d+ people found"))
    found = titles(page).all_inner_texts()
    assert 1 < len(found) < 20
    expect(page.get_by_label("How you know them")).to_be_focused()
    again = open_page("demo")
    again.goto(page.url)
    expect(titles(again)).to_have_text(found)
    expect(again.get_by_label("How you know them")).to_have_value("academic")
    assert faults == []


def test_back_leads_to_the_list_as_it_was(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo")
    page.goto("/people/")
    page.get_by_label("Search your people").press_sequentially("callum", delay=20)
    expect(titles(page)).to_have_text(["Callum Reith"])
    titles(page).first.click()
    page.wait_for_url(re.compile(r"/people/\d+/$"))
    page.go_back()
    expect(titles(page)).to_have_text(["Callum Reith"])
    expect(page.get_by_label("Search your people")).to_have_value("callum")
    page.go_back()
    expect(page.locator("#people-count")).to_have_text(EVERYBODY)
    expect(page.get_by_label("Search your people")).to_have_value("")
    page.get_by_label("Search your people").press_sequentially("rukhs", delay=20)
    expect(titles(page)).to_have_text(["Rukhsana Dale"])
    assert faults == []


def test_search_is_a_form_without_javascript(open_page: Open) -> None:
    page = open_page("demo", java_script_enabled=False)
    page.goto("/people/")
    page.get_by_label("Search your people").fill("commissioning")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"[?&]q=commissioning"))
    expect(page.locator("#people-count")).to_contain_text("found")
    expect(titles(page).filter(has_text="Callum Reith")).to_be_visible()
    page.get_by_label("Callum Reith").check()
    page.get_by_label("Tag", exact=True).last.fill("to thank")
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator(".messages")).to_contain_text("1 person now carries “to thank”.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".messages")).to_contain_text("Taken back")
