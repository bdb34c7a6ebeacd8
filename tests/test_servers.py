"""The servers used by other tests work."""

from __future__ import annotations

import smtplib
import sys

import psycopg
import pytest
import redis

from tests import servers
from tests.servers import Delay, Drop, Hang, PostgresCluster, Process, RedisServer, SmtpServer, wait_until

MAIL = b"Subject: Hello\r\n\r\nGood morning, Bob.\r\n"


def send(server: SmtpServer, *recipients: str, timeout: float = 5) -> dict:
    with smtplib.SMTP(server.host, server.port, timeout=timeout) as client:
        return client.sendmail("alice@example.org", list(recipients or ("bob@example.org",)), MAIL)


def test_smtp_server_keeps_envelope_and_bytes() -> None:
    with SmtpServer() as server:
        send(server)
    (mail,) = server.mails
    assert (mail.sender, mail.recipients, mail.content) == ("alice@example.org", ["bob@example.org"], MAIL)
    assert mail.message["Subject"] == "Hello"
    assert mail.text.strip() == "Good morning, Bob."


def test_smtp_server_refuses_one_recipient() -> None:
    with SmtpServer() as server:
        server.behave["RCPT"] = lambda address: "550 5.1.1 Nobody here" if address.startswith("gone@") else None
        refused = send(server, "gone@example.org", "bob@example.org")
    assert refused == {"gone@example.org": (550, b"5.1.1 Nobody here")}
    assert server.mails[0].recipients == ["bob@example.org"]


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY"])
def test_smtp_server_drops_the_connection(step: str) -> None:
    with SmtpServer() as server:
        server.behave[step] = Drop(keep=False)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            send(server)
    assert server.steps[-1] == step
    assert server.mails == []


def test_smtp_server_drops_but_keeps_the_mail() -> None:
    with SmtpServer() as server:
        server.behave["BODY"] = Drop()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(server)
    assert len(server.mails) == 1


def test_smtp_server_answers_a_body_with_a_refusal() -> None:
    with SmtpServer() as server:
        server.behave["BODY"] = "554 5.7.1 No"
        with pytest.raises(smtplib.SMTPDataError):
            send(server)


def test_smtp_server_hangs_until_released() -> None:
    with SmtpServer() as server:
        server.behave["DATA"] = Hang()
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            send(server, timeout=0.2)
        server.release()
        send(server)
        assert len(server.mails) == 1


def test_smtp_server_delays() -> None:
    with SmtpServer() as server:
        server.behave["RCPT"] = Delay(0.2)
        send(server)
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            send(server, timeout=0.1)


def test_process_keeps_its_output_and_ends() -> None:
    with Process([sys.executable, "-uc", "import time; print('here'); time.sleep(60)"]) as process:
        process.wait_for("here")
        assert process.running
    assert not process.running


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(AssertionError, match="a miracle"):
        wait_until(lambda: False, 0.1, what="a miracle")


@pytest.mark.skipif(servers.find_redis() is None, reason="redis-server is not installed")
def test_redis_server_answers() -> None:
    with RedisServer() as server:
        assert redis.Redis.from_url(server.url).ping() is True


@pytest.mark.skipif(servers.find_postgres() is None, reason="postgresql is not installed")
def test_postgres_cluster_comes_and_goes() -> None:
    with PostgresCluster() as cluster:
        url = cluster.create("mentorfolio")
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT upper('é')").fetchone() == ("É",)
        folder = cluster.folder
    assert not folder.exists()
