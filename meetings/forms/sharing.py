"""Several times to offer for one meeting, as wall times in the meeting's zone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts.zones import zone
from meetings import diary
from meetings.clashes import Clash, find_busy
from meetings.forms.meetings import YEARS_AHEAD
from meetings.forms.widgets import DayInput, TimeOfDayInput
from meetings.models import Meeting
from meetings.services import start

ROWS = 5


class TimesForm(forms.Form):
    """Rows of ``day-<n>`` and ``time-<n>``; the first is the meeting's current time. Empty rows are ignored."""

    despite = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    clash: Clash | None = None

    def __init__(self, meeting: Meeting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        offered = [offer.starts_at for offer in meeting.offers.all()] or [meeting.starts_at]
        there = [one.astimezone(zone(meeting.zone)) for one in offered]
        for n in range(ROWS):
            at = there[n] if n < len(there) else None
            self.fields[f"day-{n}"] = forms.DateField(
                required=False, label="Day", widget=DayInput(), initial=at.date() if at else None
            )
            self.fields[f"time-{n}"] = forms.TimeField(
                required=False, label="Starts at", widget=TimeOfDayInput(), initial=at.time() if at else None
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"day-{n}"], self[f"time-{n}"]) for n in range(ROWS)]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        self.starts: list[dt.datetime] = []
        self.filled: list[int] = []  # the rows of these
        now = timezone.now()
        for n in range(ROWS):
            day, time = data.get(f"day-{n}"), data.get(f"time-{n}")
            if f"day-{n}" in self.errors or f"time-{n}" in self.errors or (day is None and time is None):
                continue
            if day is None or time is None:
                self.add_error(f"time-{n}" if day else f"day-{n}", "A day and a time belong together.")
            elif not now.date() - dt.timedelta(days=1) <= day <= now.date() + dt.timedelta(days=365 * YEARS_AHEAD):
                self.add_error(f"day-{n}", f"Choose a day up to {YEARS_AHEAD} years from now.")
            elif (begins := start(dt.datetime.combine(day, time), self.meeting.zone)) <= now:
                self.add_error(f"time-{n}", "This time has passed.")
            else:
                self.starts.append(begins)
                self.filled.append(n)
        if not self.errors:
            self._say_what_is_taken()
        if not self.errors and len(set(self.starts)) == 1:
            raise forms.ValidationError("One time is no choice: add another, or leave all rows empty to offer none.")
        if not self.errors:
            self._say_when_busy(data["despite"])
        return data

    def _say_when_busy(self, despite: str) -> None:
        """What the user's own calendar says, once; sent again as it is, it is meant."""
        spans = [diary.Span.lasting(one, self.meeting.minutes) for one in self.starts]
        clash = find_busy(self.meeting.owner, spans)
        if clash is not None and clash.key != despite:
            self.clash = clash
            self.data = {**{name: self.data[name] for name in self.data}, "despite": clash.key}
            self.add_error(None, f"{clash.words} Choose other times, or offer these anyway.")

    def _say_what_is_taken(self) -> None:
        """A time that somebody else has could not be chosen, so it isn't offered."""
        spans = [diary.Span.lasting(one, self.meeting.minutes) for one in self.starts]
        for other in diary.taken(self.meeting.owner_id, spans, besides=self.meeting.pk):
            for n, wanted in zip(self.filled, spans, strict=True):
                if wanted.meets(diary.span(other)) and f"time-{n}" not in self.errors:
                    there = other.starts_at.astimezone(zone(self.meeting.zone))
                    self.add_error(f"time-{n}", f"You meet {other.person} then, at {there:%H:%M}. Choose another time.")
