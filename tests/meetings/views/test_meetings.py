from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings.models import AgendaItem, Meeting
from portfolio.models import Contact, Person
from tests.factories import (
    make_action,
    make_approach,
    make_brief,
    make_item,
    make_meeting,
    make_mentorship,
    make_need,
    make_person,
)

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
HOUR = dt.timedelta(hours=1)


def wish(person: Person, /, **fields) -> dict[str, object]:
    return {
        "person": person.pk,
        "kind": "regular",
        "purpose": "Funding",
        "day": "2026-03-10",
        "time": "14:00",
        "zone": "Europe/London",
        "minutes": 60,
        "place": "https://meet.example.org/abc",
        "suggested": "on",
        **fields,
    }


def page(client: Client, meeting: Meeting) -> str:
    return client.get(meeting.get_absolute_url()).content.decode()


# --- the list -------------------------------------------------------------------------------------


def test_list_sorts_into_unrecorded_upcoming_and_past(alice_client: Client, bob: Person, charlie: User) -> None:
    over = make_meeting(bob, starts_at=NOW - HOUR)
    coming = make_meeting(bob, starts_at=NOW + HOUR)
    held = make_meeting(bob, starts_at=NOW - 48 * HOUR, state="held", held_at=NOW)
    off = make_meeting(bob, starts_at=NOW + 48 * HOUR, state="cancelled")
    make_meeting(make_person(charlie, "Somebody else"), starts_at=NOW + HOUR)
    response = alice_client.get(reverse("meetings"))
    assert response.context["unrecorded"] == [over]
    assert response.context["upcoming"] == [coming]
    assert list(response.context["past"]) == [off, held]
    assert "Somebody else" not in response.content.decode()


def test_list_without_meetings_teaches_and_offers_one_button(alice_client: Client) -> None:
    html = alice_client.get(reverse("meetings")).content.decode()
    assert "No meetings yet" in html
    assert html.count('class="button"') == 1


def test_list_pages_the_past_and_forgives_a_silly_page(alice_client: Client, bob: Person) -> None:
    for n in range(30):
        make_meeting(bob, starts_at=NOW - n * HOUR, state="held", held_at=NOW)
    assert len(alice_client.get(reverse("meetings")).context["past"]) == 25
    assert len(alice_client.get(reverse("meetings"), {"page": "2"}).context["past"]) == 5
    for silly in ("0", "-1", "x", "9" * 30, "\0"):
        assert alice_client.get(reverse("meetings"), {"page": silly}).status_code == 200


@pytest.mark.parametrize("count", [3, 30])
def test_list_costs_few_queries_however_many(
    alice_client: Client, bob: Person, count: int, django_assert_max_num_queries
) -> None:
    for n in range(count):
        make_meeting(make_person(bob.owner, f"Person {n}"), starts_at=NOW + (n + 1) * HOUR)
        make_meeting(bob, starts_at=NOW - (n + 1) * HOUR, state="held", held_at=NOW)
    with django_assert_max_num_queries(7):  # one asks for the meetings that the user’s own calendar offers
        alice_client.get(reverse("meetings"))


# --- planning -------------------------------------------------------------------------------------


def test_new_asks_with_whom_first(alice_client: Client, bob: Person, charlie: User) -> None:
    make_person(charlie, "Somebody else")
    html = alice_client.get(reverse("meeting_new")).content.decode()
    assert bob.name in html
    assert "Somebody else" not in html


def test_new_without_people_offers_to_add_somebody(alice_client: Client) -> None:
    assert "Nobody to meet yet" in alice_client.get(reverse("meeting_new")).content.decode()


def test_new_takes_kind_and_length_from_where_one_stands(alice_client: Client, bob: Person) -> None:
    make_approach(bob, stage="approached")
    initial = alice_client.get(reverse("meeting_new"), {"person": bob.pk}).context["form"].initial
    assert (initial["kind"], initial["minutes"]) == ("initial", 15)
    asked = alice_client.get(reverse("meeting_new"), {"person": bob.pk, "kind": "review"}).context["form"].initial
    assert (asked["kind"], asked["minutes"]) == ("review", 60)
    silly = alice_client.get(reverse("meeting_new"), {"person": bob.pk, "kind": "party"}).context["form"].initial
    assert silly["kind"] == "initial"


def test_new_from_an_approach_is_with_its_person(alice_client: Client, bob: Person, charlie: User) -> None:
    approach = make_approach(bob, stage="approached")
    response = alice_client.get(reverse("meeting_new"), {"approach": approach.pk})
    assert (response.context["person"], response.context["form"].initial["kind"]) == (bob, "initial")
    theirs = make_approach(make_person(charlie))
    for wrong in (theirs.pk, "x", "9" * 30, ""):
        assert alice_client.get(reverse("meeting_new"), {"approach": wrong}).status_code == 404


@pytest.mark.parametrize("person", ["x", "-1", "0", "9" * 19, "9" * 40, "²", "1\0"])
def test_new_for_nobody_we_know_is_not_found(alice_client: Client, bob: Person, person: str) -> None:
    assert alice_client.get(reverse("meeting_new"), {"person": person}).status_code == 404


def test_new_plans_a_conversation_for_the_approach(alice_client: Client, bob: Person) -> None:
    approach = make_approach(bob, stage="approached")
    address = f"{reverse('meeting_new')}?person={bob.pk}"
    response = alice_client.post(address, wish(bob, kind="initial", minutes=15))
    meeting = Meeting.objects.get()
    assert response.url == meeting.get_absolute_url()
    assert (meeting.person, meeting.approach, meeting.mentorship) == (bob, approach, None)
    assert meeting.starts_at == dt.datetime(2026, 3, 10, 14, 0, tzinfo=dt.UTC)
    assert meeting.items.count() == 3
    approach.refresh_from_db()
    assert approach.stage == "initial"


def test_new_plans_a_meeting_of_the_mentorship_and_without_suggestions_if_wished(
    alice_client: Client, bob: Person
) -> None:
    mentorship = make_mentorship(bob)
    answers = wish(bob, kind="first")
    del answers["suggested"]
    alice_client.post(reverse("meeting_new"), answers)
    meeting = Meeting.objects.get()
    assert meeting.mentorship == mentorship
    assert not meeting.items.exists()


def test_new_twice_makes_one(alice_client: Client, bob: Person) -> None:
    for _ in range(2):
        alice_client.post(reverse("meeting_new"), wish(bob))
    assert Meeting.objects.count() == 1


def test_new_says_when_the_clocks_skip_the_hour(alice_client: Client, bob: Person) -> None:
    response = alice_client.post(reverse("meeting_new"), wish(bob, day="2026-03-29", time="01:30"), follow=True)
    assert "skip that hour, so it starts at 02:30" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minutes", "0"),
        ("minutes", "4"),
        ("minutes", "1441"),
        ("minutes", "100000"),
        ("minutes", "9" * 30),
        ("minutes", "1\0"),
        ("day", "9999-12-31"),
        ("day", "0001-01-01"),
        ("day", "2026-02-30"),
        ("day", "\0"),
        ("day", ""),
        ("time", "25:00"),
        ("time", "\0"),
        ("zone", "Mars/Olympus"),
        ("zone", "\0"),
        ("kind", "party"),
        ("kind", "\0"),
        ("purpose", "a\0b"),
        ("purpose", "x" * 301),
        ("place", "x" * 501),
        ("place", "\0"),
        ("person", "9" * 30),
        ("person", "\0"),
        ("person", ""),
    ],
)
def test_new_names_what_is_wrong_and_keeps_the_rest(alice_client: Client, bob: Person, field: str, value: str) -> None:
    response = alice_client.post(reverse("meeting_new"), wish(bob, **{field: value}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Meeting.objects.exists()


# --- the page -------------------------------------------------------------------------------------


def test_page_is_headed_by_direction_and_purpose_and_says_who_sees_it(alice_client: Client, bob: Person) -> None:
    make_brief(bob.owner, direction="Lead a research group", finished_at=NOW)
    html = page(alice_client, make_meeting(bob, purpose="Find a first step"))
    assert html.index("Lead a research group") < html.index("Find a first step") < html.index('id="agenda"')
    assert html.index("Lead a research group") < html.index("Only you can see this") < html.index('id="agenda"')
    shared = make_mentorship(bob, direction_shared="What we agreed")
    html = page(alice_client, make_meeting(bob, mentorship=shared))
    assert "What we agreed" in html
    assert "Bob may see this" in html


def test_page_shows_minutes_need_origin_and_total(alice_client: Client, bob: Person) -> None:
    before = make_meeting(bob, starts_at=NOW - 48 * HOUR, state="held", held_at=NOW)
    origin = make_item(before, "The long one", state="carried")
    meeting = make_meeting(bob)
    need = make_need(bob.owner, "be known to commissioners")
    make_item(meeting, "The long one", minutes=50, carried_from=origin, need=need, raised_by="mentor")
    make_item(meeting, "The short one", minutes=5, position=1)
    make_item(meeting, "Dropped", minutes=30, position=2, state="dropped")
    make_item(meeting, "Parked", minutes=30, position=3, state="parked")
    html = page(alice_client, meeting)
    assert "carried from 28 February" in html
    assert f'href="{before.get_absolute_url()}#item-{origin.pk}"' in html
    assert "for be known to commissioners" in html
    assert "Bob brought it up" in html
    assert "55 of 60 minutes" in html
    assert "carried to" in page(alice_client, before)


def test_page_has_one_filled_button_whatever_the_state(alice_client: Client, bob: Person) -> None:
    approach = make_approach(bob, stage="initial")
    meetings = [
        make_meeting(bob),
        make_meeting(bob, starts_at=NOW - HOUR),
        make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW, kind="initial", approach=approach),
        make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW, kind="follow_up", approach=approach),
        make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW),
        make_meeting(bob, state="cancelled"),
    ]
    for meeting in meetings:
        make_item(meeting)
        make_action(meeting)
        assert page(alice_client, meeting).count('class="button"') == 1, meeting.get_state_display()


def test_page_offers_what_follows_a_conversation(alice_client: Client, bob: Person) -> None:
    approach = make_approach(bob, stage="initial")
    held = {"starts_at": NOW - HOUR, "state": "held", "held_at": NOW, "approach": approach}
    html = page(alice_client, make_meeting(bob, kind="initial", **held))
    assert f"?approach={approach.pk}&amp;purpose=thank_you" in html
    assert f"?person={bob.pk}&amp;kind=follow_up" in html
    assert "purpose=request" not in html
    html = page(alice_client, make_meeting(bob, kind="follow_up", **held))
    assert f"?approach={approach.pk}&amp;purpose=request" in html


@pytest.mark.parametrize("count", [3, 30])
def test_page_costs_few_queries_however_much_is_on_it(
    alice_client: Client, bob: Person, count: int, django_assert_max_num_queries
) -> None:
    make_brief(bob.owner, direction="Lead", finished_at=NOW)
    before = make_meeting(bob, starts_at=NOW - 48 * HOUR, state="held", held_at=NOW)
    meeting = make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW, mentorship=make_mentorship(bob))
    after = make_meeting(bob)
    for n in range(count):
        origin = make_item(before, f"before {n}", state="carried")
        item = make_item(meeting, f"now {n}", carried_from=origin, need=make_need(bob.owner, str(n)), state="carried")
        make_item(after, f"after {n}", carried_from=item)
        make_action(meeting, str(n))
        make_action(before, str(n))
    with django_assert_max_num_queries(10):
        assert "carried to" in page(alice_client, meeting)


def test_page_shows_users_words_as_words(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, purpose="<script>1</script>", place="javascript:alert(1)", private_notes="</textarea>")
    make_item(meeting, "<b>bold</b> {{ settings.SECRET_KEY }}", outcome="<i>x</i>")
    make_action(meeting, "{% now 'Y' %}<img src=x>")
    html = page(alice_client, meeting)
    assert "<script>1" not in html
    assert "<b>bold" not in html
    assert "<i>x" not in html
    assert "<img src=x" not in html
    assert "{{ settings.SECRET_KEY }}" in html
    assert 'href="javascript' not in html


# --- the steps ------------------------------------------------------------------------------------


def test_edit_moves_and_says_so(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, zone="America/New_York", starts_at=dt.datetime(2026, 3, 10, 18, 0, tzinfo=dt.UTC))
    address = reverse("meeting_edit", args=[meeting.pk])
    initial = alice_client.get(address).context["form"].initial
    assert (initial["day"], initial["time"], initial["zone"]) == (
        dt.date(2026, 3, 10),
        dt.time(14, 0),
        "America/New_York",
    )
    answers = wish(bob, time="15:00", minutes=30, place="Room 3", kind="review", zone="America/New_York")
    assert alice_client.post(address, answers).url == meeting.get_absolute_url()
    meeting.refresh_from_db()
    assert meeting.starts_at == dt.datetime(2026, 3, 10, 19, 0, tzinfo=dt.UTC)
    assert (meeting.minutes, meeting.place, meeting.kind) == (30, "Room 3", "review")


def test_edit_with_bad_values_changes_nothing(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob)
    response = alice_client.post(reverse("meeting_edit", args=[meeting.pk]), wish(bob, minutes="0", place="Room 3"))
    assert response.status_code == 422
    meeting.refresh_from_db()
    assert (meeting.minutes, meeting.place) == (60, "")


def test_edit_of_a_cancelled_meeting_is_kindly_refused(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, state="cancelled")
    response = alice_client.post(reverse("meeting_edit", args=[meeting.pk]), wish(bob), follow=True)
    assert "This meeting was cancelled, so it stays as it is." in response.content.decode()


def test_edit_of_a_held_meeting_corrects_how_long_it_took_and_its_contact(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW - HOUR, purpose="Funding")
    address = reverse("meeting_edit", args=[meeting.pk])
    alice_client.post(reverse("meeting_hold", args=[meeting.pk]))
    assert "How long did you speak" in alice_client.get(address).content.decode()
    assert alice_client.post(address, {"minutes": "3"}).status_code == 422
    alice_client.post(address, wish(bob, minutes="45", purpose="Smuggled"))
    meeting.refresh_from_db()
    assert (meeting.minutes, meeting.purpose, Contact.objects.get().minutes) == (45, "Funding", 45)
    alice_client.post(reverse("meeting_unhold", args=[meeting.pk]))
    assert not Contact.objects.exists()


def test_hold_twice_notes_it_once_and_offers_undo(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW - HOUR)
    address = reverse("meeting_hold", args=[meeting.pk])
    html = alice_client.post(address, follow=True).content.decode()
    assert "you spoke with Dr Bob Brook" in html
    assert reverse("meeting_unhold", args=[meeting.pk]) in html
    assert "That was noted already." in alice_client.post(address, follow=True).content.decode()
    assert Contact.objects.count() == 1
    alice_client.post(reverse("meeting_unhold", args=[meeting.pk]))
    assert not Contact.objects.exists()


def test_cancel_and_reinstate_say_what_happened(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob)
    assert "Cancelled." in alice_client.post(reverse("meeting_cancel", args=[meeting.pk]), follow=True).content.decode()
    html = alice_client.post(reverse("meeting_hold", args=[meeting.pk]), follow=True).content.decode()
    assert "put it back on first" in html
    alice_client.post(reverse("meeting_reinstate", args=[meeting.pk]))
    meeting.refresh_from_db()
    assert meeting.state == "planned"


def test_notes_are_kept_apart_and_marked(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob)
    notes = {"private_notes": "shy", "shared_notes": "agreed"}
    response = alice_client.post(reverse("meeting_notes", args=[meeting.pk]), notes)
    assert response.url == f"/meetings/{meeting.pk}/#notes"
    meeting.refresh_from_db()
    assert (meeting.private_notes, meeting.shared_notes) == ("shy", "agreed")
    html = page(alice_client, meeting)
    assert html.index("Only you can see this", html.index('id="notes"')) < html.index(">\nshy")
    assert html.index("Bob may read this") < html.index(">\nagreed")


@pytest.mark.parametrize("words", ["x" * 1_000_000, "a\0b"], ids=["a megabyte", "NUL"])
def test_notes_that_cannot_be_kept_come_back_in_the_page(alice_client: Client, bob: Person, words: str) -> None:
    meeting = make_meeting(bob, private_notes="before")
    response = alice_client.post(
        reverse("meeting_notes", args=[meeting.pk]), {"private_notes": words, "shared_notes": "kept in the page"}
    )
    assert response.status_code == 422
    assert list(response.context["notes_form"].errors) == ["private_notes"]
    assert "kept in the page" in response.content.decode()
    meeting.refresh_from_db()
    assert (meeting.private_notes, meeting.shared_notes) == ("before", "")


def test_a_thousand_points_still_make_a_page(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob)
    AgendaItem.objects.bulk_create(
        AgendaItem(owner=bob.owner, meeting=meeting, words=str(n), position=n) for n in range(1000)
    )
    assert alice_client.get(meeting.get_absolute_url()).status_code == 200
    assert alice_client.post(reverse("item_down", args=[meeting.items.first().pk])).status_code == 302
