"""A due follow-up becomes one mail, with real worker and beat processes and a real mail server."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from mail.models import Heartbeat, OutgoingMail
from outreach.follow_ups import services as follow_ups
from outreach.models import FollowUp
from reminders.models import Reminder
from tests.integration.conftest import sweeps_go_on
from tests.servers import SmtpServer, all_of, celery_beat, celery_worker, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


def plan_in(seconds: float, user: User, follow_up: FollowUp) -> dt.datetime:
    """Make the follow-up due soon by setting the user's reminder hour; returns the instant."""
    due = timezone.now() + dt.timedelta(seconds=seconds)
    user.reminder_time = user.local(due).time()
    user.save(update_fields=["reminder_time"])
    follow_up.due_on = user.local(due).date()
    follow_up.approach.owner = follow_up.owner = user
    follow_up.save(update_fields=["due_on"])
    follow_ups.remind(follow_up)
    reminder = Reminder.objects.get()
    assert reminder.due_at == due
    return due


def test_a_due_follow_up_arrives_once_at_the_local_hour_with_working_links(
    service_env: dict[str, str], smtp: SmtpServer, wanderer: User, follow_up: FollowUp
) -> None:
    workers = [celery_worker(service_env, name="one"), celery_worker(service_env, name="two")]
    beats = [celery_beat(service_env), celery_beat(service_env)]
    with all_of(*workers, *beats):
        for worker in workers:
            worker.wait_for("ready")
        due = plan_in(5, wanderer, follow_up)
        (mail,) = smtp.wait_for(1, timeout=30)
        wait_until(lambda: OutgoingMail.objects.filter(state="sent").exists(), what="the mail to be marked as sent")
        sweeps_go_on(4)
    assert len(smtp.mails) == 1
    assert mail.recipients == ["wanda@example.org"]
    assert mail.message["Subject"] == "Write to Dr Bob Brook once more?"
    arrived = dt.datetime.fromtimestamp(mail.at, tz=dt.UTC)
    assert due <= arrived < due + dt.timedelta(seconds=15)
    assert wanderer.local(arrived).date() == follow_up.due_on
    assert OutgoingMail.objects.get().message_id == mail.message["Message-ID"]
    assert Heartbeat.objects.get(name="sweep").at > due
    _the_links_work(mail.text, follow_up)


def _the_links_work(text: str, follow_up: FollowUp) -> None:
    links = re.findall(r"http://localhost:8000(/\S+)", text)
    assert follow_up.approach.get_absolute_url() in links
    (signed,) = [link for link in links if link.startswith("/r/") and not link.endswith("/off/")]
    visitor = Client(enforce_csrf_checks=True)
    assert "They replied" in visitor.get(signed).content.decode()
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUp.State.PLANNED
    assert visitor.post(signed, {"act": "replied"}).status_code == 200
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUp.State.STOPPED
    assert Reminder.objects.get().state == Reminder.State.CANCELLED
    assert "settled already" in visitor.get(signed).content.decode()


def test_a_mail_server_that_was_away_gets_it_later_once(
    service_env: dict[str, str], smtp: SmtpServer, wanderer: User, follow_up: FollowUp
) -> None:
    smtp.behave["MAIL"] = "451 4.3.0 Later, please"
    with all_of(celery_worker(service_env), celery_beat(service_env)):
        plan_in(3, wanderer, follow_up)
        wait_until(
            lambda: OutgoingMail.objects.filter(state="queued", attempts=1).exists(), 40, what="the first refusal"
        )
        assert OutgoingMail.objects.get().last_error == "451 4.3.0 Later, please"
        smtp.behave.clear()
        OutgoingMail.objects.update(due_at=timezone.now())  # as if a minute had passed
        smtp.wait_for(1)
        sweeps_go_on(3)
    assert len(smtp.mails) == 1
