"""Where floors above add to a page of this floor, without this floor knowing them.

A floor registers in ``AppConfig.ready``; order decides, smaller first, and equal ones keep the order of registration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from django.db.models import Case, Exists, QuerySet, When

if TYPE_CHECKING:
    from accounts.http import UserRequest
    from accounts.models import User
    from portfolio.models import Mentorship, Person

    PersonPanel = Callable[[UserRequest, Person], "Panel | None"]
    MentorshipPanel = Callable[[UserRequest, Mentorship], "Panel | None"]
    PersonStep = Callable[[User, Person], "NextStep | None"]
    MentorshipStep = Callable[[User, Mentorship], "NextStep | None"]
    PlannedRows = Callable[[dt.datetime], QuerySet[Any]]


@dataclass(frozen=True)
class Panel:
    """A part of a page: the template is included with ``panel`` (the context) in sight.

    A ``quiet`` one stands further down on a mentorship's page, after what matters now.
    """

    template: str
    context: dict[str, object] = field(default_factory=dict)
    quiet: bool = False


@dataclass(frozen=True)
class NextStep:
    """The one clear next step: a sentence or two, and the button's words and address. ``fields`` are sent by a post."""

    words: str
    url: str
    method: Literal["get", "post"] = "get"
    button: str = "Go on"
    title: str = "Next step"
    fields: dict[str, str | int] = field(default_factory=dict)


_Build = TypeVar("_Build")


class Registry(Generic[_Build]):
    """Named builders in order. The same name again replaces (an app may be made ready twice in tests)."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, _Build]] = {}

    def register(self, name: str, order: int, build: _Build) -> None:
        self._rows[name] = (order, build)

    def forget(self, name: str) -> None:
        self._rows.pop(name, None)

    def builders(self) -> list[_Build]:
        return [build for _, build in sorted(self._rows.values(), key=lambda row: row[0])]


person_panels: Registry[PersonPanel] = Registry()
mentorship_panels: Registry[MentorshipPanel] = Registry()
person_steps: Registry[PersonStep] = Registry()
mentorship_steps: Registry[MentorshipStep] = Registry()
planned_rows: Registry[PlannedRows] = Registry()


def register_panel(name: str, order: int, build: PersonPanel) -> None:
    """Add a panel to every person's page. ``build`` returns None where it has nothing to show."""
    person_panels.register(name, order, build)


def register_mentorship_panel(name: str, order: int, build: MentorshipPanel) -> None:
    """The same for a mentorship's page (meetings and their agenda)."""
    mentorship_panels.register(name, order, build)


def register_next_step(order: int, build: PersonStep, name: str = "") -> None:
    """Offer the next step with a person. The first that is not None wins; this floor's own comes last."""
    person_steps.register(name or f"{build.__module__}.{build.__qualname__}", order, build)


def register_mentorship_step(order: int, build: MentorshipStep, name: str = "") -> None:
    """The same for a mentorship."""
    mentorship_steps.register(name or f"{build.__module__}.{build.__qualname__}", order, build)


def register_planned(name: str, build: PlannedRows) -> None:
    """Tell this floor of conversations ahead: ``build`` gives a queryset of those with ``OuterRef("person")``
    after an instant (UTC).

    Who is about to speak with somebody needs no word about keeping in touch.
    """
    planned_rows.register(name, 0, build)


def something_planned(now: dt.datetime) -> Case:
    """For rows with a ``person``: whether a conversation with them is planned."""
    return Case(*(When(Exists(build(now)), then=True) for build in planned_rows.builders()), default=False)


def panels_for_person(request: UserRequest, person: Person) -> list[Panel]:
    built = (build(request, person) for build in person_panels.builders())
    return [panel for panel in built if panel]


def panels_for_mentorship(request: UserRequest, mentorship: Mentorship) -> list[Panel]:
    built = (build(request, mentorship) for build in mentorship_panels.builders())
    return [panel for panel in built if panel]


def next_step_for_person(user: User, person: Person) -> NextStep | None:
    built = (build(user, person) for build in person_steps.builders())
    return next((step for step in built if step), None)


def next_step_for_mentorship(user: User, mentorship: Mentorship) -> NextStep | None:
    built = (build(user, mentorship) for build in mentorship_steps.builders())
    return next((step for step in built if step), None)
