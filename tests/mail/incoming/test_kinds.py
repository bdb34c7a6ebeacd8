"""Which kind a mail is: the first rule that fits, one after the other."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from mail.incoming.known import Envelope
from mail.incoming.reading import read
from tests.mail.incoming.mails import (
    ALICE,
    ALSO_OURS,
    ANSWER,
    BOB,
    CHARLIE,
    DATE,
    DROP,
    KNOWN,
    LETTER,
    OURS,
    kind,
    mail,
    multipart,
    understood,
)

FAILED = f"Authentication-Results: {OURS}; dmarc=fail header.from=council.example.org"

# --- 1. Suspicious ---


@pytest.mark.parametrize(
    "header",
    [
        FAILED,
        f"authentication-results: {OURS.upper()}; DMARC=FAIL (p=none; dis=none) header.from=x",
        f"Authentication-Results: {OURS} 1;\n spf=pass smtp.mailfrom=x;\n dmarc = fail",
        f"Authentication-Results: (a (nested; dmarc=pass) comment) {ALSO_OURS}; dkim=pass; dmarc=fail",
        f"Authentication-Results: {OURS}; dmarc=pass\nAuthentication-Results: {ALSO_OURS}; dmarc=fail",
        f"Authentication-Results: elsewhere.example.org; dmarc=pass\nAuthentication-Results: {OURS}; dmarc=fail",
        f'Authentication-Results: "{OURS}"; dmarc=fail reason="a; b"',
        f'Authentication-Results: {OURS}; spf=pass reason="it (is"; dmarc=fail',
    ],
)
def test_a_sender_that_our_server_calls_false_is_suspicious(header: str) -> None:
    found = understood(mail(ANSWER, header))
    assert (found.kind, found.sender, found.for_message_id, found.new_text) == ("suspicious", BOB, None, None)
    assert not found.stops_follow_up
    assert kind(mail(header, sender=f"Alice <{ALICE}>", to=DROP)) == "suspicious"


@pytest.mark.parametrize(
    "header",
    [
        "Authentication-Results: mx.evil.example.org; dmarc=fail",
        f"Authentication-Results: mx.evil.example.org ({OURS}); dmarc=fail",
        f"Authentication-Results: {OURS}.evil.example.org; dmarc=fail",
        f"Authentication-Results: {OURS}; spf=fail; dkim=fail",
        f"Authentication-Results: {OURS}; dmarc=pass (not dmarc=fail; dmarc=fail)",
        f'Authentication-Results: {OURS}; dmarc=pass reason="; dmarc=fail"',
        f"Authentication-Results: {OURS}; dmarc=temperror",
        f"Authentication-Results: {OURS}; x-dmarc=fail",
        f"Authentication-Results: {OURS}; none",
        f"ARC-Authentication-Results: i=1; {OURS}; dmarc=fail",
        "Received-SPF: fail",
    ],
)
def test_what_others_say_or_no_result_is_no_failure(header: str) -> None:
    assert kind(mail(ANSWER, header)) == "reply"


def test_a_stranger_who_fails_claims_nothing() -> None:
    assert kind(mail(FAILED, sender=CHARLIE)) == "unrelated"
    assert kind(mail(FAILED, ANSWER, sender=CHARLIE)) == "reply"


def test_what_claims_to_be_somebody_is_suspicious_before_all_else() -> None:
    assert kind(mail(FAILED, "Auto-Submitted: auto-replied")) == "suspicious"
    assert kind(mail(FAILED, "List-Id: <l.example.org>")) == "suspicious"
    assert kind(mail(FAILED, f"From: {CHARLIE}, Bob <{BOB}>")) == "suspicious"
    assert understood(mail(FAILED, f"From: {CHARLIE}, Bob <{BOB}>")).sender == BOB


def test_what_our_servers_found_is_kept() -> None:
    found = understood(mail(ANSWER, f"Authentication-Results: {OURS}; spf=pass; dkim=pass; dkim=fail; dmarc=pass"))
    assert found.authentication.passed
    assert (found.authentication.spf, found.authentication.dkim) == ({"pass"}, {"pass", "fail"})
    assert not understood(mail(ANSWER)).authentication.passed


@pytest.mark.parametrize(
    ("results", "proved"),
    [
        (f"{OURS}; dkim=pass header.d=example.org", True),
        (f"{OURS}; dkim=pass (2048-bit key) header.i=@Example.ORG header.s=s1 header.b=abc", True),
        (
            f"{OURS}; dkim=fail header.d=example.org; dkim=pass header.d=mail.trust.example.org",
            True,
        ),  # RFC 7489 §3.1: relaxed
        (f"{OURS}; spf=pass (said so) smtp.mailfrom=alice@trust.example.org; dkim=none", True),
        (f"{OURS}; spf=pass smtp.mailfrom=bounces.trust.example.org", True),
        (f"{OURS}; dmarc=pass header.from=example.org", True),
        (f"mx.evil.example.com; spf=none\nAuthentication-Results: {ALSO_OURS}; dkim=pass header.d=example.org", True),
        (f"{OURS}; none", False),
        (f"{OURS}; dkim=pass header.d=council.example.org", False),
        (f"{OURS}; spf=pass smtp.mailfrom=eve@example.com; dkim=pass header.d=example.com", False),
        (f"{OURS}; dkim=pass header.d=notexample.org", False),
        (f"{OURS}; dkim=pass header.d=org; spf=pass smtp.mailfrom=org", False),
        (f"{OURS}; dkim=pass", False),
        (f"{OURS}; spf=softfail smtp.mailfrom=alice@example.org; dkim=fail header.d=example.org", False),
        (f'{OURS}; spf=fail reason="spf=pass; smtp.mailfrom=example.org"', False),
        (f"{OURS}; spf=fail (; dkim=pass header.d=example.org)", False),
        ("mx.evil.example.com; dmarc=pass; dkim=pass header.d=example.org", False),
    ],
)
def test_a_mail_from_the_user_is_doubted_unless_our_server_proves_it(results: str, proved: bool) -> None:
    found = understood(mail(f"Authentication-Results: {results}", sender=ALICE, to=BOB))
    assert (found.kind, found.doubted) == ("sent_copy", not proved)
    assert not understood(mail(ANSWER, f"Authentication-Results: {results}")).doubted  # it isn't from the user


def test_a_mail_from_the_user_that_nobody_looked_at() -> None:
    copy = mail(sender=ALICE, to=BOB)
    assert understood(copy).doubted
    nobody = replace(KNOWN, servers=())
    assert not read(copy, nobody).doubted  # nobody is trusted to look, so all is as it was
    assert not read(copy, nobody, Envelope(checks="spf=pass smtp.mailfrom=example.org")).doubted
    assert read(copy, nobody, Envelope(checks="spf=pass smtp.mailfrom=example.com; dkim=fail")).doubted


# --- 4. and 5. Calendars and lists ---

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:{0}\r\nBEGIN:VEVENT\r\nUID:m1@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("Content-Type: text/calendar; method=REPLY\n\n" + CALENDAR.format("REPLY"), "calendar_reply"),
        ("Content-Type: TEXT/Calendar\n\n" + CALENDAR.format("REPLY").lower(), "calendar_reply"),
        ("Content-Type: text/calendar; method=REPLY\n\n", "calendar_reply"),
        ("Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETH\n OD:REP\n LY\nEND:VCALENDAR\n", "calendar_reply"),
        ("Content-Type: text/calendar; method=REQUEST\n\n" + CALENDAR.format("REQUEST"), "reply"),
        ("Content-Type: text/calendar; method=REPLY\n\n" + CALENDAR.format("REQUEST"), "reply"),
        ("Content-Type: text/calendar\n\n" + CALENDAR.format("REPLYING"), "reply"),
        ("Content-Type: text/calendar\n\n" + CALENDAR.format("COUNTER"), "reply"),
        ("Content-Type: text/plain\n\nMETHOD:REPLY", "reply"),
    ],
)
def test_a_calendar_answers_by_its_method(part: str, expected: str) -> None:
    assert kind(multipart("Content-Type: text/plain\n\nyes", part)) == expected


def test_an_answer_to_an_invitation_is_one_however_it_was_sent() -> None:
    part = "Content-Type: text/calendar\nContent-Transfer-Encoding: base64\n\nTUVUSE9EOlJFUExZDQo="
    found = understood(multipart(part, headers=("Auto-Submitted: auto-generated", ANSWER)))
    assert (found.kind, found.new_text, found.stops_follow_up) == ("calendar_reply", None, True)
    assert (found.for_message_id, found.calendar) == (LETTER, "METHOD:REPLY\n")
    assert understood(multipart(part)).for_message_id is None
    assert understood(mail("Content-Type: text/calendar; method=reply", body="METHOD:REPLY")).kind == "calendar_reply"


@pytest.mark.parametrize("header", ["List-Id: <a.example.org>", "LIST-POST: NO", "list-unsubscribe: <mailto:x@y>"])
def test_what_came_by_a_list_is_unrelated_even_from_bob(header: str) -> None:
    found = understood(mail(ANSWER, header))
    assert (found.kind, found.for_message_id, found.new_text) == ("unrelated", None, None)


def test_other_headers_of_lists_are_no_sign() -> None:
    assert kind(mail(ANSWER, "Precedence: list", "List-Archive: <https://example.org>", "List-Help: x")) == "reply"


# --- 6. Automatic ---


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "auto-submitted: AUTO-GENERATED",
        "AUTO-SUBMITTED: auto-notified; owner-email=x@example.org",
        "Auto-Submitted: (a robot) auto-replied (vacation)",
        "Auto-Submitted:\n auto-replied",
        "Auto-Submitted: yes",
        "Auto-Submitted: no\nAuto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "x-autorespond: vacation",
        "X-MS-Exchange-Inbox-Rules-Loop: bob.lee@council.example.org",
        "Subject: Re\u0301ponse automatique : Hello",
        "Subject: Automatic reply: Hello",
        "Subject: AUTOMATIC REPLY: Hello",
        "Subject: Out of Office: Hello",
        "Subject: Out of Office AutoReply: Hello",
        "Subject: Ateb awtomatig: Hello",
        "Subject: Automatische Antwort: Hello",
        "Subject: Abwesenheitsnotiz: Hello",
        "Subject: Réponse automatique : Hello",
        "Subject: Réponse automatique\u00a0: Hello",
        "Subject: =?utf-8?q?R=C3=A9ponse?=\n =?utf-8?q?_automatique=C2=A0=3A_Hello?=",
        "Subject: =?utf-8?B?UmVzcHVlc3RhIGF1dG9tw6F0aWNhOiBIb2xh?=",
        "Subject: Respuesta automática: Hello",
        "Subject: Automatic\n reply: Hello",
    ],
)
def test_programs_that_answer_are_told(header: str) -> None:
    found = understood(mail(ANSWER, header, body="I am away until 24 November."))
    assert (found.kind, found.for_message_id, found.stops_follow_up) == ("automatic", LETTER, False)
    assert found.return_date == found.moves_follow_up_to == dt.date(2026, 11, 24)
    assert found.new_text == "I am away until 24 November."


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: NO (a person)",
        "Auto-Submitted: (really) no",
        "Auto-Submitted:",
        "X-Autoreply: NO",
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "Subject: Re: Automatic reply: Hello",
        "Subject: Re: Out of Office: Hello",
        "Subject: Out of office hours, could we talk?",
        "Subject: Automatic reply systems, a question",
    ],
)
def test_people_who_answer_are_no_programs(header: str) -> None:
    found = understood(mail(ANSWER, header, body="I am out of the office and back on 24 November."))
    assert (found.kind, found.return_date, found.moves_follow_up_to) == ("reply", None, None)


def test_a_rule_of_alices_own_only_passed_the_answer_on() -> None:
    for written in (ALICE, ALICE.upper(), f" <{ALICE}> "):
        assert kind(mail(ANSWER, f"X-MS-Exchange-Inbox-Rules-Loop: {written}", f"Delivered-To: {DROP}")) == "reply"


def test_an_automatic_answer_needs_no_known_sender() -> None:
    found = understood(mail("Auto-Submitted: auto-replied", sender=CHARLIE, body="Who are you?"))
    assert (found.kind, found.sender, found.for_message_id, found.person_id) == ("automatic", CHARLIE, None, None)


def test_a_date_in_what_an_automatic_answer_quotes_is_nobodys() -> None:
    body = "I am away.\n\nOn Mon, 9 Nov 2026 Alice wrote:\n> I am back on 1 January 2027, and away until 2 May."
    assert understood(mail("Auto-Submitted: auto-replied", body=body)).return_date is None


# --- 7. Copies of one's own ---


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (f"Bcc: {DROP}", "bcc"),
        (f"Delivered-To: {DROP.upper()}", "delivered-to"),
        (f"X-Original-To: {DROP}", "x-original-to"),
        (f"Received: from a.example.org by mx.in.example.org\n with ESMTPS id 7 for <{DROP}>;\n {DATE}", "received"),
        (f"Received: by mx.in.example.org for {DROP}; {DATE}", "received"),
        ("X-Nothing: here", "envelope"),
    ],
)
def test_a_copy_of_ones_own_is_told_wherever_the_drop_address_stands(header: str, place: str) -> None:
    envelope = Envelope(ALICE, (DROP,)) if place == "envelope" else None
    found = understood(mail(header, sender=f"Alice Moss <{ALICE.upper()}>", to=BOB, body="Dear Bob"), envelope)
    assert (found.kind, found.sender, found.new_text) == ("sent_copy", ALICE, "Dear Bob")
    assert (found.for_message_id, found.letter_id, found.stops_follow_up) == ("<one@example.org>", None, False)
    assert found.drops == ((DROP, place),)


def test_a_copy_that_is_the_letter_itself_names_it() -> None:
    found = understood(mail(f"Message-ID: {LETTER}", sender=ALICE, to=BOB))
    assert (found.kind, found.for_message_id, found.letter_id) == ("sent_copy", LETTER, 8)
    assert understood(mail(f"Message-ID: {LETTER.upper()}", sender=ALICE, to=BOB)).letter_id == 8


def test_alices_answer_in_the_thread_is_a_copy_and_no_reply() -> None:
    body = f"Thank you!\n\nFrom: Bob <{BOB}>\nSent: 10 November 2026 09:12\nTo: Alice\nSubject: Re: Hello\n\nYes."
    found = understood(mail(ANSWER, f"Bcc: {DROP}", sender=ALICE, to=BOB, body=body))
    assert (found.kind, found.for_message_id, found.new_text) == ("sent_copy", "<one@example.org>", "Thank you!")


def test_a_copy_from_any_of_ones_addresses_and_to_a_tagged_one() -> None:
    tagged = DROP.replace("@", "+a17@")
    found = understood(mail(f"Delivered-To: {tagged}", sender="alice@home.example.org", to=CHARLIE))
    assert (found.kind, found.drops) == ("sent_copy", ((tagged, "delivered-to"),))


def test_a_copy_sent_with_cc_instead_of_bcc_is_one_too() -> None:
    assert kind(mail(f"Cc: {DROP}", sender=ALICE, to=BOB)) == "sent_copy"
    assert kind(mail(f"Cc: {DROP}", sender=ALICE, to=CHARLIE)) == "sent_copy"
    assert kind(mail(f"Bcc: {DROP}", sender=ALICE, to="undisclosed-recipients:;")) == "sent_copy"


def test_a_note_to_the_drop_address_alone_is_neither_sent_nor_a_forward() -> None:
    assert kind(mail(sender=ALICE, to=DROP, body="Bob rang me.")) == "unrelated"
    assert kind(mail(ANSWER, sender=ALICE, to=DROP, body="Bob rang me.")) == "unrelated"


# --- 9. Replies, and 10. the rest ---


@pytest.mark.parametrize(
    "header",
    [
        ANSWER,
        f"in-reply-to: {LETTER}",
        "In-Reply-To: mf.77@mail.example.org",
        f"In-Reply-To: Your message of Mon, 9 Nov 2026 08:00 {LETTER}",
        f"References: <a@b>{LETTER}<c@d>",
        f"References: <a@b>\n\t{LETTER}\n <c@d>",
        "References: a@b, mf.77@mail.example.org, c@d",
        "References: <a@b>\n <mf.77@\n mail.example.org>",
        "References: =?us-ascii?Q?=3Ca@b=3E_=3Cmf=2E77@mail=2Eexample=2Eorg=3E?=",
        f"References: {'<x@y.example.org> ' * 3000}{LETTER}",
    ],
)
def test_what_names_the_letter_answers_it_from_whatever_address(header: str) -> None:
    found = understood(mail(header, sender=CHARLIE, subject="Something else"))
    assert (found.kind, found.sender, found.for_message_id, found.letter_id) == ("reply", CHARLIE, LETTER, 8)
    assert (found.stops_follow_up, found.person_id) == (True, None)


@pytest.mark.parametrize(
    "header",
    [
        "In-Reply-To: <mf.77@mail.example.org.evil>",
        "In-Reply-To: <xmf.77@mail.example.org>",
        "References: <mf.770@mail.example.org>",
        "X-References: <mf.77@mail.example.org>",
        "Subject: Re: <mf.77@mail.example.org>",
    ],
)
def test_what_names_another_letter_or_nowhere_answers_nothing(header: str) -> None:
    assert kind(mail(header, sender=CHARLIE)) == "unrelated"


@pytest.mark.parametrize(
    "sender",
    [
        BOB,
        BOB.upper(),
        f"<{BOB}>",
        f'"Lee, Bob (Council)" <{BOB}>',
        f"{BOB} (Bob Lee)",
        f"=?utf-8?q?B=C3=B6b?= <{BOB}>",
        f"=?utf-8?q?Bob_=3C{BOB}=3E?=",
        f"Bob\n <{BOB}>",
        "bob@private.example.org",
        f"Bob Lee <{BOB}>, {CHARLIE}",
    ],
)
def test_what_is_from_bob_is_a_reply_whatever_its_thread(sender: str) -> None:
    found = understood(mail(sender=sender, subject="A word"))
    assert (found.kind, found.person_id, found.for_message_id) == ("reply", 5, None)
    assert found.sender in {BOB, "bob@private.example.org"}


def test_a_name_alone_is_no_address() -> None:
    assert kind(mail(sender=f'"{BOB}" <{CHARLIE}>')) == "unrelated"
    assert kind(mail(sender=f"Bob Lee <{CHARLIE}>")) == "unrelated"
    assert kind(mail(f"Reply-To: {BOB}", f"Sender: {BOB}", sender=CHARLIE)) == "unrelated"


def test_the_nearest_of_several_letters_is_the_one_that_is_answered() -> None:
    both = "References: <mf.78@mail.example.org> <mf.77@mail.example.org>"
    assert understood(mail(both)).letter_id == 8
    assert understood(mail(both, "In-Reply-To: <mf.78@mail.example.org>")).letter_id == 9


def test_mail_without_anything_is_unrelated() -> None:
    for data in (b"", b"\n", b"Hello", b"\xff\xfe\x00", b"From: \n\n", b":\n:\n\n:"):
        found = understood(data)
        assert (found.kind, found.sender, found.date) == ("unrelated", None, None)


def test_all_that_is_needed_later_is_kept() -> None:
    headers = [
        ANSWER,
        "References: <a@b> " + LETTER,
        f"Cc: Charlie <{CHARLIE}>, {DROP}",
        "Date: Tue, 10 Nov 2026 10:12:00 +0100",
    ]
    text = "Content-Type: text/plain\n\nYes."
    named = 'attachment; filename="C:\\\\plans\\\\b.pdf"'
    file = f'Content-Type: application/pdf; name="a.pdf"\nContent-Disposition: {named}\n\nx'
    headers.append("Subject: =?utf-8?q?Re=3A_?=\n =?utf-8?q?caf=C3=A9?=")
    found = understood(multipart(text, file, headers=tuple(headers)))
    assert (found.subject, found.message_id) == ("Re: café", "<one@example.org>")
    assert found.date == dt.datetime(2026, 11, 10, 9, 12, tzinfo=dt.UTC)
    assert (found.in_reply_to, found.references) == (("mf.77@mail.example.org",), ("a@b", "mf.77@mail.example.org"))
    assert [tuple(one) for one in (*found.to, *found.cc)] == [("", ALICE), ("Charlie", CHARLIE), ("", DROP)]
    assert (found.drops, found.attachments) == (((DROP, "cc"),), ("b.pdf",))
    assert found.why == "It answers your letter."
