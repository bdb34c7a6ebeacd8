from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import User
from outreach.approaches import services as approaches
from outreach.follow_ups import rest_reminder
from outreach.models import Approach
from outreach.selectors import approaches as approach_selectors
from portfolio.models import Person
from reminders import kinds
from reminders.models import Reminder
from reminders.tasks import sweep
from tests.factories import make_approach
from tests.outreach.helpers import MONDAY
from tests.servers import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clock(MONDAY)]
UNTIL = dt.date(2026, 4, 7)  # a Tuesday
NINE = dt.datetime(2026, 4, 7, 8, tzinfo=dt.UTC)


@pytest.fixture
def asleep(bob: Person) -> Approach:
    approach = make_approach(bob)
    approaches.rest(approach=approach, until=UNTIL)
    return Approach.objects.get(pk=approach.pk)


def wished() -> list[tuple[str, dt.date]]:
    return list(Reminder.objects.filter(kind=rest_reminder.KIND).values_list("state", "wished_on"))


def test_its_end_is_mailed_once_and_gently(clock: time_machine.Coordinates, smtp: SmtpServer, asleep: Approach) -> None:
    clock.move_to(NINE - dt.timedelta(seconds=1))
    sweep()
    assert smtp.mails == []
    for minutes in (0, 1, 24 * 60, 48 * 60):
        clock.move_to(NINE + dt.timedelta(minutes=minutes))
        sweep()
    (mail,) = smtp.mails
    assert "Think of Dr Bob Brook again?" in mail.text
    assert asleep.get_absolute_url() in mail.text
    assert kinds.get(rest_reminder.KIND).switch == "gentle"


def test_somebody_without_gentle_reminders_gets_none(
    clock: time_machine.Coordinates, smtp: SmtpServer, asleep: Approach
) -> None:
    User.objects.update(remind_gentle=False)
    clock.move_to(NINE)
    sweep()
    assert smtp.mails == []


@pytest.mark.parametrize("how", ["woken", "replied", "ended", "rested longer"])
def test_it_expires_when_it_is_no_longer_true(
    clock: time_machine.Coordinates, smtp: SmtpServer, asleep: Approach, how: str
) -> None:
    Reminder.objects.filter(kind=rest_reminder.KIND).update(state="planned")
    if how == "woken":
        approaches.take_up_again(approach=asleep)
    elif how == "replied":
        approaches.record_reply(approach=asleep)
    elif how == "ended":
        approaches.end_approach(approach=asleep, outcome=Approach.Outcome.WITHDRAWN)
    else:
        approaches.take_up_again(approach=asleep)
        approaches.rest(approach=asleep, until=dt.date(2026, 12, 1))
    assert wished() == ([("planned", dt.date(2026, 12, 1))] if how == "rested longer" else [("cancelled", UNTIL)])
    # Even with a leftover reminder row, no false mail is sent.
    Reminder.objects.filter(kind=rest_reminder.KIND).update(
        state="planned", wished_on=UNTIL, wall_date=UNTIL, due_at=NINE
    )
    clock.move_to(NINE)
    sweep()
    assert smtp.mails == []
    assert wished()[0][0] == "expired"


@pytest.mark.parametrize("outcome", ["not_now", "no_answer"])
def test_a_not_now_and_a_silence_may_rest_as_well(bob: Person, outcome: str) -> None:
    approach = make_approach(bob, outcome=outcome, ended_at=MONDAY)
    approaches.rest(approach=approach, until=UNTIL)
    approach.refresh_from_db()
    assert (approach.outcome, approach.ended_at, approach.rest_until) == ("", None, UNTIL)
    assert wished() == [("planned", UNTIL)]


def test_taking_it_up_from_the_mail_happens_once(
    clock: time_machine.Coordinates, asleep: Approach, charlie: User
) -> None:
    (act,) = kinds.get(rest_reminder.KIND).acts
    clock.move_to(NINE)
    assert act.run(charlie, asleep.pk) == "That approach is no longer there. Nothing was changed."
    assert act.run(asleep.owner, asleep.pk) == "Good. Dr Bob Brook is on your way again."
    assert act.run(asleep.owner, asleep.pk) == "Dr Bob Brook is on your way again already."
    assert asleep.events.filter(kind="woken").count() == 1


def test_the_page_says_when_the_rest_is_over(clock: time_machine.Coordinates, asleep: Approach) -> None:
    def title() -> str:
        return approach_selectors.row(approach_selectors.with_situation(asleep.owner).get()).step.title

    assert title() == "Resting until 7 April 2026"
    clock.move_to(NINE)
    assert title() == "Bob has had some peace"
