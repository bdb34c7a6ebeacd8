"""The sweep task, apart from sending."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from mail import engine
from mail.models import Heartbeat, OutgoingMail
from reminders import tasks
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_mail_server(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 1


def test_a_sweep_forgets_workers_gone_for_good_and_words_no_longer_needed(alice: User) -> None:
    Heartbeat.objects.create(name="worker a", at=timezone.now() - dt.timedelta(days=2))
    old = timezone.now() - dt.timedelta(days=8)
    OutgoingMail.objects.create(
        owner=alice, recipient=alice.email, purpose="digest", state="sent", content=b"words", due_at=old
    )
    tasks.sweep()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["sweep"]
    assert OutgoingMail.objects.get().content is None


@pytest.mark.parametrize(("due", "called"), [(0, []), (2, []), (3, [1]), (6, [2]), (40, [3])])
def test_a_backlog_calls_some_helping_hands(
    alice: User, monkeypatch: pytest.MonkeyPatch, due: int, called: list[int]
) -> None:
    monkeypatch.setattr(engine, "BATCH", 2)
    woken: list[int] = []
    monkeypatch.setattr(tasks, "wake_up", lambda times: woken.append(times))
    OutgoingMail.objects.bulk_create(
        OutgoingMail(owner=alice, recipient=alice.email, purpose="letter") for _ in range(due)
    )
    tasks.sweep()
    assert woken == called
