"""`make up` in a fresh clone, in a folder with a space in its name."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, Process, answers, free_port, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.standalone]


def copy_of_the_project(target: Path) -> Path:
    """Copy only files known to git, without installed or cached files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_project(tmp_path_factory.mktemp("a folder") / "with a space")


@pytest.fixture
def env(clone: Path) -> dict[str, str]:
    """The environment of a new user's shell, with a free port and the virtual environment already installed."""
    if not (clone / ".venv").exists():
        # test_install.py tests the installation; here, use the virtual environment of the tests.
        (clone / ".venv").symlink_to(sys.prefix)
    return {"PATH": os.environ["PATH"], "HOME": str(clone), "PORT": str(free_port())}


@pytest.fixture
def up(clone: Path, env: dict[str, str]) -> Iterator[Process]:
    with Process([str(clone / ".venv/bin/python"), "manage.py", "up"], env=env, cwd=clone, name="up") as process:
        process.wait_for("Mentorfolio runs at", 180)
        yield process


def get(env: dict[str, str], path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("localhost", int(env["PORT"]), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def assert_refused_plainly(env: dict[str, str]) -> None:
    """What is no HTTP never reaches Django, so it gets gunicorn's own answer, which tells nothing."""
    with socket.create_connection(("localhost", int(env["PORT"])), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nno header at all\r\n\r\n")
        answer = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    assert answer.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert not re.search(r"Traceback|Set-Cookie|Server:|/home|\.py", answer)


def children(pid: int) -> list[int]:
    """All descendants of this process."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [(int(child), int(parent)) for child, parent in (line.split() for line in listed.splitlines())]
    found, unseen = [], [pid]
    while unseen:
        parent = unseen.pop()
        below = [child for child, of in pairs if of == parent]
        found += below
        unseen += below
    return found


def alive(pids: list[int]) -> list[int]:
    """The processes that are still running, without zombies."""
    listed = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    living = {int(pid) for pid, stat in (line.split() for line in listed.splitlines()) if not stat.startswith("Z")}
    return [pid for pid in pids if pid in living]


def test_up_serves_ticks_and_ends_on_ctrl_c(up: Process, env: dict[str, str], clone: Path) -> None:
    address = f"http://localhost:{env['PORT']}"
    assert f"Mentorfolio runs at {address}" in up.log
    assert "ffion@example.org" in up.log
    key = re.search(re.escape(address) + r"(/dev/enter/[\w-]+/)", up.log)
    assert key is not None
    assert get(env, "/dev/mail/")[0] == 403
    assert [get(env, key[1])[0] for _ in range(2)] == [302, 403]
    assert get(env, "/")[0] == 200
    assert_refused_plainly(env)
    # Static files are served from the same origin, as the CSP requires.
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', get(env, "/")[1])
    assert stylesheet is not None
    assert get(env, stylesheet[1])[0] == 200
    wait_until(lambda: get(env, "/readyz")[0] == 200, 40, what="the first tick of worker and beat")
    var = clone / "var"
    modes = {name: (var / name).stat().st_mode & 0o777 for name in ("secret-key", "queue", "control", "mail", ".")}
    assert modes == {"secret-key": 0o600, "queue": 0o700, "control": 0o700, "mail": 0o700, ".": 0o700}
    assert not list(clone.glob("celerybeat*"))

    below = children(up.pid)
    assert len(below) >= 5  # mail, web and its worker, the worker, beat
    up.signal(signal.SIGINT)
    assert up.wait(15) == 0
    assert alive(below) == []
    assert "Traceback" not in up.log


def test_up_again_keeps_the_data(clone: Path, env: dict[str, str]) -> None:
    key = (clone / "var/secret-key").read_text()
    with Process([str(clone / ".venv/bin/python"), "manage.py", "up"], env=env, cwd=clone, name="up") as up:
        up.wait_for("Mentorfolio runs at", 180)
        assert "Loading the demo" not in up.log
        assert (clone / "var/secret-key").read_text() == key
        # A second start prints the URL of the running one and a new one for the mailbox, and ends.
        second = subprocess.run(
            [str(clone / ".venv/bin/python"), "manage.py", "up"],
            cwd=clone,
            env=env | {"PORT": str(free_port())},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 0
        said, mailbox = second.stdout.splitlines()
        assert said == f"Mentorfolio is already running at http://localhost:{env['PORT']}"
        key = re.search(rf"http://localhost:{env['PORT']}(/dev/enter/[\w-]+/)$", mailbox)
        assert key is not None
        assert get(env, key[1])[0] == 302


def workers(pid: int) -> list[int]:
    """The Celery workers below this process.

    A new child process still has its parent's command line. If setproctitle is installed (a dependency of mutmut),
    Celery replaces its own with a title, separated by spaces.
    """
    found = []
    for child in children(pid):
        with contextlib.suppress(OSError):
            line = Path(f"/proc/{child}/cmdline").read_text(errors="replace")
            if "worker -P" in line.replace("\0", " "):
                found.append(child)
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's help exists on Linux only")
def test_up_killed_leaves_nothing(up: Process) -> None:
    below = children(up.pid)
    assert len(below) >= 5
    up.kill()
    wait_until(lambda: not alive(below), 10, what=f"{below} to be gone")


def test_up_starts_what_was_killed_again(up: Process) -> None:
    wait_until(lambda: workers(up.pid) != [], 20, what="the worker to be there")
    [worker, *_] = workers(up.pid)
    os.kill(worker, signal.SIGKILL)
    up.wait_for("worker ended by itself (signal 9)")
    wait_until(lambda: worker not in children(up.pid) and len(children(up.pid)) >= 5, what="another worker")


def test_up_names_a_taken_port(clone: Path, env: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(env["PORT"])))
        other.listen()
        done = subprocess.run(
            [str(clone / ".venv/bin/python"), "manage.py", "up"],
            cwd=clone,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    port = int(env["PORT"])
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is taken by another program. Choose another: PORT={port + 1} make up\n"


def test_up_with_a_mail_server_of_ones_own_keeps_no_mail(clone: Path, env: dict[str, str]) -> None:
    env |= {"EMAIL_HOST": "smtp.example.org", "EMAIL_PORT": "587"}
    with Process([str(clone / ".venv/bin/python"), "manage.py", "up"], env=env, cwd=clone, name="up") as up:
        up.wait_for("really goes out, through smtp.example.org:587", 30)
        assert not any(
            "mentoring.development.dev_smtp" in Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
            for pid in children(up.pid)
        )
        assert answers(int(env["PORT"]))
