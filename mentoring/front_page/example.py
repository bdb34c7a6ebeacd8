"""Invented people on the front page, so that a visitor sees what a portfolio looks like."""

from __future__ import annotations

import datetime as dt
from functools import cache

from portfolio.overview import timeline
from portfolio.overview.constellation import Approaching, NeedArc, Picture, Star, draw


@cache
def example_constellation() -> Picture:
    needs = [
        NeedArc(1, "choose a direction", "why", 3, mentors_count=2, could_help=0),
        NeedArc(2, "believe I can lead", "why", 2, mentors_count=1, could_help=0),
        NeedArc(3, "win a fellowship", "how", 3, mentors_count=2, could_help=0),
        NeedArc(4, "lead a team", "how", 2, mentors_count=1, could_help=1),
        NeedArc(5, "meet funding panels", "whom", 2, mentors_count=1, could_help=2),
        NeedArc(6, "be known to social-care commissioners", "whom", 3, mentors_count=0, could_help=3),
    ]
    stars = [
        Star(1, "Margaret Osei", "MO", "why", ("whom",), ((1, 3), (2, 1)), closeness=3, friend=True),
        Star(2, "Tomasz Wren", "TW", "how", (), ((3, 3),), closeness=1, formal=True),
        Star(3, "Rukhsana Dale", "RD", "how", ("why",), ((4, 3),), closeness=2),
        Star(4, "Ines Calder", "IC", "why", (), ((2, 2),), closeness=2, paused=True),
        Star(5, "Noor Halliday", "NH", "whom", (), ((5, 2),), closeness=2),
    ]
    approaching = [Approaching(6, "Prof. Gwen Abara", "GA", "whom", "approached", ((5, 3),))]
    return draw(needs, stars, approaching)


@cache
def example_timeline() -> timeline.Timeline:
    """A timeline with every kind of mark."""
    day, span = dt.date, timeline.Span
    rest = timeline.Pause(day(2020, 3, 16), day(2020, 10, 5))
    spans = [
        span(1, 1, "Margaret Osei", day(2016, 10, 3), None, "why", "broad", friends_since=day(2022, 6, 18)),
        span(2, 2, "Tomasz Wren", day(2018, 9, 10), day(2022, 4, 29), "how", "narrow", True, day(2019, 9, 9), (rest,)),
        span(3, 3, "Noor Halliday", day(2024, 2, 1), None, "whom"),
    ]
    return timeline.draw(spans, day(2026, 11, 23))
