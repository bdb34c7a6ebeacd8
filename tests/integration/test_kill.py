"""A worker is killed while sending a mail; another one takes over when the lease has expired."""

from __future__ import annotations

import pytest
from django.utils import timezone

from mail.models import OutgoingMail
from outreach.follow_ups import services as follow_ups
from outreach.models import FollowUp
from reminders.models import Reminder
from tests.integration.conftest import sweeps_go_on
from tests.servers import Hang, SmtpServer, all_of, celery_beat, celery_worker, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("step", "state"), [("CONNECT", "claimed"), ("RCPT", "sending")])
def test_a_killed_workers_reminder_still_arrives_once(
    service_env: dict[str, str], smtp: SmtpServer, follow_up: FollowUp, step: str, state: str
) -> None:
    follow_ups.remind(follow_up)
    Reminder.objects.update(due_at=timezone.now())
    smtp.behave[step] = Hang()
    env = {**service_env, "EMAIL_TIMEOUT": "20", "MAIL_LEASE_SECONDS": "3"}
    first = celery_worker(env, name="first")
    with all_of(first, celery_beat(env)):
        wait_until(lambda: step in smtp.steps, 40, what="the worker to reach the mail server")
        first.kill()
        held = OutgoingMail.objects.get()
        assert (held.state, held.sent_at) == (state, None)
        smtp.behave.clear()
        smtp.release()
        with celery_worker(env, name="second"):
            (mail,) = smtp.wait_for(1, timeout=40)
            wait_until(lambda: OutgoingMail.objects.filter(state="sent").exists(), what="the mark")
            sweeps_go_on(5)  # longer than another lease
    assert len(smtp.mails) == 1
    assert mail.recipients == ["wanda@example.org"]
    sent = OutgoingMail.objects.get()
    assert sent.message_id == mail.message["Message-ID"]
    if held.content is not None:
        assert (sent.message_id, bytes(sent.content or b"")) == (held.message_id, bytes(held.content))
