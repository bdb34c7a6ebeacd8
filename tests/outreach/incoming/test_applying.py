"""What mails that came in note by themselves, and what they only ask about."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import StoredFile, User
from mail import arrivals, drops
from mail.models import DropAddress, IncomingMail, OutgoingMail
from mentoring.today import today
from outreach.approaches import services as approaches
from outreach.drafts import services as drafts
from outreach.errors import OutreachError
from outreach.incoming import answers, undoing
from outreach.models import Approach, ApproachEvent, FollowUp, Message
from portfolio.models import Contact, Person
from tests.factories import (
    make_approach,
    make_incoming,
    make_introduction,
    make_mentorship,
    make_message,
    make_person,
    make_user,
)
from tests.outreach.incoming.mails import JULIE, ME, arrive, drop_of, forwarded, letter, reply

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-06 10:00Z")]
State = IncomingMail.State


@pytest.fixture
def julie(alice: User) -> Person:
    return make_person(alice, "Julie Hart", email=JULIE)


@pytest.fixture
def draft(julie: Person) -> Message:
    return make_message(make_approach(julie), subject="15 minutes", body="Dear Julie, {what_to_ask}")


def sent(alice: User, draft: Message) -> Message:
    arrive(alice, letter(), tag=draft)
    draft.refresh_from_db()
    return draft


def planned(approach: Approach) -> list[FollowUp]:
    return list(approach.follow_ups.filter(state="planned"))


@pytest.fixture(autouse=True)
def nothing_goes_to_mentors() -> object:
    yield
    assert not OutgoingMail.objects.filter(audience=OutgoingMail.Audience.MENTOR).exists()


# --- Sent -----------------------------------------------------------------------------------------


def test_a_copy_notes_the_letter_as_sent_with_its_real_time_and_words(alice: User, draft: Message) -> None:
    mail = arrive(alice, letter(), tag=draft)
    draft.refresh_from_db()
    assert (mail.state, mail.kind, mail.file) == (State.APPLIED, "sent_copy", None)
    assert (draft.state, draft.at) == ("sent", dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC))
    assert (draft.sent_subject, draft.sent_to) == ("15 minutes of your time", JULIE)
    assert draft.sent_body == "Dear Julie,\n\nmay I ask you for fifteen minutes?\n\nAlice"
    assert (draft.message_id, draft.recorded_by) == ("sent.1@mail.example.org", mail)
    assert [follow_up.due_on for follow_up in planned(draft.approach)] == [dt.date(2026, 1, 19)]
    assert not StoredFile.objects.exists()


def test_the_same_copy_twice_counts_once(alice: User, draft: Message) -> None:
    arrive(alice, letter(), tag=draft)
    assert arrive(alice, letter(), tag=draft).state == State.APPLIED  # the same bytes: the same row
    other_way = letter(Received="from elsewhere by mx.in.example.org; Tue, 6 Jan 2026 10:00:00 +0000")
    assert arrive(alice, other_way, tag=draft).state == State.TWICE
    assert ApproachEvent.objects.filter(kind="sent").count() == 1
    assert IncomingMail.objects.count() == 2


def test_a_letter_that_was_noted_by_hand_only_learns_its_id(alice: User, draft: Message) -> None:
    draft.body = "Dear Julie"
    draft.save()
    drafts.record_sent(message=draft, at=dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC))
    assert arrive(alice, letter(), tag=draft).state == State.APPLIED
    draft.refresh_from_db()
    assert (draft.sent_body, draft.message_id) == ("Dear Julie", "sent.1@mail.example.org")
    assert ApproachEvent.objects.filter(kind="sent").count() == 1


def test_a_copy_of_a_letter_to_somebody_else_asks(alice: User, draft: Message) -> None:
    mail = arrive(alice, letter(to="other@example.org"), tag=draft)
    draft.refresh_from_db()
    assert (mail.state, draft.state) == (State.ASKS, "draft")
    assert "went to somebody else" in mail.why


def test_a_copy_without_the_letters_address_asks_and_suggests(alice: User, draft: Message, julie: Person) -> None:
    mail = arrive(alice, letter())
    assert mail.state == State.ASKS
    answers.answer(mail, person=julie, what=answers.I_WROTE)
    draft.refresh_from_db()
    mail.refresh_from_db()
    assert (mail.state, draft.state, draft.message_id) == (State.APPLIED, "sent", "sent.1@mail.example.org")


# --- Answered -------------------------------------------------------------------------------------


def test_a_forwarded_reply_stops_the_follow_up_and_stands_on_today(
    alice: User, alice_client: Client, draft: Message
) -> None:
    sent(alice, draft)
    mail = arrive(alice, forwarded(reply(), to=drops.address(drop_of(alice))))
    answer = Message.objects.get(state="received")
    assert (mail.state, mail.kind, answer.body) == (State.APPLIED, "forwarded_reply", "Gladly. How about Tuesday?")
    assert (answer.recorded_by, answer.at) == (mail, dt.datetime(2026, 1, 6, 8, 0, tzinfo=dt.UTC))  # her own time
    assert planned(draft.approach) == []
    assert today(alice).next.title == "Julie replied"
    page = alice_client.get(draft.approach.get_absolute_url()).content.decode()
    assert page.count(f"#mail-{mail.pk}") == 1  # what a machine noted is marked so


def test_a_reply_that_a_rule_sends_on_is_known_by_the_id_it_names(alice: User, draft: Message) -> None:
    sent(alice, draft)
    assert arrive(alice, reply(), sender=JULIE).state == State.APPLIED
    assert Approach.objects.get().replied_at is not None


def test_a_reply_to_nothing_we_know_only_suggests(alice: User, draft: Message, julie: Person) -> None:
    sent(alice, draft)
    mail = arrive(alice, reply(to_id="<another@mail.example.org>"), sender=JULIE)
    assert (mail.state, answers.suggestions(alice, [mail])[mail.pk]) == (State.ASKS, [julie])
    assert planned(draft.approach) != []
    answers.answer(mail, person=julie, what=answers.THEY_WROTE)
    assert planned(draft.approach) == []
    with pytest.raises(OutreachError, match="answered already"):
        answers.answer(mail, person=julie, what=answers.THEY_WROTE)


def test_a_reply_from_another_address_is_taken_and_asks_whose_it_is(
    alice: User, alice_client: Client, draft: Message, julie: Person
) -> None:
    sent(alice, draft)
    mail = arrive(alice, reply(sender="Julie <j.hart@home.example.org>"), sender="j.hart@home.example.org")
    assert mail.state == State.APPLIED
    assert "also Julie’s address" in alice_client.get(reverse("incoming_mail")).content.decode()
    alice_client.post(reverse("incoming_mail_address", args=[mail.pk]))
    assert {email.address for email in julie.emails.all()} == {JULIE, "j.hart@home.example.org"}
    assert "also Julie’s address" not in alice_client.get(reverse("incoming_mail")).content.decode()


def test_a_reply_that_claims_to_be_theirs_and_fails_asks(alice: User, draft: Message) -> None:
    sent(alice, draft)
    failed = reply(Authentication_Results="mx.in.example.org; dmarc=fail header.from=example.org")
    mail = arrive(alice, failed, sender=JULIE)
    assert (mail.state, mail.kind) == (State.ASKS, "suspicious")
    assert planned(draft.approach) != []


@pytest.mark.parametrize("results", [b"", b"Authentication-Results: mx.in.example.org; spf=softfail\r\n"])
def test_what_only_claims_to_be_from_me_is_held_and_asked_about(alice: User, draft: Message, results: bytes) -> None:
    sent(alice, draft)
    mail = arrive(alice, forwarded(reply(), to=drops.address(drop_of(alice))), results=results)
    assert (mail.state, mail.kind) == (State.ASKS, "forwarded_reply")
    assert planned(draft.approach) != []


def test_the_address_of_one_letter_counts_alone(alice: User, draft: Message) -> None:
    assert arrive(alice, letter(), tag=draft, results=b"").state == State.APPLIED
    doubted = arrive(alice, forwarded(reply(), to=drops.address(drop_of(alice))), tag=draft, results=b"")
    assert (doubted.state, planned(draft.approach)) == (State.APPLIED, [])


@override_settings(INCOMING_MAIL_SERVERS=[])
def test_without_servers_to_trust_all_is_as_it_was(alice: User, draft: Message) -> None:
    sent(alice, draft)
    assert arrive(alice, forwarded(reply(), to=drops.address(drop_of(alice))), results=b"").state == State.APPLIED


def test_a_stranger_who_found_the_address_changes_nothing(alice: User, draft: Message) -> None:
    sent(alice, draft)
    hello = letter("eve@example.com", ME, "Hello", message_id="<eve@example.com>")
    mail = arrive(alice, hello, sender="eve@example.com")
    assert mail.state == State.ASKS
    assert planned(draft.approach) != []


def test_answers_to_an_introduction_and_to_a_mentor(alice: User, julie: Person) -> None:
    margaret = make_person(alice, "Margaret Osei", email="margaret@example.org")
    introduction = make_introduction(julie, margaret)
    words = {"owner": alice, "subject": "15 minutes", "body": "Dear you"}
    mentorship = make_mentorship(make_person(alice, "Tom Wren", email="tom@example.org"))
    asked = Message.objects.create(person=margaret, introduction=introduction, purpose="introduction", **words)
    thanks = Message.objects.create(person=mentorship.person, mentorship=mentorship, purpose="thank_you", **words)
    for number, (message, address) in enumerate([(asked, "margaret@example.org"), (thanks, "tom@example.org")]):
        name = f"<{number}@mail.example.org>"
        assert arrive(alice, letter(to=address, message_id=name), tag=message).state == State.APPLIED
        answer = reply(sender=address, to_id=name, message_id=f"<a{number}@mail.example.org>")
        mail = arrive(alice, answer, sender=address)
        assert mail.state == State.APPLIED
        received = Message.objects.get(recorded_by=mail)
        assert (received.person, received.introduction, received.mentorship) == (
            message.person, message.introduction, message.mentorship
        )  # fmt: skip
        assert Contact.objects.filter(person=message.person).count() == 1
        undoing.take_back(mail)
        assert not Message.objects.filter(pk=received.pk).exists()
        assert not Contact.objects.filter(person=message.person).exists()


# --- Away, not delivered, and nothing at all ------------------------------------------------------


def test_an_automatic_answer_moves_the_follow_up_and_never_stops_it(alice: User, draft: Message) -> None:
    sent(alice, draft)
    text = "I am away and will be back on 2 February 2026."
    mail = arrive(alice, reply(text, Auto_Submitted="auto-replied", message_id="<away@mail.example.org>"), sender=JULIE)
    assert (mail.state, mail.kind) == (State.APPLIED, "automatic")
    [waiting] = planned(draft.approach)
    assert waiting.due_on == dt.date(2026, 2, 2)
    undoing.take_back(mail)
    [waiting] = planned(draft.approach)
    assert waiting.due_on == dt.date(2026, 1, 19)


def test_an_automatic_answer_without_a_day_or_with_an_early_one_changes_nothing(alice: User, draft: Message) -> None:
    sent(alice, draft)
    for number, text in enumerate(["I am away.", "Back on 8 January 2026.", "Back on 1 March 2031."]):
        away = reply(text, Auto_Submitted="auto-replied", message_id=f"<away.{number}@mail.example.org>")
        arrive(alice, away, sender=JULIE)
        assert [waiting.due_on for waiting in planned(draft.approach)] == [dt.date(2026, 1, 19)]


BOUNCE = """\
From: MAILER-DAEMON@mail.example.org
To: alice@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; julie@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user
--b
Content-Type: text/rfc822-headers

Message-ID: <sent.1@mail.example.org>
Subject: 15 minutes of your time
--b--
"""


def test_a_bounce_stops_the_follow_up_says_why_and_can_be_taken_back(alice: User, draft: Message) -> None:
    sent(alice, draft)
    mail = arrive(alice, BOUNCE.replace("\n", "\r\n").encode(), sender="")
    assert (mail.state, mail.kind) == (State.APPLIED, "bounce")
    event = ApproachEvent.objects.get(kind="bounced")
    assert event.what.startswith("Could not be delivered")
    assert planned(draft.approach) == []
    undoing.take_back(mail)
    assert len(planned(draft.approach)) == 1


def test_a_read_receipt_is_nothing(alice: User, draft: Message) -> None:
    sent(alice, draft)
    receipt = BOUNCE.replace("delivery-status", "disposition-notification").replace("bounce@", "mdn@")
    mail = arrive(alice, receipt.replace("\n", "\r\n").encode(), sender="")
    assert mail.state == State.NOTHING
    assert planned(draft.approach) != []


def test_anything_else_that_one_forwards_asks_once_and_is_a_contact_then(
    alice: User, alice_client: Client, julie: Person
) -> None:
    mail = arrive(alice, letter(ME, ME, "Fwd: lunch", "Julie and I had lunch.", message_id="<l@x>"))
    assert mail.state == State.ASKS
    assert today(alice).next.title == "1 mail asks where it belongs"
    make_approach(julie)
    shown = alice_client.get(reverse("incoming_mail")).content.decode()
    assert "Julie and I had lunch." in shown
    act = reverse("incoming_mail_answer", args=[mail.pk])
    assert "Choose whose mail" in alice_client.post(act, {"what": "touch"}, follow=True).content.decode()
    alice_client.post(act, {"person": julie.pk, "what": "touch"})
    assert Contact.objects.get(person=julie).note == "Julie and I had lunch."
    assert "asks where" not in today(alice).next.title
    mail.refresh_from_db()
    assert (mail.state, mail.file) == (State.APPLIED, None)


def test_what_is_thrown_away_keeps_no_word(alice: User, alice_client: Client) -> None:
    mail = arrive(alice, letter(ME, ME, "Secret", "A word.", message_id="<s@x>"))
    alice_client.post(reverse("incoming_mail_answer", args=[mail.pk]), {"away": "1"})
    mail.refresh_from_db()
    assert (mail.state, mail.words, mail.subject, mail.file) == (State.NOTHING, "", "", None)
    assert not StoredFile.objects.exists()


# --- That's wrong ---------------------------------------------------------------------------------


def test_thats_wrong_puts_everything_back(alice: User, alice_client: Client, draft: Message) -> None:
    first = arrive(alice, letter(), tag=draft)
    second = arrive(alice, reply(), sender=JULIE)
    wrong = [reverse("incoming_mail_wrong", args=[mail.pk]) for mail in (first, second)]
    refused = alice_client.post(wrong[0], follow=True).content.decode()
    assert "Something happened after that" in refused
    for url in reversed(wrong):
        assert "Taken back" in alice_client.post(url, follow=True).content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.message_id, draft.recorded_by) == ("draft", "", None)
    assert not Message.objects.filter(state="received").exists()
    assert not FollowUp.objects.exists()
    assert not Contact.objects.exists()
    assert "taken back already" in alice_client.post(wrong[1], follow=True).content.decode()
    # The same mail again, such as by a rule, is not noted again.
    again = letter(Received="from elsewhere by mx.in.example.org; Tue, 6 Jan 2026 10:00:00 +0000")
    assert arrive(alice, again, tag=draft).state == State.TWICE


# --- The address ----------------------------------------------------------------------------------


def test_a_renewed_address_takes_no_mail_at_the_old_one(alice: User, alice_client: Client) -> None:
    page = reverse("drop_address")
    alice_client.post(page, {"act": "make"})
    old = drops.address(drop_of(alice))
    assert old in alice_client.get(page).content.decode()
    alice_client.post(page, {"act": "make"})
    new = drops.address(drop_of(alice))
    assert old != new
    assert arrivals.receive(recipients=[old], sender=ME, content=b"x") == []
    assert len(arrivals.receive(recipients=[new.upper()], sender=ME, content=b"x")) == 1
    alice_client.post(page, {"act": "end"})
    assert arrivals.receive(recipients=[new], sender=ME, content=b"y") == []
    assert DropAddress.objects.count() == 2


def test_it_goes_into_bcc_and_nowhere_else(alice: User, alice_client: Client, draft: Message) -> None:
    draft.body = "Dear Julie"
    draft.save()
    page = draft.get_absolute_url()
    assert "bcc" not in alice_client.get(page).content.decode().lower()
    drop = drop_of(alice)
    address = f"{drop.local}%2B{draft.pk}@in.example.org"
    shown = alice_client.get(page).content.decode()
    assert shown.count(f"bcc={address}&") == 3  # mail program, Gmail, Outlook
    file = alice_client.get(reverse("message_file", args=[draft.pk])).content.decode()
    assert f"Bcc: {drop.local}+{draft.pk}@in.example.org" in file
    alice_client.post(reverse("drop_address"), {"act": "bcc"})
    assert "bcc=" not in alice_client.get(page).content.decode()


def test_another_users_letter_is_out_of_reach(alice: User, draft: Message) -> None:
    eve = make_user("eve@example.org", name="Eve")
    mail = arrive(eve, letter("eve@example.org"), tag=draft, sender="eve@example.org")
    draft.refresh_from_db()
    assert (mail.state, draft.state) == (State.ASKS, "draft")


def test_a_reply_while_another_approach_is_open_asks(alice: User, draft: Message, julie: Person) -> None:
    sent(alice, draft)
    approaches.end_approach(approach=draft.approach, outcome=Approach.Outcome.NO_ANSWER)
    make_approach(julie)
    mail = arrive(alice, reply(), sender=JULIE)
    assert mail.state == State.ASKS
    assert "already an open approach" in mail.why


# --- Bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff" * 50, b"Subject: =?utf-8?B?////?=\r\n\r\n\x00", b"From: <<<>>>\r\n\r\nx"]
)
def test_any_bytes_become_a_question_at_most(alice: User, content: bytes) -> None:
    assert arrive(alice, content).state in {State.ASKS, State.NOTHING}


def test_what_cannot_be_read_is_set_aside_with_its_bytes(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.incoming.limits.MOST_SECONDS", -1)
    mail = arrive(alice, letter())
    assert (mail.state, mail.file is not None) == (State.ASIDE, True)
    assert "seconds" in mail.trouble
    assert mail.trouble in alice_client.get(reverse("incoming_mail")).content.decode()


def test_the_page_takes_as_few_queries_for_many_mails_as_for_two(
    alice: User, alice_client: Client, draft: Message, django_assert_max_num_queries: Any
) -> None:
    sent(alice, draft)
    arrive(alice, reply(sender="Julie <j.hart@home.example.org>"), sender="j.hart@home.example.org")
    drop = drop_of(alice)
    for number in range(20):
        make_incoming(drop, State.ASKS, sender=f"p{number}@example.org", subject="Re: 15 minutes of your time")
    with django_assert_max_num_queries(16):
        shown = alice_client.get(reverse("incoming_mail")).content.decode()
    assert shown.count("(likely)") == 20
    assert "also Julie’s address" in shown
