"""What outreach adds to the pages below it, and where floors above add to an approach's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, prefetch_related_objects

from outreach import reading
from outreach.models import Approach
from portfolio import panels
from portfolio.panels import NextStep, Panel, Registry
from portfolio.relations import Relation, register_relation

if TYPE_CHECKING:
    from accounts.http import UserRequest
    from accounts.models import User
    from portfolio.models import Mentorship, Person

    ApproachPanel = Callable[[UserRequest, Approach], Panel | None]

approach_panels: Registry[ApproachPanel] = Registry()


def register_approach_panel(name: str, order: int, build: ApproachPanel) -> None:
    """Add a panel to every approach's page. ``build`` returns None where it has nothing to show."""
    approach_panels.register(name, order, build)


def panels_for_approach(request: UserRequest, approach: Approach) -> list[Panel]:
    built = (build(request, approach) for build in approach_panels.builders())
    return [panel for panel in built if panel]


def _approaches(user: User, person: Person) -> list[Approach]:
    """Every approach to this person, the latest first; the panel and the next step share one query."""
    prefetch_related_objects([person], "approaches")
    approaches = list(person.approaches.all())
    for approach in approaches:
        approach.owner = user
    return approaches


def _on_person(request: UserRequest, person: Person) -> Panel | None:
    approaches = _approaches(request.user, person)
    return Panel("outreach/_person_panel.html", {"approaches": approaches, "person": person}) if approaches else None


def _on_mentorship(request: UserRequest, mentorship: Mentorship) -> Panel | None:
    messages = list(mentorship.messages.order_by("-created_at", "-pk")[:20])
    return Panel("outreach/_mentorship_panel.html", {"messages": messages, "mentorship": mentorship}, quiet=True)


def _step_with_person(user: User, person: Person) -> NextStep | None:
    approach = next((row for row in _approaches(user, person) if row.is_open), None)
    if approach is None:
        return None
    step = reading.row(approach).step
    return NextStep(words=step.words, url=approach.get_absolute_url(), button="Open the approach", title=step.title)


def _being_approached() -> Q:
    return Q(Exists(Approach.objects.filter(person=OuterRef("pk")).open()))


def register() -> None:
    register_relation(Relation("approached", "Being approached", "Being approached", _being_approached, 20))
    panels.register_panel("outreach", 20, _on_person)
    panels.register_mentorship_panel("outreach", 40, _on_mentorship)
    panels.register_next_step(20, _step_with_person, name="outreach")
