"""Health while the database is away, with a browser that has a session."""

from __future__ import annotations

import http.client
import os
import sys
from pathlib import Path

import pytest

from tests.servers import Process, answers, environment, free_port, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.standalone]


SESSION = "sessionid=abcdefghijklmnopqrstuvwxyz012345"


def test_without_a_database_the_site_is_up_and_says_that_it_is_not_ready(tmp_path: Path) -> None:
    env = environment(tmp_path, database_url=f"postgresql://nobody@/nothing?host={tmp_path}", DEBUG="0")
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "mentoring.wsgi", "--bind", f"127.0.0.1:{port}"]
    with Process([*command, "--no-control-socket"], env={**os.environ, **env}, name="web"):
        wait_until(lambda: answers(port), 30, what="gunicorn to accept connections")
        assert asked(port, "/healthz") == asked(port, "/healthz", SESSION) == (200, "up\n")
        assert asked(port, "/readyz", SESSION) == (503, "the database can't be reached\n")


def asked(port: int, path: str, cookie: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": "localhost", **({"Cookie": cookie} if cookie else {})})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
