"""The private page: bob has no account. A valid URL gives no access to anything else."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings.models import AgendaItem, Meeting, MentorWord, ShareLink
from meetings.sharing import mentor_actions, share_links
from meetings.signed_links import SALT, read, token_for
from mentoring.logs import ScrubKeys
from portfolio.models import Person
from reminders.models import Reminder
from reminders.services import snooze
from tests import stored_data
from tests.access_world import FIELDS, World, make_world
from tests.factories import (
    make_action,
    make_item,
    make_meeting,
    make_mentorship,
    make_need,
    make_offer,
    make_person,
)

NOW = dt.datetime(2026, 3, 2, 10, 7, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def meeting(bob: Person) -> Meeting:
    return make_meeting(bob, starts_at=NOW + 24 * HOUR, purpose="Funding")


def address(link: ShareLink) -> str:
    return reverse("mentor_page", args=[token_for(link)])


def send(link: ShareLink, act: str, **fields: object):
    return Client().post(address(link), {"act": act, **fields})


def text(link: ShareLink) -> str:
    return Client().get(address(link)).content.decode()


# --- content --------------------------------------------------------------------------------------


def test_it_reads_like_a_letter_with_what_was_shared_and_nothing_else(
    alice: User, bob: Person, link: ShareLink
) -> None:
    mentorship = make_mentorship(bob, direction_shared="Lead a group", direction_private="Hidden direction")
    mentorship.agreement = "Hidden agreement"
    mentorship.save()
    last = make_meeting(
        bob,
        starts_at=NOW - 48 * HOUR,
        state="held",
        held_at=NOW,
        shows_agreed=True,
        shared_notes="Shared **notes**",
        private_notes="Hidden notes",
    )
    make_item(last, "Talked about", state="done", outcome="Apply in May")
    make_item(last, "Hidden point", state="done", outcome="Hidden outcome", private=True)
    make_action(last, "Write the draft")
    make_action(last, "Send a paper", whose="theirs")
    older = make_meeting(bob, starts_at=NOW - 96 * HOUR, state="held", held_at=NOW, purpose="Hidden purpose")
    make_action(older, "Hidden action")
    coming = make_meeting(bob, starts_at=NOW + 24 * HOUR, purpose="Funding", private_notes="Hidden notes")
    make_item(coming, "The host", minutes=37, need=make_need(alice, "Hidden need"))
    make_item(coming, "Hidden thought", private=True)
    make_item(coming, "Hidden, let go", state="dropped")
    make_meeting(make_person(alice, "Hidden mentor"), starts_at=NOW + 2 * HOUR, purpose="Hidden purpose")
    page = text(link)
    for words in (
        "Dear Bob,",
        "Alice Ashe",
        "Lead a group",
        "Tuesday 3 March 2026 at 10:07",
        "Funding",
        "The host",
        "Apply in May",
        "Write the draft",
        "Send a paper",
        "<strong>notes</strong>",
        "What is kept about you here",
    ):
        assert words in page
    assert "Hidden" not in page
    assert "37" not in re.sub(r'(?:href|action|value)="[^"]*"', "", page)  # a signed address may hold any digits


def test_what_was_agreed_and_the_direction_are_private_until_shared(bob: Person, link: ShareLink) -> None:
    make_mentorship(bob, direction_private="Hidden direction")
    last = make_meeting(bob, starts_at=NOW - 48 * HOUR, state="held", held_at=NOW)
    make_item(last, "Talked about", state="done", outcome="Hidden outcome")
    make_action(last, "Hidden action")
    assert "Hidden" not in text(link)
    assert "Last time" not in text(link)


def test_both_clocks_are_shown_where_they_differ(alice: User, bob: Person, link: ShareLink, meeting: Meeting) -> None:
    assert "for Alice" not in text(link)
    Person.objects.filter(pk=bob.pk).update(time_zone="America/New_York")
    page = text(link)
    assert "Tuesday 3 March 2026 at 05:07 (New York)" in page
    assert "; Tuesday 10:07 for Alice" in page


@pytest.mark.parametrize("count", [1, 30])
def test_it_costs_few_queries_however_much_there_is(
    bob: Person, link: ShareLink, meeting: Meeting, count: int, django_assert_max_num_queries
) -> None:
    last = make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW, shows_agreed=True)
    for n in range(count):
        make_item(meeting, f"Point {n}")
        make_item(last, f"Talked {n}", state="done", outcome="x")
        make_action(last, f"Action {n}")
        make_offer(meeting, NOW + (n + 1) * HOUR)
    with django_assert_max_num_queries(10):
        text(link)


# --- the URL --------------------------------------------------------------------------------------


def test_the_address_holds_an_id_and_a_version(link: ShareLink) -> None:
    assert read(token_for(link)) == (link.pk, 1)


def spoilt(link: ShareLink) -> dict[str, str]:
    token = token_for(link)
    other = signing.Signer(salt="elsewhere").sign(f"{link.pk}.1").replace(":", ".")
    bare = signing.Signer(salt=SALT).sign("hello").replace(":", ".")
    return {
        "cut": token[:-1],
        "other id": token.replace(f"{link.pk}.", f"{link.pk + 1}.", 1),
        "other version": token.replace(".1.", ".2.", 1),
        "other salt": other,
        "no ids": bare,
        "nonsense": "x",
        "dots": "...",
        "huge": "9" * 3000,
    }


def test_whatever_is_wrong_with_an_address_the_answer_is_the_same(link: ShareLink) -> None:
    answers = {name: Client().get(reverse("mentor_page", args=[token])) for name, token in spoilt(link).items()}
    share_links.revoke_link(link=link)
    answers["revoked"] = Client().get(address(link))
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.content for answer in answers.values()}) == 1


def test_it_is_replaced_expires_is_renewed_and_revoked(bob: Person, link: ShareLink, clock) -> None:
    first = address(link)
    fresh = share_links.issue_link(person=bob)
    assert (fresh.pk, fresh.version) == (link.pk, 2)
    assert [Client().get(one).status_code for one in (first, address(fresh))] == [404, 200]
    clock.move_to(NOW + dt.timedelta(days=181))
    assert Client().get(address(fresh)).status_code == 404
    share_links.renew_link(link=fresh)
    assert Client().get(address(fresh)).status_code == 200
    share_links.revoke_link(link=fresh)
    assert Client().get(address(fresh)).status_code == 404
    another = share_links.issue_link(person=bob)
    assert another.pk != fresh.pk
    assert Client().get(address(another)).status_code == 200


def test_it_goes_with_an_account_that_is_closed(alice: User, link: ShareLink) -> None:
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    assert Client().get(address(link)).status_code == 404


def test_a_revoked_page_still_open_in_a_tab_says_so_and_keeps_nothing(link: ShareLink, meeting: Meeting) -> None:
    share_links.revoke_link(link=link)
    answer = send(link, "message", message="Hello <b>Alice</b>")
    assert answer.status_code == 404
    assert "isn’t here any more" in answer.content.decode()
    assert "Hello &lt;b&gt;Alice&lt;/b&gt;" in answer.content.decode()  # shown for copying
    assert answer["Cache-Control"] == "no-store"
    assert not MentorWord.objects.exists()


def test_nothing_passes_it_on_stores_it_or_indexes_it(link: ShareLink) -> None:
    answer = Client().get(address(link))
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "noindex" in answer.content.decode()


def test_fifty_scanner_visits_change_nothing(link: ShareLink, meeting: Meeting) -> None:
    before, client = stored_data.snapshot(), Client()
    for _ in range(50):
        with stored_data.writes() as written:
            for method in (client.get, client.head, client.options):
                answer = method(address(link))
                assert not answer.cookies
        assert not written
    assert stored_data.changed(before, stored_data.snapshot()) == []
    assert not Session.objects.exists()


# --- no other access ------------------------------------------------------------------------------


@pytest.fixture
def alices(alice: User) -> World:
    return make_world(alice, "aliceonly")


def test_with_one_address_nothing_else_can_be_reached(alices: World) -> None:
    """Every other route with the same token or row id in its URL still denies access."""
    client, faults = Client(), []
    assert client.get(alices.url("mentor_page")).status_code == 200
    before = stored_data.snapshot()
    from tests.access_world import ROW_OF

    for route in sorted(ROW_OF):
        for method in (client.get, client.post):
            answer = method(alices.url(route), {**alices.fields(route), "act": "message", "message": "x"})
            if answer.status_code != 302 or not answer["Location"].startswith("/account/login/"):
                faults.append(f"{route}: {answer.status_code}")
    token = token_for(alices.share)
    for path in ("", "edit/", "..%2f", f"{alices.meeting.pk}/", "calendar.ics/x", "items/"):
        answer = client.get(f"/with/{token}/{path}") if path else client.get(f"/with/{token}x/")
        if answer.status_code != 404:
            faults.append(f"{path}: {answer.status_code}")
    assert faults == []
    assert stored_data.changed(before, stored_data.snapshot()) == []


def test_with_one_address_no_other_row_or_field_is_changed(alices: World, charlie: User) -> None:
    """Every action is sent with every field name of the site and every id of alice's rows."""
    link = alices.share
    stranger = make_world(charlie, "charlieonly")
    other = make_meeting(alices.spare, starts_at=NOW + HOUR)
    elsewhere = [make_offer(other, NOW + 5 * HOUR), make_offer(stranger.meeting, NOW + 5 * HOUR)]
    everything = {**FIELDS, **dict.fromkeys(("pk", "id", "owner", "person", "meeting", "item", "private"), "1")}
    before, others = stored_data.snapshot(), stored_data.snapshot(charlie)
    for act in ("point", "message", "removal", "yes", "no"):
        Client().post(address(link), {**everything, "act": act, "point": "Mine", "message": "Hello", "seen": "1"})
    for offer in elsewhere:
        assert send(link, "pick", offer=offer.pk).status_code == 422
    # Only one point, three messages, and the reminder to the user are added.
    assert stored_data.changed(before, stored_data.snapshot()) == [
        "meetings.AgendaItem",
        "meetings.MentorWord",
        "reminders.Reminder",
    ]
    assert stored_data.changed(others, stored_data.snapshot(charlie)) == []
    assert AgendaItem.objects.count() == len(before["meetings.AgendaItem"]) + 1
    assert MentorWord.objects.filter(link=link).count() == 4  # one existed; plus a point, a message and a request
    alices.meeting.refresh_from_db()
    assert (alices.meeting.purpose, alices.meeting.answer) == ("aliceonly purpose", "")
    added = {item for item in AgendaItem.objects.all() if item.words == "Mine"}
    assert {(item.meeting, item.raised_by, item.private) for item in added} == {(alices.meeting, "mentor", False)}


def test_the_page_shows_nothing_of_anybody_else(alices: World, charlie: User) -> None:
    make_world(charlie, "charlieonly")
    page = text(alices.share).lower()
    for hidden in (
        "charlieonly",
        "aliceonly private",
        "aliceonly need",
        "aliceonly be known",
        "aliceonly direction_private",
        "aliceonly agreement",
        "aliceonly action",
        "aliceonly target",
        "aliceonly notes",
        "aliceonly message",
        alices.owner.email,
    ):
        assert hidden not in page
    assert "aliceonly direction_shared" in page


# --- actions --------------------------------------------------------------------------------------


def test_a_point_goes_on_the_agenda_once_and_the_user_hears_of_it(link: ShareLink, meeting: Meeting) -> None:
    for _ in range(2):
        answer = send(link, "point", point="My own question")
        assert answer.url == f"{address(link)}?done=point"
    assert list(meeting.items.values_list("words", "raised_by")) == [("My own question", "mentor")]
    assert "It’s on the agenda." in Client().get(answer.url).content.decode()
    word = MentorWord.objects.get()
    assert (word.kind, word.words, word.owner) == ("point", "My own question", meeting.owner)
    reminder = Reminder.objects.get(kind="mentor_wrote")
    assert (reminder.subject_id, reminder.due_at) == (link.pk, NOW.replace(day=3, hour=9, minute=0))


@pytest.mark.parametrize(("hour", "day"), [(8, 2), (9, 3), (23, 3)])
def test_all_they_left_since_the_last_mail_is_told_in_the_next_one(
    alice_client: Client, link: ShareLink, hour: int, day: int
) -> None:
    """However often they write, the user gets at most one mail a morning; Today shows it at once."""
    with time_machine.travel(NOW.replace(hour=hour, minute=0), tick=False):
        send(link, "message", message="First")
        send(link, "message", message="Second")
        (reminder,) = Reminder.objects.filter(kind="mentor_wrote")
        assert reminder.due_at == NOW.replace(day=day, hour=9, minute=0)
        assert "left you a word" in alice_client.get(reverse("today")).content.decode()


def test_a_word_after_the_mornings_mail_is_told_in_the_next_ones(link: ShareLink) -> None:
    with time_machine.travel(NOW.replace(hour=8), tick=False):
        send(link, "message", message="First")
    Reminder.objects.update(state="mailed")
    with time_machine.travel(NOW.replace(hour=15), tick=False):
        send(link, "message", message="Second")
    (reminder,) = Reminder.objects.filter(kind="mentor_wrote")
    assert (reminder.state, reminder.due_at) == ("planned", NOW.replace(day=3, hour=9, minute=0))


def test_a_word_that_was_put_off_leaves_today_until_then(alice_client: Client, link: ShareLink) -> None:
    send(link, "message", message="First")
    snooze(Reminder.objects.get(kind="mentor_wrote"), on=NOW.date() + dt.timedelta(days=4))
    assert "left you a word" not in alice_client.get(reverse("today")).content.decode()


@pytest.mark.parametrize(("act", "answer"), [("yes", "yes"), ("no", "no")])
def test_yes_and_no_are_kept_and_can_change(link: ShareLink, meeting: Meeting, act: str, answer: str) -> None:
    seen = int(meeting.starts_at.timestamp())
    assert send(link, act, seen=seen).status_code == 302
    meeting.refresh_from_db()
    assert meeting.answer == answer
    other = "no" if act == "yes" else "yes"
    send(link, other, seen=seen)
    meeting.refresh_from_db()
    assert meeting.answer == other


def test_an_answer_to_a_time_that_changed_meanwhile_is_not_taken(link: ShareLink, meeting: Meeting) -> None:
    """The user moves the meeting while the page is open."""
    seen = int(meeting.starts_at.timestamp())
    from meetings.services import move_meeting

    move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 12), zone="Europe/London")
    answer = send(link, "yes", seen=seen)
    assert answer.status_code == 422
    assert "The time has changed" in answer.content.decode()
    meeting.refresh_from_db()
    assert meeting.answer == ""


def test_moving_a_meeting_takes_the_answer_and_the_offers_back(meeting: Meeting) -> None:
    from meetings.services import move_meeting

    make_offer(meeting, NOW + 30 * HOUR)
    Meeting.objects.filter(pk=meeting.pk).update(answer="yes")
    move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 12), zone="Europe/London")
    meeting.refresh_from_db()
    assert (meeting.answer, meeting.offers.count()) == ("", 0)


def test_one_of_several_times_is_picked(link: ShareLink, meeting: Meeting) -> None:
    make_offer(meeting, meeting.starts_at)
    chosen = make_offer(meeting, NOW + 72 * HOUR)
    assert "This one, please" in text(link)
    assert send(link, "pick", offer=chosen.pk).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.answer, meeting.offers.count()) == (NOW + 72 * HOUR, "yes", 0)
    assert send(link, "pick", offer=chosen.pk).status_code == 422
    assert "Chose Thursday 5 March, 10:07." in [str(word) for word in MentorWord.objects.all()]


def test_a_time_that_has_passed_is_not_picked(link: ShareLink, meeting: Meeting) -> None:
    gone = make_offer(meeting, NOW - HOUR)
    assert send(link, "pick", offer=gone.pk).status_code == 422


def test_a_message_and_the_wish_to_be_removed_wait_for_the_user(
    alice_client: Client, bob: Person, link: ShareLink
) -> None:
    send(link, "message", message="See you then")
    send(link, "removal")
    page = alice_client.get(reverse("share", args=[bob.pk])).content.decode()
    assert "See you then" in page
    assert reverse("person_erase", args=[bob.pk]) in page
    assert "left you a word" in alice_client.get(reverse("meetings")).content.decode()
    assert "left you a word" in alice_client.get(reverse("today")).content.decode()
    alice_client.post(reverse("words_seen", args=[bob.pk]))
    assert not MentorWord.objects.filter(seen_at=None).exists()
    assert "left you a word" not in alice_client.get(reverse("meetings")).content.decode()
    assert "left you a word" not in alice_client.get(reverse("today")).content.decode()
    assert Reminder.objects.get(kind="mentor_wrote").state == "cancelled"


def test_there_is_an_end_to_what_can_be_left(link: ShareLink, meeting: Meeting) -> None:
    for n in range(mentor_actions.MOST_POINTS + 3):
        send(link, "point", point=f"Point {n}")
    assert meeting.items.count() == mentor_actions.MOST_POINTS
    for n in range(mentor_actions.MOST_UNSEEN + 3):
        last = send(link, "message", message=f"Message {n}")
    assert last.status_code == 422
    assert f"Message {n}" in last.content.decode()
    assert MentorWord.objects.count() == mentor_actions.MOST_UNSEEN


BAD: list[dict[str, Any]] = [
    {},
    {"act": "point"},
    {"act": "point", "point": "   "},
    {"act": "point", "point": "x" * 301},
    {"act": "message", "message": "a\0b"},
    {"act": "message", "message": "x" * 1_000_000},
    {"act": "pick", "offer": "x"},
    {"act": "pick", "offer": "9" * 40},
    {"act": "yes"},
    {"act": "yes", "seen": "-1"},
    {"act": "drop"},
    {"act": ["point", "message"], "message": ""},
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_what_cannot_be_kept_is_said_kindly(link: ShareLink, meeting: Meeting, bad: dict[str, Any]) -> None:
    answer = Client().post(address(link), bad)
    assert answer.status_code == 422
    assert "Not yet" in answer.content.decode()
    assert not MentorWord.objects.exists()


@pytest.mark.parametrize("act", ["point", "yes", "no", "pick"])
def test_without_a_meeting_there_is_only_the_message(link: ShareLink, act: str) -> None:
    answer = send(link, act, point="x", seen=1, offer=1)
    assert answer.status_code == 422
    assert "no meeting planned" in answer.content.decode()


def test_a_thousand_points_are_still_a_page(link: ShareLink, meeting: Meeting) -> None:
    AgendaItem.objects.bulk_create(
        AgendaItem(owner=meeting.owner, meeting=meeting, words=f"Point {n}", position=n) for n in range(1000)
    )
    assert "Point 999" in text(link)


@pytest.fixture
def press() -> Callable[[Client, str, int], str]:
    def pressed(client: Client, name: str, pk: int, **fields: str) -> str:
        return client.post(reverse(name, args=[pk]), fields, follow=True).content.decode()

    return pressed


# --- the user's side ------------------------------------------------------------------------------


def test_the_user_makes_renews_replaces_and_switches_off_the_page(alice_client: Client, bob: Person, press) -> None:
    page = press(alice_client, "share_issue", bob.pk)
    link = ShareLink.objects.get()
    assert address(link) in page
    assert "The old one doesn’t work" in press(alice_client, "share_issue", bob.pk)
    assert "another half year" in press(alice_client, "share_renew", bob.pk)
    assert "Switched off" in press(alice_client, "share_revoke", bob.pk)
    assert "no page to renew" in press(alice_client, "share_renew", bob.pk)
    link.refresh_from_db()
    assert (link.version, link.works) == (2, False)


def test_the_user_sees_beforehand_what_they_will_see(alice_client: Client, bob: Person, meeting: Meeting) -> None:
    make_item(meeting, "The host")
    make_item(meeting, "Hidden", private=True)
    page = alice_client.get(reverse("share", args=[bob.pk])).content.decode()
    assert "The host" in page
    assert "Hidden" not in page
    assert not ShareLink.objects.exists()


def test_an_answer_given_elsewhere_is_noted_by_hand(alice_client: Client, meeting: Meeting, press) -> None:
    assert "Bob said yes" in press(alice_client, "meeting_answer", meeting.pk, answer="yes")
    assert "hasn’t said yes" in press(alice_client, "meeting_answer", meeting.pk, answer="")
    assert "Choose yes or no" in press(alice_client, "meeting_answer", meeting.pk, answer="perhaps")


def test_several_times_are_offered_and_taken_back(alice_client: Client, meeting: Meeting) -> None:
    times = reverse("meeting_times", args=[meeting.pk])
    fields = {"day-0": "2026-03-03", "time-0": "10:07", "day-2": "2026-03-29", "time-2": "01:30"}
    alice_client.post(times, fields)
    # 01:30 does not exist on that day.
    assert [offer.starts_at for offer in meeting.offers.all()] == [
        NOW + 24 * HOUR,
        dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC),
    ]
    alice_client.post(times, {})
    assert meeting.offers.count() == 0


@pytest.mark.parametrize(
    "bad",
    [
        {"day-0": "2026-03-03", "time-0": "10:00"},
        {"day-0": "2026-03-03", "time-1": "10:00"},
        {"day-0": "2026-03-01", "time-0": "10:00", "day-1": "2026-03-04", "time-1": "10:00"},
        {"day-0": "9999-12-31", "time-0": "23:59", "day-1": "2026-03-04", "time-1": "10:00"},
    ],
)
def test_times_that_are_no_choice_are_said(alice_client: Client, meeting: Meeting, bad: dict[str, str]) -> None:
    answer = alice_client.post(reverse("meeting_times", args=[meeting.pk]), bad)
    assert answer.status_code == 422
    assert meeting.offers.count() == 0


def test_what_was_agreed_is_shared_by_a_press(alice_client: Client, bob: Person, link: ShareLink, press) -> None:
    held = make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW)
    make_action(held, "Write the draft")
    press(alice_client, "meeting_agreed", held.pk, shows="1")
    assert "Write the draft" in text(link)
    press(alice_client, "meeting_agreed", held.pk)
    assert "Write the draft" not in text(link)


@pytest.mark.parametrize("path", ["/with/{}/", "/with/{}/meeting.ics", "/calendar/{}/meetings.ics"])
def test_the_key_stays_out_of_the_logs(link: ShareLink, path: str) -> None:
    asked = (path.format(token_for(link)),)
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", asked, None)
    assert ScrubKeys().filter(record)
    assert token_for(link) not in record.getMessage()
    assert record.getMessage() == f"Not Found: {path.format('…')}"
