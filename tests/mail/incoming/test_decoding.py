"""Letters and their encodings, also where a mail claims the wrong one or is broken."""

from __future__ import annotations

import base64

import pytest

from mail.incoming.decoding import from_base64, to_text, with_words_decoded
from mail.incoming.message import ids, mailboxes, moment
from tests.mail.incoming.mails import ANSWER, mail, understood


def words(body: bytes, *headers: str) -> str | None:
    return understood(mail(ANSWER, *headers, body="") + body).new_text


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("utf-8", "Tuesday – é".encode()),
        ("us-ascii", "Tuesday – é".encode()),
        ("us-ascii", "Tuesday – é".encode("cp1252")),
        ("utf-8", "Tuesday – é".encode("cp1252")),
        ("iso-8859-1", "Tuesday – é".encode("cp1252")),
        ("iso-8859-1", "Tuesday – é".encode()),
        ("windows-1252", "Tuesday – é".encode("cp1252")),
        ("x-unknown", "Tuesday – é".encode()),
        ("x-unknown", "Tuesday – é".encode("cp1252")),
        ('"UTF-8"', "Tuesday – é".encode()),
        ("utf-8; format=fixed", "Tuesday – é".encode()),
        ("", "Tuesday – é".encode()),
        ("hex", "Tuesday – é".encode()),
        ("punycode", "Tuesday – é".encode()),
        ("undefined", "Tuesday – é".encode()),
        ("utf-8\0", "Tuesday – é".encode()),
        ("gb18030", "Tuesday – é".encode("gb18030")),
        ("utf-7", "Tuesday – é".encode("utf-7")),
        ("utf-8", b"\xef\xbb\xbf" + "Tuesday – é".encode()),
        ("utf-8", "Tuesday – é€".encode()[:-1]),
    ],
)
def test_bytes_are_read_as_declared_or_as_they_must_be_meant(charset: str, data: bytes) -> None:
    assert words(data, f"Content-Type: text/plain; charset={charset}") == "Tuesday – é"


def test_bytes_that_are_no_letter_of_windows_are_shown_as_such() -> None:
    assert to_text(b"a\x81\xff", "utf-8") == "a\ufffdÿ"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", b"RGVhciBBbGljZQ=="),
        ("BASE64 (packed)", b"RGVhciBBbGljZQ=="),
        ("base64", b"RGVh*ciBB\r\n  bGl!jZQ"),
        ("base64", b"RGVhciBBbGljZQ"),
        ("base64", b"RGVhciBBbGljZQ==\r\n\r\nA gateway adds this."),
        ("base64", b"RGVhciBBbGljZQ\xff=="),
        ("base64", b"RGVhciBBbGljZ"),
        ("quoted-printable", b"Dear=20Alic=65"),
        ("Quoted-Printable", b"Dear Al=\r\nice"),
        ("8bit", b"Dear Alice"),
        ("8-bit", b"Dear Alice"),
        ("binary", b"Dear Alice"),
        ("nonsense", b"Dear Alice"),
    ],
)
def test_what_is_packed_is_unpacked_as_far_as_it_goes(encoding: str, body: bytes) -> None:
    assert (words(body, f"Content-Transfer-Encoding: {encoding}") or "")[:9] == "Dear Alice"[:9]


def test_errors_of_quoted_printable_stay_as_they_are() -> None:
    body = b"100=25 fine= and =ZZ is =3 no code="
    assert words(body, "Content-Transfer-Encoding: quoted-printable") == "100% fine= and =ZZ is =3 no code"


def test_broken_mime_is_read_as_far_as_it_goes() -> None:
    open_end = b"--b\nContent-Type: text/plain\n\nYes.\n\n--b\nContent-Type: text/html; charset=\n\n<p>Y"
    assert words(open_end, "Content-Type: multipart/alternative; boundary=b") == "Yes."
    assert words(b"Yes.", "Content-Type: multipart/alternative; boundary=b") == "Yes."
    assert words(b"Yes.", "Content-Type: multipart/mixed") == "Yes."
    for header in ("multipart/mixed", "multipart/mixed; boundary=other", 'multipart/mixed; boundary="'):
        assert words(open_end, f"Content-Type: {header}") == "Yes."
    assert words(open_end.replace(b"--b", b'--b"\\'), "Content-Type: multipart/mixed") == "Yes."
    assert words(b"--b\nContent-Type: multipart/mixed\n\n--c\n\nYes.", "Content-Type: multipart/mixed") == "--c\n\nYes."
    assert words(b"Yes.", "Content-Type: text") == "Yes."
    assert words(b"Yes.", "Content-Type: ;;;=") == "Yes."
    assert words(b"Yes.", "Content-Type: text/plain; charset*=nonsense'x'%ff") == "Yes."
    assert words(b"Yes.", "Content-Type: text/plain; charset*0=ut; charset*1=f-8") == "Yes."


def test_base64_cut_anywhere_is_the_beginning() -> None:
    whole = b"Dear Alice, Thursday at four?"
    packed = base64.b64encode(whole)
    for end in range(len(packed) + 1):
        assert whole.startswith(from_base64(packed[:end]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?= at =?iso-8859-1?Q?=E9t=E9?=", "café at été"),
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),
        ("=?utf-8?q?a?= =?utf-8?b?Yg==?=", "ab"),
        ("=?utf-8*en?q?a_b?=", "a b"),
        ("=?utf-8?q?Re: a b?=", "Re: a b"),
        ("=?x-none?q?caf=E9?=", "café"),
        ("=?utf-8?b?Y2Fmw6k?=", "café"),
        ("=?utf-8?x?a?= =?", "=?utf-8?x?a?= =?"),
        ("before=?utf-8?q?a?=after", "beforeaafter"),
    ],
)
def test_encoded_words(value: str, expected: str) -> None:
    assert with_words_decoded(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@x.org", [("", "a@x.org")]),
        ("A <A@X.org>, b@x.org", [("A", "a@x.org"), ("", "b@x.org")]),
        ('"B, A" <a@x.org>', [("B, A", "a@x.org")]),
        (r'"B \"C\", A" <a@x.org>', [('B "C", A', "a@x.org")]),
        ("A (x, <b@x.org>) <a@x.org>", [("A", "a@x.org")]),
        ("a@x.org (A B)", [("A B", "a@x.org")]),
        ("team: a@x.org, B <b@x.org>; c@x.org", [("", "a@x.org"), ("B", "b@x.org"), ("", "c@x.org")]),
        ("undisclosed-recipients:;", []),
        ("<mailto:a@x.org>", [("", "a@x.org")]),
        ("<>", []),
        ("A <a@x.org", [("A", "a@x.org")]),
        ('"A <a@x.org>', [("", "a@x.org")]),
        ('"b@x.org" <a@x.org>', [("b@x.org", "a@x.org")]),
        ("a@x.org <b@x.org>", [("a@x.org", "b@x.org")]),
        ("=?utf-8?q?A=2C_B?= <a@x.org>", [("A, B", "a@x.org")]),
        ("=?utf-8?q?A_=3Cb@x.org=3E?= <a@x.org>", [("A <b@x.org>", "a@x.org")]),
    ],
)
def test_mailboxes(value: str, expected: list[tuple[str, str]]) -> None:
    assert [tuple(one) for one in mailboxes(value)] == expected


def test_ids_and_moments() -> None:
    assert ids("<a@b> <c@d>, e@f <g\t@h>") == ["a@b", "c@d", "g@h", "e@f"]
    assert ids("") == ids("<>") == []
    assert moment("Tue, 10 Nov 2026 10:12:00 +0100 (CET)").isoformat() == "2026-11-10T10:12:00+01:00"
    assert moment("10 Nov 26 09:12 GMT").isoformat() == "2026-11-10T09:12:00+00:00"
    for nonsense in ("", "x", "Tue, 10 Nov 99999 10:12:00 +0100", "0", "Tue, 10 Nov 2026 10:12:00 +999999", "\x00"):
        assert moment(nonsense) is None
