"""A session with a mail server that is slow, broken or misconfigured. (For the effect on mail see ``test_engine``.)"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from mail import smtp
from mail.smtp import (
    Dropped,
    Hung,
    MailServer,
    NotNow,
    Refused,
    Trouble,
    Unclear,
    Unreachable,
    clean,
    says_no_such_address,
)
from tests.mail import raw_server
from tests.mail.raw_server import RawServer, Say, trickle

MAIL = b"From: Mentorfolio <hello@mentors.example>\n\nGood morning.\n"


@pytest.fixture(autouse=True)
def _impatient(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 1


@pytest.fixture(params=["one by one", "at once"])
def announced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send MAIL, RCPT and DATA one by one, or together if the server supports pipelining (RFC 2920)."""
    if request.param == "at once":
        monkeypatch.setitem(raw_server.USUAL, "EHLO", b"250-raw.test\r\n250 PIPELINING\r\n")


@contextmanager
def server(settings: Settings, **says: Say) -> Iterator[RawServer]:
    with RawServer(**says) as raw:
        settings.EMAIL_PORT = raw.port
        yield raw


def send(times: int = 1) -> None:
    with MailServer() as mail_server:
        for _ in range(times):
            mail_server.send(MAIL, "bob@example.org")


SLOWLY = trickle(b"2" * 400, every=0.3)
WITHOUT_END = trickle(b"250-and more\r\n", every=0.001)


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize(
    ("step", "words", "trouble"),
    [
        ("CONNECT", SLOWLY, Unreachable),
        ("EHLO", SLOWLY, Unreachable),
        ("EHLO", WITHOUT_END, Unreachable),
        ("MAIL", SLOWLY, Hung),
        ("MAIL", WITHOUT_END, Hung),
        ("RCPT", SLOWLY, Hung),
        ("DATA", SLOWLY, Hung),
        ("BODY", SLOWLY, Unclear),
        ("BODY", WITHOUT_END, Unclear),
    ],
)
def test_a_server_that_is_never_silent_and_never_done_is_left(
    settings: Settings, step: str, words: Say, trouble: type[Trouble]
) -> None:
    settings.EMAIL_TIMEOUT = 0.5
    with server(settings, **{step: words}):
        begun = time.monotonic()
        with pytest.raises(trouble, match="timed out"):
            send()
        assert time.monotonic() - begun < 3


def test_a_goodbye_without_end_holds_nobody_up(settings: Settings) -> None:
    with server(settings, QUIT=SLOWLY) as raw:
        begun = time.monotonic()
        send()
        assert (len(raw.taken), time.monotonic() - begun < 3) == (1, True)


def test_an_answer_may_come_in_pieces_and_two_at_once(settings: Settings) -> None:
    pieces = iter([b"2", b"50", b" Fi", b"ne\r", b"\n"])

    def slowly(talk: object) -> None:
        for piece in pieces:
            talk.sendall(piece)  # type: ignore[attr-defined]
            time.sleep(0.05)

    with server(settings, EHLO=b"250-raw.test\r\n250-SIZE 100000\r\n250 8BITMIME\r\n", MAIL=slowly) as raw:
        send()
        assert len(raw.taken) == 1


@pytest.mark.usefixtures("announced")
def test_a_slow_answer_leaves_the_next_step_its_whole_time(settings: Settings) -> None:
    def late(talk: object) -> None:
        time.sleep(0.7)
        talk.sendall(b"250 Fine\r\n")  # type: ignore[attr-defined]

    with server(settings, MAIL=late, RCPT=late) as raw:
        send()
        assert len(raw.taken) == 1


@pytest.mark.parametrize(
    "greeting", [b"\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"554 No\r\n", b"\xff\x00\r\n", b"2" * 70_000 + b"\r\n"]
)
def test_who_greets_like_no_mail_server_is_none(settings: Settings, greeting: bytes) -> None:
    with server(settings, CONNECT=greeting), pytest.raises(Unreachable, match="Could not reach the mail server"):
        send()


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize("answer", [b"\r\n", b"150 Soon\r\n", b"999 What\r\n", b"x" * 70_000 + b"\r\n"])
@pytest.mark.parametrize(
    ("step", "trouble"), [("MAIL", Dropped), ("RCPT", Dropped), ("DATA", Dropped), ("BODY", Unclear)]
)
def test_an_answer_that_means_nothing_ends_the_talk(
    settings: Settings, step: str, trouble: type[Trouble], answer: bytes
) -> None:
    with server(settings, **{step: answer}), pytest.raises(trouble):
        send()


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize("code", [530, 534, 535, 538])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_wants_us_to_sign_in_first_does_not_fail_every_mail(
    settings: Settings, step: str, code: int
) -> None:
    """Our credentials are the problem, so no mail fails because of it."""
    answer = f"{code} 5.7.0 Authentication required\r\n".encode()
    with server(settings, **{step: answer}), pytest.raises(Unreachable, match=f"another sign-in: {code} 5.7.0"):
        send()


@pytest.mark.parametrize(("answer", "trouble"), [(b"450 Later\r\n", NotNow), (b"550 Never\r\n", Refused)])
def test_the_connection_outlives_a_refusal(settings: Settings, answer: bytes, trouble: type[Trouble]) -> None:
    with server(settings, RCPT=answer) as raw, MailServer() as mail_server:
        for _ in range(2):
            with pytest.raises(trouble):
                mail_server.send(MAIL, "bob@example.org")
        assert raw.heard.count("CONNECT") == 1


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "trouble"), [(b"450 Later\r\n", NotNow), (b"550 Never\r\n", Refused)])
def test_who_is_refused_gets_nothing_and_the_next_one_everything(
    settings: Settings, step: str, answer: bytes, trouble: type[Trouble]
) -> None:
    """Even if the server still waits for a body: then the connection is closed, so that it gets none."""
    with server(settings, **{step: answer}) as raw, MailServer() as mail_server:
        with pytest.raises(trouble):
            mail_server.send(MAIL, "bob@example.org")
        assert raw.taken == []
        del raw.says[step]
        raw.says |= {"DATA": b"354 Go on\r\n"}
        mail_server.send(MAIL, "carol@example.org")
        assert raw.taken == [MAIL.replace(b"\n", b"\r\n")]


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_no_counts_also_when_the_server_leaves_with_it(settings: Settings, step: str) -> None:
    def go(talk: object) -> None:
        talk.sendall(b"550 Go away\r\n")  # type: ignore[attr-defined]
        talk.shutdown(2)  # type: ignore[attr-defined]

    with server(settings, **{step: go}) as raw:
        with pytest.raises(Refused, match="550 Go away"):
            send()
        assert raw.taken == []


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_is_closing_takes_nothing(settings: Settings, step: str) -> None:
    with server(settings, **{step: b"421 Closing\r\n"}) as raw:
        with pytest.raises(Dropped, match="421 Closing"):
            send()
        assert raw.taken == []


def test_a_server_that_can_is_told_everything_before_it_answers(settings: Settings) -> None:
    """With a distant server, two round trips per mail instead of four."""
    waiting: list[bytes] = []

    with RawServer(EHLO=b"250-raw.test\r\n250 PIPELINING\r\n") as raw:
        settings.EMAIL_PORT = raw.port
        with MailServer() as mail_server:
            mail_server.connect()
            assert mail_server._talk is not None
            said = mail_server._talk.send
            mail_server._talk.send = lambda words: (waiting.append(words), said(words))  # type: ignore[method-assign]
            mail_server.send(MAIL, "bob@example.org")
    assert waiting[:2] == [
        "MAIL FROM:<hello@mentors.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n",
        MAIL.replace(b"\n", b"\r\n") + b".\r\n",
    ]


@given(st.binary(max_size=60) | st.text("a.\r\n", max_size=30).map(str.encode))
def test_a_body_travels_as_it_is(body: bytes) -> None:
    """Compared with the standard library's result."""
    lines = body if body.endswith((b"\n", b"\r")) else body + b"\n"
    expected = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\r|\n", b"\r\n", lines)) + b".\r\n"
    assert smtp._dotted(body) == expected


@pytest.mark.parametrize(
    "header",
    [
        "From: hello@mentors.example",
        "Subject: x\nfrom: Mentorfolio <hello@mentors.example>",
        "From: =?utf-8?q?Caf=C3=A9?=\n <hello@mentors.example>\nTo: bob@example.org",
        "X-From: nobody@example.org\nFROM:\n Mentor\n\tfolio <hello@mentors.example>",
    ],
)
def test_the_sender_is_the_one_in_the_header(header: str) -> None:
    assert smtp._sender(f"{header}\n\nFrom: somebody@example.org\n".encode()) == "hello@mentors.example"


def test_no_sender_is_none() -> None:
    assert smtp._sender(b"Subject: x\n\nFrom: somebody@example.org\n") == ""


SIGN_IN = {"EMAIL_HOST_USER": "mentorfolio", "EMAIL_HOST_PASSWORD": "pässword"}


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        (SIGN_IN, {"EHLO": b"250-raw.test\r\n250 AUTH PLAIN LOGIN\r\n"}),
        (SIGN_IN, {"EHLO": b"250-raw.test\r\n250 AUTH CRAM-MD5\r\n", "AUTH": b"334 YWJj\r\n"}),
        ({"EMAIL_HOST_USER": "me"}, {"EHLO": b"250-raw.test\r\n250 AUTH CRAM-MD5\r\n", "AUTH": b"334 a\r\n"}),
        ({"EMAIL_HOST_USER": "me"}, {"EHLO": b"250-raw.test\r\n250 AUTH PLAIN\r\n", "AUTH": b"535 5.7.8 No\r\n"}),
        ({"EMAIL_USE_TLS": True}, {"EHLO": b"250-raw.test\r\n250 STARTTLS\r\n", "STARTTLS": b"454 Not today\r\n"}),
        ({"EMAIL_USE_TLS": True}, {"EHLO": b"250-raw.test\r\n250 STARTTLS\r\n", "STARTTLS": b"220 Go\r\nrubbish"}),
        ({"EMAIL_USE_TLS": True}, {}),
        ({"EMAIL_USE_SSL": True}, {}),
        ({"EMAIL_HOST": "mail..example.org"}, {}),
        ({"EMAIL_HOST": f"{'x' * 70}.example.org"}, {}),
    ],
)
def test_what_is_set_up_wrongly_is_said_and_ends_no_worker(
    settings: Settings, setting: dict[str, object], says: dict[str, Say]
) -> None:
    for name, value in setting.items():
        setattr(settings, name, value)
    with server(settings, **says) as raw, pytest.raises(Unreachable) as trouble:
        send()
    assert raw.taken == []
    assert "ä" not in str(trouble.value)
    assert "xe4" not in str(trouble.value)


@pytest.mark.parametrize("size", ["0", "lots", "\u00b2", ""])
def test_a_size_that_is_no_number_is_no_limit(settings: Settings, size: str) -> None:
    with server(settings, EHLO=f"250-raw.test\r\n250 SIZE {size}\r\n".encode("latin-1")) as raw:
        send()
        assert len(raw.taken) == 1


def test_a_mail_of_exactly_the_size_that_is_taken_is_taken(settings: Settings) -> None:
    size = len(smtp._dotted(MAIL))
    with server(settings, EHLO=f"250-raw.test\r\n250 SIZE {size}\r\n".encode()) as raw:
        send()
        assert len(raw.taken) == 1
    with server(settings, EHLO=f"250-raw.test\r\n250 SIZE {size - 1}\r\n".encode()), pytest.raises(Refused):
        send()


@pytest.mark.usefixtures("announced")
def test_a_kept_connection_that_fails_slowly_is_not_renewed_in_the_same_breath(settings: Settings) -> None:
    """Otherwise one session could last twice as long as a lease allows."""
    asked: list[int] = []

    def tired(talk: object) -> None:
        asked.append(1)
        time.sleep(0.6 if len(asked) > 2 else 0)  # the second mail
        talk.sendall(b"250 Fine\r\n" if len(asked) < 4 else b"421 Closing\r\n")  # type: ignore[attr-defined]

    with server(settings, MAIL=tired, RCPT=tired) as raw, MailServer() as mail_server:
        mail_server.send(MAIL, "bob@example.org")
        with pytest.raises(Dropped):
            mail_server.send(MAIL, "bob@example.org")
        assert raw.heard.count("CONNECT") == 1


def test_words_are_one_line_without_anything_that_steers_a_terminal() -> None:
    assert clean("550 \x1b[31mNo\x9b2J\x00\r\n\u2028here\x7f") == "550 [31mNo 2J here"
    assert len(clean("x" * 9000)) == 500


def test_a_new_connection_that_breaks_is_not_tried_again_in_the_same_breath(settings: Settings) -> None:
    """Only an open connection may have been closed by the server in the meantime."""
    with server(settings, MAIL=lambda talk: talk.shutdown(socket.SHUT_RDWR)) as raw, pytest.raises(Dropped):
        send()
    assert raw.heard.count("CONNECT") == 1


@pytest.mark.parametrize(("step", "again"), [("MAIL", 1), ("RCPT", 1), ("BODY", 0)])
def test_what_was_begun_is_taken_back_after_a_refusal(settings: Settings, step: str, again: int) -> None:
    with server(settings, **{step: b"550 Never\r\n"}) as raw, pytest.raises(Refused):
        send()
    assert raw.heard.count("RSET") == again


def test_a_server_that_takes_nothing_back_gets_the_next_mail_anew(settings: Settings) -> None:
    with server(settings, RCPT=b"550 Never\r\n", RSET=b"500 What?\r\n") as raw, MailServer() as mail_server:
        for _ in range(2):
            with pytest.raises(Refused):
                mail_server.send(MAIL, "bob@example.org")
        assert raw.heard.count("CONNECT") == 2


def test_what_is_sent_has_its_whole_time_after_an_answer_that_came_late(settings: Settings) -> None:
    with server(settings), MailServer() as mail_server:
        mail_server.send(MAIL, "bob@example.org")
        assert mail_server._talk is not None
        assert mail_server._talk.sock is not None
        assert mail_server._talk.sock.gettimeout() == 1


@pytest.mark.parametrize(
    "address",
    ["", "bob", "@example.org", "bob@", "a b@example.org", "a\x01b@example.org", "a<b@example.org", "bob@a\r\nb"],
)
def test_what_is_no_address_is_refused_before_anything_is_said(settings: Settings, address: str) -> None:
    with server(settings) as raw, MailServer() as mail_server, pytest.raises(Refused, match="Mail can’t be sent to"):
        mail_server.send(MAIL, address)
    assert raw.heard == []


@pytest.mark.parametrize(("words", "announced"), [("Grüße", True), ("Greetings", False)])
def test_words_beyond_ascii_are_announced_where_that_is_known(settings: Settings, words: str, announced: bool) -> None:
    with server(settings, EHLO=b"250-raw.test\r\n250 8BITMIME\r\n") as raw, MailServer() as mail_server:
        mail_server.send(MAIL + words.encode() + b"\n", "bob@example.org")
        (said,) = [line for line in raw.lines if line.upper().startswith(b"MAIL")]
    assert (b"BODY=8BITMIME" in said) == announced


@pytest.mark.parametrize(
    ("said", "none"),
    [
        ("550 5.1.1 Nobody here", True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("550-5.1.1 The email account that you tried to reach does not exist", True),
        ("550 5.2.1 Mailbox disabled", True),
        ("550 No such user", True),
        ("551 User not local", True),
        ("550 Unrouteable address", True),
        ("550 5.1.8 Sender address rejected", False),
        ("550 5.7.1 Unable to relay", False),
        ("554 5.7.1 Access denied", False),
        ("550 Relay not permitted", False),
        ("550 Blocked by our policy", False),
        ("550 5.2.2 Over quota", False),
        ("552 5.2.2 Mailbox full", False),
        ("501 5.1.7 Bad sender", False),
        ("450 4.1.1 Later", False),
    ],
)
def test_no_such_address_is_told_from_unwelcome(said: str, none: bool) -> None:
    assert says_no_such_address(said) is none


# --- TLS ------------------------------------------------------------------------------------------


@contextmanager
def somebody_elses_server(settings: Settings, tmp_path: Path) -> Iterator[list[bytes]]:
    """A server with TLS whose certificate nobody vouches for; yields what it is told."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1)
    )
    (tmp_path / "cert.pem").write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    told: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            taken, _ = listening.accept()
            with taken, context.wrap_socket(taken, server_side=True) as talk:
                talk.sendall(b"220 raw.test\r\n")
                told.append(talk.recv(1000))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.EMAIL_PORT, settings.EMAIL_USE_SSL = listening.getsockname()[1], True
        thread = threading.Thread(target=serve)
        thread.start()
        yield told
    thread.join(5)


def test_a_server_with_a_certificate_nobody_vouches_for_is_told_nothing(settings: Settings, tmp_path: Path) -> None:
    with somebody_elses_server(settings, tmp_path) as told, pytest.raises(Unreachable, match="certificate"):
        send()
    assert told == []
