"""The board: approaches by place (stage, resting or ended), with only the newest few of each place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import User
from outreach.models import Approach
from outreach.selectors import approaches as approach_selectors
from outreach.selectors.approaches import ApproachRow

SHOWN = 8  # per place; a plain list shows the rest
RESTING, ENDED = "resting", "ended"
PLACES: dict[str, str] = {**{stage.value: stage.label for stage in Approach.Stage}, RESTING: "Resting", ENDED: "Ended"}
# Long texts, which no card shows.
HEAVY = (
    *("person__notes", "person__search_text", "why_them", "their_role", "their_work"),
    *("in_common", "who_knows_them", "why_now"),
)


@dataclass(frozen=True)
class Column:
    """``count`` is the number of all approaches here, ``rows`` are the few that are shown."""

    place: str
    label: str
    rows: list[ApproachRow]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True)
class Board:
    """``stages`` are all six in order, including empty ones."""

    stages: list[Column]
    resting: Column
    ended: Column

    @property
    def any(self) -> bool:
        return any(column.count for column in (*self.stages, self.resting, self.ended))


def _placed(user: User) -> QuerySet[Any]:
    """The user's approaches, each with its place from :data:`PLACES`, without the long texts."""
    place = Case(
        When(~Q(outcome=""), then=Value(ENDED)),
        When(rest_until__isnull=False, then=Value(RESTING)),
        default=F("stage"),
        output_field=CharField(),
    )
    return approach_selectors.with_situation(user).defer(*HEAVY).annotate(place=place)


# Resting approaches are ordered by the end of the rest; all others newest first.
ORDER = (
    F("rest_until").asc(nulls_last=True),
    Coalesce("ended_at", "stage_since").desc(),
    F("pk").desc(),
)


def board(user: User) -> Board:
    """Always two queries."""
    numbered = _placed(user).annotate(
        nth=Window(RowNumber(), partition_by=F("place"), order_by=list(ORDER)),
        all_here=Window(Count("*"), partition_by=F("place")),
    )
    shown: Iterable[Approach] = numbered.filter(nth__lte=SHOWN).order_by("nth")
    found: dict[str, list[ApproachRow]] = {place: [] for place in PLACES}
    counts = dict.fromkeys(PLACES, 0)
    for row in approach_selectors.rows(shown):
        place = row.approach.place  # type: ignore[attr-defined]
        found[place].append(row)
        counts[place] = row.approach.all_here  # type: ignore[attr-defined]
    columns = {place: Column(place, label, found[place], counts[place]) for place, label in PLACES.items()}
    return Board([columns[stage.value] for stage in Approach.Stage], columns[RESTING], columns[ENDED])


def listed(user: User, place: str) -> QuerySet[Any]:
    """All approaches at one place, for a plain list."""
    return _placed(user).filter(place=place).order_by(*ORDER)
