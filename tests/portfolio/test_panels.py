from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.http import UserRequest
from accounts.models import User
from portfolio import panels
from portfolio.models import Mentorship, Person
from portfolio.panels import NextStep, Panel, Registry
from tests.factories import make_mentorship


def test_registry_keeps_order_and_replaces_a_name() -> None:
    registry: Registry[str] = Registry()
    registry.register("b", 20, "second")
    registry.register("a", 10, "old")
    registry.register("a", 10, "first")
    assert registry.builders() == ["first", "second"]
    registry.forget("a")
    assert registry.builders() == ["second"]


@pytest.mark.usefixtures("ground_floor_alone")
def test_panel_of_a_floor_above_stands_on_the_person_page(bob: Person, alice_client: Client) -> None:
    def build(request: UserRequest, person: Person) -> Panel | None:
        return Panel("portfolio/_private.html", {"who": person.name, "user": request.user.email})

    panels.register_panel("test", 10, build)
    panels.register_panel("silent", 5, lambda request, person: None)
    response = alice_client.get(bob.get_absolute_url())
    assert [panel.context for panel in response.context["panels"]] == [
        {"who": "Dr Bob Brook", "user": "alice@example.org"}
    ]


@pytest.mark.usefixtures("ground_floor_alone")
def test_next_step_of_a_floor_above_wins_and_posts_its_fields(bob: Person, alice_client: Client) -> None:
    def step(user: User, person: Person) -> NextStep | None:
        return NextStep("Write to <them>.", "/somewhere/", "post", "Write", fields={"person": person.pk})

    panels.register_next_step(20, lambda user, person: NextStep("later", "/later/"), name="later")
    panels.register_next_step(10, step)
    panels.register_next_step(5, lambda user, person: None, name="silent")
    page = alice_client.get(bob.get_absolute_url()).content.decode()
    assert "Write to &lt;them&gt;." in page
    assert '<form method="post" action="/somewhere/">' in page
    assert f'<input type="hidden" name="person" value="{bob.pk}">' in page


@pytest.mark.usefixtures("ground_floor_alone")
def test_mentorship_page_takes_panels_and_steps_too(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)

    def build(request: UserRequest, row: Mentorship) -> Panel | None:
        return Panel("portfolio/_private.html", {"row": row.pk})

    panels.register_mentorship_panel("test", 10, build)
    panels.register_mentorship_step(10, lambda user, row: NextStep("Plan a meeting.", "/meet/", button="Plan"))
    response = alice_client.get(reverse("mentorship", args=[mentorship.pk]))
    assert [panel.context for panel in response.context["panels"]] == [{"row": mentorship.pk}]
    assert '<a class="button" href="/meet/">Plan</a>' in response.content.decode()
