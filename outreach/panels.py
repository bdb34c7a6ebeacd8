"""What outreach adds to pages of lower apps, and a registry for apps that add to an approach's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from accounts.compiled_queries import compiled
from accounts.registry import Registry
from outreach.models import Approach, Introduction
from outreach.selectors import approaches as approach_selectors
from outreach.selectors import introductions as introduction_selectors
from outreach.selectors.introductions import IntroductionRow
from portfolio import panels
from portfolio.panels import NextStep, Panel
from portfolio.people.relations import Relation, register_relation

if TYPE_CHECKING:
    from accounts.http import UserRequest
    from portfolio.models import Mentorship, Person

    ApproachPanel = Callable[[UserRequest, Approach], Panel | None]

# ``build`` returns None if there is nothing to show.
approach_panels: Registry[ApproachPanel] = Registry("panels of an approach’s page")


def panels_for_approach(request: UserRequest, approach: Approach) -> list[Panel]:
    built = (build(request, approach) for build in approach_panels.values())
    return [panel for panel in built if panel]


@compiled
def _approaches(owner: int, person: int) -> QuerySet[Approach]:
    return Approach.objects.filter(owner=owner, person=person)


@compiled
def _introductions(owner: int, person: int) -> QuerySet[Introduction]:
    return introduction_selectors.with_situation(owner).filter(Q(target=person) | Q(introducer=person))


def _on_person(request: UserRequest, person: Person) -> Panel | None:
    """Approaches to the person, and introductions to or by them, newest first. Two queries."""
    user = request.user
    approaches = _approaches(user.pk, person.pk)
    for approach in approaches:
        approach.owner, approach.person = user, person
    introductions = introduction_selectors.rows(_introductions(user.pk, person.pk), user)
    if not approaches and not introductions:
        return None
    context = {"approaches": approaches, "introductions": introductions, "person": person}
    return Panel("outreach/_person_panel.html", context, next_step=_next_step(approaches, introductions))


def _on_mentorship(request: UserRequest, mentorship: Mentorship) -> Panel | None:
    messages = list(mentorship.messages.order_by("-created_at", "-pk")[:20])
    return Panel("outreach/_mentorship_panel.html", {"messages": messages, "mentorship": mentorship}, quiet=True)


def _next_step(approaches: list[Approach], introductions: list[IntroductionRow]) -> NextStep | None:
    """The next step of the open approach, else that of an open or recently made introduction."""
    for approach in approaches:
        if approach.is_open:
            step = approach_selectors.row(approach).step
            url = approach.get_absolute_url()
            return NextStep(words=step.words, url=url, button="Open the approach", title=step.title)
    for row in introductions:
        if row.introduction.is_open or row.step.urgent:
            url = row.introduction.get_absolute_url()
            return NextStep(words=row.step.words, url=url, button="Open the introduction", title=row.step.title)
    return None


def _being_approached(owner: int) -> QuerySet[Approach]:
    return Approach.objects.filter(owner=owner).open()


def register() -> None:
    register_relation(Relation("approached", "Being approached", "Being approached", _being_approached, 20))
    panels.person_panels.register("outreach", _on_person, order=20)
    panels.mentorship_panels.register("outreach", _on_mentorship, order=40)
