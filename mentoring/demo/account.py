"""The demo's user and its current time, which all parts share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from accounts.models import User
from portfolio.models import Mentorship, Need, Person, PlaceToLook


@dataclass
class Demo:
    """The state of the demo while it is created. Parts find objects of earlier parts by key."""

    user: User
    now: dt.datetime = field(default_factory=timezone.now)
    people: dict[str, Person] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    mentors: dict[str, Mentorship] = field(default_factory=dict)
    places: dict[str, PlaceToLook] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.today = self.user.today()

    def ago(self, days: int, hour: int = 14) -> dt.datetime:
        """The instant a number of local days ago, at that local hour."""
        return dt.datetime.combine(self.day(days), dt.time(hour), tzinfo=self.user.zone)

    def day(self, days_ago: int) -> dt.date:
        """The local date a number of days ago; negative numbers are in the future."""
        return self.today - dt.timedelta(days=days_ago)
