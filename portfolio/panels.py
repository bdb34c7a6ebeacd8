"""Registries through which apps above this one add to its pages.

Apps register in ``AppConfig.ready``. Entries are sorted by ``order``, then by registration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Case, Exists, QuerySet, When

from accounts.registry import Registry

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
class NextStep:
    """The next step: a sentence or two, and the button's label and URL. With ``fields`` the button is a POST."""

    words: str
    url: str
    method: Literal["get", "post"] = "get"
    button: str = "Go on"
    title: str = "Next step"
    fields: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """A part of a page: a template that is included with the context ``panel``.

    A ``quiet`` panel is placed further down on a mentorship's page. ``next_step``, only used on a person's page, is the
    next step for the rows it shows.
    """

    template: str
    context: dict[str, object] = field(default_factory=dict)
    quiet: bool = False
    next_step: NextStep | None = None


# ``build`` returns None if there is nothing to show.
person_panels: Registry[PersonPanel] = Registry("panels of a person’s page")
mentorship_panels: Registry[MentorshipPanel] = Registry("panels of a mentorship’s page")
# Next steps: the first that is not None wins; this app's own comes last.
person_steps: Registry[PersonStep] = Registry("next steps with a person")
mentorship_steps: Registry[MentorshipStep] = Registry("next steps in a mentorship")
# Planned conversations: ``build`` returns a queryset of those with ``OuterRef("person")`` after an instant (UTC). No
# keep-in-touch reminder is needed while one is planned.
planned_rows: Registry[PlannedRows] = Registry("conversations ahead")


def something_planned(now: dt.datetime) -> Case:
    """A condition on rows with a ``person``: a conversation with them is planned."""
    return Case(*(When(Exists(build(now)), then=True) for build in planned_rows.values()), default=False)


def panels_for_person(request: UserRequest, person: Person) -> list[Panel]:
    built = (build(request, person) for build in person_panels.values())
    return [panel for panel in built if panel]


def panels_for_mentorship(request: UserRequest, mentorship: Mentorship) -> list[Panel]:
    built = (build(request, mentorship) for build in mentorship_panels.values())
    return [panel for panel in built if panel]


def next_step_for_person(user: User, person: Person, shown: list[Panel]) -> NextStep | None:
    """The first registered next step, else that of the first panel that has one."""
    built = (build(user, person) for build in person_steps.values())
    return next((step for step in built if step), None) or next((p.next_step for p in shown if p.next_step), None)


def next_step_for_mentorship(user: User, mentorship: Mentorship) -> NextStep | None:
    built = (build(user, mentorship) for build in mentorship_steps.values())
    return next((step for step in built if step), None)
