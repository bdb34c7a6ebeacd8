"""What the operator can see and decide."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mail import engine, operations
from mail.models import OutgoingMail, SuppressedAddress
from mail.services import beat
from mail.suppression import suppress
from tests import queries
from tests.factories import make_user
from tests.outbox import make_letter, register_letter, states
from tests.second_factors import operator_client
from tests.smtp_server import Drop, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
State = OutgoingMail.State


@pytest.fixture
def operator(db: None) -> Client:
    return operator_client(make_user("olga@example.org", is_staff=True))


def test_a_failed_mail_goes_again_as_the_same_bytes(smtp: SmtpServer, operator: Client) -> None:
    written = register_letter()
    mail = make_letter()
    smtp.behave["RCPT"] = "550 5.1.1 Nobody here"
    engine.deliver()
    mail.refresh_from_db()
    assert "550 5.1.1 Nobody here" in operator.get("/operator/mail/").content.decode()
    smtp.behave.clear()
    operator.post(f"/operator/mail/{mail.pk}/retry/")
    assert engine.deliver() == 1
    (received,) = smtp.mails
    assert received.message["Message-ID"] == mail.message_id
    assert written == [1]


def test_uncertain_mail_to_a_mentor_goes_again_only_when_a_person_says_so(smtp: SmtpServer, operator: Client) -> None:
    register_letter(audience=OutgoingMail.Audience.MENTOR)
    mail = make_letter(audience=OutgoingMail.Audience.MENTOR)
    smtp.behave["BODY"] = Drop(keep=False)
    engine.deliver()
    smtp.behave.clear()
    assert engine.deliver() == 0
    page = operator.get("/operator/mail/").content.decode()
    assert "Send again, even if it arrives twice" in page
    operator.post(f"/operator/mail/{mail.pk}/retry/")
    assert engine.deliver() == 1


def test_what_is_set_aside_stays_there(smtp: SmtpServer, operator: Client) -> None:
    register_letter()
    mail = make_letter()
    smtp.behave["RCPT"] = "451 4.3.0 Later, please"
    engine.deliver()
    assert "451 4.3.0 Later, please" in operator.get("/operator/mail/").content.decode()
    operator.post(f"/operator/mail/{mail.pk}/set-aside/")
    smtp.behave.clear()
    OutgoingMail.objects.update(due_at=timezone.now())
    assert engine.deliver() == 0
    assert states() == {1: State.ASIDE}
    answer = operator.post(f"/operator/mail/{mail.pk}/retry/", follow=True)
    assert "be tried again" in answer.content.decode()
    assert states() == {1: State.ASIDE}


@pytest.mark.parametrize("state", [State.SENT, State.EXPIRED, State.CANCELLED])
def test_what_is_settled_is_left_alone(state: str) -> None:
    mail = make_letter()
    OutgoingMail.objects.update(state=state)
    mail.refresh_from_db()
    assert (operations.retry(mail=mail), operations.set_aside(mail=mail)) == (False, False)
    assert states() == {1: state}


@pytest.mark.parametrize("meanwhile", [State.ASIDE, State.SENT])
def test_a_press_on_a_page_that_is_out_of_date_changes_nothing(meanwhile: str) -> None:
    """The page shows it as failed; then somebody else set it aside, or it was sent after all."""
    seen = make_letter()
    OutgoingMail.objects.update(state=State.FAILED)
    seen.refresh_from_db()
    OutgoingMail.objects.update(state=meanwhile)
    assert operations.retry(mail=seen) is False
    assert states() == {1: meanwhile}


def test_what_goes_again_wakes_the_workers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(operations, "wake_up", lambda: woken.append(1))
    mail = make_letter(1)
    make_letter(2)
    OutgoingMail.objects.update(state=State.FAILED)
    mail.refresh_from_db()
    assert [operations.retry(mail=mail), operations.retry(mail=mail)] == [True, False]
    assert woken == [1]
    assert (operations.retry_failed(), operations.retry_failed(), woken) == (1, 0, [1, 1])


def test_words_that_were_dropped_are_not_written_anew(smtp: SmtpServer) -> None:
    register_letter()
    mail = make_letter()
    OutgoingMail.objects.update(state=State.FAILED, frozen_at=timezone.now(), content=None)
    mail.refresh_from_db()
    assert operations.retry(mail=mail) is False


def test_looking_at_the_buttons_addresses_does_nothing(operator: Client) -> None:
    mail = make_letter()
    OutgoingMail.objects.update(state=State.FAILED)
    assert operator.get(f"/operator/mail/{mail.pk}/retry/").status_code == 405
    assert states() == {1: State.FAILED}


def command(*words: str) -> str:
    out = StringIO()
    call_command("mail", *words, stdout=out)
    return out.getvalue()


def test_the_command_names_what_is_late_failed_and_uncertain() -> None:
    late, bad, perhaps = make_letter(1), make_letter(2), make_letter(3)
    OutgoingMail.objects.filter(pk=late.pk).update(due_at=timezone.now() - dt.timedelta(minutes=6))
    OutgoingMail.objects.filter(pk=bad.pk).update(state=State.FAILED, last_error="550 Nobody", attempts=1)
    OutgoingMail.objects.filter(pk=perhaps.pk).update(state=State.UNCERTAIN)
    beat("worker a")
    said = command("status")
    blocks = [block.splitlines() for block in said.split("\n\n")]
    assert [block[0] for block in blocks[1:]] == ["Late:", "Failed:", "Uncertain:"]
    assert [int(block[1].split()[0]) for block in blocks[1:]] == [late.pk, bad.pk, perhaps.pk]
    assert "1 try  550 Nobody" in said
    assert "last worker a" in said


def test_the_command_tries_again_and_sets_aside() -> None:
    bad, other = make_letter(1), make_letter(2)
    OutgoingMail.objects.update(state=State.FAILED)
    assert command("retry", str(bad.pk)) == f"{bad.pk}: done\n"
    assert command("set-aside", str(other.pk)) == f"{other.pk}: done\n"
    assert states() == {1: State.QUEUED, 2: State.ASIDE}
    with pytest.raises(CommandError, match="Which mail"):
        command("retry")


def refused(*words: str) -> str:
    """The command's error message."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("mail", *words, stdout=out)
    return f"{out.getvalue()}{error.value}"


def test_the_command_says_what_it_left_and_why() -> None:
    bad, sent, dropped = make_letter(1), make_letter(2), make_letter(3)
    OutgoingMail.objects.filter(pk=bad.pk).update(state=State.FAILED)
    OutgoingMail.objects.filter(pk=sent.pk).update(state=State.SENT)
    OutgoingMail.objects.filter(pk=dropped.pk).update(state=State.FAILED, frozen_at=timezone.now())
    assert refused("retry", str(sent.pk), str(bad.pk), str(dropped.pk), "0") == (
        f"{sent.pk}: nothing to do, or too late: accepted by the mail server\n"
        f"{bad.pk}: done\n"
        f"{dropped.pk}: its words have been dropped by now, so it can’t go again\n"
        f"0: there is no such mail\n"
        f"Left as they are: {sent.pk}, {dropped.pk}, 0."
    )
    assert states() == {1: State.QUEUED, 2: State.SENT, 3: State.FAILED}
    assert refused("retry", str(bad.pk)).startswith(f"{bad.pk}: nothing to do, or too late: waiting\n")  # it is waiting
    assert refused("set-aside", str(sent.pk)).startswith(f"{sent.pk}: nothing to do")


def test_the_command_sends_to_a_mentor_twice_only_when_told_so_in_words() -> None:
    perhaps = make_letter(audience=OutgoingMail.Audience.MENTOR)
    OutgoingMail.objects.update(state=State.UNCERTAIN)
    said = refused("retry", str(perhaps.pk))
    assert f"{perhaps.pk}: a mentor may have it already; if it may come twice, add --even-if-twice" in said
    assert states() == {1: State.UNCERTAIN}
    assert command("retry", str(perhaps.pk), "--even-if-twice") == f"{perhaps.pk}: done\n"
    assert states() == {1: State.QUEUED}


def after_a_wrong_password(count: int) -> None:
    """Several refused mails, one that may have arrived, and one whose bytes were purged."""
    for number in range(count + 2):
        make_letter(number)
    OutgoingMail.objects.update(state=State.FAILED, attempts=13, last_error="535 5.7.8 Wrong password")
    OutgoingMail.objects.filter(subject_id=count).update(state=State.UNCERTAIN)
    OutgoingMail.objects.filter(subject_id=count + 1).update(frozen_at=timezone.now())


def test_all_that_failed_goes_again_at_once_but_nothing_uncertain(operator: Client) -> None:
    after_a_wrong_password(60)
    page = operator.get("/operator/mail/").content.decode()
    assert "Try all again" in page
    assert "Try all now" not in page
    assert "And 11 more." in page
    answer = operator.post("/operator/mail/retry-all/", {"pile": "Failed"}, follow=True).content.decode()
    assert "60 are in the queue again." in answer
    found = OutgoingMail.objects.values_list("state", "attempts").distinct()
    assert set(found) == {(State.QUEUED, 0), (State.UNCERTAIN, 13), (State.FAILED, 13)}
    again = operator.post("/operator/mail/retry-all/", {"pile": "Failed"}, follow=True).content.decode()
    assert "None of these can be tried again" in again


def waiting_for_the_server() -> OutgoingMail:
    """Two mails that wait for hours after many tries, one not due yet, one failed. Returns the first."""
    first, *_ = [make_letter(number) for number in range(4)]
    later = timezone.now() + dt.timedelta(hours=4)
    OutgoingMail.objects.update(due_at=later)
    OutgoingMail.objects.filter(subject_id__lt=2).update(attempts=9)
    OutgoingMail.objects.filter(subject_id=3).update(state=State.FAILED)
    return first


def due_now() -> list[int | None]:
    due = engine.due(timezone.now()).order_by("subject_id")
    return list(due.values_list("subject_id", flat=True))


def test_what_waits_for_hours_can_go_now_when_the_server_is_back(operator: Client) -> None:
    first = waiting_for_the_server()
    operator.post(f"/operator/mail/{first.pk}/retry/")
    assert due_now() == [0]
    assert "Try now" in operator.get("/operator/mail/").content.decode()
    early = OutgoingMail.objects.get(subject_id=2)
    assert (
        "That can’t be tried again" in operator.post(f"/operator/mail/{early.pk}/retry/", follow=True).content.decode()
    )
    OutgoingMail.objects.filter(subject_id=0).update(attempts=1)
    answer = operator.post("/operator/mail/retry-all/", {"pile": "Late"}, follow=True).content.decode()
    assert "2 are in the queue again." in answer
    assert due_now() == [0, 1]
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {0}


def test_the_command_tries_all_that_is_late_or_failed() -> None:
    waiting_for_the_server()
    assert command("retry", "--late") == "2 in the queue again\n"
    assert due_now() == [0, 1]
    OutgoingMail.objects.filter(subject_id=0).update(attempts=1)
    assert command("retry", "--late", "--failed") == "2 in the queue again\n"
    assert due_now() == [0, 1, 3]


def test_the_command_tries_all_that_failed_again() -> None:
    after_a_wrong_password(30)
    assert "          and 11 more" in command("status")
    assert command("retry", "--failed") == "30 in the queue again\n"
    assert sorted(states().values()).count(State.QUEUED) == 30


@pytest.mark.parametrize("count", [1, 300])
def test_the_operators_page_asks_little_however_much_has_failed(operator: Client, count: int) -> None:
    after_a_wrong_password(count)
    operator.get("/operator/mail/")
    with CaptureQueriesContext(connection) as asked:
        operator.get("/operator/mail/")
    assert queries.count(asked) <= 12  # one of them for the second factor


def test_the_operators_page_says_how_many_walls_there_are(operator: Client) -> None:
    page = " ".join(operator.get("/operator/mail/").content.decode().split())
    words = "PostgreSQL checks that once more" if connection.vendor == "postgresql" else "That is one wall: SQLite"
    assert words in page


def test_the_operators_page_is_short_when_all_is_well(operator: Client) -> None:
    make_letter()
    page = " ".join(operator.get("/operator/mail/").content.decode().split()).replace("</dt> <dd>", "</dt><dd>")
    assert "<dt>Waiting</dt><dd>1</dd>" in page
    assert [f"<dt>{title}</dt><dd>None</dd>" in page for title in ("Late", "Failed", "Uncertain")] == [True] * 3
    assert "Set aside" not in page


def test_what_is_tried_again_says_when(operator: Client) -> None:
    make_letter()
    due = dt.datetime(2030, 5, 4, 10, 0, tzinfo=dt.UTC)
    OutgoingMail.objects.update(attempts=3, due_at=due)
    page = " ".join(operator.get("/operator/mail/").content.decode().split())
    assert "3 tries · next 4 May, 11:00" in page


def test_somebody_is_named_operator_and_no_more(operator: Client) -> None:
    client = operator_client(make_user("lee@example.org"))
    assert "Running this site" not in client.get("/settings/").content.decode()
    call_command("operator", "LEE@example.org", stdout=StringIO())
    assert client.get("/operator/mail/").status_code == 200
    assert "/operator/mail/" in client.get("/settings/").content.decode()
    call_command("operator", "lee@example.org", "--no-more", stdout=StringIO())
    assert client.get("/operator/mail/").status_code == 404
    with pytest.raises(CommandError, match="Nobody has an account"):
        call_command("operator", "nobody@example.org")


# --- Stopped addresses ----------------------------------------------------------------------------


def test_the_operator_sees_stopped_addresses_with_reason_and_date_and_lifts_one(operator: Client) -> None:
    row, _ = suppress(address="bob@example.org", reason=SuppressedAddress.Reason.ASKED)
    SuppressedAddress.objects.update(at=dt.datetime(2026, 5, 4, 10, 0, tzinfo=dt.UTC))
    page = " ".join(operator.get("/operator/mail/").content.decode().split())
    assert "bob@example.org" in page
    assert "Stopped by the recipient · since 4 May 2026, 11:00" in page
    assert operator.get(f"/operator/mail/stopped/{row.pk}/lift/").status_code == 405
    answer = operator.post(f"/operator/mail/stopped/{row.pk}/lift/", follow=True).content.decode()
    assert "Users can send mail to bob@example.org again." in answer
    assert not SuppressedAddress.objects.exists()


def test_the_operator_stops_an_address_after_a_complaint(operator: Client) -> None:
    fields = {"address": "bob@example.org", "reason": "complaint", "note": "Wrote to us"}
    answer = operator.post("/operator/mail/stopped/add/", fields, follow=True).content.decode()
    assert "Users can’t send mail to bob@example.org any more." in answer
    assert "Wrote to us" in answer
    again = operator.post("/operator/mail/stopped/add/", fields, follow=True).content.decode()
    assert "was on the list already" in again
    assert SuppressedAddress.objects.get().reason == "complaint"


def test_a_wrong_address_stops_nothing_and_stays_in_the_form(operator: Client) -> None:
    answer = operator.post("/operator/mail/stopped/add/", {"address": "bob", "reason": "complaint", "note": "Word"})
    assert answer.status_code == 422
    assert 'value="bob"' in answer.content.decode()
    assert 'value="Word"' in answer.content.decode()
    assert not SuppressedAddress.objects.exists()


def test_the_list_of_stopped_addresses_is_cut_and_says_so(operator: Client) -> None:
    SuppressedAddress.objects.bulk_create(
        SuppressedAddress(key=f"{n}@x.org", address=f"{n}@x.org", reason="asked") for n in range(60)
    )
    page = operator.get("/operator/mail/").content.decode()
    assert page.count("Stopped by the recipient") == 50
    assert page.partition("44 more</summary>")[0].count("Stopped by the recipient") == 6
    assert "These are the latest of 60." in page
    assert '<a href="#stopped">60</a>' in page
