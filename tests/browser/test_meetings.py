"""Meetings in a real browser: reordering the agenda, autosave of notes, and the mentor in a second window."""

from __future__ import annotations

import datetime as dt
import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.test_pages import PHONE, look_at


def main(page: Page):
    return page.get_by_role("main")


def press(page: Page, name: str) -> None:
    button, link = main(page).get_by_role("button", name=name), main(page).get_by_role("link", name=name)
    button.or_(link).first.click()


def add_person(page: Page, name: str) -> str:
    """Add a person; returns the URL of their page."""
    page.goto("/people/new/")
    page.get_by_label("Name", exact=True).first.fill(name)
    press(page, "Save")
    page.wait_for_url(re.compile(r"/people/\d+/"))
    return page.url


def plan(page: Page, person: str, *, days: int = 7, kind: str = "Regular meeting") -> str:
    number = re.search(r"/people/(\d+)/", person)
    assert number
    page.goto(f"/meetings/new/?person={number[1]}")
    page.get_by_label("What kind of conversation").select_option(label=kind)
    page.get_by_label("Day").fill((dt.date.today() + dt.timedelta(days=days)).isoformat())
    page.get_by_label("Starts at").fill("14:00")
    press(page, "Plan it")
    planned = re.compile(r"/meetings/\d+/$")
    anyway = page.get_by_role("button", name="Plan it anyway")
    expect(anyway.or_(page.get_by_role("link", name="Move or change"))).to_be_visible()
    if not planned.search(page.url):  # another test meets someone then
        expect(page.get_by_role("alert")).to_contain_text("You meet")
        anyway.click()
    page.wait_for_url(planned)
    return page.url


def points(page: Page) -> list[str]:
    return page.locator(".agenda-item .row-title").all_inner_texts()


def test_the_agenda_is_put_in_order_by_dragging_and_by_keys(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    meeting = plan(page, add_person(page, "Ada Agenda"))
    before = points(page)
    assert len(before) == 4
    page.locator(".agenda-item").nth(3).locator(".drag-handle").drag_to(page.locator(".agenda-item").first)
    page.wait_for_url(re.compile("#item-"))
    expect(page.locator(".agenda-item .row-title").first).to_have_text(before[3])
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".agenda-item .row-title").first).to_have_text(before[0])
    expect(page.locator(".agenda-item .row-title").nth(1)).to_have_text(before[3])
    page.goto(meeting)
    assert points(page) == [before[0], before[3], before[1], before[2]]
    assert faults == []


def test_notes_survive_a_lost_connection_and_a_closed_tab(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    talk = plan(page, add_person(page, "Nora Notes"), days=0) + "talk/"
    page.goto(talk)
    page.keyboard.press("n")
    page.keyboard.type("One thing")
    said = page.locator("[data-notes-said]")
    expect(said).to_have_text(re.compile(r"Saved at \d\d:\d\d"))
    # Not with a Playwright route, which may miss the last request of a closing tab.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no connection')); }")
    page.keyboard.type(", and another")
    expect(said).to_contain_text("No connection")
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(talk)
    private = page.get_by_label("For you alone")
    expect(private).to_have_value("One thing")
    page.get_by_role("button", name="Put them back").click()
    expect(private).to_have_value("One thing, and another")
    expect(page.locator("[data-notes-said]")).to_have_text(re.compile(r"Saved at \d\d:\d\d"))
    page.goto(talk)
    expect(page.get_by_label("For you alone")).to_have_value("One thing, and another")
    expect(page.locator(".notes-offer")).to_have_count(0)
    assert faults == []


def test_two_windows_keep_both_and_say_so(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    talk = plan(page, add_person(page, "Tova Twice"), days=0) + "talk/"
    page.goto(talk)
    other = page.context.new_page()
    other.goto(talk)
    page.get_by_label("For you alone").fill("From the desk")
    expect(page.locator("[data-notes-said]")).to_contain_text("Saved at")
    other.get_by_label("For you alone").fill("From the phone")
    expect(other.locator("[data-notes-said]")).to_contain_text("Both are kept")
    kept = other.get_by_label("For you alone").input_value()
    assert kept.startswith("From the phone")
    assert kept.endswith("From the desk")
    assert faults == []


def test_a_talk_by_keyboard_and_its_end_in_a_minute(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    meeting = plan(page, add_person(page, "Kim Keys"), days=0)
    page.goto(meeting + "talk/")
    page.keyboard.press("s")
    page.keyboard.type("We agreed on May")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.type("Write the draft")
    page.keyboard.press("Enter")
    expect(page.locator("[data-live]")).to_contain_text("Write the draft you")
    expect(page.get_by_label("To share with them")).to_have_value("We agreed on May")
    expect(page.get_by_label("Who will do what?")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(page.locator(".talk-points .is-done")).to_have_count(1)
    press(page, "Wrap up")
    page.get_by_label("What they kindly offered").fill("Send a paper")
    press(page, "That was it")
    expect(page.locator(".messages")).to_contain_text("Wrapped up")
    for words in ("Write the draft", "Send a paper", "We agreed on May"):
        expect(main(page)).to_contain_text(words)
    assert faults == []


# As browsers answer where the user has switched storage off.
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });"""


def test_a_talk_works_where_the_browser_stores_nothing(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    meeting = plan(page, add_person(page, "Nell Nowhere"), days=0)
    page.add_init_script(NO_STORAGE)
    page.goto(meeting + "talk/")
    page.keyboard.press("s")
    page.keyboard.type("We agreed on June")
    expect(page.locator("[data-notes-said]")).to_contain_text("Saved at")
    page.locator("[data-keys] summary").click()
    page.locator("[data-keys-on]").uncheck()
    page.reload()
    expect(page.get_by_label("To share with them")).to_have_value("We agreed on June")
    assert faults == []


def test_what_to_know_before_a_talk_is_one_screen_of_a_phone(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo", viewport={"width": 360, "height": 640})
    page.goto("/today/")
    page.get_by_role("link", name="Prepare for the talk with Tomasz Wren").click()
    page.wait_for_url(re.compile(r"/meetings/\d+/before/$"))
    terms = page.locator("dt").all_inner_texts()
    assert terms == ["Who", "So far", "Last time", "From you", "From Tomasz", "What for", "Talk about"]
    is_one_screen(page)
    press(page, "Open it while you talk")
    page.wait_for_url(re.compile(r"/talk/$"))
    page = open_page("empty", viewport={"width": 360, "height": 640})
    page.goto(plan(page, add_person(page, "Fay First")) + "before/")
    expect(page.get_by_text("What I’ll do next, and when we meet again")).to_be_visible()
    is_one_screen(page)
    assert faults == []


def is_one_screen(page: Page) -> None:
    """All of it is seen above the bar of places, without scrolling."""
    bar = page.get_by_role("navigation").last.bounding_box()
    button = page.get_by_role("link", name="Open it while you talk").bounding_box()
    assert bar is not None
    assert button is not None
    assert 0 < button["y"] + button["height"] <= bar["y"] < 640


def test_one_endless_word_breaks_no_page(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty", viewport={"width": 360, "height": 740})
    meeting = plan(page, add_person(page, "Lena Long"), days=0)
    page.get_by_label("What to talk about").fill("Verleihungsurkunde" * 16)
    press(page, "Add to the agenda")
    page.wait_for_url(re.compile("#item-"))
    pages = [meeting + part for part in ("", "before/", "talk/", "summary/", "wrap-up/")]
    assert look_at(page, pages, [PHONE]) == []
    assert faults == []


def test_user_and_mentor_side_by_side(site: Site, open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    person = add_person(page, "Dr Mira Mentor")
    meeting = plan(page, person)
    page.goto(person)
    press(page, "Mira’s private page")
    press(page, "Make the page")
    address = page.get_by_label("Send it in a line of your own").input_value()

    mira = open_page(viewport={"width": 360, "height": 740})
    mira.goto(address)
    expect(mira.get_by_role("heading", name="Dear Mira,")).to_be_visible()
    expect(main(mira)).to_contain_text("What has happened since we last spoke")
    assert mira.context.cookies() == []
    assert look_at(mira, [address], [PHONE]) == []
    press(mira, "Yes, that suits me")
    expect(main(mira)).to_contain_text("You said yes to this time")
    mira.get_by_label("Something you would like to talk about").fill("How you sleep before a panel")
    press(mira, "Put it on the agenda")
    expect(main(mira)).to_contain_text("How you sleep before a panel (yours)")

    page.goto(meeting)
    expect(main(page)).to_contain_text("Mira said yes")
    expect(main(page)).to_contain_text("Mira brought it up")

    # Concurrently: the user moves the meeting while the page is open.
    page.goto(meeting + "edit/")
    page.get_by_label("Starts at").fill("16:30")
    press(page, "Save")
    press(mira, "I can’t then after all")
    expect(mira.get_by_role("alert")).to_contain_text("The time has changed")
    expect(main(mira)).to_contain_text("16:30")

    page.goto(meeting + "times/")
    for row, time in enumerate(("16:30", "17:30")):
        day = (dt.date.today() + dt.timedelta(days=8 + row)).isoformat()
        page.locator(f"#id_day-{row}").fill(day)
        page.locator(f"#id_time-{row}").fill(time)
    press(page, "Offer these")
    mira.goto(address)
    mira.get_by_role("radio").nth(1).check()
    press(mira, "This one, please")
    expect(main(mira)).to_contain_text("The time is settled")
    page.goto(meeting)
    expect(main(page)).to_contain_text("17:30")

    mira.get_by_label("A message to").fill("See you then")
    page.goto(person + "private-page/")
    expect(main(page)).to_contain_text("Chose")
    press(page, "Switch it off")
    press(mira, "Leave the message")
    expect(mira.get_by_role("heading", name="This page isn’t here any more")).to_be_visible()
    assert site.sql("SELECT count(*) FROM meetings_mentorword WHERE words = 'See you then'") == [(0,)]
    assert faults == []
