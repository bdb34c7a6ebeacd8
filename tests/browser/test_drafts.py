"""Editing a draft: it is saved automatically, and survives a crash, a lost connection or a second tab."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from tests.browser.conftest import BODY, Open
from tests.browser.site import ACCOUNTS, Site, sign_in
from tests.browser.test_main_job import main, press, said
from tests.servers import wait_until

SAVED = re.compile(r"Saved at \d\d:\d\d")


def body_of(site: Site, draft: str) -> str:
    [(body,)] = site.sql("SELECT body FROM outreach_message WHERE id = ?", draft.split("/")[2])
    return str(body)


def kept(page: Page) -> list[str]:
    """The keys of drafts in local storage."""
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('mentorfolio.local-drafts.'))")  # type: ignore[no-any-return]


def write(page: Page, words: str) -> None:
    page.get_by_label("Message", exact=True).fill(words)


def message_of(page: Page) -> str:
    return page.get_by_label("Message", exact=True).input_value()


def block(context: BrowserContext) -> dict[str, bool]:
    """Block the browser's save requests while ``on`` is true."""
    state = {"on": True}

    def refuse(route: Route) -> None:
        if route.request.method == "POST" and state["on"]:
            route.abort("connectionfailed")
        else:
            route.continue_()

    context.route("**/messages/*/", refuse)
    return state


def crash(page: Page) -> None:
    """Kill the tab, without any event for the page."""
    with suppress(Error):
        page.goto("chrome://crash")
    page.close()


def test_a_draft_saves_itself_and_says_when(site: Site, open_page: Open, draft: str, faults: list[str]) -> None:
    page = open_page("demo")
    page.goto(draft)
    expect(page.locator("#saved-at")).to_have_text("Saved on 5 January, 10:00")
    write(page, "Typed, and not saved by hand")
    assert len(kept(page)) == 1
    wait_until(lambda: body_of(site, draft) == "Typed, and not saved by hand", 10, what="the words on the server")
    expect(page.locator("#saved-at")).to_have_text(SAVED)
    wait_until(lambda: kept(page) == [], 5, what="nothing kept twice")
    assert faults == []


def test_words_survive_a_crash(site: Site, open_page: Open, draft: str) -> None:
    page = open_page("demo")
    blocked = block(page.context)
    page.goto(draft)
    write(page, "Words before the crash")
    crash(page)
    again = page.context.new_page()
    again.goto(draft)
    assert body_of(site, draft) == BODY
    offer = again.locator("#kept-words")
    expect(offer).to_contain_text("We kept words you typed here before the page closed")
    offer.get_by_text("Look at them").click()
    expect(offer.locator(".letter-body")).to_contain_text("Words before the crash")
    assert message_of(again) == BODY  # nothing is restored without asking
    blocked["on"] = False
    offer.get_by_role("button", name="Take them").click()
    expect(offer).to_be_hidden()
    assert message_of(again) == "Words before the crash"
    wait_until(lambda: body_of(site, draft) == "Words before the crash", 10, what="the words on the server")
    wait_until(lambda: kept(again) == [], 5, what="nothing kept twice")


def test_words_one_does_not_want_are_left(open_page: Open, draft: str) -> None:
    page = open_page("demo")
    block(page.context)
    page.goto(draft)
    write(page, "Not worth keeping")
    crash(page)
    again = page.context.new_page()
    again.goto(draft)
    again.get_by_role("button", name="Leave them").click()
    expect(again.locator("#kept-words")).to_be_hidden()
    assert message_of(again) == BODY
    again.reload()
    expect(again.locator("#kept-words")).to_be_hidden()
    assert kept(again) == []


def test_a_lost_connection_is_said_and_made_good(site: Site, open_page: Open, draft: str) -> None:
    page = open_page("demo")
    page.goto(draft)
    page.context.set_offline(True)
    write(page, "Words in the tunnel")
    trouble = page.locator("#draft-trouble")
    expect(trouble).to_contain_text("No connection, so this isn’t saved yet. Your words are kept in this browser")
    first = int(trouble.get_attribute("data-pause") or 0)
    wait_until(lambda: int(trouble.get_attribute("data-pause") or 0) > first, 15, what="a longer pause")
    assert message_of(page) == "Words in the tunnel"
    assert len(kept(page)) == 1
    page.context.set_offline(False)
    expect(trouble).to_be_empty()
    wait_until(lambda: body_of(site, draft) == "Words in the tunnel", 10, what="the words on the server")
    wait_until(lambda: kept(page) == [], 5, what="nothing kept twice")


@pytest.mark.parametrize("cookie", ["sessionid", ""])
def test_whoever_was_signed_out_meanwhile_loses_no_word(site: Site, open_page: Open, draft: str, cookie: str) -> None:
    page = open_page("demo")
    page.goto(draft)
    page.context.clear_cookies(**({"name": cookie} if cookie else {}))
    write(page, "Words of a long afternoon")
    expect(page.locator("#draft-trouble")).to_contain_text("You were signed out")
    expect(page.locator("#preview")).to_be_visible()
    sign_in(page, *ACCOUNTS["demo"])
    page.goto(draft)
    page.get_by_role("button", name="Take them").click()
    wait_until(lambda: body_of(site, draft) == "Words of a long afternoon", 10, what="the words on the server")


def test_two_devices_lose_nothing(site: Site, open_page: Open, draft: str, faults: list[str]) -> None:
    desk, phone = open_page("demo"), open_page("demo", viewport={"width": 360, "height": 740})
    desk.goto(draft)
    phone.goto(draft)
    write(desk, "Written on the desk")
    wait_until(lambda: body_of(site, draft) == "Written on the desk", 10, what="the desk's words")
    write(phone, "Written on the phone")
    expect(phone.locator("#beside")).to_contain_text("Also kept: what was saved elsewhere at")
    wait_until(lambda: body_of(site, draft) == "Written on the phone", 10, what="the phone's words")
    write(desk, "Written on the desk, and on")
    expect(desk.locator("#beside section")).to_have_count(1)
    desk.locator("#beside").get_by_text("Look at it").click()
    expect(desk.locator("#beside")).to_contain_text("Written on the phone")
    desk.get_by_role("button", name="Take this one instead").click()
    said(desk, "Taken")
    assert message_of(desk) == "Written on the phone"
    desk.locator("#beside").get_by_text("Look at it").click()
    expect(desk.locator("#beside")).to_contain_text("Written on the desk, and on")
    assert faults == []


def test_signing_out_leaves_no_words_in_the_browser(open_page: Open, draft: str) -> None:
    page = open_page("demo")
    block(page.context)
    page.goto(draft)
    write(page, "For my eyes")
    assert len(kept(page)) == 1
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("[data-unsaved-words] a")).to_have_attribute("href", draft)
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/signed-out/")
    assert kept(page) == []


def test_i_sent_it_takes_the_last_words_along(site: Site, open_page: Open, draft: str) -> None:
    page = open_page("demo")
    site.sql("UPDATE outreach_message SET channel = 'li_message', body = 'Dear you' WHERE body = ?", BODY)
    page.goto(draft)
    write(page, "The very last words")
    press(page, "I sent it")
    said(page, "Noted as sent")
    [(sent,)] = site.sql("SELECT sent_body FROM outreach_message WHERE id = ?", draft.split("/")[2])
    assert sent == "The very last words"
    page.locator(".messages").get_by_role("button", name="Undo").click()


def test_a_field_is_inserted_at_the_cursor_and_an_unknown_one_is_marked(
    open_page: Open, draft: str, faults: list[str]
) -> None:
    page = open_page("demo")
    page.goto(draft)
    write(page, "Dear , well")
    page.get_by_label("Message", exact=True).evaluate("(area) => { area.focus(); area.setSelectionRange(5, 5); }")
    page.get_by_text("Fields you can use").click()
    page.get_by_role("button", name="Insert {their_first_name}").click()
    assert message_of(page) == "Dear {their_first_name}, well"
    write(page, "Dear {their_frist_name}, {about_me}")
    expect(page.locator("#preview mark.unknown")).to_have_text("{their_frist_name}")
    expect(page.locator("#preview .obstacles")).to_contain_text("Did you mean {their_first_name}?")
    # The new field can be filled in at once, using the link from the preview.
    page.locator("#preview").get_by_role("link", name="Fill it in").click()
    expect(page.get_by_label("A sentence about you")).to_be_visible()
    assert page.url.endswith("#id_field_about_me")
    assert faults == []


def test_a_template_is_tried_on_somebody_while_one_writes(open_page: Open, faults: list[str]) -> None:
    page = open_page("demo")
    page.goto("/templates/new/?from=first-email")
    page.get_by_label("Try it on").select_option(label="Margaret Osei")
    preview = page.locator("#preview")
    expect(preview.get_by_role("heading")).to_have_text("As Margaret would get it")
    expect(preview).to_contain_text("Dear Margaret,")
    page.get_by_label("Message body").or_(page.get_by_label("Body")).first.fill("Hello {their_name} {shoe}")
    expect(preview).to_contain_text("Hello Margaret Osei")
    expect(preview.locator("mark.unknown")).to_have_text("{shoe}")
    page.get_by_role("button", name="Insert {topic}").click()
    expect(preview.locator(".letter-body")).to_contain_text("What you’d like to ask about")
    press(page, "Save")
    expect(main(page)).to_contain_text("{shoe} is not a field we know")
    assert faults == []


def test_templates_and_the_coach_work_without_javascript(open_page: Open, draft: str) -> None:
    page = open_page("demo", java_script_enabled=False)
    page.goto("/templates/new/?from=thank-you-email")
    page.get_by_label("Its name").fill("A template without scripts")
    page.get_by_label("Try it on").select_option(label="Margaret Osei")
    press(page, "Try it")
    expect(page.locator("#preview")).to_contain_text("Dear Margaret,")
    press(page, "Save")
    row = main(page).locator(".row", has_text="A template without scripts")
    row.get_by_role("button", name="Move “A template without scripts” up").press("Enter")
    expect(row.get_by_role("button", name="Move “A template without scripts” up")).to_have_count(0)
    row.get_by_role("button", name="Put away").press("Enter")
    said(page, "is put away")
    page.locator(".messages").get_by_role("button", name="Undo").press("Enter")
    expect(row).to_be_visible()

    page.goto(draft)
    write(page, "Dear you, I am a huge fan of {toipc}.")
    press(page, "Save and look at it")
    preview = page.locator("#preview")
    expect(preview.locator(".obstacles")).to_contain_text("Did you mean {topic}?")
    advice = preview.locator(".coach-advice", has_text="Put something you noticed in place of the praise")
    advice.get_by_role("link", name="In the message").press("Enter")
    assert page.url.endswith("#said-flattery")
    advice.get_by_role("button", name="Put away").press("Enter")
    expect(advice).to_have_count(0)
    press(page, "Show the advice you put away")
    expect(advice).to_have_count(1)
    expect(page.locator("#saved-at")).to_have_text(SAVED)
