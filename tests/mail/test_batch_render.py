"""Mails of a batch are rendered together and sent one by one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from mail import batch_render, engine, purposes
from mail.models import OutgoingMail
from mail.retry_schedule import RETRIES
from mail.services import cancel
from tests.outbox import beside, make_letter, states
from tests.smtp_server import Drop, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
State = OutgoingMail.State


class Writer:
    """The purpose "letter" with bulk rendering: ``groups`` are the subjects of each call, ``bad`` can't be rendered."""

    def __init__(self) -> None:
        self.groups: list[list[int | None]] = []
        self.alone: list[int | None] = []
        self.taken_back: list[int | None] = []
        self.bad: set[int | None] = set()
        self.untrue: set[int | None] = set()
        together = purposes.BulkPrepare(self.several, lambda mails: self.take_back(mails))
        purposes.register("letter", self.one, audience="user", together=together)

    def letter(self, mail: OutgoingMail) -> EmailMessage | None:
        if mail.subject_id in self.bad:
            raise RuntimeError("ink")
        if mail.subject_id in self.untrue:
            return None
        return EmailMessage(f"Letter {mail.subject_id}", "Good morning.", to=[mail.recipient])

    def one(self, mail: OutgoingMail) -> EmailMessage | None:
        self.alone.append(mail.subject_id)
        return self.letter(mail)

    def several(self, mails: Sequence[OutgoingMail]) -> dict[int, EmailMessage]:
        self.groups.append([mail.subject_id for mail in mails])
        letters = {mail.pk: self.letter(mail) for mail in mails}
        return {pk: letter for pk, letter in letters.items() if letter}

    def take_back(self, mails: Sequence[OutgoingMail]) -> None:
        self.taken_back += [mail.subject_id for mail in mails]


@pytest.fixture(autouse=True)
def _as_on_an_idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_render, "QUICK", 60.0)
    monkeypatch.setattr(engine, "LOOK_FOR_SIGN_INS", 60.0)


@pytest.fixture
def writer() -> Writer:
    return Writer()


def letters(count: int) -> None:
    for number in range(1, count + 1):
        make_letter(number)


def test_a_batch_is_written_in_a_few_goes_and_sent_one_by_one(smtp: SmtpServer, writer: Writer) -> None:
    letters(30)
    assert engine.deliver() == 30
    assert [len(group) for group in writer.groups] == [5, 20, 5]
    assert writer.alone == []
    rows = OutgoingMail.objects.order_by("pk")
    assert [mail.message["Message-ID"] for mail in smtp.mails] == [row.message_id for row in rows]
    assert smtp.subjects == [row.subject for row in rows]
    assert len({row.message_id for row in rows}) == 30
    assert not rows.filter(frozen_at__isnull=True).exists()


def test_how_many_are_written_together_holds_for_the_next_batch(smtp: SmtpServer, writer: Writer) -> None:
    letters(60)
    assert engine.deliver() == 60
    assert [len(group) for group in writer.groups] == [5, 20, 25, 10]


def test_one_bad_mail_stops_no_other(smtp: SmtpServer, writer: Writer) -> None:
    writer.bad = {2}
    letters(4)
    assert engine.deliver() == 3
    assert states() == {1: State.SENT, 2: State.QUEUED, 3: State.SENT, 4: State.SENT}
    assert writer.alone == [1, 2, 3, 4]
    assert "ink" in OutgoingMail.objects.get(subject_id=2).last_error


def test_after_one_bad_mail_the_rest_of_the_batch_is_written_one_by_one(smtp: SmtpServer, writer: Writer) -> None:
    writer.bad = {2}
    letters(9)
    assert engine.deliver() == 8
    assert writer.groups == [[1, 2, 3, 4, 5]]
    assert writer.alone == list(range(1, 10))


def test_what_was_taken_back_does_not_count_as_written(writer: Writer) -> None:
    letters(3)
    token = engine.claim()
    assert token is not None
    ids = list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))
    group = batch_render.BatchRenderer()
    assert group.take(ids[0], token, ids) is not None
    assert sorted(group.waiting) == ids[1:]
    group.give_back(token)
    assert group.waiting == {}
    assert writer.taken_back == [2, 3]


def test_what_another_worker_took_meanwhile_is_not_taken_back(writer: Writer) -> None:
    letters(3)
    token = engine.claim()
    assert token is not None
    ids = list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))
    group = batch_render.BatchRenderer()
    group.take(ids[0], token, ids)
    OutgoingMail.objects.filter(pk=ids[1]).update(claim_token=uuid.uuid4())
    group.give_back(token)
    assert writer.taken_back == [3]
    assert list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True)) == ["frozen", "frozen", "claimed"]


def test_what_is_untrue_or_past_its_end_expires(smtp: SmtpServer, writer: Writer) -> None:
    writer.untrue = {2}
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        letters(2)
        make_letter(3, expires_at=now)
        make_letter(4)
        assert engine.deliver() == 2
    assert states() == {1: State.SENT, 2: State.EXPIRED, 3: State.EXPIRED, 4: State.SENT}
    expired = OutgoingMail.objects.filter(state=State.EXPIRED)
    assert set(expired.values_list("claim_token", "lease_until", "content")) == {(None, None, None)}
    assert (writer.groups, writer.alone) == ([[1, 2, 4]], [])


def test_what_is_written_one_by_one_stops_nothing_from_being_written_together(smtp: SmtpServer, writer: Writer) -> None:
    """Wherever it stands among the others; nor does one that nobody can write."""
    purposes.register("alone", writer.one, audience="user")
    for number, purpose in enumerate(("letter", "alone", "letter", "unknown", "letter"), 1):
        make_letter(number)
        OutgoingMail.objects.filter(subject_id=number).update(purpose=purpose)
    assert engine.deliver() == 4
    assert (writer.groups, writer.alone) == ([[1, 3, 5]], [2])


def test_a_single_mail_is_written_on_its_own(smtp: SmtpServer, writer: Writer) -> None:
    letters(1)
    assert engine.deliver() == 1
    assert (writer.groups, writer.alone) == ([], [1])


def test_what_another_worker_holds_is_not_written_with_mine(writer: Writer) -> None:
    letters(3)
    token = engine.claim()
    assert token is not None
    ids = list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))
    OutgoingMail.objects.filter(pk=ids[1]).update(claim_token=uuid.uuid4())
    group = batch_render.BatchRenderer()
    assert group.take(ids[0], token, ids) is not None
    assert list(group.waiting) == ids[2:]
    assert writer.groups == [[1, 3]]


def test_the_only_true_one_is_written_with_the_others_as_well(smtp: SmtpServer, writer: Writer) -> None:
    writer.untrue = {2}
    letters(2)
    assert engine.deliver() == 1
    assert (writer.groups, writer.alone) == ([[1, 2]], [])


def test_what_a_lost_server_leaves_behind_is_as_if_never_written(smtp: SmtpServer, writer: Writer) -> None:
    letters(5)
    smtp.behave["DATA"] = Drop()
    assert engine.deliver() == 0
    rows = list(OutgoingMail.objects.order_by("subject_id"))
    assert writer.taken_back == [1, 2, 3, 4, 5]
    assert {(row.state, row.content is None, row.message_id == "", row.subject) for row in rows} == {
        (State.QUEUED, True, True, "")
    }
    # Two were tried, so each lost a try.
    assert [row.attempts for row in rows] == [1, 1, 0, 0, 0]


def test_time_up_takes_back_what_was_written(smtp: SmtpServer, writer: Writer) -> None:
    letters(4)
    engine.deliver(stop=lambda: bool(smtp.mails))
    assert writer.taken_back == [2, 3, 4]
    assert states() == {1: State.SENT, 2: State.QUEUED, 3: State.QUEUED, 4: State.QUEUED}
    assert OutgoingMail.objects.filter(content__isnull=True).count() == 3
    assert engine.deliver() == 3


def test_what_cannot_be_taken_back_goes_later_as_it_was_written(
    smtp: SmtpServer, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(mails: Sequence[OutgoingMail]) -> None:
        raise RuntimeError("glue")

    monkeypatch.setattr(writer, "take_back", fail)
    letters(3)
    engine.deliver(stop=lambda: bool(smtp.mails))
    assert states() == {1: State.SENT, 2: State.QUEUED, 3: State.QUEUED}
    assert engine.deliver() == 2
    assert [len(group) for group in writer.groups] == [3]


def test_a_slow_server_gets_them_one_by_one(smtp: SmtpServer, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that none is rendered long before it is sent."""
    monkeypatch.setattr(batch_render, "QUICK", 0.0)
    letters(9)
    assert engine.deliver() == 9
    assert writer.groups == [[1, 2, 3, 4, 5]]
    assert writer.alone == [6, 7, 8, 9]


def test_the_slower_the_server_the_fewer_are_written_together(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """And as many as before once it is quick again."""
    letters(20)
    token = engine.claim()
    assert token is not None
    ids = list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))
    group, clock = batch_render.BatchRenderer(), [0.0]
    monkeypatch.setattr(batch_render, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    group.size = 8
    for at, passed in ((0, 0.0), (8, batch_render.QUICK), (10, 1.0)):
        clock[0] += passed
        assert group.take(ids[at], token, ids[at:]) is not None
    assert [len(several) for several in writer.groups] == [8, 2, 8]


def test_one_taken_back_by_its_owner_does_not_travel(smtp: SmtpServer, writer: Writer) -> None:
    letters(3)

    def think_again(content: bytes) -> None:
        beside(lambda: cancel(OutgoingMail.objects.get(subject_id=2)))

    smtp.behave["BODY"] = think_again
    assert engine.deliver() == 2
    assert states()[2] == State.CANCELLED


def test_each_mail_on_its_way_costs_one_statement(smtp: SmtpServer, writer: Writer) -> None:
    """That statement marks the previous mail and starts this one; all others are shared by mails rendered together."""
    counts = []
    for count in (2, 5):
        letters(count)
        with CaptureQueriesContext(connection) as queries:
            assert engine.deliver() == count
        counts.append(len(queries))
        OutgoingMail.objects.all().delete()
    assert counts[1] - counts[0] == 3


def test_one_taken_by_another_worker_while_the_one_before_travels_is_left_to_it(
    smtp: SmtpServer, writer: Writer
) -> None:
    letters(3)

    def steal(content: bytes) -> None:
        theirs = {"claim_token": uuid.uuid4(), "lease_until": timezone.now() + dt.timedelta(minutes=5)}
        beside(lambda: OutgoingMail.objects.filter(subject_id=2).update(**theirs))

    smtp.behave["BODY"] = steal
    assert engine.deliver() == 2
    assert states() == {1: State.SENT, 2: State.FROZEN, 3: State.SENT}
    assert smtp.subjects == ["Letter 1", "Letter 3"]


def test_who_waits_to_sign_in_goes_between_two_written_together(
    smtp: SmtpServer, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOOK_FOR_SIGN_INS", 0.0)
    letters(3)

    def sign_in(content: bytes) -> None:
        if len(smtp.mails) == 0:
            sign_in = OutgoingMail.Priority.SIGN_IN
            beside(lambda: OutgoingMail.objects.filter(pk=make_letter(9).pk).update(priority=sign_in))

    smtp.behave["BODY"] = sign_in
    assert engine.deliver() == 4
    assert smtp.subjects == ["Letter 1", "Letter 9", "Letter 2", "Letter 3"]


@pytest.mark.parametrize(
    ("step", "answer"),
    [("MAIL", "451 Later"), ("RCPT", "451 Later"), ("DATA", "451 Later"), ("BODY", "451 Later"), ("DATA", Drop())],
)
def test_what_surely_did_not_arrive_is_written_anew(
    smtp: SmtpServer, writer: Writer, step: str, answer: str | Drop
) -> None:
    """It no longer contains what was settled while it waited."""
    letters(2)
    smtp.behave[step] = answer
    engine.deliver()
    assert writer.taken_back == [1, 2]
    assert set(OutgoingMail.objects.values_list("state", "attempts", "content")) == {(State.QUEUED, 1, None)}
    smtp.behave.clear()
    writer.untrue = {1}
    OutgoingMail.objects.update(due_at=timezone.now())
    assert engine.deliver() == 1
    assert states() == {1: State.EXPIRED, 2: State.SENT}


def test_what_may_have_arrived_keeps_its_bytes_whatever_is_said_later(smtp: SmtpServer, writer: Writer) -> None:
    """Otherwise the second copy would not be recognised as a duplicate."""
    letters(2)
    smtp.behave["BODY"] = Drop(keep=True)
    engine.deliver()
    smtp.behave["BODY"] = "451 Later"
    OutgoingMail.objects.update(due_at=timezone.now())
    engine.deliver()
    smtp.behave.clear()
    before = [bytes(row.content or b"") for row in OutgoingMail.objects.filter(may_be_there=True).order_by("pk")]
    OutgoingMail.objects.update(due_at=timezone.now())
    assert engine.deliver() == 2
    first = [mail for mail in smtp.mails if mail.message["Subject"] == "Letter 1"]
    assert [mail.content for mail in first] == [before[0].replace(b"\n", b"\r\n") + b"\r\n"] * 2
    assert len(before) == 1


def test_a_dead_workers_travelling_mail_keeps_its_bytes(smtp: SmtpServer, writer: Writer) -> None:
    letters(1)
    token = engine.claim()
    assert token is not None
    written = engine.freeze(OutgoingMail.objects.get().pk, token)
    assert written is not None
    OutgoingMail.objects.update(state=State.SENDING, lease_until=timezone.now() - dt.timedelta(seconds=1))
    smtp.behave["DATA"] = "451 Later"
    engine.deliver()
    (mail,) = OutgoingMail.objects.all()
    assert (mail.state, mail.message_id, mail.may_be_there) == (State.QUEUED, written.message_id, True)


def test_who_is_given_up_after_a_day_keeps_what_was_written(smtp: SmtpServer, writer: Writer) -> None:
    letters(1)
    OutgoingMail.objects.update(attempts=len(RETRIES))
    smtp.behave["DATA"] = "451 Later"
    engine.deliver()
    (mail,) = OutgoingMail.objects.all()
    assert (mail.state, mail.content is None, writer.taken_back) == (State.FAILED, False, [])


def test_what_has_one_try_left_is_written_anew_for_it(smtp: SmtpServer, writer: Writer) -> None:
    letters(1)
    OutgoingMail.objects.update(attempts=len(RETRIES) - 1)
    smtp.behave["DATA"] = "451 Later"
    engine.deliver()
    (mail,) = OutgoingMail.objects.all()
    assert (mail.state, mail.content is None, writer.taken_back) == (State.QUEUED, True, [1])


def test_a_dead_server_leaves_all_unwritten(settings: Settings, writer: Writer) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    letters(3)
    assert engine.deliver() == 0
    assert (writer.groups, writer.alone) == ([], [])
