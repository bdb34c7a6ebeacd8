"""Files that are sent: one, where a page takes it, on disk and within its limit; everything else is dropped."""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
import socket
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory
from django.urls import resolve

from accounts.models import User
from accounts.uploads import dropped, refused
from tests.accounts.upload_urls import LIMIT
from tests.migrated import copied_to
from tests.servers import answers, environment, free_port, gunicorn, manage, wait_until

MEGABYTE = 1024 * 1024
EDGE = "edge"
TYPE = f"multipart/form-data; boundary={EDGE}"

pytestmark = pytest.mark.urls("tests.accounts.upload_urls")


def part(data: bytes, name: str = "a.csv", field: str = "file") -> bytes:
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: text/csv\r\n\r\n" + data + b"\r\n"


def words(value: str, field: str = "words") -> bytes:
    return f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()


END = f"--{EDGE}--\r\n".encode()


def sent(client: Client, *parts: bytes, to: str = "/taking/") -> dict[str, Any]:
    answer = client.generic("POST", to, b"".join(parts), TYPE)
    assert answer.status_code == 200
    return dict(json.loads(answer.content))


def file_of(name: str, data: bytes) -> dict[str, Any]:
    return {"field": "file", "name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.fixture(autouse=True)
def _temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is left on the disk after each test: nothing."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("to", ["/taking/", "/wrapped/"])
def test_a_file_arrives_whole(alice_client: Client, to: str) -> None:
    data = os.urandom(LIMIT)
    assert sent(alice_client, words("before"), part(data, "Zoë’s list.csv"), END, to=to) == {
        "files": [file_of("Zoë’s list.csv", data)],
        "refused": "",
        "dropped": 0,
        "words": "before",
    }


def test_the_client_of_the_tests_sends_it_too(alice_client: Client) -> None:
    answer = alice_client.post("/taking/", {"file": SimpleUploadedFile("a.csv", b"Name\n"), "words": "hello"})
    assert answer.json()["files"] == [file_of("a.csv", b"Name\n")]


def test_one_byte_too_many_is_said_and_the_rest_of_the_form_is_read(alice_client: Client) -> None:
    assert sent(alice_client, part(b"x" * (LIMIT + 1)), words("after"), END) == {
        "files": [],
        "refused": "too large",
        "dropped": 0,
        "words": "after",
    }


def test_of_two_files_the_first_is_taken(alice_client: Client) -> None:
    found = sent(alice_client, part(b"one"), part(b"two", "b.csv"), part(b"three", "c.csv", "other"), END)
    assert (found["files"], found["refused"], found["dropped"]) == ([file_of("a.csv", b"one")], "", 2)


def test_a_second_file_is_no_way_around_the_limit(alice_client: Client) -> None:
    found = sent(alice_client, part(b"x" * (LIMIT + 1)), part(b"two"), END)
    assert (found["files"], found["refused"], found["dropped"]) == ([], "too large", 1)


@pytest.mark.parametrize("parts", [(words("hello"),), (part(b"", name=""),), ()])
def test_no_file_is_no_refusal(alice_client: Client, parts: tuple[bytes, ...]) -> None:
    found = sent(alice_client, *parts, END)
    assert (found["files"], found["refused"], found["dropped"]) == ([], "", 0)


def test_an_empty_file_is_a_file(alice_client: Client) -> None:
    assert sent(alice_client, part(b""), END)["files"] == [file_of("a.csv", b"")]


def test_a_page_that_takes_none_drops_it(alice_client: Client) -> None:
    found = sent(alice_client, part(b"x" * 1000), words("kept"), END, to="/not-taking/")
    assert found == {"files": [], "refused": "", "dropped": 0, "words": "kept"}


def test_nobody_signed_in_fills_no_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", None)  # whoever opened one would fail
    answer = client.generic("POST", "/taking/", part(b"x") + END, TYPE)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/")


def test_a_token_after_the_file_is_found(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.cookies[settings.CSRF_COOKIE_NAME] = token = "t" * 32
    for data in (b"x", b"x" * (LIMIT + 1)):
        parts = [part(data), words(token, "csrfmiddlewaretoken"), END]
        assert sent(client, *parts)["refused"] == ("too large" if len(data) > LIMIT else "")
    assert client.generic("POST", "/taking/", part(b"x") + END, TYPE).status_code == 403


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\list.csv", "list.csv"),
        ("a\0b.csv", "ab.csv"),
        ("&lt;b&gt;.csv", "<b>.csv"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("好" * 251 + ".csv", "好" * 251 + ".csv"),
        ("l\u202evsc.exe", "lvsc.exe"),
    ],
)
def test_a_name_is_only_a_name(alice_client: Client, name: str, becomes: str) -> None:
    assert [file["name"] for file in sent(alice_client, part(b"x", name), END)["files"]] == [becomes]


@pytest.mark.parametrize("name", ["\0", "/", ".."])
def test_a_name_that_is_none_is_no_file(alice_client: Client, name: str) -> None:
    found = sent(alice_client, words("hello"), part(b"x", name), END)
    assert (found["files"], found["words"]) == ([], "hello")


@pytest.mark.parametrize("cut", [1, 10, 100_000])
def test_a_form_cut_short_gives_no_half_file(alice_client: Client, cut: int) -> None:
    whole = part(b"x" * 200_000)
    found = sent(alice_client, whole[:-cut])
    assert (found["files"], found["refused"]) == ([], "cut short")


def test_a_form_without_its_end_is_cut_short_too(alice_client: Client) -> None:
    found = sent(alice_client, part(b"one"), f"--{EDGE}\r\nContent-Disp".encode())
    assert found["files"] in ([], [file_of("a.csv", b"one")])


def test_nonsense_is_a_bad_request(alice_client: Client) -> None:
    many = b"".join(part(b"x", field=f"file{number}") for number in range(101)) + END
    assert alice_client.generic("POST", "/taking/", many, TYPE).status_code == 400
    assert alice_client.generic("POST", "/taking/", b"x", "multipart/form-data").status_code == 400
    for length in (5_000, MEGABYTE):
        endless = words("hello") + part(b"x", "x" * length) + END
        assert alice_client.generic("POST", "/taking/", endless, TYPE).status_code == 400


# --- Disk and memory ----------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A form with a file of so many bytes, made while it is read."""

    def __init__(self, size: int) -> None:
        self.head, self.tail, self.left = part(b"")[:-2], b"\r\n" + END, size
        self.length = len(self.head) + size + len(self.tail)

    def read(self, size: int = -1) -> bytes:
        if self.head:
            data, self.head = self.head[:size], self.head[size:]
        elif self.left:
            data = b"x" * min(size, self.left)
            self.left -= len(data)
        else:
            data, self.tail = self.tail[:size], self.tail[size:]
        return data


def request_of(stream: Any, length: int) -> WSGIRequest:
    request: WSGIRequest = RequestFactory().generic("POST", "/taking/", b"", TYPE)  # type: ignore[assignment]
    environ = {**request.environ, "wsgi.input": stream, "CONTENT_TYPE": TYPE, "CONTENT_LENGTH": str(length)}
    request = WSGIRequest(environ)
    request.resolver_match = resolve("/taking/")
    request.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
    return request


def test_two_hundred_megabytes_pass_through_little_memory_and_are_refused() -> None:
    stream = Endless(200 * MEGABYTE)
    request = request_of(stream, stream.length)
    tracemalloc.start()
    assert refused(request) == "too large"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (dict(request.FILES), stream.left, peak < 2_500_000) == ({}, 0, True)


def test_a_file_is_held_on_the_disk() -> None:
    stream = Endless(LIMIT)
    request = request_of(stream, stream.length)
    tracemalloc.start()
    assert request.FILES["file"].size == LIMIT
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_500_000
    request.close()


@pytest.mark.parametrize("size", [200_000, 66_000])
def test_a_full_disk_is_said(size: int, caplog: pytest.LogCaptureFixture) -> None:
    """No file may be larger than 65,000 bytes: the first is noticed while it is written, the second at its end."""
    request = request_of(io.BytesIO(part(b"x" * size) + words("after") + END), size + 1000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_000, hard))
    try:
        assert refused(request) == "no room"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (dict(request.FILES), dropped(request), request.POST["words"]) == ({}, 0, "after")
    assert "could not be kept" in caplog.text


def test_a_folder_that_is_not_there_is_no_room(monkeypatch: pytest.MonkeyPatch, alice_client: Client) -> None:
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", "/nowhere/at/all")
    assert sent(alice_client, part(b"x"), END)["refused"] == "no room"


# --- The web server -----------------------------------------------------------------------------------

SIGN_IN = """
from accounts.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_user("alice@example.org", "-", name="Alice Ashe"))
print("session", client.cookies["sessionid"].value)
"""


def test_a_browser_gets_an_answer_to_two_hundred_megabytes_and_may_break_off(tmp_path: Path) -> None:
    port, token = free_port(), "t" * 32
    folder = tmp_path / "received"
    folder.mkdir()
    env = environment(
        tmp_path, DJANGO_SETTINGS_MODULE="tests.accounts.upload_settings", UPLOAD_DIR=str(folder), DEBUG="1"
    )
    if not copied_to(tmp_path / "db.sqlite3"):
        manage(env, "migrate", "--verbosity=0")
    session = manage(env, "shell", "--verbosity=0", "-c", SIGN_IN).split("session ")[1].strip()

    def opened(length: int) -> socket.socket:
        head = f"POST /taking/ HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: {TYPE}\r\nConnection: close\r\n"
        head += f"Cookie: sessionid={session}; csrftoken={token}\r\nX-CSRFToken: {token}\r\n"
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + part(b"")[:-2])
        return connection

    with gunicorn(env, port) as web:
        wait_until(lambda: answers(port), what="the web server to answer")
        tail = b"\r\n" + END
        rest = len(part(b"")) - 2 + len(tail)
        with opened(200 * MEGABYTE + rest) as connection:
            for _ in range(200):
                connection.sendall(b"x" * MEGABYTE)
            connection.sendall(tail)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert b"200 OK" in answer.splitlines()[0], answer[:500]
        assert b'"refused": "too large"' in answer
        with opened(2 * MEGABYTE) as connection:
            connection.sendall(b"x" * MEGABYTE)
        with opened(5 + rest) as connection:
            connection.sendall(b"Name\n" + tail)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert b'"size": 5' in answer
        assert list(folder.iterdir()) == []
        if sys.platform.startswith("linux"):
            assert most_memory(child(web.pid)) < 300_000  # kB


def most_memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if "VmHWM" in line).split()[1])


def child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
