"""“Stop all mail from here”: one press, no account, over all users."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import mail as django_mail
from django.test import Client

from accounts.models import User
from mail import engine, stop_links
from mail.models import OutgoingMail, SuppressedAddress
from meetings.calendar.invitations import invite
from tests.factories import make_meeting, make_person, make_user
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
BOB = "bob@example.org"


@pytest.fixture
def nobody() -> Client:
    """Somebody without an account, whose browser would be refused without the exemption from the CSRF check."""
    return Client(enforce_csrf_checks=True)


def invited(owner: User, address: str = BOB) -> None:
    invite(meeting=make_meeting(make_person(owner, "Bob Brook", email=address)), me=False, mentor=address)


def path_in(text: str) -> str:
    found = re.search(r"Stop all mail from here: http://localhost:8000(/stop/\S+)", text)
    assert found
    return found[1]


def test_the_line_in_the_mail_stops_it_over_all_users(
    smtp: SmtpServer, nobody: Client, alice: User, charlie: User
) -> None:
    invited(alice)
    engine.deliver()
    assert "You don’t know Alice Ashe? Stop all mail from here:" in smtp.mails[0].text
    assert "http://localhost:8000/notes-about-me/" in smtp.mails[0].text
    path = path_in(smtp.mails[0].text)
    invited(charlie, "Bob@Example.org")
    page = nobody.get(path).content.decode()
    assert "Stop all mail from here?" in page
    assert not SuppressedAddress.objects.exists()  # a mail scanner that opens links stops nothing
    assert "Mail is stopped" in nobody.post(path).content.decode()
    assert engine.deliver() == 0
    assert OutgoingMail.objects.get(owner=charlie).state == "stopped"


def test_the_mail_programs_own_button_stops_it(smtp: SmtpServer, nobody: Client, alice: User) -> None:
    invited(alice)
    engine.deliver()
    (address,) = re.findall(r"<http://localhost:8000(.+)>", smtp.mails[0].message["List-Unsubscribe"])
    assert smtp.mails[0].message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert nobody.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert SuppressedAddress.objects.get().reason == "asked"


def test_it_still_works_when_the_account_is_gone_and_the_mail_is_old(
    smtp: SmtpServer, nobody: Client, alice: User
) -> None:
    invited(alice)
    engine.deliver()
    alice.delete()
    with time_machine.travel(dt.datetime.now() + dt.timedelta(days=2000), tick=False):
        nobody.post(path_in(smtp.mails[0].text))
    assert SuppressedAddress.objects.get().address == BOB


def test_pressed_again_it_comes_to_the_same(nobody: Client) -> None:
    path = f"/stop/{stop_links.token_for(BOB)}/"
    for _ in range(3):
        assert "Mail is stopped" in nobody.post(path).content.decode()
    assert "Mail is stopped" in nobody.get(path).content.decode()
    assert SuppressedAddress.objects.count() == 1


def undo_in(page: str) -> str:
    found = re.search(r'name="undo" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_press_by_mistake_can_be_taken_back_on_that_page_for_an_hour(nobody: Client, settings: Any) -> None:
    settings.ABUSE_CONTACT = "abuse@example.org"
    path = f"/stop/{stop_links.token_for(BOB)}/"
    undo = undo_in(nobody.post(path).content.decode())
    with time_machine.travel(dt.datetime.now() + dt.timedelta(minutes=61), tick=False):
        late = nobody.post(path, {"undo": undo}).content.decode()
    assert "Mail is stopped" in late
    assert "write to abuse@example.org" in late
    assert "Mail is allowed again" in nobody.post(path, {"undo": undo}).content.decode()
    assert not SuppressedAddress.objects.exists()
    nobody.post(path)
    assert "Mail is stopped" in nobody.post(path, {"undo": undo}).content.decode()  # of an earlier press


def test_the_user_who_gets_the_link_quoted_cannot_take_the_stop_back(nobody: Client) -> None:
    """An answer to the invitation goes to the user, with the link in what is quoted."""
    path = f"/stop/{stop_links.token_for(BOB)}/"
    nobody.post(path)
    for fields in ({}, {"undo": "1"}, {"undo": stop_links.token_for(BOB)}, {"want": "on"}):
        page = Client().post(path, fields).content.decode()
        assert 'name="undo"' not in page
    other = undo_in(nobody.post(f"/stop/{stop_links.token_for('eve@example.org')}/").content.decode())
    nobody.post(path, {"undo": other})
    assert sorted(SuppressedAddress.objects.values_list("address", flat=True)) == [BOB, "eve@example.org"]


@pytest.mark.parametrize("spoil", ["x", "", "....", "%00", "WyJib2IiXQ.x", "a" * 3000])
def test_an_altered_link_changes_nothing_and_says_so(nobody: Client, spoil: str) -> None:
    token = spoil or f"{stop_links.token_for(BOB)[:-3]}xyz"
    for answer in (nobody.get(f"/stop/{token}/"), nobody.post(f"/stop/{token}/")):
        assert (answer.status_code, "This link isn’t complete" in answer.content.decode()) == (404, True)
    assert not SuppressedAddress.objects.exists()


def test_a_token_made_for_something_else_is_refused(nobody: Client) -> None:
    from django.core import signing

    for salt in ("reminders.off", stop_links.UNDO_SALT, "meetings.signed_links"):
        token = signing.Signer(salt=salt).sign_object([BOB]).replace(":", ".")
        assert nobody.post(f"/stop/{token}/").status_code == 404


def test_a_body_that_is_none_stops_it_all_the_same(nobody: Client) -> None:
    path = f"/stop/{stop_links.token_for(BOB)}/"
    answer = nobody.post(path, b"\xff\x00", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 200
    assert SuppressedAddress.objects.exists()


def test_the_page_is_kept_out_of_caches_and_referrers_and_starts_no_session(nobody: Client) -> None:
    answer = nobody.post(f"/stop/{stop_links.token_for(BOB)}/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert nobody.cookies == {}


def test_the_abuse_contact_is_named_only_where_there_is_one(
    smtp: SmtpServer, nobody: Client, settings: Any, alice: User
) -> None:
    invited(alice)
    engine.deliver()
    assert "Something wrong" not in smtp.mails[0].text
    settings.ABUSE_CONTACT = "abuse@example.org"
    invited(alice, "bill@example.org")
    engine.deliver()
    assert "Something wrong with this email? Write to abuse@example.org." in smtp.mails[1].text
    assert "abuse@example.org" in nobody.get(path_in(smtp.mails[1].text)).content.decode()


# --- An account at a stopped address --------------------------------------------------------------


def test_their_own_reminders_and_invitations_still_reach_them(smtp: SmtpServer, nobody: Client) -> None:
    dana = make_user("dana@example.org")
    nobody.post(f"/stop/{stop_links.token_for('dana@example.org')}/")
    invite(meeting=make_meeting(make_person(dana)), me=True, mentor="")
    assert engine.deliver() == 1
    django_mail.send_mail("A code", "123", None, ["dana@example.org"])
    assert engine.deliver() == 1
