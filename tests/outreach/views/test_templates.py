from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from outreach.drafts import services as drafts
from outreach.drafts.starters import STARTERS
from outreach.models import Message, MessageTemplate, Purpose
from portfolio.models import Person
from tests.factories import make_approach, make_template
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


def test_the_list_takes_as_many_queries_for_three_hundred_as_for_three(alice_client: Client, alice: User) -> None:
    counts = []
    for more in (3, 297):
        for number in range(more):
            make_template(alice, archived_at=timezone.now() if number % 3 == 0 else None)
        counts.append(queries_of(alice_client, reverse("templates")))
    assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize("starter", STARTERS, ids=lambda s: s.key)
def test_a_starter_is_copied_and_saved_as_it_is(alice_client: Client, alice: User, starter: object) -> None:
    url = reverse("template_new") + f"?from={starter.key}"
    form = alice_client.get(url).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    assert not MessageTemplate.objects.exists()
    assert alice_client.post(url, data)["Location"] == reverse("templates")
    made = MessageTemplate.objects.get()
    assert (made.owner, made.purpose, made.body) == (alice, starter.purpose, starter.body)


def test_an_unknown_starter_is_an_empty_page(alice_client: Client) -> None:
    response = alice_client.get(reverse("template_new"), {"from": "\0nonsense"})
    assert response.status_code == 200
    assert not response.context["form"]["body"].value()


def test_one_of_mine_is_copied_and_a_stranger_s_is_not(alice_client: Client, alice: User, charlie: User) -> None:
    mine, theirs = make_template(alice, body="My words"), make_template(charlie, body="Their words")
    url = reverse("template_new")
    assert alice_client.get(url, {"from": mine.pk}).context["form"]["body"].value() == "My words"
    assert not alice_client.get(url, {"from": theirs.pk}).context["form"]["body"].value()
    assert MessageTemplate.objects.count() == 2


def test_changing_one_leaves_drafts_and_what_was_sent(alice_client: Client, bob: Person) -> None:
    template = make_template(bob.owner)
    approach = make_approach(bob)
    sent = drafts.start_draft(purpose=Purpose.FIRST_APPROACH, template=template, approach=approach)
    drafts.record_sent(message=sent)
    draft = drafts.start_draft(purpose=Purpose.FIRST_APPROACH, template=template, approach=approach)
    alice_client.post(template.get_absolute_url(), {**GOOD, "body": "New words"})
    alice_client.post(reverse("template_put_away", args=[template.pk]))
    alice_client.post(reverse("template_delete", args=[template.pk]))
    assert not MessageTemplate.objects.exists()
    for message in (sent, draft):
        message.refresh_from_db()
        assert (message.subject, message.body) == ("Fifteen minutes?", "Dear {their_first_name}")
    assert (sent.sent_subject, sent.sent_body, draft.state) == ("Fifteen minutes?", "Dear Bob", "draft")


def names_in_order(client: Client) -> list[str]:
    groups = client.get(reverse("templates")).context["groups"]
    return [template.name for _, own, _ in groups for template in own]


def test_they_are_put_in_order_one_step_at_a_time(alice_client: Client, alice: User) -> None:
    other = make_template(alice, name="Other", position=7)
    for name in "ABC":
        alice_client.post(reverse("template_new"), {**GOOD, "name": name})
    assert names_in_order(alice_client) == ["Other", "A", "B", "C"]
    last = MessageTemplate.objects.get(name="C")
    for expected in (["A", "C", "B"], ["C", "A", "B"], ["C", "A", "B"]):  # at the top nothing happens
        response = alice_client.post(reverse("template_up", args=[last.pk]))
        assert response.url == f"{reverse('templates')}#template-{last.pk}"
        assert names_in_order(alice_client) == ["Other", *expected]
    alice_client.post(reverse("template_down", args=[last.pk]))
    assert names_in_order(alice_client) == ["Other", "A", "C", "B"]
    other.refresh_from_db()
    assert other.position == 7  # each purpose has a separate order


def test_the_first_of_the_list_is_taken_where_nobody_chooses(alice_client: Client, bob: Person) -> None:
    for name in "AB":
        make_template(bob.owner, name=name, body=f"Words of {name}")
    alice_client.post(reverse("template_up", args=[MessageTemplate.objects.get(name="B").pk]))
    data = {"approach": make_approach(bob).pk, "purpose": "first_approach", "template": ""}
    alice_client.post(reverse("message_new"), data)
    assert Message.objects.get().body == "Words of B"


def test_one_put_away_is_not_offered_and_comes_back_where_it_was(alice_client: Client, bob: Person) -> None:
    for name in "ABC":
        make_template(bob.owner, name=name)
    template = MessageTemplate.objects.get(name="B")
    response = alice_client.post(reverse("template_put_away", args=[template.pk]))
    [news] = get_messages(response.wsgi_request)
    assert names_in_order(alice_client) == ["A", "C"]
    assert "Put away (1)" in alice_client.get(reverse("templates")).content.decode()
    wish = {"approach": make_approach(bob).pk, "purpose": "first_approach"}
    assert template not in alice_client.get(reverse("message_new"), wish).context["choice"]
    alice_client.post(news.extra_tags)
    assert names_in_order(alice_client) == ["A", "B", "C"]


def test_trying_shows_the_words_for_somebody_and_saves_nothing(alice_client: Client, bob: Person) -> None:
    data = {**GOOD, "body": "Dear {their_first_name}, {topic} {frist_name}", "person": bob.pk, "try": "1"}
    for headers in ({}, {"HX-Request": "true"}):
        response = alice_client.post(reverse("template_new"), data, headers=headers)
        page = response.content.decode()
        assert response.status_code == 200
        assert "As Bob would get it" in page
        assert '<span class="filled">Bob</span>' in page
        assert '<mark class="unknown">{frist_name}</mark>' in page
        assert "Did you mean {their_first_name}?" in page
        assert ("<html" in page) == (not headers)
    assert response.context["form"]["body"].value() == data["body"]
    for good in ({**data, "body": "Dear {their_first_name}"}, {**data, "name": "", "body": ""}):
        assert alice_client.post(reverse("template_new"), good).status_code == 200
    assert not MessageTemplate.objects.exists()


def test_it_is_tried_on_nobody_else_s_people(charlie_client: Client, bob: Person) -> None:
    data = {**GOOD, "body": "{their_name}", "person": bob.pk, "try": "1"}
    assert "Bob" not in charlie_client.post(reverse("template_new"), data).content.decode()


def test_what_is_not_stored_of_the_person_is_said(alice_client: Client, bob: Person) -> None:
    Person.objects.filter(pk=bob.pk).update(headline="")
    data = {**GOOD, "body": "{their_role}", "person": bob.pk, "try": "1"}
    page = alice_client.post(reverse("template_new"), data).content.decode()
    assert "“Their role” is empty for Bob." in page


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("x" * 1_048_576, "At most 20,000 characters fit; this has 1048576."),
        ("Dear\0 you", "There is an invisible character in it"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_in_the_form(alice_client: Client, body: str, said: str) -> None:
    response = alice_client.post(reverse("template_new"), {**GOOD, "body": body})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert response.context["form"]["body"].value() == body


def test_words_from_right_to_left_are_kept_and_set_so(alice_client: Client, alice: User) -> None:
    body = "שלום {their_first_name} \u202eabc"
    alice_client.post(reverse("template_new"), {**GOOD, "body": body})
    template = MessageTemplate.objects.get()
    assert template.body == body
    page = alice_client.get(template.get_absolute_url()).content.decode()
    assert page.count('dir="auto"') >= 4


@pytest.mark.parametrize("body", ["Dear {shoe_size}", "{{ 7|add:7 }}", "{% load static %}", "{0}", "{__class__}"])
def test_an_unknown_field_is_named_and_the_words_are_kept(alice_client: Client, body: str) -> None:
    response = alice_client.post(reverse("template_new"), {**GOOD, "body": body})
    assert response.status_code == 422
    assert "is not a field we know" in response.content.decode()
    assert response.context["form"]["body"].value() == body
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("key", [key for key in GOOD if key != "subject"])
def test_nonsense_is_refused_in_words(alice_client: Client, key: str, bad: str) -> None:
    if (key, bad) in {("name", "99999999999999999999"), ("body", "99999999999999999999")}:
        return
    assert alice_client.post(reverse("template_new"), {**GOOD, key: bad}).status_code == 422
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "template",
        "template_up",
        "template_down",
        "template_put_away",
        "template_bring_back",
        "template_delete",
    ],
)
def test_a_stranger_gets_404(charlie_client: Client, alice: User, name: str) -> None:
    template = make_template(alice)
    url = reverse(name, args=[template.pk])
    assert charlie_client.get(url).status_code in {404, 405}
    assert charlie_client.post(url, GOOD).status_code == 404
    template.refresh_from_db()
    assert (template.name, template.archived_at) == ("My first e-mail", None)


def test_deleting_asks_first_and_happens_once(alice_client: Client, alice: User) -> None:
    template = make_template(alice)
    url = reverse("template_delete", args=[template.pk])
    assert alice_client.get(url).status_code == 200
    assert MessageTemplate.objects.exists()
    assert alice_client.post(url)["Location"] == reverse("templates")
    assert alice_client.post(url).status_code == 404
    assert not MessageTemplate.objects.exists()


def test_of_two_tabs_both_stand_on_the_page(alice_client: Client, alice: User) -> None:
    url = make_template(alice, **GOOD).get_absolute_url()

    def seen() -> str:
        return str(alice_client.get(url).context["form"]["version"].value())

    before = seen()
    alice_client.post(url, {**GOOD, "body": "First", "version": before})
    assert alice_client.post(url, {**GOOD, "body": "Tried", "version": before, "try": "1"}).status_code == 200
    answer = alice_client.post(url, {**GOOD, "body": "Second", "version": before})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert '<div class="letter-body" dir="auto">First</div>' in page
    assert ">\nSecond</textarea>" in page
    assert MessageTemplate.objects.get().body == "First"
    assert f'value="{seen()}"' in page  # saving again may overwrite now
    assert alice_client.post(url, {**GOOD, "body": "First\r\n", "version": before}).status_code == 302
    assert alice_client.post(url, {**GOOD, "body": "Second", "version": seen()}).status_code == 302
    assert MessageTemplate.objects.get().body == "Second"
