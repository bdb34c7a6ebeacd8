"""From a name to a mentor, through the user's pages, with a real worker and beat."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from reminders.localtime import add_working_days, bank_holidays
from tests.browser.conftest import Open
from tests.browser.site import Site, links_in, sign_in
from tests.servers import Process, wait_until

EMAIL, PASSWORD, NEW_PASSWORD = "Dana.Reed@example.org", "marigold teapot nine", "a different teapot ten"
ADDRESS = "dana.reed@example.org"
ZONE = ZoneInfo("America/New_York")
NEED = "be known to the people who fund trials"


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def press(page: Page, name: str, *, exact: bool = True) -> None:
    """Click a button, or a link styled as one, in the main content."""
    button = main(page).get_by_role("button", name=name, exact=exact)
    link = main(page).get_by_role("link", name=name, exact=exact)
    button.or_(link).first.click()


def heading(page: Page, words: str) -> None:
    expect(main(page).get_by_role("heading", name=words).first).to_be_visible()


def said(page: Page, words: str) -> None:
    expect(page.locator(".messages")).to_contain_text(words)


def mail_with(site: Site, subject: str, count: int = 1) -> str:
    """Wait for the ``count``-th mail to Dana with this text in its subject, and return the mail's text."""
    found = wait_until(
        lambda: [m for m in site.smtp.to(ADDRESS) if subject in str(m.message["Subject"])][count - 1 : count],
        60,
        what=f"a mail about {subject!r}",
    )
    return found[0].text


def test_main_job(site: Site, clockwork: list[Process], open_page: Open, faults: list[str]) -> None:
    page = open_page(timezone_id="America/New_York", permissions=["clipboard-read", "clipboard-write"])
    sign_up_and_in(site, page)
    write_the_brief(page)
    add_people(page)
    approach = write_first_email(page)
    answer_the_reminder(site, page, approach)
    from_conversation_to_mentoring(site, page, approach)
    this_has_become_mentoring(page)
    meet(page)
    look_at_the_whole(page)
    assert faults == []


def sign_up_and_in(site: Site, page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name=re.compile("start", re.IGNORECASE)).first.click()
    page.get_by_label("Your name").fill("Dana Reed")
    page.get_by_label("mail").fill(EMAIL)
    page.get_by_label("Password").first.fill(PASSWORD)
    press(page, "Create my account")
    [link] = [link for link in links_in(mail_with(site, "confirm your e-mail")) if "confirm-email" in link]
    page.goto(link)
    press(page, "Yes, confirm it")
    page.wait_for_url("**/today/")
    page.goto("/settings/")
    expect(page.get_by_label("Your time zone")).to_have_value("America/New_York")

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/signed-out/")
    page.goto("/account/login/")
    page.get_by_role("link", name=re.compile("Forgot")).click()
    page.wait_for_url("**/password/reset/")
    page.get_by_label("mail").fill(EMAIL)
    main(page).get_by_role("button").first.click()
    [link] = [link for link in links_in(mail_with(site, "Choose a new password")) if "/key/" in link]
    page.goto(link)
    for field in page.locator("input[type=password]").all():
        field.fill(NEW_PASSWORD)
    main(page).get_by_role("button").first.click()
    expect(page.locator("input[type=password]")).to_have_count(0)
    page.context.clear_cookies()
    sign_in(page, EMAIL, NEW_PASSWORD)
    expect(main(page).locator(".button:not(.quiet):not(.plain)")).to_have_count(1)


def write_the_brief(page: Page) -> None:
    page.goto("/brief/")
    main(page).locator("form .button, a.button").first.click()
    heading(page, "Why do you want mentoring now?")
    page.locator("textarea").fill("A new role, and nobody to think it through with.")
    press(page, "Save and go on")
    page.get_by_label("Knowing a sector").check()
    press(page, "Save and go on")
    page.locator("textarea").fill("Somebody who asks before answering.")
    press(page, "Save and go on")
    page.locator("textarea").fill("I come prepared.")
    press(page, "Save and go on")
    page.locator("textarea").fill("Lead a research group by 2030.")
    press(page, "Save and go on")
    heading(page, "What do you need somebody for?")
    needs = [("Knowing whom", NEED), ("Knowing how", "win a fellowship"), ("Knowing why", "choose between two paths")]
    for competency, words in needs:
        page.get_by_label(competency).check()
        page.get_by_label("In your words").fill(words)
        press(page, "Keep this need")
        said(page, "Need kept")
    press(page, "Finish")
    said(page, "Your brief is written")
    expect(main(page)).to_contain_text("Lead a research group by 2030.")


def add_people(page: Page) -> None:
    press(page, "Add someone you know")
    for name, source, email in (
        ("Prof. Julie Hart", "Friend of a friend", "julie@example.org"),
        ("Sam Okoro", "Immediate professional circle", "sam@example.org"),
    ):
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("How you know them").select_option(label=source)
        page.get_by_label("E-mail addresses").fill(email)
        page.get_by_label("Could help with").select_option(label=NEED)
        main(page).locator("form .button").first.click()
        said(page, f"{name} is in your people")
        page.goto("/people/new/")
    page.goto("/people/")
    expect(main(page).get_by_role("link", name="Prof. Julie Hart")).to_be_visible()


def write_first_email(page: Page) -> str:
    """Returns the URL of the approach."""
    page.goto("/needs/")
    main(page).get_by_role("link", name=NEED).click()
    press(page, "Shortlist Prof. Julie Hart")
    said(page, "Prof. Julie Hart is on your shortlist")
    approach = page.url
    press(page, "Draft the first e-mail")

    preview = page.locator("#preview")
    expect(preview).to_contain_text("Dear Julie")
    expect(preview.locator(".obstacles")).to_contain_text("What you noticed about their work")
    expect(preview.get_by_role("button", name="I sent it")).to_have_count(0)
    for label, words in {
        "What you noticed about their work": "Your trial in care homes changed how I plan mine.",
        "Why them": "you have sat on both sides of a panel",
        "What you’d like to ask about": "how panels decide",
        "A sentence about you": "I plan trials in Leeds.",
    }.items():
        page.get_by_label(words_of(label)).fill(words)
    press(page, "Save and look at it")
    expect(preview).to_contain_text("Your trial in care homes changed how I plan mine.")
    expect(preview.locator(".obstacles")).to_have_count(0)
    mailto = urlsplit(preview.get_by_role("link", name="Open in your mail program").get_attribute("href") or "")
    asked = parse_qs(mailto.query)
    assert (mailto.scheme, mailto.path) == ("mailto", "julie@example.org")
    assert asked["subject"] == ["15 minutes of your time: how panels decide"]
    assert "Dear Julie,\r\n" in asked["body"][0]
    assert "{" not in asked["body"][0]
    preview.get_by_role("button", name="Copy the text").click()
    wait_until(lambda: "Dear Julie" in page.evaluate("navigator.clipboard.readText()"), 5, what="the copied text")

    press(page, "I sent it")
    said(page, "Noted as sent to Prof. Julie Hart")
    page.locator(".messages").get_by_role("button", name="Undo").click()
    said(page, "Undone")
    page.goto(approach)
    press(page, "Go on with the draft")
    press(page, "I sent it")
    said(page, "Noted as sent")
    today = dt.datetime.now(ZONE).date()
    due = add_working_days(today, 10, "12345", bank_holidays("US"))
    expect(main(page)).to_contain_text(f"{due:%A} {due.day} {due:%B}")
    return approach


def words_of(label: str) -> re.Pattern[str]:
    """A pattern for a label, whatever follows it."""
    return re.compile(rf"^{re.escape(label)}")


REMINDER = """
    FROM reminders_reminder WHERE kind = 'follow_up_due' AND owner_id = (SELECT id FROM accounts_user WHERE email = ?)
"""


def answer_the_reminder(site: Site, page: Page, approach: str) -> None:
    """Make the reminder due now; the real worker and beat send it."""
    [(pk, wall_date, wall_time, zone, due)] = site.sql(
        f"SELECT id, wall_date, wall_time, zone, due_at {REMINDER} AND state = 'planned'", ADDRESS
    )
    assert (wall_time, zone) == ("09:00:00", "America/New_York")
    local = dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC).astimezone(ZONE)
    assert f"{local:%Y-%m-%d %H:%M}" == f"{wall_date} 09:00"
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S}"
    site.sql("UPDATE reminders_reminder SET due_at = ? WHERE id = ?", now, pk)
    text = mail_with(site, "Write to Prof. Julie Hart once more?")
    links = links_in(text)
    assert approach in links
    [key] = [link for link in links if "/r/" in link and not link.endswith("/off/")]

    page.goto(approach)
    heading(page, "Prof. Julie Hart")
    stranger = page.context.browser.new_context()  # type: ignore[union-attr]
    signed = stranger.new_page()
    signed.goto(key)
    heading(signed, "Write to Prof. Julie Hart once more?")
    assert stranger.cookies() == []
    state = "SELECT state, put_off_to FROM reminders_reminder WHERE id = ?"
    assert site.sql(state, pk)[0][0] == "mailed"  # the GET changed nothing
    signed.get_by_role("button", name="Next week").click()
    expect(main(signed)).to_contain_text("Put off until")
    assert site.sql(state, pk) == [("planned", f"{dt.datetime.now(ZONE).date() + dt.timedelta(days=7)}")]
    stranger.close()
    # After two more sweeps there is still exactly one mail.
    [(seen,)] = site.sql("SELECT MAX(at) FROM mail_heartbeat")
    wait_until(lambda: site.sql("SELECT MAX(at) FROM mail_heartbeat")[0][0] > seen, 30, what="another sweep")
    assert len([m for m in site.smtp.to(ADDRESS) if "once more" in str(m.message["Subject"])]) == 1


def from_conversation_to_mentoring(site: Site, page: Page, approach: str) -> None:
    page.goto(approach)
    press(page, "They replied")
    said(page, "the follow-up is off")
    assert {state for (state,) in site.sql(f"SELECT state {REMINDER}", ADDRESS)} == {"cancelled"}

    press(page, "Plan the first conversation")
    plan(page, days=0)
    expect(page.locator("#agenda")).to_contain_text("Mentoring in their life")
    expect(page.locator("#agenda")).to_contain_text("What might interest them")
    hold(page)
    page.get_by_label("For you alone").fill("She was a panel chair for six years.")
    press(page, "Save notes")
    said(page, "Notes saved")
    add_action(page, "Read her paper on panels")
    press(page, "Thank them")
    draft_and_send(page, {"When you spoke": "this morning", "What helped you": "Your advice on panels helped."})

    press(page, "Draft the suggestion")
    draft_and_send(page, {"What you’d like to ask about": "the next call"})
    page.goto(approach)
    press(page, "Plan a conversation")
    page.get_by_label("What kind of conversation").select_option(label="Follow-up conversation")
    plan(page, days=0, hour="00:01")
    hold(page)
    press(page, "Ask for mentoring")
    if "/messages/new/" in page.url:
        press(page, "Begin with this")
    draft_and_send(page, {})
    press(page, "They said yes")
    page.get_by_label(NEED).check()
    press(page, "Open the mentorship")
    said(page, "Prof. Julie Hart is one of your mentors now")


def plan(page: Page, *, days: int, hour: str = "00:00") -> None:
    page.get_by_label("Day", exact=True).fill(f"{dt.datetime.now(ZONE).date() + dt.timedelta(days=days)}")
    page.get_by_label("Starts at").fill(hour)
    press(page, "Plan it")
    said(page, "It’s planned")


def hold(page: Page) -> None:
    press(page, "We held it")
    said(page, "Noted: you spoke with")


def add_action(page: Page, words: str) -> None:
    page.get_by_text("Add what somebody will do").click()
    page.locator("#add-action").get_by_label("What", exact=True).fill(words)
    press(page, "Keep it")
    said(page, "Kept.")
    expect(page.locator("#actions")).to_contain_text(words)


def draft_and_send(page: Page, words: dict[str, str]) -> None:
    """Start the offered draft, fill in its fields, and mark it as sent."""
    if "/messages/new/" in page.url:
        press(page, "Begin with this")
    for label, value in words.items():
        page.get_by_label(words_of(label)).fill(value)
    press(page, "Save and look at it")
    press(page, "I sent it")
    said(page, "Noted as sent")


def this_has_become_mentoring(page: Page) -> None:
    page.goto("/needs/")
    main(page).get_by_role("link", name="win a fellowship").click()
    press(page, "Note someone you know")
    page.get_by_label("Who?").select_option(label="Sam Okoro")
    press(page, "Save")
    press(page, "Shortlist Sam Okoro")
    press(page, "This has become mentoring")
    expect(page.get_by_label("It simply grew: this has become mentoring")).to_be_checked()
    page.get_by_label("win a fellowship").check()
    press(page, "Open the mentorship")
    said(page, "Sam Okoro is one of your mentors now")


def meet(page: Page) -> None:
    press(page, "Edit")
    page.get_by_label("Direction, for you alone").fill("A fellowship of my own by next spring.")
    press(page, "Save")
    press(page, "Choose a day")
    plan(page, days=0)
    first = page.url
    expect(main(page)).to_contain_text("A fellowship of my own by next spring.")
    add_point(page, "Which fellowship suits me")
    add_point(page, "Who reads a draft")
    item = page.locator(".agenda-item", has_text="Which fellowship suits me")
    item.get_by_text("What came of it").click()
    item.locator("textarea").fill("The one with a clinic attached.")
    item.get_by_role("button", name="Talked about").click()
    expect(page.locator("#agenda")).to_contain_text("The one with a clinic attached.")
    hold(page)
    press(page, "Plan a meeting")
    plan(page, days=3, hour="10:00")
    carried = page.locator(".agenda-item", has_text="Who reads a draft")
    expect(carried).to_contain_text("carried from")
    expect(page.locator("#agenda")).not_to_contain_text("Which fellowship suits me")
    carried.get_by_role("link", name="carried from", exact=False).click()
    assert page.url.startswith(first)


def add_point(page: Page, words: str) -> None:
    page.locator("#agenda").get_by_label("What to talk about").fill(words)
    page.locator("#agenda").get_by_role("button", name=re.compile("Add|Put", re.IGNORECASE)).last.click()
    said(page, "On the agenda")


def look_at_the_whole(page: Page) -> None:
    page.goto("/portfolio/")
    cards = {name: main(page).locator(f"section.knowing.{name}") for name in ("why", "how", "whom")}
    expect(cards["whom"]).to_contain_text("Prof. Julie Hart")
    expect(cards["how"]).to_contain_text("Sam Okoro")
    expect(cards["why"]).to_contain_text("choose between two paths")
    expect(cards["why"].locator(".badge.warn")).to_have_text(["Nobody yet"])
    expect(cards["how"].locator(".badge.warn")).to_have_count(0)
    expect(main(page)).to_contain_text("Nobody yet for choose between two paths")
    page.goto("/today/")
    expect(main(page).locator("#next")).to_have_count(1)
    expect(main(page).locator(".button:not(.quiet):not(.plain)")).to_have_count(1)
    expect(main(page)).to_contain_text("Sam Okoro")
