from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outreach.models import Message, MessageTemplate
from outreach.starters import STARTERS
from portfolio.models import Person
from tests.factories import make_approach, make_message, make_template
from tests.portfolio.helpers import queries_of

pytestmark = [pytest.mark.django_db]
GOOD = {
    "name": "Mine",
    "purpose": "thank_you",
    "channel": "email",
    "subject": "Thanks",
    "body": "Dear {their_first_name}",
}
BAD = ["\0", "x" * 30_000, "99999999999999999999", ""]


def test_the_list_shows_own_and_every_starter(alice_client: Client, alice: User, charlie: User) -> None:
    make_template(alice, name="My very own")
    make_template(charlie, name="Not mine")
    page = alice_client.get(reverse("templates")).content.decode()
    assert "My very own" in page
    assert "Not mine" not in page
    assert all(starter.name in page for starter in STARTERS)


def test_the_list_takes_as_many_queries_for_sixty_as_for_three(alice_client: Client, alice: User) -> None:
    counts = []
    for more in (3, 57):
        for _ in range(more):
            make_template(alice)
        counts.append(queries_of(alice_client, reverse("templates")))
    assert counts[0] == counts[1] <= 4


@pytest.mark.parametrize("starter", STARTERS, ids=lambda s: s.key)
def test_a_starter_is_copied_and_saved_as_it_is(alice_client: Client, alice: User, starter: object) -> None:
    url = reverse("template_new") + f"?from={starter.key}"
    form = alice_client.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields}
    assert not MessageTemplate.objects.exists()
    assert alice_client.post(url, data)["Location"] == reverse("templates")
    made = MessageTemplate.objects.get()
    assert (made.owner, made.purpose, made.body) == (alice, starter.purpose, starter.body)


def test_an_unknown_starter_is_an_empty_page(alice_client: Client) -> None:
    response = alice_client.get(reverse("template_new"), {"from": "\0nonsense"})
    assert response.status_code == 200
    assert not response.context["form"]["body"].value()


def test_changing_one_leaves_what_was_written_with_it(alice_client: Client, bob: Person) -> None:
    template = make_template(bob.owner)
    make_message(make_approach(bob), body=template.body)
    alice_client.post(template.get_absolute_url(), {**GOOD, "body": "New words"})
    template.refresh_from_db()
    assert template.body == "New words"
    assert Message.objects.get().body == "Dear {their_first_name}"


@pytest.mark.parametrize("body", ["Dear {shoe_size}", "{{ 7|add:7 }}", "{% load static %}", "{0}", "{__class__}"])
def test_an_unknown_field_is_named_and_the_words_are_kept(alice_client: Client, body: str) -> None:
    response = alice_client.post(reverse("template_new"), {**GOOD, "body": body})
    assert response.status_code == 422
    assert "We don&#x27;t know {" in response.content.decode()
    assert response.context["form"]["body"].value() == body
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("key", [key for key in GOOD if key != "subject"])
def test_nonsense_is_refused_in_words(alice_client: Client, key: str, bad: str) -> None:
    if (key, bad) in {("name", "99999999999999999999"), ("body", "99999999999999999999")}:
        return
    assert alice_client.post(reverse("template_new"), {**GOOD, key: bad}).status_code == 422
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("name", ["template", "template_delete"])
def test_a_stranger_gets_404(charlie_client: Client, alice: User, name: str) -> None:
    template = make_template(alice)
    url = reverse(name, args=[template.pk])
    assert charlie_client.get(url).status_code == 404
    assert charlie_client.post(url, GOOD).status_code == 404
    template.refresh_from_db()
    assert template.name == "My first e-mail"


def test_deleting_asks_first_and_happens_once(alice_client: Client, alice: User) -> None:
    template = make_template(alice)
    url = reverse("template_delete", args=[template.pk])
    assert alice_client.get(url).status_code == 200
    assert MessageTemplate.objects.exists()
    assert alice_client.post(url)["Location"] == reverse("templates")
    assert alice_client.post(url).status_code == 404
    assert not MessageTemplate.objects.exists()
