"""The rhythm of reminders to reflect: never, unless the user chose one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.models import User
from portfolio.looking_back.reflections import LedTo, keep_reflection
from portfolio.looking_back.reviews import keep_review
from portfolio.looking_back.rhythm import choose_rhythm
from portfolio.models import Reflection, ReflectionRhythm, Review
from portfolio.reminder_kinds import load
from reminders import kinds
from reminders.models import Reminder
from tests.factories import make_reflection, make_review
from tests.reminders.kinds_for_tests import told_to

NOW = dt.datetime(2026, 6, 1, 10, 0, tzinfo=dt.UTC)  # a Monday, 11:00 in London
pytestmark = pytest.mark.clock(NOW)
TODAY = NOW.date()
URL = "/reflect/rhythm/"


def planned() -> list[dt.date]:
    return list(Reminder.objects.filter(kind="reflect", state="planned").values_list("wished_on", flat=True))


def asked(user: User) -> list[str]:
    ids = list(ReflectionRhythm.objects.values_list("pk", flat=True))
    return [item.title for item in told_to(user, load, {"reflect": ids}).get("reflect", {}).values()]


def test_nobody_is_asked_who_did_not_choose_it(alice: User, alice_client: Client) -> None:
    make_reflection(alice, on=dt.date(2020, 1, 1))
    page = alice_client.get("/reflect/")
    assert page.context["rhythm"] is None
    assert page.context["rhythm_form"].initial == {"months": 0}
    assert planned() == []


def test_a_pace_counts_from_the_last_answer_or_look_back(alice: User, alice_client: Client) -> None:
    make_reflection(alice, on=dt.date(2026, 4, 30))
    make_review(alice, on=dt.date(2026, 5, 31))
    page = alice_client.post(URL, {"months": "3"}, follow=True)
    assert page.redirect_chain == [("/reflect/", 302)]
    assert "You are asked to reflect around 31 August 2026." in page.content.decode()
    assert planned() == [dt.date(2026, 8, 31)]
    alice_client.post(URL, {"months": "6"})
    assert planned() == [dt.date(2026, 11, 30)]


@pytest.mark.parametrize("on", [None, dt.date(2024, 2, 29), dt.date(2026, 3, 1)])
def test_a_pace_that_is_chosen_never_asks_about_the_past(alice: User, on: dt.date | None) -> None:
    if on:
        make_reflection(alice, on=on)
    choose_rhythm(owner=alice, months=3)
    assert planned() == [dt.date(2026, 9, 1)]
    assert asked(alice) == []


def test_reflecting_moves_it_on_and_an_older_answer_does_not(alice: User) -> None:
    choose_rhythm(owner=alice, months=3)
    ReflectionRhythm.objects.update(next_on=TODAY)
    assert asked(alice) == ["Take a quarter of an hour to reflect"]
    answer = Reflection(owner=alice, question="beyond", answer="Old", on=dt.date(2026, 2, 1))
    keep_reflection(reflection=answer, led_to=LedTo())
    assert asked(alice) == ["Take a quarter of an hour to reflect"]
    keep_reflection(reflection=Reflection(owner=alice, question="beyond", answer="New", on=TODAY), led_to=LedTo())
    assert planned() == [dt.date(2026, 9, 1)]
    assert asked(alice) == []


def test_a_look_back_moves_it_on_too(alice: User) -> None:
    choose_rhythm(owner=alice, months=12)
    ReflectionRhythm.objects.update(next_on=TODAY)
    keep_review(review=Review(owner=alice, on=TODAY, words="Better"), notes={})
    assert planned() == [dt.date(2027, 6, 1)]


def test_not_this_time_asks_again_when_the_next_has_come(alice: User) -> None:
    rhythm = choose_rhythm(owner=alice, months=6)
    assert rhythm is not None
    ReflectionRhythm.objects.update(next_on=TODAY)
    (act,) = kinds.get("reflect").acts
    assert act.run(alice, rhythm.pk) == "Fine. You are asked again on 1 December 2026."
    assert act.run(alice, rhythm.pk) == "Fine. You are asked again on 1 December 2026."
    assert planned() == [dt.date(2026, 12, 1)]
    choose_rhythm(owner=alice, months=0)
    assert act.run(alice, rhythm.pk) == "You are not asked to reflect any more. Nothing was changed."


def test_never_stops_it_and_a_wrong_choice_changes_nothing(alice: User, alice_client: Client) -> None:
    alice_client.post(URL, {"months": "12"})
    for wrong in ({"months": "5"}, {"months": "\x00"}, {}):
        page = alice_client.post(URL, wrong, follow=True)
        assert "Nothing was changed." in page.content.decode()
    assert planned() == [dt.date(2027, 6, 1)]
    page = alice_client.post(URL, {"months": "0"}, follow=True)
    assert "You are not asked to reflect." in page.content.decode()
    assert planned() == []
    assert not ReflectionRhythm.objects.exists()


def test_it_is_gentle_and_somebody_elses_is_never_told(alice: User, charlie: User) -> None:
    assert kinds.get("reflect").switch == "gentle"
    choose_rhythm(owner=alice, months=3)
    ReflectionRhythm.objects.update(next_on=TODAY)
    assert asked(charlie) == []
