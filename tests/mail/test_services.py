from __future__ import annotations

import socket
import time
from collections.abc import Callable
from io import StringIO

import pytest
from celery import current_app
from django.core.management import call_command
from django.db import transaction

from accounts import workers
from accounts.models import User
from mail.models import Heartbeat, OutgoingMail
from mail.services import beat, queue, wake_up
from tests.outbox import make_letter
from tests.races import at_once
from tests.servers import free_port

UseBroker = Callable[[str], None]


@pytest.fixture(autouse=True)
def _broker_well() -> None:
    workers._broker_rests_until = 0.0


def ask(user: User, **fields: object) -> OutgoingMail:
    return queue(purpose="letter", subject_id=7, owner=user, recipient=user.email, audience="user", **fields)  # type: ignore[arg-type]


def test_queueing_twice_is_once(alice: User) -> None:
    assert ask(alice).pk == ask(alice).pk
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_queueing_at_once_is_once(alice: User) -> None:
    ids = at_once(*[lambda: ask(alice, wake=False).pk] * 3)
    assert len(ids) == 3
    assert len(set(ids)) == 1


def test_workers_are_woken_when_the_row_is_there(
    alice: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    sent: list[tuple[str, object]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: sent.append((name, options["expires"])))
    with django_capture_on_commit_callbacks(execute=True):
        ask(alice)
        assert sent == []
    assert sent == [("mail.tasks.deliver", 30)]


@pytest.fixture
def broker_at(monkeypatch: pytest.MonkeyPatch) -> UseBroker:
    def use(url: str) -> None:
        monkeypatch.setattr(current_app.conf, "broker_url", url)
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)

    return use


def test_a_dead_broker_neither_raises_nor_holds_up(
    broker_at: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    broker_at(f"redis://127.0.0.1:{free_port()}/0")
    began = time.monotonic()
    wake_up()
    assert time.monotonic() - began < 2.5
    assert "could not wake the workers" in caplog.text
    began = time.monotonic()
    wake_up()
    assert time.monotonic() - began < 0.1
    assert caplog.text.count("could not wake the workers") == 1  # no further attempt for a while


def test_a_silent_broker_neither_raises_nor_holds_up(
    broker_at: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The broker accepts connections but never responds."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        broker_at(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        began = time.monotonic()
        wake_up()
    assert time.monotonic() - began < 3
    assert "could not wake the workers" in caplog.text


def test_a_heart_beats_in_one_row(db: None) -> None:
    beat("sweep")
    beat("sweep")
    assert Heartbeat.objects.count() == 1


def test_status_counts(db: None) -> None:
    make_letter(1)
    OutgoingMail.objects.filter(pk=make_letter(2).pk).update(state=OutgoingMail.State.UNCERTAIN)
    beat("sweep")
    out = StringIO()
    call_command("mail", "status", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["waiting", "1"],
        ["late", "(over", "5", "minutes)", "0"],
        ["failed", "0"],
        ["uncertain", "1"],
    ]
    assert lines[-1].startswith("last sweep")


def test_a_rolled_back_page_queues_nothing(alice: User) -> None:
    def page() -> None:
        with transaction.atomic():
            ask(alice)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        page()
    assert OutgoingMail.objects.count() == 0
