"""Links, files and pages for sending a message."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from outreach.drafts import eml, readiness
from outreach.drafts import services as drafts
from outreach.models import Channel, FollowUp, Message
from portfolio.models import Person, PersonEmail, PersonLink
from tests.factories import make_approach, make_message
from tests.portfolio.helpers import queries_of

pytestmark = pytest.mark.django_db
BODY = "Dear Bob,\n\nÅ line & another = more?\n.\nFrom here on: 100 % of it. 🌱"


@pytest.fixture
def letter(bob: Person) -> Message:
    return make_message(make_approach(bob), subject="A & B = ü?", body=BODY)


def test_links_for_mail_in_the_browser_carry_every_character(letter: Message) -> None:
    ready = drafts.ready(letter)
    for link, subject in ((ready.gmail, "su"), (ready.outlook, "subject")):
        asked = parse_qs(urlsplit(link).query)
        assert (asked["to"], asked[subject]) == (["bob@example.org"], ["A & B = ü?"])
        assert asked["body"] == [BODY.replace("\n", "\r\n")]
    assert urlsplit(ready.gmail).netloc == "mail.google.com"
    assert urlsplit(ready.outlook).netloc == "outlook.office.com"


def test_a_long_letter_is_offered_as_a_file_and_to_copy_only(alice_client: Client, letter: Message) -> None:
    Message.objects.filter(pk=letter.pk).update(body="word " * 700)
    page = alice_client.get(reverse("message", args=[letter.pk])).content.decode()
    assert "mailto:bob" not in page
    assert "mail.google.com" not in page
    assert reverse("message_file", args=[letter.pk]) in page
    assert "Copy the text" in page


def test_the_file_opens_as_a_draft_with_the_same_words(alice_client: Client, letter: Message) -> None:
    response = alice_client.get(reverse("message_file", args=[letter.pk]))
    assert response["Content-Type"] == "message/rfc822"
    assert "letter.eml" in response["Content-Disposition"]
    mail = message_from_bytes(response.content, policy=policy.default)
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "bob@example.org",
        "Alice Ashe <alice@example.org>",
        "A & B = ü?",
    )
    assert mail["X-Unsent"] == "1"
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == BODY


def test_there_is_no_file_of_an_unfinished_letter(alice_client: Client, letter: Message) -> None:
    Message.objects.filter(pk=letter.pk).update(body="Dear {topic}")
    response = alice_client.get(reverse("message_file", args=[letter.pk]))
    assert (response.status_code, response.url) == (302, letter.get_absolute_url())


@pytest.mark.parametrize(
    ("url", "is_offered"),
    [
        ("https://www.linkedin.com/in/bob", True),
        ("https://linkedin.com/in/bob", True),
        ("https://uk.linkedin.com/in/bob", True),
        ("https://linkedin.com.evil.example/in/bob", False),
        ("https://example.org/linkedin.com/", False),
    ],
)
def test_their_linkedin_page_is_offered_where_it_serves(letter: Message, url: str, is_offered: bool) -> None:
    PersonLink.objects.create(owner=letter.owner, person=letter.person, url=url)
    assert eml.linkedin_page(letter) == ""
    letter.channel = Channel.LINKEDIN_NOTE
    assert eml.linkedin_page(letter) == (url if is_offered else "")


def test_a_linkedin_note_counts_its_characters(alice_client: Client, letter: Message) -> None:
    Message.objects.filter(pk=letter.pk).update(channel=Channel.LINKEDIN_NOTE, body="x" * 150)
    page = alice_client.get(reverse("message", args=[letter.pk])).content.decode()
    assert "150 of 200 characters" in page


BAD_ADDRESSES = [
    "bob@example.org\nBcc: eve@example.org",
    "bob@example.org, carol@example.org",
    "bob@example.org carol@example.org",
    "bob",
    "bob@",
    "<bob@example.org>",
    "bob@example.org\u202e",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_bad_address_is_named_and_nothing_is_lost(alice_client: Client, letter: Message, address: str) -> None:
    letter.person.emails.update(address=address)
    page = alice_client.get(letter.get_absolute_url()).content.decode()
    assert "is not one e-mail address." in page
    assert "To nobody yet" in page
    assert f'<a href="{reverse("person_edit", args=[letter.person_id])}">Correct it for Bob</a>' in page
    assert "I sent it" not in page
    assert "mailto:" not in page
    assert escape(BODY.splitlines()[2]) in page
    file = alice_client.get(reverse("message_file", args=[letter.pk]))
    assert (file.status_code, file.url) == (302, letter.get_absolute_url())
    assert alice_client.post(reverse("message_sent", args=[letter.pk])).url == letter.get_absolute_url()
    letter.refresh_from_db()
    assert (letter.state, letter.body) == ("draft", BODY)


def test_of_several_addresses_the_first_is_written_to_and_the_others_are_mentioned(
    alice_client: Client, letter: Message
) -> None:
    person = letter.person
    PersonEmail.objects.create(owner=person.owner, person=person, address="second@example.org", position=1)
    page = alice_client.get(letter.get_absolute_url()).content.decode()
    assert "To bob@example.org, the first of 2 addresses." in page
    alice_client.post(reverse("message_sent", args=[letter.pk]))
    letter.refresh_from_db()
    assert letter.sent_to == "bob@example.org"


@pytest.mark.parametrize("more", [0, 1])
def test_above_the_safe_length_only_copying_and_the_file_are_left(
    alice_client: Client, letter: Message, more: int
) -> None:
    letter.subject, letter.body = "Hello", "x"
    room = readiness.LONGEST_MAILTO - len(drafts.ready(letter).mailto) + 1 + more
    Message.objects.filter(pk=letter.pk).update(subject="Hello", body="x" * room)
    page = alice_client.get(letter.get_absolute_url()).content.decode()
    assert ("mailto:bob" in page) == (not more)
    assert "Copy the text" in page
    assert "Copy the subject" in page
    assert reverse("message_file", args=[letter.pk]) in page


@pytest.mark.parametrize(
    ("length", "premium", "complete", "hard"),
    [(200, False, True, 0), (201, False, False, 1), (201, True, True, 0), (300, True, True, 0), (301, True, False, 1)],
)
def test_a_note_takes_200_characters_and_300_with_premium(
    alice_client: Client, letter: Message, length: int, premium: bool, complete: bool, hard: int
) -> None:
    data = {"channel": "li_note", "subject": "", "body": "x" * length, "version": letter.updated_at.isoformat()}
    alice_client.post(letter.get_absolute_url(), {**data, "put_away": "premium"} if premium else data)
    page = alice_client.get(letter.get_absolute_url())
    assert page.context["ready"].complete == complete
    assert sum(advice.hard for advice in page.context["advice"]) == hard
    assert f"{length} of {300 if premium else 200} characters" in page.content.decode()
    assert ("I have LinkedIn Premium" in page.content.decode()) == (hard and not premium)


def test_an_inmail_counts_subject_and_message(alice_client: Client, letter: Message) -> None:
    Message.objects.filter(pk=letter.pk).update(channel=Channel.INMAIL, subject="x" * 200, body="y" * 1_900)
    page = alice_client.get(letter.get_absolute_url())
    assert "1900 of 1900 characters. Subject: 200 of 200." in " ".join(page.content.decode().split())
    assert page.context["ready"].complete


@pytest.mark.parametrize(("channel", "button"), [(Channel.PHONE, "I rang them"), (Channel.IN_PERSON, "I said it")])
def test_what_is_said_is_noted_with_or_without_words(
    alice_client: Client, letter: Message, channel: Channel, button: str
) -> None:
    for body in ("", BODY):
        Message.objects.filter(pk=letter.pk).update(channel=channel, body=body)
        page = alice_client.get(letter.get_absolute_url()).content.decode()
        assert button in page
        assert page.count('class="button"') == 1
    alice_client.post(reverse("message_sent", args=[letter.pk]))
    letter.refresh_from_db()
    assert (letter.state, letter.sent_to, letter.sent_body) == ("sent", "", BODY)
    letter.approach.refresh_from_db()
    assert letter.approach.stage == "approached"
    said = "You rang" if channel == Channel.PHONE else "You spoke"
    thread = alice_client.get(letter.approach.get_absolute_url()).content.decode()
    assert f"<span>{said}: first approach</span>" in thread
    assert f"Undo “{said}: first approach”" in thread
    assert "approach sent" not in thread.lower()
    assert f'<p class="lede">{said} ' in alice_client.get(letter.get_absolute_url()).content.decode()


# The form's data at 10:30 BST on Monday 15 June; the resulting time in UTC, or the error.
NOW = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)
WHEN = [
    ("", "", "2026-06-15 09:30"),
    ("", "08:15", "2026-06-15 07:15"),
    ("2026-06-15", "", "2026-06-15 09:30"),
    ("2026-06-15", "10:30", "2026-06-15 09:30"),
    ("2026-06-14", "23:59", "2026-06-14 22:59"),
    ("2026-06-14", "", "2026-06-14 17:00"),
    ("2026-06-01", "12:00", "2026-06-01 11:00"),
    ("", "10:32", "That time is still to come."),
    ("2026-06-16", "", "Choose today, or a day of the last two weeks."),
    ("2026-05-31", "", "Choose today, or a day of the last two weeks."),
    ("0001-01-01", "00:00", "Choose today, or a day of the last two weeks."),
    ("9999-12-31", "23:59", "Choose today, or a day of the last two weeks."),
    ("nonsense", "", "Enter a valid date."),
    ("", "25:00", "Enter a valid time."),
    ("\0", "\0", "Enter a valid"),
]


@pytest.mark.parametrize(("on", "at", "expected"), WHEN)
def test_i_sent_it_takes_a_time_that_is_past(
    letter: Message, alice_client: Client, on: str, at: str, expected: str
) -> None:
    with time_machine.travel(NOW, tick=False):
        alice_client.force_login(letter.owner)
        response = alice_client.post(reverse("message_sent", args=[letter.pk]), {"on": on, "at": at})
        news = list(get_messages(response.wsgi_request))[-1]
        letter.refresh_from_db()
        if letter.at is None:
            assert expected in str(news)
            assert (response.url, letter.state) == (letter.get_absolute_url(), "draft")
            return
        assert f"{letter.at:%Y-%m-%d %H:%M}" == expected
        sent_on = letter.owner.local(letter.at).date()
        assert FollowUp.objects.get().due_on > sent_on
        alice_client.post(news.extra_tags)  # undo
        letter.refresh_from_db()
        assert (letter.state, letter.at) == ("draft", None)


def test_the_page_takes_as_many_queries_for_many_letters_as_for_one(alice_client: Client, letter: Message) -> None:
    counts = [queries_of(alice_client, letter.get_absolute_url())]
    for number in range(40):
        make_message(letter.approach, state="sent", at=NOW, body=f"Letter {number}")
        PersonEmail.objects.create(
            owner=letter.owner, person=letter.person, address=f"b{number}@example.org", position=number + 1
        )
    counts.append(queries_of(alice_client, letter.get_absolute_url()))
    assert counts[0] == counts[1] <= 10


def test_a_domain_of_other_letters_is_written_as_mail_servers_know_it(alice_client: Client, letter: Message) -> None:
    letter.person.emails.update(address="gwen@bücher.example")
    page = alice_client.get(reverse("message_file", args=[letter.pk]))
    assert b"\r\nTo: gwen@xn--bcher-kva.example\r\n" in page.content


@pytest.mark.parametrize("address", ["b@bücher.example", "o'brien+x@example.org"])
def test_the_file_takes_any_address_a_person_may_have(letter: Message, address: str) -> None:
    letter.person.emails.update(address=address)
    mail = message_from_bytes(eml.as_file(letter, drafts.ready(letter)), policy=policy.default)
    assert mail["To"]
    assert mail["To"].addresses[0].domain in {"example.org", "bücher.example", "xn--bcher-kva.example"}
