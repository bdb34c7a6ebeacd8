from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from meetings.models import Action, Meeting
from reminders.models import Reminder
from tests.factories import make_action


def action(**fields) -> dict[str, object]:
    values = {"words": "Read the report", "whose": "mine", "due_on": "", **fields}
    return {f"action-{name}": value for name, value in values.items()}


def test_add_keeps_mine_and_theirs(alice_client: Client, meeting: Meeting) -> None:
    response = alice_client.post(reverse("action_add", args=[meeting.pk]), action())
    mine = Action.objects.get()
    assert response.url == f"/meetings/{meeting.pk}/#action-{mine.pk}"
    alice_client.post(reverse("action_add", args=[meeting.pk]), action(words="Introduces me", whose="theirs"))
    html = alice_client.get(meeting.get_absolute_url()).content.decode()
    assert "Kindly offered by Bob" in html


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"words": ""}, "words"),
        ({"words": "a\0"}, "words"),
        ({"words": "x" * 301}, "words"),
        ({"whose": "nobody"}, "whose"),
        ({"whose": "theirs", "due_on": "2026-12-01"}, "due_on"),
        ({"due_on": "9999-12-31"}, "due_on"),
        ({"due_on": "soon"}, "due_on"),
        ({"due_on": "\0"}, "due_on"),
    ],
)
def test_add_with_bad_values_shows_the_page_with_the_error(
    alice_client: Client, meeting: Meeting, fields: dict[str, str], wrong: str
) -> None:
    response = alice_client.post(reverse("action_add", args=[meeting.pk]), action(**fields))
    assert response.status_code == 422
    assert list(response.context["action_form"].errors) == [wrong]
    assert not Action.objects.exists()


def test_done_and_undone_return_where_asked_but_never_elsewhere(alice_client: Client, meeting: Meeting) -> None:
    row = make_action(meeting)
    response = alice_client.post(reverse("action_done", args=[row.pk]), {"next": "/today/"})
    assert response.url == "/today/"
    row.refresh_from_db()
    assert row.done_at is not None
    response = alice_client.post(reverse("action_undone", args=[row.pk]), {"next": "https://evil.example.org/"})
    assert response.url == row.get_absolute_url()
    row.refresh_from_db()
    assert row.done_at is None


def test_edit_moves_the_reminder(alice_client: Client, meeting: Meeting) -> None:
    row = make_action(meeting)
    due = (meeting.owner.today().replace(day=1)).isoformat()
    answers = {"words": "Read it twice", "whose": "mine", "due_on": due}
    assert alice_client.post(reverse("action_edit", args=[row.pk]), answers).status_code == 302
    assert Reminder.objects.get(kind="action_due").wished_on.isoformat() == due
    answers = {"words": "She reads it", "whose": "theirs", "due_on": ""}
    alice_client.post(reverse("action_edit", args=[row.pk]), answers)
    assert Reminder.objects.get(kind="action_due").state == "cancelled"


def test_delete_asks_first(alice_client: Client, meeting: Meeting) -> None:
    row = make_action(meeting, "Read <b>it</b>")
    html = alice_client.get(reverse("action_delete", args=[row.pk])).content.decode()
    assert "Read &lt;b&gt;it" in html
    assert Action.objects.exists()
    alice_client.post(reverse("action_delete", args=[row.pk]))
    assert not Action.objects.exists()
    assert alice_client.post(reverse("action_delete", args=[row.pk])).status_code == 404
