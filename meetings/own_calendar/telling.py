"""What Today and the day's mail say of meetings found in the user's own calendar, and what can be answered there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.urls import reverse

from accounts.models import User, first_name
from meetings.models import CalendarTalk
from meetings.own_calendar import talk_answers
from meetings.scheduling import CALENDAR_ASKS
from reminders.kinds import Act, Item

State, News = CalendarTalk.State, CalendarTalk.News
NOTED = (News.SPOKE, News.MOVED, News.CALLED_OFF)
GONE = (News.GONE, News.ELSEWHERE)
SETTLED = "That is settled already. Nothing was changed."


def line(user: User, kind: str, pk: int, *, name: str, news: str, starts_at: dt.datetime) -> Item:
    starts = user.local(starts_at)
    day = f"{starts:%A} {starts.day} {starts:%B}"
    if kind == CALENDAR_ASKS:
        title = f"Did you speak with {name} on {day}?"
        words = (
            f"It was in your calendar. If you did, we note it, and later ones with {first_name(name)} without asking."
        )
    else:
        title, words = _news(News(news), name, day, f"{starts:%H:%M}")
    return Item(title=title, words=words, path=f"{reverse('calendar_talks')}#talk-{pk}", person=name, button="See it")


def _news(news: CalendarTalk.News, name: str, day: str, time: str) -> tuple[str, str]:
    match news:
        case News.SPOKE:
            return (
                f"Noted from your calendar: you spoke with {name}",
                f"On {day} at {time}. A follow-up that waited for {first_name(name)} has stopped.",
            )
        case News.MOVED:
            return (
                f"Moved as in your calendar: your meeting with {name}",
                f"It is on {day} at {time} now.",
            )
        case News.CALLED_OFF:
            return (
                f"Cancelled as in your calendar: your meeting with {name}",
                f"It was on {day} at {time}. What was open comes along to your next meeting.",
            )
        case News.GONE:
            return (
                f"No longer in your calendar: {name}",
                f"Your meeting on {day} at {time} is still planned here. Cancel it, or keep it.",
            )
        case News.ELSEWHERE:
            return (
                f"Your calendar has another time for your meeting with {name}",
                f"There it is on {day} at {time}. They were invited from here, so we changed nothing.",
            )


def _answer(said: CalendarTalk.State, words: str) -> Callable[[User, int], str]:
    def run(user: User, pk: int) -> str:
        talk = CalendarTalk.objects.for_user(user).filter(pk=pk).select_related("person").first()
        if talk is None or not talk_answers.answer(talk, said):
            return SETTLED
        return words.format(name=talk.person.name)

    return run


def _take_back(user: User, pk: int) -> str:
    talk = CalendarTalk.objects.for_user(user).filter(pk=pk, news__in=NOTED).first()
    return "Taken back." if talk is not None and talk_answers.take_back(talk) else SETTLED


NOTED_NOW = "Noted: you spoke with {name}."
NOT_NOTED = "Good to know. Nothing was noted."
NEVER_AGAIN = "You won’t be asked about {name} again."
ANSWERS = (
    Act("yes", "Yes, we spoke", _answer(State.SPOKE, NOTED_NOW)),
    Act("no", "No, we didn’t", _answer(State.NO, NOT_NOTED)),
    Act("never", "Never ask about them", _answer(State.NEVER, NEVER_AGAIN)),
)
TAKE_BACK = (Act("wrong", "That’s wrong", _take_back),)
