"""Lists as CSV: safe to open, the same when read back, and only after a recent sign-in."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.formulas import armed, disarmed
from accounts.models import User
from accounts.recent_sign_in import RECENT
from portfolio import vcards
from portfolio.contact_files.reading import read
from portfolio.models import Person, PersonLink, PersonTag, Tag
from portfolio.people.directory import Filters, narrowed
from portfolio.spreadsheets import PEOPLE, people
from tests.access_world import make_world
from tests.factories import make_approach, make_meeting, make_person
from tests.stored_data import browser_of

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("'=+-@\t\r\n\","), max_size=20)


@given(TEXTS)
def test_no_cell_begins_a_formula_and_each_can_be_read_back(text: str) -> None:
    cell = disarmed(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert armed(cell) == text


def test_what_begins_like_a_formula_gets_one_apostrophe() -> None:
    cells = {
        "=1+1": "'=1+1",
        "+44 20": "'+44 20",
        "-": "'-",
        "@a": "'@a",
        "\tx": "'\tx",
        "'=1": "''=1",
        "O'Neill": "O'Neill",
    }
    assert {text: disarmed(text) for text in cells} == cells
    assert disarmed("a\0b\x07") == "ab"


def rows(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/csv; charset=utf-8")
    assert "attachment" in answer["Content-Disposition"]
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def three(bob: Person) -> User:
    """Bob, and two more, one of whom is hard on spreadsheets."""
    make_person(bob.owner, "Åsa Østergård", organisation="=SUM(A1)", notes="- one\n- two", email="asa@example.org")
    tagged = make_person(bob.owner, "Zoë “Z” Li, PhD", organisation="Ward; 7")
    PersonTag.objects.create(owner=bob.owner, person=tagged, tag=Tag.objects.create(owner=bob.owner, name="ward"))
    PersonLink.objects.create(owner=bob.owner, person=tagged, url="https://zoe.example.org/")
    return bob.owner


@pytest.mark.django_db
def test_people_are_those_the_filters_show(three: User, alice_client: Client) -> None:
    assert [row["Name"] for row in rows(alice_client, "/people/csv/")] == [
        "Åsa Østergård",
        "Dr Bob Brook",
        "Zoë “Z” Li, PhD",
    ]
    assert [row["Name"] for row in rows(alice_client, "/people/csv/?q=ward")] == ["Zoë “Z” Li, PhD"]
    [asa] = rows(alice_client, "/people/csv/?q=asa")
    assert (asa["Organisation"], asa["Notes"], asa["E-mail address"]) == (
        "'=SUM(A1)",
        "'- one\n- two",
        "asa@example.org",
    )
    page = alice_client.get("/people/?q=ward").content.decode()
    assert 'href="/people/csv/?q=ward">Those who match as CSV</a>' in page


@pytest.mark.django_db
@pytest.mark.parametrize("relation", ["", "none", "mentor", "approached"])
def test_every_filter_gives_as_many_as_the_list(alice: User, relation: str) -> None:
    world = make_world(alice, "aliceonly")
    client = browser_of(alice)
    for query in (f"relation={relation}&sort=contact", f"tag={world.tag.pk}", f"place={world.place.pk}"):
        found = rows(client, f"/people/csv/?{query}")
        listed = client.get(f"/people/?{query}").context["page"].paginator.count
        assert len(found) == listed > 0


@pytest.mark.django_db
def test_approaches_and_meetings_say_whom_they_are_with(bob: Person, alice_client: Client) -> None:
    make_approach(bob, why_them="+1 from Eve")
    make_meeting(bob, purpose="@home")
    [approach] = rows(alice_client, "/outreach/csv/")
    assert (approach["Person"], approach["Person id"], approach["Why them"]) == (
        "Dr Bob Brook",
        str(bob.pk),
        "'+1 from Eve",
    )
    [meeting] = rows(alice_client, "/meetings/csv/")
    assert (meeting["Person"], meeting["Purpose"]) == ("Dr Bob Brook", "'@home")
    for page, link in (("/outreach/", "/outreach/csv/"), ("/meetings/", "/meetings/csv/")):
        assert f'href="{link}"' in alice_client.get(page).content.decode()


LISTS = ["people_csv", "approaches_csv", "meetings_csv", "development_log_csv"]


@pytest.mark.django_db
@pytest.mark.clock("2026-03-02T10:00:00Z")
@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_taken_out_after_a_recent_sign_in_only(
    name: str, bob: Person, alice_client: Client, charlie_client: Client, clock: Any
) -> None:
    make_meeting(bob)
    make_approach(bob)
    assert rows(charlie_client, reverse(name)) == []
    clock.shift(RECENT)
    asked = alice_client.get(reverse(name))
    assert asked.url.startswith("/account/reauthenticate/?next=")
    back = alice_client.post(asked.url, {"password": "correct horse battery"})
    assert back.url == reverse(name)
    rows(alice_client, back.url)


# --- Read back by our own reader ------------------------------------------------------------------


def seen(file: str) -> list[tuple[Any, ...]]:
    entries = [entry for entry in read(io.BytesIO(file.encode())).entries if entry.contact]
    assert not [entry.problems for entry in entries if entry.problems]
    found = [entry.contact for entry in entries]
    return [(c.name, c.organisation, c.title, c.emails, c.urls, c.notes, c.tags) for c in found if c]


def kept(user: User) -> list[tuple[Any, ...]]:
    return [
        (
            person.name,
            person.organisation,
            person.headline,
            tuple(email.address for email in person.emails.all()),
            tuple(link.url for link in person.links.all()),
            person.notes,
            tuple(tag.name for tag in person.tags.all()),
        )
        for person in people(narrowed(user, Filters()).order_by("name_key", "pk"))
    ]


@pytest.fixture
def plain(three: User) -> User:
    Person.objects.filter(name__startswith="Zoë").update(name="Zoë Li")  # letters after a name are dropped on reading
    return three


@pytest.mark.django_db
def test_cards_are_read_back_as_the_same_people(plain: User) -> None:
    make_person(
        plain,
        "Very Long",
        notes=f"{'Straße, 日本; 🙂 ' * 40}\n\\end",
        headline="Head, of; all",
        organisation="A; B, C\\D",
    )
    found = people(narrowed(plain, Filters()).order_by("name_key", "pk"))
    file = "".join(vcards.cards(found))
    assert max(len(line.encode()) for line in file.split("\r\n")) <= 75
    assert seen(file) == kept(plain)


@pytest.mark.django_db
def test_the_spreadsheet_of_people_is_read_back_as_the_same_people(plain: User) -> None:
    found = people(narrowed(plain, Filters()).order_by("name_key", "pk"))
    file = "".join(PEOPLE.lines(found, plain))
    back = [(*row[:1], armed(row[1]), *row[2:5], armed(row[5]), row[6]) for row in seen(file)]
    assert back == kept(plain)
