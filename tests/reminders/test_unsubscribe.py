"""Unsubscribing from a mail: with the mail program's button, or on the page."""

from __future__ import annotations

import datetime as dt
import email
import re
from email import policy
from email.message import EmailMessage

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.models import User
from mail import engine
from mail.models import OutgoingMail
from reminders.links import OFF_SALT, off_token
from reminders.models import Reminder
from reminders.services import plan, revoke_links
from reminders.sweep import gather
from tests.reminders.kinds_for_tests import Matters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("matters")]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SWITCHES = ("remind_replies", "remind_meetings", "remind_gentle")


def written(user: User, *kinds: str) -> EmailMessage:
    """The mail about one reminder of each of these kinds."""
    for number, kind in enumerate(kinds, 1):
        plan(owner=user, kind=kind, subject_id=number, on=user.today() + dt.timedelta(days=1))
    Reminder.objects.update(due_at=timezone.now())
    gather()
    mail = OutgoingMail.objects.get()
    token = engine.claim()
    assert token
    assert engine.freeze(mail.pk, token)
    mail.refresh_from_db()
    return email.message_from_bytes(bytes(mail.content or b""), policy=policy.default)  # type: ignore[return-value]


def address(message: EmailMessage) -> str:
    return str(message["List-Unsubscribe"]).strip(" <>").removeprefix("http://localhost:8000")


def switches() -> tuple[bool, ...]:
    return User.objects.values_list(*SWITCHES).get()


def stranger() -> Client:
    return Client(enforce_csrf_checks=True)


def test_the_mail_programs_button_switches_off_what_was_in_the_mail(alice: User) -> None:
    message = written(alice, "nudge", "gentle")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = stranger().post(address(message), ONE_CLICK)
    assert answer.status_code == 200
    assert switches() == (False, True, False)
    assert Session.objects.count() == 0
    assert stranger().post(address(message), ONE_CLICK).status_code == 200
    assert switches() == (False, True, False)


def test_looking_changes_nothing_and_begins_no_session(alice: User) -> None:
    url = address(written(alice, "nudge"))
    for method in ("get", "head"):
        answer = getattr(stranger(), method)(url)
        assert (answer.status_code, answer.cookies.get("sessionid")) == (200, None)
    assert switches() == (True, True, True)
    assert Session.objects.count() == 0
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"


def test_the_page_says_what_it_would_switch_off(alice: User) -> None:
    page = stranger().get(address(written(alice, "nudge"))).content.decode()
    assert "Replies and follow-ups" in page
    assert "Everything gentle" not in page


def test_it_can_be_switched_on_again_without_mail_about_the_past(alice: User) -> None:
    url = address(written(alice, "nudge"))
    plan(owner=alice, kind="nudge", subject_id=77, on=alice.today() + dt.timedelta(days=1))
    stranger().post(url, ONE_CLICK)
    Reminder.objects.filter(subject_id=77).update(due_at=timezone.now())
    page = stranger().post(url, {"want": "on"}).content.decode()
    assert "Switched on again" in page
    assert switches() == (True, True, True)
    assert Reminder.objects.get(subject_id=77).state == Reminder.State.EXPIRED


def test_switching_on_what_is_on_takes_nothing_away(alice: User) -> None:
    url = address(written(alice, "nudge"))
    plan(owner=alice, kind="nudge", subject_id=77, on=alice.today() + dt.timedelta(days=1))
    Reminder.objects.filter(subject_id=77).update(due_at=timezone.now())
    stranger().post(url, {"want": "on"})
    assert Reminder.objects.get(subject_id=77).state == Reminder.State.PLANNED


@pytest.mark.parametrize("want", ["off", "on", "weekly", "off:gentle", "on:gentle", "off:weekly_mail", "weekly_on"])
def test_nothing_but_the_setting_named_ever_changes(alice: User, want: str) -> None:
    User.objects.update(remind_replies=want.startswith("off"), weekly_on=3)
    before = User.objects.values().get()
    data = {"want": want, "only": "gentle", "weekly_mail": "1", "remind_gentle": "", "remind_meetings": ""}
    stranger().post(f"/r/{off_token(alice, ['replies'])}/off/", data)
    after = User.objects.values().get()
    assert {name for name in before if before[name] != after[name]} <= {"remind_replies"}


def test_of_a_mail_about_several_kinds_one_can_be_turned_off_alone(alice: User) -> None:
    url = address(written(alice, "nudge", "gentle"))
    page = stranger().post(url, {"want": "off:gentle"}).content.decode()
    assert switches() == (True, True, False)
    assert "Switched off in part" in page
    assert re.findall(r'value="(\w+:?\w*)"', page) == ["off:replies", "on:gentle", "off"]
    stranger().post(url, {"want": "off:meetings"})
    assert switches() == (True, True, False)
    page = stranger().post(url, {"want": "on:gentle"}).content.decode()
    assert switches() == (True, True, True)
    assert "Switched on again" in page


def test_one_mail_a_week_is_for_who_signs_in(alice: User) -> None:
    page = stranger().get(address(written(alice, "nudge"))).content.decode()
    assert "weekly" not in page
    assert 'href="/settings/"' in page


def old_token(user: User, *switches: str) -> str:
    """As the mails carried it before there was a version."""
    return signing.dumps([user.pk, *switches], salt=OFF_SALT)


@pytest.mark.parametrize("old", [False, True])
def test_another_password_or_address_ends_the_links_mailed_so_far(
    alice: User, alice_client: Client, charlie: User, old: bool
) -> None:
    token = old_token(alice, "replies") if old else off_token(alice, ["replies"])
    his = off_token(charlie, ["replies"])
    words = {"oldpassword": "correct horse battery", "password1": "staple meadow 71 kilns"}
    words["password2"] = words["password1"]
    assert alice_client.post("/account/password/change/", words).status_code == 302
    for answer in (stranger().get(f"/r/{token}/off/"), stranger().post(f"/r/{token}/off/", ONE_CLICK)):
        assert answer.status_code == 404
        assert "your password or address changed" in answer.content.decode()
    alice.refresh_from_db()
    assert alice.remind_replies
    assert stranger().post(f"/r/{his}/off/", ONE_CLICK).status_code == 200
    again = off_token(alice, ["replies"])
    EmailAddress.objects.create(user=alice, email="new@example.org", verified=True, primary=False)
    alice_client.post("/account/email/", {"action_primary": "", "email": "new@example.org"})
    alice.refresh_from_db()
    assert stranger().post(f"/r/{again}/off/", ONE_CLICK).status_code == 404
    assert stranger().post(f"/r/{off_token(alice, ['replies'])}/off/", ONE_CLICK).status_code == 200


def test_a_link_mailed_before_there_was_a_version_still_works(alice: User) -> None:
    assert stranger().post(f"/r/{old_token(alice, 'replies', 'gentle')}/off/", ONE_CLICK).status_code == 200
    assert switches() == (False, True, False)


def test_saving_the_whole_user_later_does_not_bring_ended_links_back(alice: User) -> None:
    token = off_token(alice, ["replies"])
    revoke_links(alice)
    alice.save()
    assert stranger().get(f"/r/{token}/off/").status_code == 404


@pytest.mark.parametrize("name", ["cut", "altered", "old", "inactive", "gone", "another salt", "no list", "huge"])
def test_a_bad_link_is_told_kindly_and_changes_nothing(alice: User, name: str) -> None:
    token = off_token(alice, ["replies"])
    if name == "cut":
        token = token[:-3]
    elif name == "altered":
        token = "X" + token
    elif name == "inactive":
        User.objects.update(is_active=False)
    elif name == "gone":
        token = off_token(User(pk=alice.pk + 99), ["replies"])
    elif name == "another salt":
        from reminders.links import token_for

        token = token_for(Reminder(pk=alice.pk))
    elif name == "no list":
        token = signing.dumps({"pk": alice.pk}, salt=OFF_SALT)
    elif name == "huge":
        token = signing.dumps([alice.pk, 10**30, "replies"], salt=OFF_SALT)
    ahead = 401 if name == "old" else 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=ahead)):
        answer = stranger().post(f"/r/{token}/off/", ONE_CLICK)
    assert answer.status_code == 404
    assert switches() == (True, True, True)


def test_it_never_reaches_beyond_the_switches_named(alice: User, charlie: User) -> None:
    token = off_token(alice, ["is_staff", "replies", "__class__"])
    stranger().post(f"/r/{token}/off/", {"want": "on", "remind_gentle": "0", "is_staff": "1"})
    assert User.objects.filter(is_staff=True).count() == 0
    assert User.objects.filter(remind_replies=True, remind_gentle=True).count() == 2


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"junk", "multipart/form-data"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"&".join(b"a%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded"),
        (b"a" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded; charset=iso-8859-1"),
        (b"\xff\x00", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"", ""),
        (b"want=whatever", "application/x-www-form-urlencoded"),
    ],
)
def test_the_mail_programs_button_works_whatever_it_sends(alice: User, body: bytes, kind: str) -> None:
    answer = stranger().post(f"/r/{off_token(alice, ['replies'])}/off/", body, content_type=kind)
    assert (answer.status_code, switches()) == (200, (False, True, True))
    assert Session.objects.count() == 0


def test_both_parts_carry_all_the_links_and_a_reader_of_plain_text_misses_nothing(
    alice: User, matters: Matters
) -> None:
    message = written(alice, "nudge")
    text = str(message.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    html = str(message.get_body(("html",)).get_content())  # type: ignore[union-attr]
    for part in (text, html):
        for words in ("Write to Bob 1", "They replied · Remind me later", "Open it", address(message), "/settings/"):
            assert words in part
    assert max(len(line) for line in text.splitlines() if "http" not in line) < 120
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "prefers-color-scheme: dark" in html
    assert "<img" not in html
    assert "<script" not in html


def test_what_offers_no_button_of_its_own_can_be_let_go(alice: User) -> None:
    written(alice, "now")
    reminder = Reminder.objects.get()
    from reminders.links import link_to

    url = link_to(reminder).removeprefix("http://localhost:8000")
    assert "Done, or not needed" in stranger().get(url).content.decode()
    assert "No more mail about this one." in stranger().post(url, {"act": "let-go"}).content.decode()
    reminder.refresh_from_db()
    assert reminder.state == Reminder.State.LET_GO
    assert "settled already" in stranger().post(url, {"until": "tomorrow"}).content.decode()
