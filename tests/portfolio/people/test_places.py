"""Places to look: where else mentors may be found."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from portfolio.forms.places import web_address
from portfolio.mentorships.programme import add_months
from portfolio.models import Person, PlaceToLook
from portfolio.people import places
from reminders.models import Reminder
from tests.factories import make_person, make_place
from tests.portfolio.helpers import queries_of

pytestmark = pytest.mark.clock(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))

NEW = {"name": "Register of the Trials Society", "kind": "register"}
TODAY = dt.date(2026, 3, 2)


def listed(client: Client, **query: str) -> list[str]:
    return [place.name for place in client.get(reverse("places"), query).context["page"]]


# --- links and days --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("www.example.org", "https://www.example.org"),
        (" example.org/a?b=c ", "https://example.org/a?b=c"),
        ("//example.org", "https://example.org"),
        ("example.org:8080/x", "https://example.org:8080/x"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("https://example.org/x:y", "https://example.org/x:y"),
    ],
)
def test_a_link_gets_its_https(typed: str, kept: str) -> None:
    assert web_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "JaVaScript:alert(1)",
        "mailto:a@example.org",
        "data:text/html,x",
        "ftp://example.org",
        "not a link",
        "https://",
        "https://" + "x" * 600 + ".org",
        "\u202ejavascript:x",
        "java\tscript:x",
        "example",
    ],
)
def test_what_is_no_web_address_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        web_address(typed)


@given(st.text(max_size=80))
def test_a_link_is_http_or_refused(typed: str) -> None:
    with contextlib.suppress(ValidationError):
        assert web_address(typed).lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2027, 8, 31), 6, dt.date(2028, 2, 29)),
        (dt.date(2026, 12, 5), 1, dt.date(2027, 1, 5)),
    ],
)
def test_months_on_keeps_to_the_month(day: dt.date, months: int, then: dt.date) -> None:
    assert add_months(day, months) == then


# --- the list --------------------------------------------------------------------------------------


def test_an_empty_list_teaches_and_offers_starters(alice_client: Client) -> None:
    page = alice_client.get(reverse("places")).content.decode()
    assert 'class="empty"' in page
    assert "practice hours" in page
    assert page.count('name="starter"') == len(places.STARTERS)
    for words in places.WHAT_IT_IS.values():
        assert words.count(". ") == 1, "two sentences each"


def test_ticked_starters_become_places_once(alice: User, alice_client: Client) -> None:
    ticked = {"starter": ["programme", "body-register", "nonsense"]}
    alice_client.post(reverse("places_start"), ticked)
    alice_client.post(reverse("places_start"), ticked)
    rows = PlaceToLook.objects.filter(owner=alice)
    assert sorted((row.kind, row.state) for row in rows) == [("programme", "to_look"), ("register", "to_look")]
    assert "tick at least one" in alice_client.post(reverse("places_start"), follow=True).content.decode()


def test_due_places_stand_first_then_those_to_look_at(alice: User, alice_client: Client) -> None:
    make_place(alice, "A joined", state="joined", look_again_on=TODAY + dt.timedelta(days=1))
    make_place(alice, "B left", state="left")
    make_place(alice, "C to look")
    make_place(alice, "D due today", state="looked", look_again_on=TODAY)
    make_place(alice, "E due long", state="left", look_again_on=TODAY - dt.timedelta(days=400))
    assert listed(alice_client) == ["D due today", "E due long", "C to look", "A joined", "B left"]


def test_places_are_filtered_by_kind_and_state(alice: User, alice_client: Client) -> None:
    make_place(alice, "A", kind="network", state="joined")
    make_place(alice, "B", kind="network")
    make_place(alice, "C", kind="body", state="joined")
    assert listed(alice_client, kind="network") == ["B", "A"]
    assert listed(alice_client, kind="network", state="joined") == ["A"]
    assert listed(alice_client, kind="\0", state="x" * 9000) == ["B", "A", "C"]
    nothing = alice_client.get(reverse("places"), {"kind": "linkedin"}).content.decode()
    assert "Nothing here matches" in nothing
    assert 'class="empty"' not in nothing


def test_the_list_takes_as_many_queries_for_sixty_places_as_for_one(alice: User, alice_client: Client) -> None:
    make_person(alice, "Found", place=make_place(alice, "One"))
    one = queries_of(alice_client, reverse("places"))
    for i in range(60):
        make_person(alice, f"Found {i}", place=make_place(alice, f"Another place with a long name {i}"))
    assert queries_of(alice_client, reverse("places")) == one <= 6
    assert len(alice_client.get(reverse("places")).content) <= 60_000
    assert len(listed(alice_client, page="2")) == 11


# --- one place -------------------------------------------------------------------------------------


def test_a_place_is_kept_with_link_notes_and_day(alice: User, alice_client: Client) -> None:
    more = {"link": "www.example.org", "notes": "Ask\nthe chair", "again": "3"}
    answer = alice_client.post(reverse("place_new"), NEW | more)
    place = PlaceToLook.objects.get(owner=alice)
    assert answer.url == place.get_absolute_url()
    assert (place.link, place.notes, place.state) == ("https://www.example.org", "Ask\nthe chair", "to_look")
    assert place.look_again_on == dt.date(2026, 6, 2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("name", "a\0b"),
        ("kind", "pub"),
        ("link", "javascript:alert(1)"),
        ("notes", "x" * 5001),
        ("again", "12"),
        ("again_on", "tomorrow"),
    ],
)
def test_a_wrong_place_is_said_and_what_was_typed_stays(alice_client: Client, field: str, value: str) -> None:
    answer = alice_client.post(reverse("place_new"), NEW | {"notes": "kept words"} | {field: value})
    assert field in answer.context["form"].errors
    assert PlaceToLook.objects.count() == 0
    if field != "notes":
        assert "kept words" in answer.content.decode()


def test_a_place_of_the_same_name_is_shown_first(alice: User, alice_client: Client) -> None:
    make_place(alice, "register of the TRIALS society")
    answer = alice_client.post(reverse("place_new"), NEW)
    assert "You keep this place already" in answer.content.decode()
    assert PlaceToLook.objects.count() == 1
    alice_client.post(reverse("place_new"), NEW | {"anyway": "1"})
    assert PlaceToLook.objects.count() == 2


def test_changing_a_place_leaves_state_and_day(alice: User, alice_client: Client) -> None:
    place = make_place(alice, state="joined", look_again_on=TODAY)
    alice_client.post(
        reverse("place_edit", args=[place.pk]), {"name": "Renamed", "kind": "body", "link": "", "notes": ""}
    )
    place.refresh_from_db()
    assert (place.name, place.kind, place.state, place.look_again_on) == ("Renamed", "body", "joined", TODAY)


@pytest.mark.parametrize("state", ["looked", "joined", "left"])
def test_one_press_says_where_it_stands_and_clears_the_day_and_can_be_undone(
    alice: User, alice_client: Client, state: str
) -> None:
    place = make_place(alice, state="to_look", look_again_on=TODAY)
    page = alice_client.post(reverse("place_state", args=[place.pk]), {"state": state}, follow=True)
    place.refresh_from_db()
    assert (place.state, place.look_again_on) == (state, None)
    [message] = page.context["messages"]
    alice_client.post(message.extra_tags)
    place.refresh_from_db()
    assert (place.state, place.look_again_on) == ("to_look", TODAY)


def test_looking_again_at_what_was_looked_at_clears_the_day(alice: User, alice_client: Client) -> None:
    place = make_place(alice, state="looked", look_again_on=TODAY)
    assert "Time to look again" in alice_client.get(place.get_absolute_url()).content.decode()
    alice_client.post(reverse("place_state", args=[place.pk]), {"state": "looked"})
    place.refresh_from_db()
    assert (place.state, place.look_again_on) == ("looked", None)


def test_an_unknown_state_changes_nothing(alice: User, alice_client: Client) -> None:
    place = make_place(alice, state="joined", look_again_on=TODAY)
    page = alice_client.post(reverse("place_state", args=[place.pk]), {"state": "burnt"}, follow=True)
    assert "Nothing was changed" in page.content.decode()
    place.refresh_from_db()
    assert (place.state, place.look_again_on) == ("joined", TODAY)


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ({"again": "1"}, dt.date(2026, 4, 2)),
        ({"again": "3"}, dt.date(2026, 6, 2)),
        ({"again": "6"}, dt.date(2026, 9, 2)),
        ({"again": "date", "again_on": "2027-01-05"}, dt.date(2027, 1, 5)),
        ({"again": ""}, None),
    ],
)
def test_look_again_sets_a_local_day_with_undo(
    alice: User, alice_client: Client, sent: dict[str, str], day: dt.date | None
) -> None:
    before = dt.date(2026, 12, 24)
    place = make_place(alice, state="looked", look_again_on=before)
    page = alice_client.post(reverse("place_look_again", args=[place.pk]), sent, follow=True)
    place.refresh_from_db()
    assert (place.look_again_on, place.state) == (day, "looked")
    alice_client.post(next(iter(page.context["messages"])).extra_tags)
    place.refresh_from_db()
    assert place.look_again_on == before


def test_look_again_counts_from_the_day_where_the_user_is(alice: User, alice_client: Client) -> None:
    alice.time_zone = "Pacific/Auckland"
    alice.save(update_fields=["time_zone"])
    place = make_place(alice)
    with time_machine.travel(dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC)):
        alice_client.post(reverse("place_look_again", args=[place.pk]), {"again": "1"})
    place.refresh_from_db()
    assert place.look_again_on == dt.date(2026, 4, 3)


@pytest.mark.parametrize("on", ["", "2026-03-02", "1066-10-14", "9999-12-31", "\0", "31/31/31"])
def test_look_again_refuses_a_day_that_makes_no_sense(alice: User, alice_client: Client, on: str) -> None:
    place = make_place(alice, notes="still here")
    answer = alice_client.post(reverse("place_look_again", args=[place.pk]), {"again": "date", "again_on": on})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    place.refresh_from_db()
    assert place.look_again_on is None


@pytest.mark.parametrize("end", ["burnt/none", "looked/2026-13-01", "looked/never"])
def test_an_undo_nobody_offered_is_404(alice: User, alice_client: Client, end: str) -> None:
    place = make_place(alice)
    assert alice_client.post(f"{place.get_absolute_url()}before/{end}/").status_code == 404


# --- people found there ----------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "source"), [(str(kind), str(source)) for kind, source in places.SOURCE_OF.items()])
def test_somebody_found_there_keeps_the_place_and_its_source(
    alice: User, alice_client: Client, kind: str, source: str
) -> None:
    place = make_place(alice, kind=kind)
    address = f"{reverse('person_new')}?place={place.pk}"
    form = alice_client.get(address).context["form"]
    assert (form.initial["place"], form.initial["source"]) == (place, source)
    answer = alice_client.post(address, {"name": "Ines Found", "source": source, "place": place.pk})
    assert answer.url == place.get_absolute_url()
    assert Person.objects.get(name="Ines Found").place == place
    page = alice_client.get(answer.url).content.decode()
    assert "Ines Found" in page
    assert place.name in alice_client.get(Person.objects.get().get_absolute_url()).content.decode()


def test_adding_another_keeps_the_place(alice: User, alice_client: Client) -> None:
    place = make_place(alice)
    address = f"{reverse('person_new')}?place={place.pk}"
    answer = alice_client.post(address, {"name": "Ann", "source": "body", "place": place.pk, "another": "1"})
    assert answer.url == f"{reverse('person_new')}?source=body&place={place.pk}"


def test_a_strangers_place_is_no_place(alice: User, alice_client: Client, charlie: User) -> None:
    make_place(alice)
    theirs = make_place(charlie, "Charlie's club")
    page = alice_client.get(f"{reverse('person_new')}?place={theirs.pk}")
    assert page.context["form"].initial["place"] is None
    answer = alice_client.post(reverse("person_new"), {"name": "Ann", "source": "body", "place": theirs.pk})
    assert answer.context["form"].errors.keys() == {"place"}


def test_who_keeps_no_places_is_not_asked(alice_client: Client) -> None:
    assert "place" not in alice_client.get(reverse("person_new")).context["form"].fields


def test_deleting_a_place_asks_first_and_its_people_stay(alice: User, alice_client: Client) -> None:
    place = make_place(alice, "The Register")
    for name, detail in (("Ann", ""), ("Bea", "met in Leeds")):
        make_person(alice, name, place=place, source_detail=detail)
    address = reverse("place_delete", args=[place.pk])
    assert "The 2 people you found there stay among your people." in alice_client.get(address).content.decode()
    assert PlaceToLook.objects.count() == 1
    page = alice_client.post(address, follow=True).content.decode()
    assert "The 2 people you found there stay among your people." in page
    people = Person.objects.order_by("name").values_list("name", "place", "source_detail")
    assert list(people) == [("Ann", None, "Found at The Register"), ("Bea", None, "met in Leeds")]


def test_the_page_takes_as_many_queries_for_many_people_as_for_one(alice: User, alice_client: Client) -> None:
    place = make_place(alice)
    make_person(alice, "One", place=place)
    one = queries_of(alice_client, place.get_absolute_url())
    for i in range(30):
        make_person(alice, f"Person {i}", place=place)
    assert queries_of(alice_client, place.get_absolute_url()) == one <= 10
    for i in range(30):
        make_person(alice, f"More {i}", place=place)
    assert "The first 50 of 61" in alice_client.get(place.get_absolute_url()).content.decode()


def test_strange_words_come_back_as_they_were(alice_client: Client) -> None:
    name = "שלום 🌱 <b>Zoe\u0308</b> {{ x }}"
    page = alice_client.post(reverse("place_new"), NEW | {"name": name}, follow=True).content.decode()
    assert "שלום 🌱 &lt;b&gt;Zoe\u0308&lt;/b&gt; {{ x }}" in page


def test_looking_again_is_reminded_of(alice: User) -> None:
    place = make_place(alice)
    on = alice.today() + dt.timedelta(days=40)
    places.look_again(place=place, on=on)
    assert Reminder.objects.get(state="planned").subject_id == place.pk
    places.mark(place=place, state="joined")
    assert Reminder.objects.filter(state="planned").count() == 0
