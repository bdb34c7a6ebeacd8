"""The page behind the link in a mail: needs no sign-in, and changes nothing until a button is clicked."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from accounts.models import User
from mentoring.logs import ScrubKeys
from reminders.links import SALT, link_to, token_for
from reminders.models import Reminder
from reminders.services import cancel, plan
from tests.reminders.kinds_for_tests import Matters

WEDNESDAY = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.clock(WEDNESDAY)]
State = Reminder.State


@pytest.fixture
def reminder(alice: User, matters: Matters) -> Reminder:
    reminder = plan(owner=alice, kind="nudge", subject_id=1, on=dt.date(2026, 6, 10))
    Reminder.objects.update(state=State.MAILED)
    reminder.refresh_from_db()
    return reminder


@pytest.fixture
def address(reminder: Reminder) -> str:
    return link_to(reminder).removeprefix("http://localhost:8000")


@pytest.fixture
def stranger() -> Client:
    """A client without cookies, with CSRF checks enabled."""
    return Client(enforce_csrf_checks=True)


def everything() -> list[object]:
    return list(Reminder.objects.order_by("pk").values())


def test_the_page_shows_the_reminder_and_its_buttons(stranger: Client, address: str) -> None:
    page = stranger.get(address).content.decode()
    assert "Write to Bob 1" in page
    assert "It is about 1 &amp; more." in page
    assert 'name="act" value="replied"' in page
    assert 'href="/approaches/1/"' in page


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing_and_begins_no_session(
    stranger: Client, address: str, matters: Matters, method: str
) -> None:
    before = everything()
    response = getattr(stranger, method)(address)
    assert response.status_code == 200
    assert (everything(), matters.done, Session.objects.count()) == (before, [], 0)
    assert "sessionid" not in response.cookies


@pytest.mark.parametrize("kind", ["page", "gone", "press"])
def test_the_address_is_kept_to_itself(stranger: Client, address: str, kind: str) -> None:
    if kind == "press":
        response = stranger.post(address, {"act": "replied"})
    else:
        response = stranger.get(address if kind == "page" else "/r/nonsense/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_the_button_does_the_deed_once(stranger: Client, address: str, matters: Matters) -> None:
    first = stranger.post(address, {"act": "replied"}, headers={"origin": "null"})
    second = stranger.post(address, {"act": "replied"}, headers={"origin": "null"})
    assert "Good, 1 is settled." in first.content.decode()
    assert "settled already" in second.content.decode()
    assert (first.status_code, second.status_code, matters.done) == (200, 200, [1])
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"until": "tomorrow"}, "2026-06-11"),
        ({"until": "week"}, "2026-06-17"),
        ({"until": "date", "on": "2026-06-30"}, "2026-06-30"),
    ],
)
def test_snoozing_from_the_mail(stranger: Client, address: str, values: dict[str, str], day: str) -> None:
    page = stranger.post(address, values).content.decode()
    reminder = Reminder.objects.get()
    assert (reminder.state, reminder.wall_date.isoformat(), reminder.snoozes) == (State.PLANNED, day, 1)
    assert "Put off until" in page


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"until": "never"},
        {"until": "date"},
        {"until": "date", "on": "tomorrow\x00"},
        {"until": "date", "on": "2026-06-10"},
        {"until": "date", "on": "9999-12-31"},
        {"act": "burn the house"},
        {"act": "replied\x00"},
    ],
)
def test_nonsense_changes_nothing_and_says_so(
    stranger: Client, address: str, matters: Matters, values: dict[str, str]
) -> None:
    before = everything()
    response = stranger.post(address, values)
    assert response.status_code == 200
    assert "Nothing was changed yet" in response.content.decode()
    assert (everything(), matters.done) == (before, [])


def test_the_link_lives_sixty_days(stranger: Client, address: str, clock: time_machine.Coordinates) -> None:
    clock.shift(dt.timedelta(days=59))
    assert stranger.get(address).status_code == 200
    clock.shift(dt.timedelta(days=2))
    response = stranger.get(address)
    assert response.status_code == 404
    assert "doesn’t work any more" in response.content.decode()


def bad_tokens(reminder: Reminder) -> dict[str, str]:
    token = token_for(reminder)
    return {
        "altered": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "cut": token[:20],
        "nonsense": "x",
        "long": "x" * 5000,
        "nul": "%00",
        "other salt": signing.dumps([reminder.pk, 1], salt="elsewhere"),
        "other shape": signing.dumps("hello", salt=SALT),
        "unknown": signing.dumps([reminder.pk + 1000, 1], salt=SALT),
        "revoked": signing.dumps([reminder.pk, 2], salt=SALT),
    }


@pytest.mark.parametrize(
    "name", ["altered", "cut", "nonsense", "long", "nul", "other salt", "other shape", "unknown", "revoked"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_bad_link_is_told_kindly(stranger: Client, reminder: Reminder, name: str, method: str) -> None:
    before = everything()
    response = getattr(stranger, method)(f"/r/{bad_tokens(reminder)[name]}/", {"act": "replied"})
    assert response.status_code == 404
    assert "doesn’t work any more" in response.content.decode()
    assert everything() == before


def test_a_switched_off_account_has_no_links(stranger: Client, address: str) -> None:
    User.objects.update(is_active=False)
    assert stranger.get(address).status_code == 404


def test_another_password_revokes_the_links_mailed_so_far(
    stranger: Client, alice_client: Client, charlie: User, matters: Matters, reminder: Reminder, address: str
) -> None:
    his = plan(owner=charlie, kind="nudge", subject_id=1, on=dt.date(2026, 6, 10))
    words = {"oldpassword": "correct horse battery", "password1": "staple meadow 71 kilns"}
    words["password2"] = words["password1"]
    assert alice_client.post("/account/password/change/", words).status_code == 302
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"act": "replied"}).status_code == 404
    reminder.refresh_from_db()
    his.refresh_from_db()
    assert (matters.done, reminder.link_version, his.link_version) == ([], 2, 1)
    assert stranger.get(link_to(reminder).removeprefix("http://localhost:8000")).status_code == 200


def test_another_address_revokes_the_links_mailed_so_far(
    stranger: Client, alice: User, alice_client: Client, reminder: Reminder, address: str
) -> None:
    EmailAddress.objects.create(user=alice, email="new@example.org", verified=True, primary=False)
    alice_client.post("/account/email/", {"action_primary": "", "email": "new@example.org"})
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("why", ["stopped", "untrue"])
def test_what_is_settled_says_so(stranger: Client, address: str, alice: User, matters: Matters, why: str) -> None:
    if why == "stopped":
        cancel(owner=alice, kind="nudge", subject_id=1)
    else:
        matters.true.clear()
    for response in (stranger.get(address), stranger.post(address, {"act": "replied"})):
        assert response.status_code == 200
        assert "This is settled already" in response.content.decode()
    assert matters.done == []


def test_tokens_stay_out_of_the_log(stranger: Client, caplog: pytest.LogCaptureFixture, reminder: Reminder) -> None:
    token = bad_tokens(reminder)["revoked"]
    caplog.handler.addFilter(ScrubKeys())
    stranger.get(f"/r/{token}/")
    logging.getLogger("any").warning("GET %s from %s", f"/r/{token}/?x=1", "here")
    assert token not in caplog.text
    assert "GET /r/…/?x=… from here" in caplog.text


# --- From the Today page ----------------------------------------------------------------------------


def test_snoozing_from_today_can_be_undone(alice_client: Client, reminder: Reminder) -> None:
    response = alice_client.post(f"/reminders/{reminder.pk}/snooze/", {"until": "week"}, follow=True)
    assert response.redirect_chain == [("/today/", 302)]
    (message,) = response.context["messages"]
    assert str(message) == "Put off until Wednesday 17 June."
    undone = alice_client.post(message.extra_tags, follow=True)
    assert [str(said) for said in undone.context["messages"]] == ["Taken back. It is where it was."]
    again = Reminder.objects.get()
    assert (again.state, again.snoozes, again.wished_on) == (State.MAILED, 0, dt.date(2026, 6, 10))
    twice = alice_client.post(message.extra_tags, follow=True)
    assert "stays as it is" in str(next(iter(twice.context["messages"])))


@pytest.mark.parametrize("values", [{}, {"until": "date", "on": "yesterday"}])
def test_snoozing_with_nonsense_changes_nothing(
    alice_client: Client, reminder: Reminder, values: dict[str, str]
) -> None:
    response = alice_client.post(f"/reminders/{reminder.pk}/snooze/", values, follow=True)
    assert str(next(iter(response.context["messages"]))).startswith("Nothing was changed.")
    assert Reminder.objects.get().state == State.MAILED


def test_snoozing_what_is_settled_says_so(alice_client: Client, alice: User, reminder: Reminder) -> None:
    cancel(owner=alice, kind="nudge", subject_id=1)
    response = alice_client.post(f"/reminders/{reminder.pk}/snooze/", {"until": "week"}, follow=True)
    assert "settled already" in str(next(iter(response.context["messages"])))


def test_a_stranger_cannot_snooze(charlie_client: Client, reminder: Reminder) -> None:
    undo = signing.dumps([reminder.pk, 0, "mailed", "2026-06-10"], salt="reminders.undo")
    assert charlie_client.post(f"/reminders/{reminder.pk}/snooze/", {"until": "week"}).status_code == 404
    assert charlie_client.post(f"/reminders/{reminder.pk}/snooze/undo/{undo}/").status_code == 404
    assert Reminder.objects.get().snoozes == 0


@pytest.mark.parametrize("written", ["nonsense", [1, 2]])
def test_an_altered_undo_is_told(alice_client: Client, reminder: Reminder, written: str | list[int]) -> None:
    # Signed here, not in the parameters, because a signature contains the time, which must not be in test names.
    before = written if isinstance(written, str) else signing.dumps(written, salt="reminders.undo")
    response = alice_client.post(f"/reminders/{reminder.pk}/snooze/undo/{before}/", follow=True)
    assert "can’t be taken back" in str(next(iter(response.context["messages"])))


def test_looking_does_not_snooze(alice_client: Client, reminder: Reminder) -> None:
    assert alice_client.get(f"/reminders/{reminder.pk}/snooze/").status_code == 405
    assert alice_client.post(f"/reminders/{10**30}/snooze/", {"until": "week"}).status_code == 404
