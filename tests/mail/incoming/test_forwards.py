"""What Alice forwards to her drop address: in the words of her mail as several programs write it, and attached."""

from __future__ import annotations

import base64
import datetime as dt

import pytest

from mail.incoming.known import Envelope
from tests.mail.incoming.mails import (
    ALICE,
    ANSWER,
    BOB,
    CHARLIE,
    DATE,
    DROP,
    LETTER,
    OURS,
    kind,
    mail,
    multipart,
    understood,
)

WORDS = "Dear Alice,\n\nThursday at four?\n\nBob"
QUOTED = f"On Mon, 9 Nov 2026 at 08:00, Alice Moss <{ALICE}> wrote:\n\n> Dear Bob,\n> May I ask?"
HEAD = f"From: Bob Lee <{BOB}>\nDate: Tue, 10 Nov 2026 at 09:12\nSubject: Re: Hello\nTo: Alice <{ALICE}>"
BLOCK = f"{HEAD}\n\n\n{WORDS}\n\n{QUOTED}"


def forward(body: str, *headers: str, subject: str = "Fwd: Hello", to: str = DROP) -> bytes:
    return mail(*headers, sender=f"Alice <{ALICE}>", to=to, subject=subject, body=body)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


GMAIL = "---------- Forwarded message ---------"
OUTLOOK = "From: Bob Lee <{0}>\nSent: 10 November 2026 09:12\nTo: Alice <{1}>\nSubject: RE: Hello\n\n{2}"
THUNDERBIRD = (
    "Subject: \tRe: Hello\nDate: \tTue, 10 Nov 2026 09:12:00 +0000\nFrom: \tBob Lee <{0}>\nTo: \tAlice <{1}>\n\n\n\n{2}"
)
GERMAN = "Von: Bob Lee <{0}>\nGesendet: Dienstag, 10. November 2026 09:12\nAn: Alice <{1}>\nBetreff: AW: Hello\n\n{2}"
FRENCH = "De : Bob Lee <{0}>\nEnvoyé : mardi 10 novembre 2026 09:12\nÀ : Alice <{1}>\nObjet : RE: Hello\n\n{2}"
SPANISH = (
    "De: Bob Lee <{0}>\nEnviado el: martes, 10 de noviembre de 2026 9:12\nPara: Alice <{1}>\nAsunto: RE: Hello\n\n{2}"
)
WELSH = "Oddi wrth: Bob Lee <{0}>\nAnfonwyd: 10 Tachwedd 2026 09:12\nAt: Alice <{1}>\nPwnc: RE: Hello\n\n{2}"
APPLE = "From: Bob Lee <{0}>\nSubject: Re: Hello\nDate: 10 November 2026 at 09:12:00 GMT\nTo: Alice <{1}>\n\n{2}"
ALL = {
    "gmail": f"look!\n\n{GMAIL}\n{BLOCK}",
    "gmail, in German": f"---------- Weitergeleitete Nachricht ----------\n{BLOCK.replace('From:', 'Von:')}",
    "gmail, in French": f"---------- Message transféré ---------\n{BLOCK.replace('From:', 'De :')}",
    "gmail, in Spanish": f"---------- Mensaje reenviado ---------\n{BLOCK.replace('From:', 'De:')}",
    "gmail, in Welsh": f"---------- Neges wedi'i hanfon ymlaen ---------\n{BLOCK.replace('From:', 'Oddi wrth:')}",
    "apple": f"Begin forwarded message:\n\n{quoted(APPLE.format(BOB, ALICE, WORDS + chr(10) * 2 + QUOTED))}",
    "apple, unquoted": f"Begin forwarded message:\n\n{APPLE.format(BOB, ALICE, WORDS)}",
    "apple, in German": f"Anfang der weitergeleiteten Nachricht:\n\n{quoted(BLOCK.replace('From:', 'Von:'))}",
    "apple, in French": f"Début du message réexpédié :\n\n{quoted(BLOCK.replace('From:', 'De:'))}",
    "apple, in Spanish": f"Inicio del mensaje reenviado:\n\n{quoted(BLOCK.replace('From:', 'De:'))}",
    "thunderbird": f"\n\n\n-------- Forwarded Message --------\n{THUNDERBIRD.format(BOB, ALICE, WORDS)}",
    "outlook": "\n\n" + OUTLOOK.format(BOB, ALICE, WORDS),
    "outlook, ruled": "see below\n________________________________\n" + OUTLOOK.format(BOB, ALICE, WORDS),
    "hotmail": f"Date: Tue, 10 Nov 2026 09:12\nSubject: Re: Hello\nFrom: {BOB}\nTo: {ALICE}\n\n{WORDS}",
    "outlook, no line between": OUTLOOK.format(BOB, ALICE, WORDS).replace("Hello\n\n", "Hello\n"),
    "outlook, two of them": OUTLOOK.format(BOB, ALICE, WORDS) + "\n\n" + OUTLOOK.format(ALICE, BOB, "Dear Bob"),
    "outlook, old": "-----Original Message-----\n" + OUTLOOK.format(BOB, ALICE, WORDS),
    "outlook, bold": OUTLOOK.format(BOB, ALICE, WORDS).replace("From:", "*From:*").replace("Sent:", "*Sent:*"),
    "outlook, mailto": OUTLOOK.format(BOB, ALICE, WORDS).replace(f"<{BOB}>", f"[mailto:{BOB}]"),
    "outlook, twice": OUTLOOK.format(f"{BOB}<mailto:{BOB}>", ALICE, WORDS),
    "outlook, names only": OUTLOOK.format(BOB, ALICE, WORDS).replace(f"Bob Lee <{BOB}>", "LEE, Bob (COUNCIL)"),
    "outlook, spread": OUTLOOK.format(BOB, ALICE, WORDS).replace("\nSent", "\n\nSent").replace("\nTo", "\n\nTo"),
    "outlook, long": OUTLOOK.format(BOB, ALICE, WORDS).replace(
        "Subject", "Cc: a@example.org;\n b@example.org\nImportance: High\nSubject"
    ),
    "outlook, in German": GERMAN.format(BOB, ALICE, WORDS),
    "outlook, in French": FRENCH.format(BOB, ALICE, WORDS),
    "outlook, in French with hard blanks": FRENCH.format(BOB, ALICE, WORDS).replace(" :", "\u00a0:"),
    "outlook, in Spanish": SPANISH.format(BOB, ALICE, WORDS),
    "outlook, in Welsh": WELSH.format(BOB, ALICE, WORDS),
    "outlook, with Windows' ends": OUTLOOK.format(BOB, ALICE, WORDS).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("body", ALL.values(), ids=ALL)
def test_bobs_words_are_found_in_a_forward(body: str) -> None:
    found = understood(forward(body))
    assert (found.kind, found.sender, found.person_id) == ("forwarded_reply", BOB, 5)
    assert (found.new_text, found.stops_follow_up, found.for_message_id) == (WORDS, True, None)
    assert found.to[0].address == DROP


def test_words_that_begin_like_a_header_are_words_below_the_empty_line() -> None:
    found = understood(forward(OUTLOOK.format(BOB, ALICE, "To: be honest,\nyes.")))
    assert found.new_text == "To: be honest,\nyes."


def test_a_forward_as_html() -> None:
    link = f"<a href='mailto:{BOB}'>{BOB}</a>"
    head = f"From: <b>Bob Lee</b> &lt;{link}&gt;<br>Date: Tue, 10 Nov 2026<br>Subject: Re: Hello<br>To: A"
    gmail = f"<div>look!</div><div class=gmail_quote><div>{GMAIL}<br>{head}<br></div><br><div>Thursday?</div></div>"
    apple = f"<div>Begin forwarded message:</div><br><div>{head}</div><br><div>Thursday?</div>"
    apple = f"<blockquote type=cite>{apple}</blockquote>"
    for body in (gmail, apple):
        found = understood(forward(body, "Content-Type: text/html"))
        assert (found.kind, found.sender, found.new_text) == ("forwarded_reply", BOB, "Thursday?")


def test_the_thread_of_the_forward_names_the_letter() -> None:
    found = understood(forward(ALL["gmail"], "In-Reply-To: <x@y>", f"References: {LETTER} <x@y>"))
    assert (found.kind, found.for_message_id, found.letter_id) == ("forwarded_reply", LETTER, 8)


def test_the_banner_above_bobs_words_is_left_out() -> None:
    banner = "CAUTION: This message came from outside.\n\n"
    assert understood(forward(OUTLOOK.format(BOB, ALICE, banner + WORDS))).new_text == WORDS


def test_bob_is_found_in_a_forward_within_a_forward() -> None:
    outer = f"{GMAIL}\nFrom: Charlie <{CHARLIE}>\nDate: x\nSubject: Fwd: Hello\nTo: Alice <{ALICE}>\n\nFor you.\n\n"
    for inner in (f"{GMAIL}\n{BLOCK}", quoted(f"{GMAIL}\n{BLOCK}"), OUTLOOK.format(BOB, ALICE, WORDS)):
        found = understood(forward(outer + inner))
        assert (found.kind, found.sender, found.new_text) == ("forwarded_reply", BOB, WORDS)


@pytest.mark.parametrize(
    "data",
    [
        forward(f"{GMAIL}\n{BLOCK.replace(BOB, CHARLIE)}"),
        forward(f"{GMAIL}\n{BLOCK.replace(BOB, CHARLIE)}", ANSWER),
        forward(f"{GMAIL}\n{BLOCK.replace(BOB, ALICE)}"),
        forward("From: Monday\nTo: Friday\nSubject: holidays"),
        forward(f"{GMAIL}"),
        forward(f"From: {BOB}"),
        forward(quoted(WORDS)),
    ],
)
def test_a_forward_without_anything_from_bob_is_unrelated(data: bytes) -> None:
    assert kind(data) == "unrelated"


def test_a_forward_is_one_by_whatever_way_it_reached_the_drop_address() -> None:
    assert kind(forward(ALL["gmail"], f"Bcc: {DROP}", to="undisclosed-recipients:;")) == "forwarded_reply"
    assert kind(forward(ALL["gmail"], to=ALICE), Envelope(ALICE, (DROP,))) == "forwarded_reply"
    assert kind(forward(ALL["gmail"], f"Cc: {DROP}", to=CHARLIE)) == "forwarded_reply"
    assert kind(forward(ALL["outlook"], f"Bcc: {DROP}", to=CHARLIE, subject="FW: Hello")) == "forwarded_reply"


def test_what_goes_to_bob_himself_is_a_copy_and_no_forward() -> None:
    assert kind(forward(ALL["gmail"], f"Bcc: {DROP}", to=BOB)) == "sent_copy"
    assert kind(forward(ALL["outlook"], f"Bcc: {DROP}", to=BOB, subject="RE: Hello")) == "sent_copy"
    assert kind(forward(ALL["outlook"], f"Bcc: {DROP}", to=CHARLIE, subject="RE: Hello")) == "sent_copy"


def test_what_bob_forwards_is_a_reply_with_his_own_words() -> None:
    body = f"Charlie knows more.\n\n{GMAIL}\n{BLOCK.replace(BOB, CHARLIE)}"
    found = understood(mail(ANSWER, body=body))
    assert (found.kind, found.new_text) == ("reply", "Charlie knows more.")


def test_a_stranger_who_writes_to_the_drop_address_forwards_nothing() -> None:
    assert kind(mail(sender=CHARLIE, to=DROP, body=ALL["gmail"])) == "unrelated"
    assert kind(mail(ANSWER, sender=CHARLIE, to=DROP, body=ALL["gmail"])) == "reply"


# --- Attached ---

INSIDE = f"From: Bob <{BOB}>\nTo: {ALICE}\nSubject: Re: Hello\nDate: {DATE}\n{ANSWER}\n\nNot this term.\n\n{QUOTED}\n"


def attached(part: str, *headers: str) -> bytes:
    return multipart("Content-Type: text/plain\n\nsee attached", part, headers=headers, sender=ALICE, to=DROP)


PACKED = base64.encodebytes(INSIDE.encode()).decode()
FILES = {
    "message/rfc822": f"Content-Type: message/rfc822\nContent-Disposition: attachment\n\n{INSIDE}",
    "base64": f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{PACKED}",
    "octets": 'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="Re_ Hello.EML"\n'
    f"Content-Transfer-Encoding: base64\n\n{PACKED}",
    "octets, named in the type": "Content-Type: application/octet-stream; name=a.eml\n"
    f"Content-Transfer-Encoding: base64\n\n{PACKED}",
    "octets, encoded name": "Content-Type: application/octet-stream\n"
    "Content-Disposition: attachment;\n filename*=utf-8''R%C3%A9.eml\n"
    f"Content-Transfer-Encoding: base64\n\n{PACKED}",
    "octets, encoded word": 'Content-Type: application/octet-stream; name="=?utf-8?q?R=C3=A9.eml?="\n'
    f"Content-Transfer-Encoding: base64\n\n{PACKED}",
    "digest": f"Content-Type: multipart/digest; boundary=d\n\n--d\n\n{INSIDE}\n--d--",
    "text": f"Content-Type: text/plain; name=a.eml\nContent-Disposition: attachment\n\n{INSIDE}",
}


@pytest.mark.parametrize("part", FILES.values(), ids=FILES)
def test_bobs_words_are_found_in_an_attached_mail(part: str) -> None:
    found = understood(attached(part))
    assert (found.kind, found.sender, found.person_id) == ("forwarded_reply", BOB, 5)
    assert (found.new_text, found.for_message_id, found.stops_follow_up) == ("Not this term.", LETTER, True)
    assert found.to[0].address == DROP


def test_an_attached_answer_from_another_address_is_told_by_its_thread() -> None:
    found = understood(attached(FILES["message/rfc822"].replace(BOB, CHARLIE)))
    assert (found.kind, found.sender, found.letter_id) == ("forwarded_reply", CHARLIE, 8)


def test_the_one_that_is_from_bob_counts_among_several() -> None:
    other = FILES["message/rfc822"].replace(BOB, CHARLIE).replace(LETTER, "<x@y>")
    found = understood(multipart(other, FILES["message/rfc822"], sender=ALICE, to=DROP))
    assert (found.kind, found.sender) == ("forwarded_reply", BOB)
    assert kind(attached(other)) == "unrelated"
    assert kind(attached(FILES["message/rfc822"].replace(BOB, ALICE))) == "unrelated"


def test_a_mail_within_an_attached_mail() -> None:
    inside = f"--c\n{FILES['message/rfc822']}\n--c--\n"
    middle = f"From: {ALICE}\nTo: {DROP}\nContent-Type: multipart/mixed; boundary=c\n\n{inside}"
    assert kind(attached(f"Content-Type: message/rfc822\n\n{middle}")) == "forwarded_reply"


def test_what_a_program_wrote_stays_that_when_it_is_forwarded() -> None:
    away = INSIDE.replace("Subject: Re:", "Auto-Submitted: auto-replied\nSubject: Re:").replace(
        "Not this term.", "Back on 24 November."
    )
    found = understood(attached(f"Content-Type: message/rfc822\n\n{away}"))
    assert (found.kind, found.sender, found.return_date) == ("automatic", BOB, dt.date(2026, 11, 24))
    inline = BLOCK.replace("Subject: Re: Hello", "Subject: Automatic reply: Hello").replace(
        "Thursday at four?", "Back on 24 November."
    )
    found = understood(forward(f"{GMAIL}\n{inline}"))
    assert (found.kind, found.return_date, found.stops_follow_up) == ("automatic", dt.date(2026, 11, 24), False)
    failed = f"Content-Type: message/delivery-status\n\nA: b\n\nFinal-Recipient: rfc822; {BOB}\nAction: failed"
    bounce = f"From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=c\n\n--c\n{failed}\n--c--"
    assert kind(attached(f"Content-Type: message/rfc822\n\n{bounce}")) == "bounce"
    assert kind(attached(f"Content-Type: message/rfc822\n\nList-Id: x\n{INSIDE}")) == "unrelated"


def test_a_forward_that_our_server_calls_false_is_suspicious() -> None:
    assert kind(attached(FILES["message/rfc822"], f"Authentication-Results: {OURS}; dmarc=fail")) == "suspicious"


def test_a_letter_with_a_mail_attached_is_still_a_copy() -> None:
    data = multipart(
        "Content-Type: text/plain\n\nDear Bob", FILES["message/rfc822"], sender=ALICE, to=BOB, headers=(f"Bcc: {DROP}",)
    )
    found = understood(data)
    assert (found.kind, found.new_text) == ("sent_copy", "Dear Bob")
