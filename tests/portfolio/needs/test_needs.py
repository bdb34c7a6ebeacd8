from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.models import CouldHelp, Need, Person
from tests.factories import make_could_help, make_mentorship, make_need, make_person, make_support
from tests.portfolio.helpers import queries_of

NEW = {"competency": "whom", "words": "be known to funders", "weight": "3", "horizon": "year"}


@time_machine.travel("2026-03-02 23:30Z", tick=False)
def test_need_new_is_opened_on_the_users_own_day(alice: User, alice_client: Client) -> None:
    alice.time_zone = "Asia/Tokyo"
    alice.save(update_fields=["time_zone"])
    response = alice_client.post(reverse("need_new"), NEW | {"words": "  be   known "})
    need = Need.objects.get()
    assert response.url == need.get_absolute_url()
    assert (need.owner, need.words, need.weight, need.opened_on) == (alice, "be known", 3, dt.date(2026, 3, 3))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("competency", "who"),
        ("competency", ""),
        ("words", ""),
        ("words", "x" * 201),
        ("words", "a\0b"),
        ("weight", "4"),
        ("weight", "9" * 30),
        ("horizon", "soon"),
        ("sector", "x" * 121),
    ],
)
def test_need_new_says_what_is_wrong(alice_client: Client, field: str, value: str) -> None:
    response = alice_client.post(reverse("need_new"), NEW | {field: value})
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert Need.objects.count() == 0


def test_need_form_says_what_each_kind_of_knowing_means(alice_client: Client) -> None:
    page = alice_client.get(reverse("need_new")).content.decode()
    for words in ("What drives you", "What you can do", "Who knows you"):
        assert words in page


def test_need_edit_changes_it_and_keeps_its_day(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    alice_client.post(reverse("need_edit", args=[need.pk]), NEW | {"words": "other words", "competency": "how"})
    need.refresh_from_db()
    assert (need.words, need.competency, need.opened_on) == ("other words", "how", dt.date(2026, 1, 5))


@time_machine.travel("2026-03-02 10:00Z", tick=False)
def test_need_closes_as_met_or_dropped_and_reopens(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    url = reverse("need_close", args=[need.pk])
    for wish in ("met", "dropped"):  # the second request finds it closed
        alice_client.post(url, {"as": wish})
    need.refresh_from_db()
    assert (need.closed_as, need.closed_on) == ("met", dt.date(2026, 3, 2))
    assert reverse("need_reopen", args=[need.pk]) in alice_client.get(need.get_absolute_url()).content.decode()
    alice_client.post(reverse("need_reopen", args=[need.pk]))
    need.refresh_from_db()
    assert (need.closed_as, need.closed_on) == ("", None)
    alice_client.post(url, {"as": "nonsense"})
    need.refresh_from_db()
    assert need.closed_on is None


def test_need_page_tells_who_supports_it_and_who_could(alice: User, bob: Person, alice_client: Client) -> None:
    need = make_need(alice)
    page = alice_client.get(need.get_absolute_url())
    assert "Think of someone" in page.content.decode()
    cara = make_person(alice, "Cara Cole")
    make_could_help(cara, need, why="chairs the panel")
    make_could_help(make_person(alice, "Not Them"), need, state="dismissed")
    response = alice_client.get(need.get_absolute_url())
    page = response.content.decode()
    assert "chairs the panel" in page
    assert "One person you thought of could help." in page
    assert [one.suggestion.name for one in response.context["candidates"]] == ["Cara Cole"]
    make_support(make_mentorship(bob, status="paused"), need, strength=3)
    page = alice_client.get(need.get_absolute_url()).content.decode()
    assert "This hangs on one person" in page
    assert "Strongly, since January 2026" in page
    assert "Paused" in page


def test_need_page_forgets_supports_that_ended(alice: User, bob: Person, alice_client: Client) -> None:
    need = make_need(alice)
    make_support(make_mentorship(bob), need, until=dt.date(2026, 2, 1))
    assert alice_client.get(need.get_absolute_url()).context["supports"] == []


def test_could_help_is_noted_from_both_sides_and_once(alice: User, bob: Person, alice_client: Client) -> None:
    need = make_need(alice)
    response = alice_client.post(reverse("need_could_help", args=[need.pk]), {"person": bob.pk, "why": "old"})
    assert response.url == need.get_absolute_url()
    idea = CouldHelp.objects.get()
    alice_client.post(reverse("could_help_dismiss", args=[idea.pk]))
    idea.refresh_from_db()
    assert idea.state == "dismissed"
    response = alice_client.post(reverse("person_could_help", args=[bob.pk]), {"need": need.pk, "why": "new"})
    assert response.url == bob.get_absolute_url()
    idea = CouldHelp.objects.get()
    assert (idea.owner, idea.why, idea.state) == (alice, "new", "thought_of")


def test_could_help_dismissed_is_restored(alice: User, bob: Person, alice_client: Client) -> None:
    idea = make_could_help(bob, make_need(alice), state="dismissed")
    alice_client.post(reverse("could_help_restore", args=[idea.pk]))
    idea.refresh_from_db()
    assert idea.state == "thought_of"


def test_could_help_refuses_what_is_a_strangers(alice: User, bob: Person, charlie: User, alice_client: Client) -> None:
    need, theirs = make_need(alice), make_need(charlie)
    response = alice_client.post(
        reverse("need_could_help", args=[need.pk]), {"person": make_person(charlie, "Theirs").pk}
    )
    assert response.context["form"].errors.keys() == {"person"}
    response = alice_client.post(reverse("person_could_help", args=[bob.pk]), {"need": theirs.pk})
    assert response.context["form"].errors.keys() == {"need"}
    assert CouldHelp.objects.count() == 0


def test_could_help_teaches_when_there_is_nothing_to_choose(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    assert "Nobody to choose from yet" in alice_client.get(reverse("need_could_help", args=[need.pk])).content.decode()
    Need.objects.all().delete()
    person = make_person(alice)
    assert "No open need yet" in alice_client.get(reverse("person_could_help", args=[person.pk])).content.decode()


def test_needs_list_counts_mentors_and_ideas_apart(alice: User, bob: Person, alice_client: Client) -> None:
    need = make_need(alice, weight=1)
    heavy = make_need(alice, "heavy", weight=3)
    done = make_need(alice, "done", closed_on=dt.date(2026, 2, 2), closed_as="met")
    for i in range(2):
        make_could_help(make_person(alice, f"Idea {i}"), need)
        make_support(make_mentorship(make_person(alice, f"Mentor {i}")), need)
    ended = make_mentorship(bob, status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2))
    make_support(ended, need)
    context = alice_client.get(reverse("needs")).context
    assert [(n, n.mentors, n.ideas) for n in context["open"]] == [(heavy, 0, 0), (need, 2, 2)]
    assert context["closed"] == [done]


def test_needs_list_teaches_when_empty(alice_client: Client) -> None:
    assert "Name what you need" in alice_client.get(reverse("needs")).content.decode()


def test_need_pages_take_few_queries_for_one_and_thirty(alice: User, alice_client: Client) -> None:
    need = make_need(alice)

    def grow(count: int) -> None:
        for i in range(count):
            make_need(alice, f"need {i}")
            make_could_help(make_person(alice, f"Idea {i}"), need)
            make_support(make_mentorship(make_person(alice, f"Mentor {i}")), need)

    grow(1)
    one, page = queries_of(alice_client, reverse("needs")), queries_of(alice_client, need.get_absolute_url())
    grow(29)
    assert queries_of(alice_client, reverse("needs")) == one <= 6
    assert queries_of(alice_client, need.get_absolute_url()) == page <= 10
