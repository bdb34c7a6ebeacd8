"""Links, files and pages by which a letter leaves."""

from __future__ import annotations

from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from outreach import drafts, sending
from outreach.models import Channel, Message
from portfolio.models import Person, PersonLink
from tests.factories import make_approach, make_message

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
    assert sending.linkedin_page(letter) == ""
    letter.channel = Channel.LINKEDIN_NOTE
    assert sending.linkedin_page(letter) == (url if is_offered else "")


def test_a_linkedin_note_counts_its_characters(alice_client: Client, letter: Message) -> None:
    Message.objects.filter(pk=letter.pk).update(channel=Channel.LINKEDIN_NOTE, body="x" * 150)
    page = alice_client.get(reverse("message", args=[letter.pk])).content.decode()
    assert "150 of 200 characters" in page


@pytest.mark.parametrize("address", ["b@bücher.example", "o'brien+x@example.org"])
def test_the_file_takes_any_address_a_person_may_have(letter: Message, address: str) -> None:
    letter.person.emails.update(address=address)
    mail = message_from_bytes(sending.as_file(letter, drafts.ready(letter)), policy=policy.default)
    assert mail["To"]
    assert mail["To"].addresses[0].domain in {"example.org", "bücher.example", "xn--bcher-kva.example"}
