"""The walk through sources: prompts, rows of names, pasted lists."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.mentorships.services import end_mentorship
from portfolio.models import CouldHelp, Person, PersonEmail, WalkStop
from portfolio.people import source_walk
from tests.factories import make_could_help, make_mentorship, make_need, make_person, make_support
from tests.portfolio.helpers import queries_of


def source(name: str = "circle") -> str:
    return reverse("walk_source", args=[name])


def rows(*names: str, **more: Any) -> dict[str, Any]:
    empty = [""] * len(names)
    return {"name": list(names), **dict.fromkeys(("email", "detail", "need", "why"), empty), **more}


def test_each_source_has_a_page_with_advice_and_prompts(alice_client: Client) -> None:
    assert [stop.source for stop in source_walk.STOPS] == Person.Source.values
    for stop in source_walk.STOPS:
        page = alice_client.get(source(stop.source)).content.decode()
        assert stop.question in page
        assert page.count('name="prompt"') == len(stop.prompts) >= 6
        assert stop.advice.count(". ") == 1, "two sentences"
    assert alice_client.get(source("nowhere")).status_code == 404


def test_several_are_taken_in_one_press_with_what_was_said(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    sent = rows("Ann Bell", "", "Bob Brook", prompt="0")
    sent |= {"email": ["ann@example.org", "cy.dale@example.org", ""], "detail": ["", "", "sang with me"]}
    sent |= {"need": ["", "", str(need.pk)], "why": ["", "", "chairs the panel"]}
    answer = alice_client.post(source(), sent, follow=True)
    people = Person.objects.filter(owner=alice).order_by("name").values_list("name", "source", "source_detail")
    assert list(people) == [
        ("Ann Bell", "circle", "Former manager"),
        ("Bob Brook", "circle", "sang with me"),
        ("Cy Dale", "circle", "Former manager"),
    ]
    assert list(PersonEmail.objects.order_by("pk").values_list("address", flat=True)) == [
        "ann@example.org",
        "cy.dale@example.org",
    ]
    idea = CouldHelp.objects.get()
    assert (idea.person.name, idea.need, idea.why) == ("Bob Brook", need, "chairs the panel")
    page = answer.content.decode()
    assert page.index("Ann Bell") < page.index('id="names"')
    assert Person.objects.matching("ANN bell").count() == 1


def test_a_wrong_row_adds_nobody_and_keeps_all(alice: User, alice_client: Client) -> None:
    make_need(alice)
    sent = rows("Ann", "Bob", "") | {"email": ["", "no address", ""], "why": ["", "", "only a why"]}
    page = alice_client.post(source(), sent).content.decode()
    assert Person.objects.count() == WalkStop.objects.count() == 0
    for words in ('value="Ann"', 'value="no address"', 'value="only a why"', "Who is it? A name is enough."):
        assert words in page


@pytest.mark.parametrize("name", ["x" * 201, "a\0b"])
def test_names_that_cannot_be_are_said(alice: User, alice_client: Client, name: str) -> None:
    assert "There is a problem" in alice_client.post(source(), rows("Ann", name)).content.decode()
    assert Person.objects.count() == 0


def test_a_strangers_need_is_no_need(alice: User, alice_client: Client, charlie: User) -> None:
    sent = rows("Ann", need=[str(make_need(charlie).pk)])
    assert "not among your open ones" in alice_client.post(source(), sent).content.decode()
    assert Person.objects.count() == 0


def test_whoever_is_there_is_not_added_twice_but_the_thought_is_kept(alice: User, alice_client: Client) -> None:
    need, zoe = make_need(alice), make_person(alice, "Zoë Hart", email="zoe@example.org", source="body")
    sent = rows("ZOE hart", "Somebody Else", "Zoe Hart") | {"email": ["", "ZOE@example.org", ""]}
    page = alice_client.post(source(), sent | {"need": [str(need.pk), "", ""]}, follow=True).content.decode()
    assert "Among your people already, so not added twice: Zoë Hart." in page
    assert list(Person.objects.all()) == [zoe]
    assert CouldHelp.objects.get().person == zoe
    assert Person.objects.get().source == "body"


def test_the_same_press_twice_adds_each_once(alice: User, alice_client: Client) -> None:
    for _ in range(2):
        alice_client.post(source(), rows("Ann", "Bob", "ann"))
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Ann", "Bob"]


def test_the_walk_goes_on_back_stops_and_is_resumed(alice: User, alice_client: Client) -> None:
    assert alice_client.get(source()).status_code == 200
    assert WalkStop.objects.count() == 0, "looking is no visit"
    assert alice_client.post(source(), {"go": "on"}).url == source("body")
    assert alice_client.post(source("body"), rows("Ann", go="back")).url == source("circle")
    assert alice_client.post(source("friend"), {"go": "stop"}).url == reverse("walk")
    overview = alice_client.get(reverse("walk"))
    assert overview.context["next"].source == "academic"
    assert [count for _, _, count in overview.context["rows"]] == [0, 1, 0, 0, 0, 0]
    for stop in source_walk.STOPS[3:]:
        last = alice_client.post(source(stop.source), {"go": "on"})
    assert last.url == reverse("walk_done")
    assert alice_client.post(reverse("walk_again")).url == source()
    assert alice_client.get(reverse("walk")).context["next"].source == "circle"
    assert Person.objects.count() == 1


def test_what_came_of_it_and_the_need_with_the_fewest_ideas(alice: User, alice_client: Client) -> None:
    rich, poor = make_need(alice, "be rich in ideas", weight=3), make_need(alice, "be poor in ideas")
    make_could_help(make_person(alice, "Before"), rich)
    alice_client.post(source(), rows("Ann", "Bob") | {"need": [str(rich.pk), ""]})
    page = alice_client.get(reverse("walk_done")).content.decode()
    assert "2 people, and 1 thought about" in page
    assert "No idea yet for “be poor in ideas”." in page
    for name in ("Ann", "Bob", "Cy"):
        person = Person.objects.filter(name=name).first() or make_person(alice, name)
        for need in (rich, poor):
            CouldHelp.objects.get_or_create(owner=alice, person=person, need=need)
    assert reverse("outreach") in alice_client.get(reverse("walk_done")).content.decode().partition("next-step")[2]


def test_what_came_of_it_asks_first_for_what_nobody_supports(alice: User, alice_client: Client) -> None:
    helped, gap = (
        make_need(alice, "be helped already", weight=3),
        make_need(alice, "be still without anybody", weight=1),
    )
    mentorship = make_mentorship(make_person(alice, "Mia"))
    make_support(mentorship, helped)
    make_could_help(make_person(alice, "Ann"), gap)
    assert "One idea so far for “be still without anybody”." in alice_client.get(reverse("walk_done")).content.decode()
    end_mentorship(mentorship=mentorship, ended_as="drifted", on=mentorship.started_on)
    assert "No idea yet for “be helped already”." in alice_client.get(reverse("walk_done")).content.decode()


def test_the_thought_beside_a_name_is_noted_in_place(alice: User, alice_client: Client) -> None:
    need, ann = make_need(alice), make_person(alice, "Ann", source="friend")
    sent = {"need": need.pk, "why": "knows them all"}
    answer = alice_client.post(reverse("walk_could_help", args=[ann.pk]), sent)
    assert answer.url == f"{source('friend')}#taken-{ann.pk}"
    page = alice_client.get(answer.url).content.decode()
    assert "Could help with “be known to funders”: knows them all" in page
    alice_client.post(reverse("walk_could_help", args=[ann.pk]), {"need": "", "why": "x" * 301})
    assert CouldHelp.objects.get().why == "knows them all"


def paste(client: Client, text: str, **more: str) -> Any:
    return client.post(reverse("walk_paste", args=["linkedin"]), {"paste": text} | more, follow=True)


def test_a_pasted_list_is_shown_before_it_is_added(alice: User, alice_client: Client) -> None:
    make_person(alice, "Ann Bell", email="ann@example.org")
    page = paste(
        alice_client, '"Hart, Julie" <julie@example.org>; Ann <ANN@example.org>; Bob; julie@\nBob'
    ).content.decode()
    assert Person.objects.count() == 1
    assert "Add these 2 people" in page
    assert "Among your people already" in page
    assert "julie@: This is no e-mail address." in page
    assert ">\njulie@</textarea>" in page or ">julie@</textarea>" in page


def test_adding_keeps_in_the_box_what_could_not_be_read(alice: User, alice_client: Client) -> None:
    first = paste(alice_client, "Julie Hart <julie@example.org>\nbob@")
    second = paste(alice_client, "bob@", kept=first.context["kept"], add="1")
    assert [person.name for person in Person.objects.all()] == ["Julie Hart"]
    assert second.context["box"] == "bob@"
    last = paste(alice_client, "bob@example.org", add="1")
    assert last.redirect_chain[-1][0].startswith(source("linkedin"))
    assert Person.objects.filter(source="linkedin").count() == 2


def test_an_empty_box_adds_nothing(alice_client: Client) -> None:
    assert "Nothing was pasted" in paste(alice_client, " \n;,").content.decode()


def test_five_thousand_are_added_once(alice: User, alice_client: Client) -> None:
    text = "\n".join(f"Person {i} <p{i}@example.org>" for i in range(5_000))
    page = paste(alice_client, text)
    assert "Add these 5000 people" in page.content.decode()
    for _ in range(2):
        paste(alice_client, "", kept=page.context["kept"], add="1")
    assert Person.objects.count() == PersonEmail.objects.count() == 5_000


def test_pages_take_as_many_queries_for_many_as_for_few(alice: User, alice_client: Client) -> None:
    def grow(start: int, end: int) -> None:
        for i in range(start, end):
            need, person = make_need(alice, f"need {i}"), make_person(alice, f"Person {i}")
            make_could_help(person, need)

    grow(0, 2)
    few = [queries_of(alice_client, url) for url in (source(), reverse("walk"), reverse("walk_done"))]
    grow(2, 40)
    many = [queries_of(alice_client, url) for url in (source(), reverse("walk"), reverse("walk_done"))]
    assert few == many
    assert few[0] <= 10
    assert few[1] <= 6
    assert few[2] <= 10


def test_the_walk_comes_back_to_what_was_left_out() -> None:
    first, *_, last = source_walk.STOPS
    assert source_walk.after(last, {last.source}) == first
    assert source_walk.after(last, {stop.source for stop in source_walk.STOPS}) is None


def test_whoever_was_taken_with_an_address_is_found_by_it(alice: User, alice_client: Client) -> None:
    alice_client.post(source(), rows("Ann") | {"email": ["ann.abel@example.org"]})
    assert [person.name for person in Person.objects.for_user(alice).matching("ann.abel@example.org")] == ["Ann"]


def test_a_thought_let_go_is_not_counted(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    alice_client.post(source(), rows("Ann", "Bob") | {"need": [str(need.pk)] * 2})
    CouldHelp.objects.filter(person__name="Bob").update(state=CouldHelp.State.DISMISSED)
    assert "2 people, and 1 thought about" in alice_client.get(reverse("walk_done")).content.decode()
