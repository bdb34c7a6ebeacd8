"""Mail that a user causes to somebody else: confirmed address, suppression, and limits, also for two tabs at once."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.export.document import export_all
from accounts.models import User
from mail import engine, suppression
from mail.models import OutgoingMail, SendingDay, SuppressedAddress
from mail.to_others import NotSent, queue_to_other
from tests.factories import make_user
from tests.outbox import register_letter
from tests.races import at_once
from tests.smtp_server import SmtpServer

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clock(NOW)]
BOB = "bob@example.org"
State = OutgoingMail.State


def write(owner: User, recipient: str = BOB, *, number: int | None = None, asked: bool = True) -> OutgoingMail:
    """Queue one; the number is its subject."""
    subject = OutgoingMail.objects.count() + 1 if number is None else number
    end = timezone.now() + 60 * DAY
    return queue_to_other(
        purpose="letter", subject_id=subject, owner=owner, recipient=recipient, expires_at=end, asked=asked
    )


def refused(owner: User, recipient: str = BOB, *, number: int | None = None) -> str:
    with pytest.raises(NotSent) as trouble:
        write(owner, recipient, number=number)
    return str(trouble.value)


def strangers(count: int, begin: int = 0) -> list[str]:
    return [f"stranger{number}@example.org" for number in range(begin, begin + count)]


def test_nothing_goes_to_others_before_the_own_address_is_confirmed(alice: User) -> None:
    EmailAddress.objects.update(verified=False)
    assert refused(alice).startswith("Confirm your own email address")
    EmailAddress.objects.create(user=alice, email="other@example.org", verified=True)
    refused(alice)  # the other one is not where answers go
    assert not OutgoingMail.objects.exists()
    EmailAddress.objects.filter(email=alice.email).update(verified=True, email="ALICE@example.org")
    write(alice)


def test_a_new_account_writes_to_five_new_people_a_day_and_later_to_twenty(
    alice: User, clock: time_machine.Coordinates
) -> None:
    for address in strangers(5):
        write(alice, address)
    said = refused(alice)
    assert "five new people" in said
    assert "in your first week here" in said
    assert "from Tuesday 3 March at 00:00" in said
    clock.shift(DAY)
    for address in strangers(5, 5):
        write(alice, address)
    refused(alice)
    clock.move_to(NOW + 7 * DAY)
    for address in strangers(20, 10):
        write(alice, address)
    said = refused(alice)
    assert ("20 new people" in said, "first week" in said) == (True, False)
    assert OutgoingMail.objects.count() == 30


def test_the_time_from_which_it_can_go_is_the_users_own(alice: User) -> None:
    alice.time_zone = "America/New_York"
    alice.save()
    for address in strangers(5):
        write(alice, address)
    assert "from Monday 2 March at 19:00" in refused(alice)


def test_who_was_written_to_before_is_not_new_however_it_is_spelt(alice: User, clock: time_machine.Coordinates) -> None:
    for address in [*strangers(4), BOB]:
        write(alice, address)
    write(alice, "BOB+x@Example.ORG")
    refused(alice, "bill@example.org")
    clock.shift(DAY)
    write(alice, BOB)
    assert sorted(SendingDay.objects.filter(sender="").values_list("count", flat=True)) == [5]


def test_the_whole_site_has_a_limit_too(settings, alice: User, charlie: User) -> None:
    settings.MAIL_NEW_RECIPIENTS_SITE = 3
    for address in strangers(2):
        write(alice, address)
    write(charlie, "x@example.org")
    assert "from this site today" in refused(charlie, "y@example.org")
    assert "from this site today" in refused(alice, "z@example.org")
    write(alice, strangers(1)[0])
    # What the site refused did not use up the user's own places.
    settings.MAIL_NEW_RECIPIENTS_SITE = 100
    for address in strangers(3, 2):
        write(alice, address)


def test_what_the_site_has_no_room_for_takes_no_place_of_the_user(settings, alice: User) -> None:
    settings.MAIL_NEW_RECIPIENTS_SITE = 0
    mail = OutgoingMail.objects.get(pk=write(alice, asked=False).pk)
    assert mail.state == State.STOPPED
    assert set(SendingDay.objects.values_list("count", flat=True)) <= {0}


def test_an_account_that_is_made_anew_does_not_begin_at_nought(alice: User) -> None:
    for address in strangers(5):
        write(alice, address)
    alice.delete()
    again = make_user("Alice+2@example.org")
    assert "five new people" in refused(again)
    assert not OutgoingMail.objects.exists()


def test_counts_are_kept_for_a_week(alice: User, clock: time_machine.Coordinates) -> None:
    write(alice)
    clock.shift(9 * DAY)
    write(alice, "x@example.org")
    assert set(SendingDay.objects.values_list("day", flat=True)) == {(NOW + 9 * DAY).date()}


def test_one_person_gets_three_a_day_and_the_rest_wait(smtp: SmtpServer, alice: User, clock) -> None:
    register_letter(audience="mentor")
    mails = [write(alice) for _ in range(7)]
    days = [mail.due_at.date() for mail in mails]
    assert days == [NOW.date()] * 3 + [(NOW + DAY).date()] * 3 + [(NOW + 2 * DAY).date()]
    assert [engine.deliver(), engine.deliver()] == [3, 0]
    clock.move_to(NOW.replace(hour=0) + DAY)
    assert engine.deliver() == 3
    clock.shift(DAY)
    assert engine.deliver() == 1


def test_what_never_travelled_takes_no_place(alice: User) -> None:
    for _ in range(3):
        write(alice)
    OutgoingMail.objects.update(state=State.EXPIRED)
    assert write(alice).due_at == NOW


def test_what_could_only_go_too_late_is_refused(alice: User) -> None:
    for _ in range(3):
        write(alice)
    with pytest.raises(NotSent, match="three emails a day"):
        queue_to_other(
            purpose="letter",
            subject_id=9,
            owner=alice,
            recipient=BOB,
            expires_at=NOW + dt.timedelta(hours=2),
            asked=True,
        )


def test_what_follows_from_a_change_never_stands_in_its_way(alice: User) -> None:
    suppression.suppress(address=BOB, reason=SuppressedAddress.Reason.ASKED)
    said = refused(alice)
    assert said == "bob@example.org doesn’t accept email sent through Mentorfolio."
    mail = OutgoingMail.objects.get(pk=write(alice, asked=False).pk)
    assert (mail.state, mail.last_error) == (State.STOPPED, said)


def test_the_export_has_what_was_sent_and_counted(alice: User, charlie: User) -> None:
    write(alice)
    exported = export_all(alice)["tables"]
    [day] = exported["mail.sendingday"]
    assert (day["day"], day["count"]) == (f"{NOW:%Y-%m-%d}", 1)
    assert [mail["recipient"] for mail in exported["mail.outgoingmail"]] == [BOB]
    theirs = export_all(charlie)["tables"]
    assert (theirs["mail.sendingday"], theirs["mail.outgoingmail"]) == ([], [])


# --- at once --------------------------------------------------------------------------------------


def attempt(owner: User, recipient: str, number: int) -> bool:
    try:
        write(owner, recipient, number=number)
    except NotSent:
        return False
    return True


def test_eight_tabs_at_once_take_no_more_places_than_there_are(alice: User) -> None:
    for address in strangers(3):
        write(alice, address)
    acts = [lambda n=n: attempt(alice, f"new{n}@example.org", 100 + n) for n in range(8)]
    assert sum(at_once(*acts)) == 2
    assert OutgoingMail.objects.count() == 5


def test_two_users_at_once_take_the_sites_last_place_once(settings, alice: User, charlie: User) -> None:
    settings.MAIL_NEW_RECIPIENTS_SITE = 1
    acts = [lambda u=user, n=n: attempt(u, BOB, n) for n, user in enumerate([alice, charlie] * 2, 1)]
    sent = OutgoingMail.objects.filter(recipient=BOB)
    at_once(*acts)
    assert sent.values("owner").distinct().count() == 1


def test_eight_tabs_at_once_send_one_person_three_today(alice: User) -> None:
    at_once(*[lambda n=n: attempt(alice, BOB, n) for n in range(1, 9)])
    due = list(OutgoingMail.objects.values_list("due_at__date", flat=True))
    assert sorted(due) == [NOW.date()] * 3 + [(NOW + DAY).date()] * 3 + [(NOW + 2 * DAY).date()] * 2
