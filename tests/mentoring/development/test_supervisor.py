"""The supervisor with small child processes."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from mentoring.development.supervisor import Service, Supervisor
from tests.servers import Process, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent.parent
PATIENT = "import time; print('here', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {PATIENT}"


def child(code: str, name: str = "web") -> Service:
    return Service(name, [sys.executable, "-c", code])


def signalled_when_ready(*services: Service, sent: int = signal.SIGINT, **options: object) -> tuple[int, str]:
    """Run until every child has printed something, then signal this process; returns exit code and output."""
    out = io.BytesIO()

    def spoken() -> bool:
        return all(f"{service.name} ".encode() in out.getvalue() for service in services)

    def stop() -> None:
        os.kill(os.getpid(), sent)

    code = Supervisor(list(services), is_ready=spoken, when_ready=stop, out=out, **options).run()  # type: ignore[arg-type]
    return code, out.getvalue().decode()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_service(sent: int) -> None:
    services = [child(PATIENT, "web"), child(PATIENT, "worker")]
    started = time.monotonic()
    code, output = signalled_when_ready(*services, sent=sent)
    assert code == 0
    assert "web    | here\n" in output
    assert "worker | here\n" in output
    assert [service.process for service in services] == [None, None]
    assert time.monotonic() - started < 5


def test_a_service_that_will_not_listen_is_killed_after_the_grace() -> None:
    code, _ = signalled_when_ready(child(DEAF), grace=0.3)
    assert code == 0


def test_signal_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    signalled_when_ready(child(PATIENT))
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_service_that_ends_is_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code_text = (
        f"import pathlib, sys, time; m = pathlib.Path({str(mark)!r}); first = not m.exists(); m.touch()\n"
        "print('first' if first else 'second', flush=True)\n"
        "sys.exit(3) if first else time.sleep(60)"
    )
    out = io.BytesIO()
    supervisor = Supervisor(
        [child(code_text)],
        is_ready=lambda: b"second" in out.getvalue(),
        when_ready=lambda: os.kill(os.getpid(), signal.SIGTERM),
        out=out,
    )
    assert supervisor.run() == 0
    assert "web ended by itself (exit code 3); starting it again in 1 s." in out.getvalue().decode()


def test_a_service_that_cannot_stay_up_ends_everything() -> None:
    out = io.BytesIO()
    broken, fine = child("import sys; print('oh no'); sys.exit(7)", "beat"), child(PATIENT, "web")
    assert Supervisor([broken, fine], most_quick_ends=2, out=out).run() == 1
    assert "beat can't stay up (exit code 7), so everything ends." in out.getvalue().decode()
    assert out.getvalue().count(b"oh no") == 2
    assert fine.process is None


def test_half_lines_and_strange_bytes_are_passed_on() -> None:
    code = r"import sys; sys.stdout.buffer.write(b'\xff no newline'); sys.exit(1)"
    out = io.BytesIO()
    Supervisor([child(code)], most_quick_ends=1, out=out).run()
    assert b"web | \xff no newline\n" in out.getvalue()


def test_a_closed_terminal_ends_it() -> None:
    class Closed(io.BytesIO):
        def write(self, _: object) -> int:
            raise BrokenPipeError

    assert Supervisor([child(PATIENT)], out=Closed()).run() == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's help exists on Linux only")
def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    deaf = DEAF.replace("'here'", "__import__('os').getpid()")
    code = "import sys; from mentoring.development.supervisor import Service, Supervisor\n"
    code += f"child = [sys.executable, '-c', {deaf!r}]\n"
    code += "Supervisor([Service('web', child)]).run()"
    with Process([sys.executable, "-uc", code], cwd=ROOT) as process:
        pid = int(process.wait_for("\n").split("|")[1])
        process.kill()
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), 5, what="the child to die")


def test_reading_needs_no_thread() -> None:
    """On Linux, a child dies with the thread that started it, so there must be only one thread."""
    before = threading.active_count()
    signalled_when_ready(child(PATIENT))
    assert threading.active_count() == before
