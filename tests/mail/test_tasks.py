from __future__ import annotations

import threading

import pytest

from mail import tasks
from mail.models import OutgoingMail
from tests.outbox import make_letter, register_letter, states
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_that_is_asked_to_end_begins_nothing_more(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_stopping", threading.Event())
    register_letter()
    for number in (1, 2, 3):
        make_letter(number)

    def end(content: bytes) -> None:
        tasks._stop()

    smtp.behave["BODY"] = end
    tasks.deliver()
    assert sorted(states().values()) == ["queued", "queued", "sent"]
    assert set(OutgoingMail.objects.values_list("claim_token", flat=True)) == {None}
