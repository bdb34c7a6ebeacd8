"""Text of drafts and notes in local storage until the server has it: under one prefix, separate for each user."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import BODY, Open
from tests.browser.site import ACCOUNTS, Site, sign_in
from tests.browser.test_drafts import block, body_of, crash, message_of, write
from tests.browser.test_meetings import add_person, plan
from tests.servers import wait_until

NUMBERS = itertools.count(1)  # unique, because a repeated name leads to a question whether it is the same person
PREFIX = "mentorfolio.local-drafts."
SCRIPTS = Path(__file__).parent.parent.parent / "static" / "js"


def kept(page: Page) -> dict[str, Any]:
    """Everything in local storage except the setting for keyboard shortcuts."""
    found: dict[str, str] = page.evaluate("({ ...localStorage })")
    return {key: json.loads(entry) for key, entry in found.items() if key not in {"talk-keys", "filler"}}


def plant(page: Page, key: str, entry: dict[str, Any]) -> None:
    page.evaluate("([key, entry]) => localStorage.setItem(key, JSON.stringify(entry))", [key, entry])


def fill_up(page: Page) -> None:
    """Fill the local storage completely."""
    page.evaluate("""() => {
      let filler = "";
      for (let step = 2 ** 22; step >= 1; step /= 2) {
        try {
          localStorage.setItem("filler", filler + "x".repeat(step));
          filler += "x".repeat(step);
        } catch {}
      }
    }""")


def user_of(page: Page) -> str:
    return page.locator("body").get_attribute("data-user") or ""


def now() -> int:
    return int(dt.datetime.now(dt.UTC).timestamp() * 1000)


def draft_entry(words: str, at: int = 0) -> dict[str, Any]:
    return {"at": at or now(), "version": "", "words": {"channel": "email", "subject": "Thanks", "body": words}}


def notes_entry(words: str, at: int | str = 0) -> dict[str, Any]:
    return {"at": at or now(), "words": [["private_notes", {"words": words, "base": ""}]]}


@pytest.fixture
def talk(open_page: Open) -> tuple[Page, str]:
    """A page of the empty account, and the URL of a meeting's conversation page."""
    page = open_page("empty")
    return page, plan(page, add_person(page, f"Lou Local {next(NUMBERS)}"), days=0) + "talk/"


def offline(context: BrowserContext) -> None:
    context.route("**/meetings/*/notes/", lambda route: route.abort("connectionfailed"))


def test_only_one_script_keeps_words_in_local_storage() -> None:
    using = {script.name for script in SCRIPTS.glob("*.js") if "localStorage" in script.read_text()}
    assert using == {"local-drafts.js", "talk.js"}  # talk.js stores only whether its shortcuts are on
    assert [script.name for script in SCRIPTS.glob("*.js") if PREFIX in script.read_text()] == ["local-drafts.js"]


def test_drafts_and_notes_share_one_prefix(open_page: Open, draft: str, talk: tuple[Page, str]) -> None:
    page = open_page("demo")
    block(page.context)
    page.goto(draft)
    write(page, "A draft")
    assert list(kept(page)) == [f"{PREFIX}{user_of(page)}.message.{draft.split('/')[2]}."]
    page, address = talk
    offline(page.context)
    page.goto(address)
    page.get_by_label("For you alone").fill("A note")
    [key] = kept(page)
    assert key.startswith(f"{PREFIX}{user_of(page)}.notes.{address.split('/')[-3]}.")


def test_signing_out_asks_first_where_words_are_not_saved(open_page: Open, draft: str, faults: list[str]) -> None:
    page = open_page("demo")
    user, number, meeting = user_of(page), draft.split("/")[2], f"{next(NUMBERS)}000"
    page.goto("/people/")
    plant(page, f"{PREFIX}{user}.message.{number}.", draft_entry("A draft", at=now() - 2000))
    plant(page, f"{PREFIX}{user}.notes.{meeting}.x1", notes_entry("Notes", at=now() - 3000))
    plant(page, f"{PREFIX}{user}.notes.{meeting}.x2", notes_entry("Notes of another tab", at=now() - 1000))
    plant(page, f"{PREFIX}{user}0.notes.1.x1", notes_entry("Of somebody else"))
    before = kept(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Some words may not be saved yet")).to_be_visible()
    links = page.locator("[data-unsaved-words] a")
    assert links.evaluate_all("(all) => all.map((link) => link.getAttribute('href'))") == [
        f"/meetings/{meeting}/",
        draft,
    ]
    expect(links.first).to_contain_text("Notes of a meeting")
    assert kept(page) == before
    links.nth(1).click()
    expect(page.locator("#kept-words .letter-body")).to_contain_text("A draft")

    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You’re signed out")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []
    assert faults == []


def test_signing_out_asks_nothing_where_all_is_saved(open_page: Open) -> None:
    page = open_page("demo")
    page.goto("/account/logout/")
    expect(page.locator("[data-unsaved-words]")).to_be_hidden()
    page.goto("/people/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You’re signed out")).to_be_visible()


def test_a_draft_under_its_old_key_is_brought_over(site: Site, open_page: Open, draft: str) -> None:
    page = open_page("demo")
    user, number = user_of(page), draft.split("/")[2]
    plant(page, f"mentorfolio.draft.{user}.{number}", draft_entry("Typed before the update"))
    plant(page, f"mentorfolio.draft.{user}.{number}0", draft_entry("Of another message"))
    page.goto(draft)
    offer = page.locator("#kept-words")
    expect(offer.locator(".letter-body")).to_contain_text("Typed before the update")
    assert sorted(kept(page)) == [f"mentorfolio.draft.{user}.{number}0", f"{PREFIX}{user}.message.{number}."]
    offer.get_by_role("button", name="Take them").click()
    wait_until(lambda: body_of(site, draft) == "Typed before the update", 10, what="the words on the server")
    wait_until(lambda: list(kept(page)) == [f"mentorfolio.draft.{user}.{number}0"], 5, what="nothing kept twice")


def test_notes_under_their_old_key_are_brought_over(talk: tuple[Page, str], faults: list[str]) -> None:
    page, address = talk
    plant(page, f"notes:{address.split('/')[-3]}:x1", notes_entry("Noted before the update", at="00:00"))
    page.goto(address)
    expect(page.locator(".notes-offer")).to_contain_text("This browser kept words from 00:00 that were not saved.")
    assert all(key.startswith(PREFIX) for key in kept(page))
    page.get_by_role("button", name="Put them back").click()
    expect(page.locator("[data-notes-said]")).to_contain_text("Saved at")
    assert kept(page) == {}
    page.reload()
    expect(page.get_by_label("For you alone")).to_have_value("Noted before the update")
    assert faults == []


def test_what_one_user_typed_never_shows_for_another(open_page: Open, draft: str) -> None:
    page = open_page("demo")
    block(page.context)
    page.goto(draft)
    write(page, "For the demo’s eyes")
    crash(page)
    page = page.context.new_page()
    page.context.clear_cookies()  # the session ended without signing out
    sign_in(page, *ACCOUNTS["empty"])
    answer = page.goto(draft)
    assert answer
    assert answer.status == 404
    expect(page.locator("body")).not_to_contain_text("For the demo’s eyes")
    address = plan(page, add_person(page, "Una Unseen"), days=0) + "talk/"
    other, meeting = int(user_of(page)) + 1, address.split("/")[-3]
    plant(page, f"{PREFIX}{other}.notes.{meeting}.x1", notes_entry("Of somebody else"))
    page.goto(address)
    expect(page.get_by_label("For you alone")).to_have_value("")
    expect(page.locator(".notes-offer")).to_have_count(0)

    # Each user finds only their own text.
    page.context.clear_cookies()
    sign_in(page, *ACCOUNTS["demo"])
    number = draft.split("/")[2]
    plant(page, f"{PREFIX}{other}.message.{number}.", draft_entry("Of somebody else", at=now() + 1000))
    plant(page, f"mentorfolio.draft.{other}.{number}", draft_entry("Of somebody else", at=now() + 1000))
    page.goto(draft)
    expect(page.locator("#kept-words .letter-body")).to_contain_text("For the demo’s eyes")
    expect(page.locator("#kept-words")).not_to_contain_text("Of somebody else")


def test_words_expire_after_sixty_days(open_page: Open, draft: str) -> None:
    page = open_page("demo")
    user, number = user_of(page), draft.split("/")[2]
    old = now() - 61 * 24 * 3600 * 1000
    plant(page, f"{PREFIX}{user}.message.{number}.", draft_entry("Long ago", at=old))
    plant(page, f"{PREFIX}{user}.notes.1.x1", notes_entry("Long ago", at=old))
    plant(page, f"mentorfolio.draft.{user}.{number}", draft_entry("Long ago", at=old))
    page.goto(draft)
    expect(page.locator("#kept-words")).to_be_hidden()
    assert kept(page) == {}


def test_a_full_storage_loses_no_draft_and_promises_nothing(site: Site, open_page: Open, draft: str) -> None:
    page = open_page("demo")
    page.goto(draft)
    fill_up(page)
    page.context.set_offline(True)
    write(page, "Words without room")
    trouble = page.locator("#draft-trouble")
    expect(trouble).to_contain_text("No connection, so this isn’t saved yet. Please leave this page open")
    expect(trouble).not_to_contain_text("kept in this browser")
    assert kept(page) == {}
    page.context.set_offline(False)
    wait_until(lambda: body_of(site, draft) == "Words without room", 20, what="the words on the server")
    expect(trouble).to_be_empty()
    page.reload()
    assert message_of(page) == "Words without room"


def test_a_full_storage_loses_no_notes_and_promises_nothing(talk: tuple[Page, str], faults: list[str]) -> None:
    page, address = talk
    page.goto(address)
    fill_up(page)
    page.context.set_offline(True)
    page.get_by_label("For you alone").fill("Notes without room")
    said = page.locator("[data-notes-said]")
    expect(said).to_contain_text("No connection. Please leave this page open")
    assert kept(page) == {}
    page.context.set_offline(False)
    expect(said).to_contain_text("Saved at")
    page.reload()
    expect(page.get_by_label("For you alone")).to_have_value("Notes without room")
    assert [fault for fault in faults if "INTERNET_DISCONNECTED" not in fault] == []


def test_old_words_are_brought_over_though_the_storage_is_full(open_page: Open, draft: str) -> None:
    page = open_page("demo")
    plant(page, f"mentorfolio.draft.{user_of(page)}.{draft.split('/')[2]}", draft_entry("Still here"))
    page.evaluate("localStorage.setItem('spare', 'x'.repeat(100))")
    fill_up(page)
    page.evaluate("localStorage.removeItem('spare')")  # leaves room for a longer key, but not for the text twice
    page.goto(draft)
    expect(page.locator("#kept-words .letter-body")).to_contain_text("Still here")
    assert message_of(page) == BODY
