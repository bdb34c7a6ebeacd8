"""Mails saved by the development mail server, and the pages that show them."""

from __future__ import annotations

import smtplib
import stat
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from mentoring.development import dev_smtp, door, mailbox
from tests.servers import Process, answers, free_port, wait_until


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.VAR_DIR = tmp_path
    settings.DEBUG = True
    return tmp_path / "mail"


@pytest.fixture
def client(folder: Path) -> Client:
    """A browser that has opened the printed address."""
    client = Client()
    client.get(reverse("dev_enter", args=[door.new_token(folder.parent)]))
    return client


def letter(*, html: str = "", subject: str = "Confirm your address") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hello@localhost", "bob@example.org", subject
    message.set_content("Open http://localhost:8000/confirm/abc/ <now>.\n\nThank you.")
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def keep(folder: Path, content: bytes, to: str = "bob@example.org") -> str:
    return dev_smtp.store(folder, "hello@localhost", [to], content).stem


def test_kept_mail_is_whole_and_private(folder: Path) -> None:
    name = keep(folder, letter())
    (file,) = folder.iterdir()
    assert file.name == f"{name}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert file.read_bytes().endswith(letter())


def test_envelope_wins_over_what_the_mail_claims(folder: Path) -> None:
    name = keep(folder, b"X-Envelope-To: mallory@example.org\r\n" + letter(), to="charlie@example.org")
    assert mailbox.read(name).to == "charlie@example.org"


def test_recipient_cannot_add_header_lines(folder: Path) -> None:
    name = keep(folder, letter(), to="bob@example.org\r\nSubject: Forged")
    assert mailbox.read(name).subject == "Confirm your address"


def test_list_is_newest_first(folder: Path, client: Client) -> None:
    keep(folder, letter(subject="First"))
    keep(folder, letter(subject="Second"))
    page = client.get(reverse("mailbox"))
    assert [mail.subject for mail in page.context["mails"]] == ["Second", "First"]
    assert b"to bob@example.org" in page.content


def test_empty_list_says_what_will_come(folder: Path, client: Client) -> None:
    assert b"No mail yet" in client.get(reverse("mailbox")).content


def test_mail_shows_text_with_live_links_and_headers(folder: Path, client: Client) -> None:
    page = client.get(reverse("mailbox_mail", args=[keep(folder, letter())])).content.decode()
    assert '<a href="http://localhost:8000/confirm/abc/"' in page
    assert "&lt;now&gt;" in page
    assert "Content-Transfer-Encoding" in page
    assert "X-Envelope-To" not in page
    assert "<iframe" not in page


def test_html_part_stands_in_a_sandboxed_frame(folder: Path, client: Client) -> None:
    name = keep(
        folder, letter(html="<html><head></head><body style='color:red'><script>alert(1)</script></body></html>")
    )
    page = client.get(reverse("mailbox_mail", args=[name])).content.decode()
    assert "sandbox=" in page
    assert "allow-scripts" not in page
    assert "allow-same-origin" not in page
    frame = client.get(reverse("mailbox_html", args=[name]))
    policy = frame["Content-Security-Policy"]
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-popups" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert '<head><base target="_blank"></head>' in frame.content.decode()


def test_mail_without_html_has_no_frame_page(folder: Path, client: Client) -> None:
    assert client.get(reverse("mailbox_html", args=[keep(folder, letter())])).status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"", b"no header at all", b"Subject: =?utf-8?b?////?=\r\n\r\n\xff\xfe\x00", b"Content-Type: a/b\r\n\r\nx"],
)
def test_strange_mail_is_shown_all_the_same(folder: Path, client: Client, content: bytes) -> None:
    name = keep(folder, content)
    assert client.get(reverse("mailbox")).status_code == 200
    assert client.get(reverse("mailbox_mail", args=[name])).status_code == 200


@pytest.mark.parametrize(
    "name", ["..", "../secret-key", "secret-key", "20261123T194402123456-0123456g", "\0", "x" * 5000]
)
def test_names_that_are_not_ours_are_not_found(folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    (folder.parent / "secret-key").write_text("secret")
    with pytest.raises(Http404):
        mailbox.read(name)


def test_unknown_mail_is_not_found(folder: Path, client: Client) -> None:
    assert client.get("/dev/mail/20261123T194402123456-01234567/").status_code == 404


@pytest.mark.django_db
def test_without_debug_there_is_no_mailbox(client: Client, settings) -> None:
    settings.DEBUG = False
    assert client.get("/dev/mail/").status_code == 404


def test_mail_server_keeps_what_it_takes_and_ends_politely(folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "mentoring.development.dev_smtp", "--port", str(port), "--folder", str(folder)]
    with Process(command) as process:
        wait_until(lambda: answers(port), what="the mail server")
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
            smtp.sendmail("hello@localhost", ["bob@example.org", "gwen@example.org"], letter())
        (mail,) = mailbox.kept_mails()
        assert (mail.to, mail.subject) == ("bob@example.org, gwen@example.org", "Confirm your address")
        assert process.stop() == 0
