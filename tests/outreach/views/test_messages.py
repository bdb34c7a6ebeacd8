from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from outreach.drafts import services as drafts
from outreach.models import Approach, Channel, Message, Purpose
from portfolio.models import Person
from reminders.models import Reminder
from tests.factories import make_approach, make_mentorship, make_message, make_person, make_template, make_user
from tests.outreach.helpers import MONDAY, said
from tests.portfolio.helpers import queries_of

# It goes on: a draft's version is the moment it was saved.
pytestmark = [pytest.mark.django_db, pytest.mark.clock(MONDAY, tick=True)]
BAD = ["\0", "x" * 25_000, "99999999999999999999999", "-1", "", "0001-01-01", "9999-12-31", "{{ 7|add:7 }}", "24:61"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def message(approach: Approach) -> Message:
    return make_message(approach, subject="Hello", body="Dear {their_first_name}, {topic}?")


def words(message: Message, **changes: str) -> dict[str, str]:
    page = {"channel": "email", "subject": "Hello", "body": "Dear {their_first_name}, {topic}?", "field_topic": ""}
    return {**page, "version": message.updated_at.isoformat(), **changes}


@pytest.mark.parametrize("name", ["message", "message_sent", "message_unsend", "message_remind", "message_delete"])
def test_a_stranger_gets_404_and_changes_nothing(charlie_client: Client, message: Message, name: str) -> None:
    before = list(Message.objects.values())
    url = reverse(name, args=[message.pk])
    assert charlie_client.post(url, words(message, body="Mine")).status_code == 404
    assert charlie_client.get(url).status_code in {404, 405}
    assert list(Message.objects.values()) == before


@pytest.mark.parametrize("name", ["message", "message_delete"])
def test_looking_changes_nothing(alice_client: Client, message: Message, name: str) -> None:
    before = list(Message.objects.values())
    assert alice_client.get(reverse(name, args=[message.pk])).status_code == 200
    assert list(Message.objects.values()) == before


@pytest.mark.parametrize("name", ["message_sent", "message_unsend", "message_remind"])
def test_a_step_is_never_taken_by_looking(alice_client: Client, message: Message, name: str) -> None:
    assert alice_client.get(reverse(name, args=[message.pk])).status_code == 405


def test_choosing_a_template_shows_own_ones_first(alice_client: Client, approach: Approach) -> None:
    make_template(approach.owner, name="My very own")
    url = reverse("message_new")
    page = alice_client.get(url, {"approach": approach.pk, "purpose": "first_approach"}).content.decode()
    assert page.index("My very own") < page.index("A first e-mail: fifteen minutes")
    assert not Message.objects.exists()


@pytest.mark.parametrize("key", ["", "first-linkedin-note", "blank", "own"])
def test_a_draft_begins_with_what_was_chosen(alice_client: Client, approach: Approach, key: str) -> None:
    own = make_template(approach.owner, body="My own words")
    data = {"approach": approach.pk, "purpose": "first_approach", "template": str(own.pk) if key == "own" else key}
    response = alice_client.post(reverse("message_new"), data)
    made = Message.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert made.channel == ("li_note" if "linkedin" in key else "email")
    assert (made.body == "My own words") == (key in {"", "own"})
    assert (made.body == "") == (key == "blank")


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_mentor_is_not_asked_for_mentoring(alice_client: Client, bob: Person, purpose: Purpose) -> None:
    mentorship = make_mentorship(bob)
    fits = purpose in {Purpose.THANK_YOU, Purpose.FOLLOW_UP_CONVERSATION, Purpose.INTRODUCTION, Purpose.CLOSING_THANKS}
    data = {"mentorship": mentorship.pk, "purpose": purpose.value}
    assert alice_client.get(reverse("message_new"), data).status_code == (200 if fits else 404)
    assert alice_client.post(reverse("message_new"), data).status_code == (302 if fits else 404)


@pytest.mark.parametrize("bad", [*BAD, "reply"])
@pytest.mark.parametrize("key", ["approach", "mentorship", "purpose", "template"])
def test_nonsense_begins_nothing(alice_client: Client, approach: Approach, key: str, bad: str) -> None:
    if (key, bad) in {("template", ""), ("mentorship", "")}:
        return
    data = {"approach": approach.pk, "purpose": "first_approach", "template": "", key: bad}
    assert alice_client.post(reverse("message_new"), data).status_code == 404
    assert not Message.objects.exists()


def test_what_belongs_to_another_begins_nothing(charlie_client: Client, approach: Approach) -> None:
    theirs = make_template(approach.owner, body="secret words")
    data = {"approach": approach.pk, "purpose": "first_approach"}
    assert charlie_client.post(reverse("message_new"), data).status_code == 404
    mine = make_approach(make_person(make_user("dora@example.org")))
    client = Client()
    client.force_login(mine.owner)
    data = {"approach": mine.pk, "purpose": "first_approach", "template": str(theirs.pk)}
    assert client.post(reverse("message_new"), data).status_code == 302
    assert not Message.objects.exists()


def test_a_template_deleted_or_put_away_meanwhile_is_said(alice_client: Client, approach: Approach) -> None:
    put_away, gone = make_template(approach.owner, archived_at=MONDAY), make_template(approach.owner)
    gone_pk = gone.pk
    gone.delete()
    for pk in (put_away.pk, gone_pk):
        data = {"approach": approach.pk, "purpose": "first_approach", "template": str(pk)}
        response = alice_client.post(reverse("message_new"), data)
        assert "Choose another one" in said(response)
        choice = alice_client.get(response["Location"])
        assert (choice.status_code, choice.context["home"]) == (200, approach)
    assert not Message.objects.exists()


def test_saving_keeps_words_and_fields(alice_client: Client, message: Message) -> None:
    data = words(message, field_topic="{need} {{ 7|add:7 }} panels", body="{topic}!")
    response = alice_client.post(message.get_absolute_url(), data)
    assert response["Location"] == message.get_absolute_url() + "#preview"
    message.refresh_from_db()
    assert (message.body, message.field_values) == ("{topic}!", {"topic": "{need} {{ 7|add:7 }} panels"})
    page = alice_client.get(message.get_absolute_url())
    assert page.context["ready"].body == "{need} {{ 7|add:7 }} panels!"
    assert page.context["ready"].complete


def test_the_page_asks_for_fields_first_and_names_what_is_missing(alice_client: Client, message: Message) -> None:
    page = alice_client.get(message.get_absolute_url()).content.decode()
    assert page.index('name="field_topic"') < page.index('name="subject"') < page.index('name="body"')
    assert "“What you’d like to ask about” is still empty." in page
    assert "<mark>What you’d like to ask about</mark>" in page
    assert "I sent it" not in page


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("key", ["channel", "subject", "body", "field_topic", "version"])
def test_nonsense_in_a_draft_is_answered_in_words(alice_client: Client, message: Message, key: str, bad: str) -> None:
    data = words(message, **{key: bad})
    for headers in ({}, HTMX):
        response = alice_client.post(message.get_absolute_url(), data, headers=headers)
        assert response.status_code in {200, 302, 422}
    assert alice_client.get(message.get_absolute_url()).status_code == 200


def test_of_two_tabs_the_later_save_keeps_both_and_says_so(alice_client: Client, message: Message) -> None:
    url = message.get_absolute_url()
    alice_client.post(url, words(message, body="From the first tab {topic}", field_topic="panels"))
    response = alice_client.post(url, words(message, body="From the second tab {topic}", field_topic="boards"))
    assert "Both are kept" in said(response)
    message.refresh_from_db()
    assert (message.body, message.field_values) == ("From the second tab {topic}", {"topic": "boards"})
    page = alice_client.get(url).content.decode()
    assert "what was saved elsewhere at 10:00" in page
    assert "From the first tab {topic}" in page
    assert "panels" in page


def test_what_is_kept_beside_can_be_taken_instead(alice_client: Client, message: Message) -> None:
    url = message.get_absolute_url()
    alice_client.post(url, words(message, body="First {topic}", field_topic="panels"))
    alice_client.post(url, words(message, body="Second {topic}", field_topic="boards"))
    message.refresh_from_db()
    [kept] = message.conflicts
    data = words(message, body="Second, gone on {topic}", field_topic="boards", take=kept["version"])
    response = alice_client.post(url, data)
    assert "Taken" in said(response)
    message.refresh_from_db()
    assert (message.body, message.field_values) == ("First {topic}", {"topic": "panels"})
    assert [(one["body"], one["fields"]) for one in message.conflicts] == [
        ("Second, gone on {topic}", {"topic": "boards"})
    ]


def test_what_is_kept_beside_can_be_let_go(alice_client: Client, message: Message) -> None:
    url = message.get_absolute_url()
    alice_client.post(url, words(message, body="First {topic}", field_topic="panels"))
    alice_client.post(url, words(message, body="Second {topic}", field_topic="boards"))
    message.refresh_from_db()
    [kept] = message.conflicts
    assert "It will be gone for good." in alice_client.get(url).content.decode()
    for bad in BAD:
        alice_client.post(url, words(message, body="Third {topic}", field_topic="boards", let_go=bad))
        message.refresh_from_db()
        assert message.conflicts == [kept]
    response = alice_client.post(
        url, words(message, body="Third {topic}", field_topic="boards", let_go=kept["version"])
    )
    assert "Let go" in said(response)
    message.refresh_from_db()
    assert (message.body, message.field_values, message.conflicts) == ("Third {topic}", {"topic": "boards"}, [])


@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_typed_in_another_tab_after_sending_is_kept_and_nothing_sent_changes(
    alice_client: Client, message: Message, htmx: bool
) -> None:
    url, typed = message.get_absolute_url(), words(message, body="Typed {topic} since", field_topic="panels")
    headers = HTMX if htmx else {}
    alice_client.post(url, words(message, field_topic="boards"))
    alice_client.post(reverse("message_sent", args=[message.pk]))
    before = Message.objects.values("state", "body", "field_values", "sent_body", "sent_to").get()
    for _ in range(2):  # the browser may send the same text again as the page closes
        assert "kept below it" in said(alice_client.post(url, typed, headers=headers))
    assert Message.objects.values("state", "body", "field_values", "sent_body", "sent_to").get() == before
    [kept] = Message.objects.get().conflicts
    assert (kept["body"], kept["fields"]) == ("Typed {topic} since", {"topic": "panels"})
    page = alice_client.get(url).content.decode()
    assert "Typed {topic} since" in page
    assert "No part of what was sent." in page


@pytest.mark.parametrize("bad", BAD)
def test_taking_what_is_not_there_changes_nothing(alice_client: Client, message: Message, bad: str) -> None:
    assert alice_client.post(message.get_absolute_url(), words(message, take=bad)).status_code == 302
    message.refresh_from_db()
    assert (message.body, message.conflicts) == ("Dear {their_first_name}, {topic}?", [])


def test_the_same_words_saved_twice_are_no_conflict(alice_client: Client, message: Message) -> None:
    data = words(message, body="The same\r\nwords {topic}")
    for _ in range(2):
        assert alice_client.post(message.get_absolute_url(), data).status_code == 302


def test_saving_while_typing_brings_preview_and_new_version(alice_client: Client, message: Message) -> None:
    response = alice_client.post(message.get_absolute_url(), words(message, field_topic="panels"), headers=HTMX)
    page = response.content.decode()
    message.refresh_from_db()
    assert f'value="{message.updated_at.isoformat()}"' in page
    assert 'hx-swap-oob="true"' in page
    assert "I sent it" in page
    assert 'class="button quiet" id="save-draft"' in page  # now the primary button is the one for sending
    assert "<html" not in page


def test_saving_while_typing_says_when_it_is_not_saved(alice_client: Client, message: Message) -> None:
    response = alice_client.post(message.get_absolute_url(), words(message, subject="x" * 301), headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Not saved yet." in page
    assert 'name="version"' not in page
    assert "draft-saved" not in response.headers.get("HX-Trigger", "")
    message.refresh_from_db()
    assert message.subject == "Hello"


def test_saving_while_typing_says_when_it_is_saved_and_keeps_what_another_tab_wrote(
    alice_client: Client, message: Message
) -> None:
    url = message.get_absolute_url()
    alice_client.post(url, words(message, body="From the first tab"))
    response = alice_client.post(url, words(message, body="From the second tab"), headers=HTMX)
    page = response.content.decode()
    now = Message.objects.get().updated_at.isoformat()
    assert json.loads(response.headers["HX-Trigger"]) == {"draft-saved": {"version": now}}
    assert "Saved at 10:00" in page
    assert "From the first tab" in page
    message.refresh_from_db()
    assert message.body == "From the second tab"
    assert [one["body"] for one in message.conflicts] == ["From the first tab"]


def test_a_field_written_into_the_message_is_asked_for_at_once(alice_client: Client, message: Message) -> None:
    url = message.get_absolute_url()
    page = alice_client.post(url, words(message, body="{topic} {about_me}"), headers=HTMX).content.decode()
    assert 'name="field_about_me"' in page
    page = alice_client.post(url, words(message, body="{topic} and"), headers=HTMX).content.decode()
    assert 'name="field_topic"' not in page  # no field to render again while typing


@pytest.mark.parametrize(
    ("name", "link"), [("topic", "#id_field_topic"), ("their_role", "person_edit"), ("need", "approach_edit")]
)
def test_an_empty_field_is_named_with_the_place_to_fill_it(
    alice_client: Client, message: Message, name: str, link: str
) -> None:
    Person.objects.update(headline="")
    Message.objects.update(body=f"{{{name}}}")
    row = message.person_id if link == "person_edit" else message.approach_id
    url = link if link.startswith("#") else reverse(link, args=[row])
    page = alice_client.get(message.get_absolute_url()).content.decode()
    assert f'is still empty. <a href="{url}">' in page
    assert page.count("is still empty") == 1


def test_i_sent_it_freezes_and_can_be_undone(alice_client: Client, message: Message) -> None:
    url = reverse("message_sent", args=[message.pk])
    assert "still empty" in said(alice_client.post(url))
    alice_client.post(message.get_absolute_url(), words(message, field_topic="panels"))
    response = alice_client.post(url)
    assert response["Location"] == message.approach.get_absolute_url()
    news = list(get_messages(response.wsgi_request))[-1]
    assert "already marked" in said(alice_client.post(url))
    late = alice_client.post(message.get_absolute_url(), words(message, body="Too late"))
    assert "stays as it went" in said(late)
    assert "HX-Redirect" in alice_client.post(message.get_absolute_url(), words(message), headers=HTMX).headers
    assert "Dear Bob, panels?" in alice_client.get(message.get_absolute_url()).content.decode()
    alice_client.post(news.extra_tags)
    message.refresh_from_db()
    assert (message.state, message.body) == ("draft", "Dear {their_first_name}, {topic}?")


def test_i_sent_it_freezes_no_words_of_another_tab_unseen(alice_client: Client, message: Message) -> None:
    url, sent = message.get_absolute_url(), reverse("message_sent", args=[message.pk])
    alice_client.post(url, words(message, field_topic="panels"))
    seen = re.findall(r'name="version" value="([^"]+)"', alice_client.get(url).content.decode())
    assert len(set(seen)) == 1
    assert len(seen) == 2  # in the draft's form and in that of "I sent it"
    alice_client.post(url, words(message, field_topic="boards", version=seen[0]))
    response = alice_client.post(sent, {"version": seen[0]})
    assert "changed elsewhere meanwhile" in said(response)
    assert response["Location"] == url
    message.refresh_from_db()
    assert message.state == "draft"
    alice_client.post(sent, {"version": message.updated_at.isoformat()})
    assert Message.objects.get().sent_body == "Dear Bob, boards?"


def test_a_message_to_a_mentor_is_sent_and_undone(alice_client: Client, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    message = drafts.start_draft(purpose=Purpose.THANK_YOU, template=make_template(bob.owner), mentorship=mentorship)
    response = alice_client.post(reverse("message_sent", args=[message.pk]))
    assert response["Location"] == mentorship.get_absolute_url()
    assert alice_client.get(response["Location"]).status_code == 200
    alice_client.post(reverse("message_unsend", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == "draft"


def test_without_an_address_the_page_leads_to_adding_one(alice_client: Client, message: Message) -> None:
    message.person.emails.all().delete()
    page = alice_client.get(message.get_absolute_url()).content.decode()
    assert "There is no e-mail address for Dr Bob Brook yet." in page
    assert reverse("person_edit", args=[message.person_id]) in page


def test_one_filled_button_whatever_the_channel(alice_client: Client, approach: Approach) -> None:
    for channel in (Channel.EMAIL, Channel.LINKEDIN_NOTE, Channel.PHONE):
        message = make_message(approach, subject="Hello", body="Dear Bob", channel=channel)
        page = alice_client.get(message.get_absolute_url()).content.decode()
        assert page.count('class="button"') == 1


def test_being_reminded_to_send(alice_client: Client, message: Message) -> None:
    url = reverse("message_remind", args=[message.pk])
    response = alice_client.post(url, {"on": "2026-01-06", "at": "16:00"})
    assert "Tuesday 6 January at 16:00" in said(response)
    assert Reminder.objects.get().due_at == dt.datetime(2026, 1, 6, 16, tzinfo=dt.UTC)
    assert "We’ll remind you on Tuesday 6 January" in alice_client.get(message.get_absolute_url()).content.decode()


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("bad", BAD)
def test_nonsense_reminds_of_nothing(alice_client: Client, message: Message, bad: str, zone: str) -> None:
    message.owner.time_zone = zone
    message.owner.save(update_fields=["time_zone"])
    url = reverse("message_remind", args=[message.pk])
    for data in ({"on": bad, "at": "16:00"}, {"on": "2026-01-08", "at": bad}, {"on": "2026-01-05", "at": "00:00"}):
        if data["on"] == "2026-01-05" and zone == "Pacific/Pago_Pago":
            continue  # it is still the previous day there
        assert alice_client.post(url, data).status_code == 302
    assert not Reminder.objects.exists()


def test_throwing_away_asks_first(alice_client: Client, message: Message) -> None:
    url = reverse("message_delete", args=[message.pk])
    assert "gone for good" in alice_client.get(url).content.decode()
    assert alice_client.post(url)["Location"] == message.approach.get_absolute_url()
    for gone in (url, message.get_absolute_url()):
        assert alice_client.get(gone).status_code == 404
        assert alice_client.post(gone).status_code == 404


def test_a_stale_page_can_not_throw_away_what_was_sent(alice_client: Client, approach: Approach) -> None:
    sent = make_message(approach, purpose="first_approach", state="sent", at=MONDAY, body="Dear you")
    url = reverse("message_delete", args=[sent.pk])
    for response in (alice_client.get(url), alice_client.post(url)):
        assert response["Location"] == sent.get_absolute_url()
    assert "marked as sent, so it stays" in said(response)
    assert Message.objects.get() == sent


def test_what_was_received_is_shown_and_no_draft(alice_client: Client, approach: Approach) -> None:
    received = make_message(approach, purpose="", state="received", at=MONDAY, body="Gladly <b>")
    assert "Gladly &lt;b&gt;" in alice_client.get(received.get_absolute_url()).content.decode()
    for name in ("message_sent", "message_unsend", "message_remind", "message_delete"):
        assert alice_client.post(reverse(name, args=[received.pk])).status_code == 404


def test_a_draft_page_takes_few_queries(alice_client: Client, message: Message) -> None:
    assert queries_of(alice_client, message.get_absolute_url()) <= 8


def test_the_coach_speaks_of_the_place_and_gives_its_reason(alice_client: Client, message: Message) -> None:
    url = reverse("message", args=[message.pk])
    page = alice_client.get(url)
    assert [advice.key for advice in page.context["advice"]][:2] == ["subject", "small_ask"]
    assert '<a href="#id_subject">In the subject: <q>Hello</q></a>.' in " ".join(page.content.decode().split())
    assert "NIHR, Accessing informal mentoring (2023)" in page.content.decode()


def test_the_coach_follows_what_is_typed(alice_client: Client, message: Message) -> None:
    url = reverse("message", args=[message.pk])
    typed = words(message, subject="15 minutes of your time", body="Dear {their_first_name}, I am so sorry to write.")
    live = alice_client.post(url, typed, headers=HTMX).content.decode()
    assert "<q>so sorry</q>" in live
    assert "In the subject" not in live


def test_advice_put_away_stays_away_and_can_come_back(alice_client: Client, message: Message) -> None:
    url = reverse("message", args=[message.pk])
    response = alice_client.post(url, words(message, body="New words", put_away="thanks"))
    assert response.url == f"{url}#coach"
    message.refresh_from_db()
    assert (message.body, message.put_away) == ("New words", ["thanks"])
    page = alice_client.get(url)
    assert "thanks" not in [advice.key for advice in page.context["advice"]]
    assert "Show the advice you put away" in page.content.decode()
    alice_client.post(url, words(message, body="New words", put_away=""))
    assert "thanks" in [advice.key for advice in alice_client.get(url).context["advice"]]


def test_a_gap_the_coach_speaks_of_stays_marked_as_a_gap(alice_client: Client, message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(body="Dear {frist_name}, hello")
    html = alice_client.get(message.get_absolute_url()).content.decode()
    assert '<mark class="unknown" id="said-name">{frist_name}</mark>' in html


def test_every_advice_leads_to_the_place_it_speaks_of(alice_client: Client, message: Message) -> None:
    body = "Dear Bobb, would you be my mentor? I am a huge fan. Sorry, so sorry. It is urgent. Why? How? When? Where?"
    Message.objects.filter(pk=message.pk).update(body=body)
    page = alice_client.get(message.get_absolute_url())
    html = page.content.decode()
    for advice in page.context["advice"]:
        assert escape(advice.reason) in html
        assert f"<cite>{advice.source}.</cite>" in html
    links = re.findall(r'<a href="#([\w-]+)">In the', html)
    assert len(links) == len(page.context["advice"]) >= 9
    assert all(f'id="{link}"' in html for link in links)
    marked = dict(re.findall(r'<mark class="said" id="said-(\w+)">([^<]*)</mark>', html))
    assert marked["name"].strip() == "Bobb"
    assert marked["flattery"] == "huge fan"
    assert marked["no_mentoring"] == "be my mentor"
    assert marked["pressure"] == "urgent"
    assert marked["questions"] == "?"


@pytest.mark.parametrize("key", ["limit", "nonsense", "\0", "x" * 30_000])
def test_what_cannot_be_put_away_stays(alice_client: Client, message: Message, key: str) -> None:
    assert alice_client.post(reverse("message", args=[message.pk]), words(message, put_away=key)).status_code == 302
    message.refresh_from_db()
    assert message.put_away == []


def test_a_limit_is_said_by_the_coach_and_blocks(alice_client: Client, message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(channel=Channel.LINKEDIN_NOTE, body="x" * 201)
    page = alice_client.get(reverse("message", args=[message.pk]))
    assert [advice.key for advice in page.context["advice"] if advice.hard] == ["limit"]
    assert not page.context["ready"].complete
