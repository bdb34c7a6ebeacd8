from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.http import UserRequest
from accounts.models import User
from portfolio import panels
from portfolio.models import Mentorship, Person
from portfolio.panels import NextStep, Panel
from tests.factories import make_mentorship


@pytest.mark.usefixtures("ground_floor_alone")
def test_panel_of_a_floor_above_stands_on_the_person_page(bob: Person, alice_client: Client) -> None:
    def build(request: UserRequest, person: Person) -> Panel | None:
        return Panel("portfolio/_private.html", {"who": person.name, "user": request.user.email})

    panels.person_panels.register("test", build, order=10)
    panels.person_panels.register("silent", lambda request, person: None, order=5)
    response = alice_client.get(bob.get_absolute_url())
    assert [panel.context for panel in response.context["panels"]] == [
        {"who": "Dr Bob Brook", "user": "alice@example.org"}
    ]


@pytest.mark.usefixtures("ground_floor_alone")
def test_next_step_of_a_floor_above_wins_and_posts_its_fields(bob: Person, alice_client: Client) -> None:
    def step(user: User, person: Person) -> NextStep | None:
        return NextStep("Write to <them>.", "/somewhere/", "post", "Write", fields={"person": person.pk})

    panels.person_steps.register("later", lambda user, person: NextStep("later", "/later/"), order=20)
    panels.person_steps.register("test", step, order=10)
    panels.person_steps.register("silent", lambda user, person: None, order=5)
    page = alice_client.get(bob.get_absolute_url()).content.decode()
    assert "Write to &lt;them&gt;." in page
    assert '<form method="post" action="/somewhere/">' in page
    assert f'<input type="hidden" name="person" value="{bob.pk}">' in page


@pytest.mark.usefixtures("ground_floor_alone")
def test_next_step_of_a_panel_counts_where_nobody_registered_one(bob: Person, alice_client: Client) -> None:
    def build(request: UserRequest, person: Person) -> Panel | None:
        return Panel("portfolio/_private.html", next_step=NextStep("Answer them.", "/answer/"))

    panels.person_panels.register("test", build)
    assert "Answer them." in alice_client.get(bob.get_absolute_url()).content.decode()
    panels.person_steps.register("test", lambda user, person: NextStep("Meet them.", "/meet/"))
    page = alice_client.get(bob.get_absolute_url()).content.decode()
    assert "Meet them." in page
    assert "Answer them." not in page


@pytest.mark.usefixtures("ground_floor_alone")
def test_mentorship_page_takes_panels_and_steps_too(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)

    def build(request: UserRequest, row: Mentorship) -> Panel | None:
        return Panel("portfolio/_private.html", {"row": row.pk})

    panels.mentorship_panels.register("test", build, order=10)
    step = NextStep("Plan a meeting.", "/meet/", button="Plan")
    panels.mentorship_steps.register("test", lambda user, row: step, order=10)
    response = alice_client.get(reverse("mentorship", args=[mentorship.pk]))
    assert [panel.context for panel in response.context["panels"]] == [{"row": mentorship.pk}]
    assert '<a class="button" href="/meet/">Plan</a>' in response.content.decode()
