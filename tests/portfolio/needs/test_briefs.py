from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from portfolio.models import Brief, BriefNeed, Competency, Need, Person
from portfolio.needs.briefs import STEPS, SUGGESTIONS, first_unanswered, suggestions
from tests.factories import make_approach, make_brief, make_could_help, make_need
from tests.portfolio.helpers import queries_of

NEED = {"competency": "whom", "words": "be known to funders", "weight": "3", "horizon": "year"}


def step_url(brief: Brief, slug: str) -> str:
    return reverse("brief_step", args=[brief.pk, slug])


def test_brief_is_written_from_the_first_question_to_the_last(alice: User, alice_client: Client) -> None:
    response = alice_client.post(reverse("brief_start"))
    brief = Brief.objects.get(owner=alice)
    answers: dict[str, object] = {
        "why-now": "A new role.",
        "contexts": ["skills", "change"],
        "looking-for": "Somebody honest.",
        "good-mentee": "I come prepared.",
        "direction": "Lead a group by 2030.",
    }
    for slug, answer in answers.items():
        assert response.url == step_url(brief, slug)
        page = alice_client.get(response.url)
        assert f"{list(answers).index(slug) + 1} of 6" in page.content.decode()
        response = alice_client.post(response.url, {"answer": answer, "go": "on"})
    assert response.url == step_url(brief, "needs")
    response = alice_client.post(reverse("brief_need_add", args=[brief.pk]), NEED)
    assert response.url == step_url(brief, "needs")
    assert b"be known to funders" in alice_client.get(response.url).content
    response = alice_client.post(reverse("brief_finish", args=[brief.pk]))
    assert response.url == brief.get_absolute_url()
    page = alice_client.get(response.url).content.decode()
    for words in (
        "A new role.",
        "Developing a skill",
        "Somebody honest.",
        "Lead a group by 2030.",
        "be known to funders",
    ):
        assert words in page
    brief.refresh_from_db()
    assert brief.finished_at is not None
    assert brief.contexts == ["skills", "change"]


def test_brief_start_continues_the_unfinished_one_at_its_first_open_question(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice, why_now="Because", contexts=["skills"])
    assert alice_client.post(reverse("brief_start")).url == step_url(brief, "looking-for")
    assert Brief.objects.count() == 1


def test_brief_start_after_a_finished_one_keeps_the_old_readable(alice: User, alice_client: Client) -> None:
    old = make_brief(alice, why_now="Then", finished_at=timezone.now())
    alice_client.post(reverse("brief_start"))
    assert Brief.objects.count() == 2
    assert b"Then" in alice_client.get(old.get_absolute_url()).content


def test_brief_start_by_get_changes_nothing(alice_client: Client) -> None:
    assert alice_client.get(reverse("brief_start")).status_code == 405
    assert Brief.objects.count() == 0


@pytest.mark.parametrize(("go", "slug"), [("on", "looking-for"), ("back", "why-now"), ("nonsense", "looking-for")])
def test_step_may_be_skipped_and_every_button_saves(alice: User, alice_client: Client, go: str, slug: str) -> None:
    brief = make_brief(alice)
    assert alice_client.post(step_url(brief, "contexts"), {"go": go, "answer": ["change"]}).url == step_url(brief, slug)
    brief.refresh_from_db()
    assert brief.contexts == ["change"]
    alice_client.post(step_url(brief, "contexts"), {"go": go})
    brief.refresh_from_db()
    assert brief.contexts == []


def test_save_and_stop_leads_to_the_brief_which_offers_to_go_on(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice)
    response = alice_client.post(step_url(brief, "why-now"), {"answer": "Because", "go": "stop"})
    assert response.url == brief.get_absolute_url()
    assert f'href="{step_url(brief, "contexts")}">Go on' in alice_client.get(response.url).content.decode()


def test_editing_a_finished_brief_returns_to_it(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice, finished_at=timezone.now())
    assert alice_client.post(step_url(brief, "direction"), {"answer": "North"}).url == brief.get_absolute_url()
    brief.refresh_from_db()
    assert brief.direction == "North"


@pytest.mark.parametrize(
    ("slug", "answer"),
    [("why-now", "x" * 5001), ("why-now", "a\0b"), ("direction", "x" * 2001), ("contexts", ["enemies"])],
)
def test_step_says_what_is_wrong_and_keeps_the_old_answer(
    alice: User, alice_client: Client, slug: str, answer: object
) -> None:
    brief = make_brief(alice, why_now="Old", direction="Old", contexts=["skills"])
    response = alice_client.post(step_url(brief, slug), {"answer": answer})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"answer"}
    brief.refresh_from_db()
    assert (brief.why_now, brief.direction, brief.contexts) == ("Old", "Old", ["skills"])


def test_unknown_step_is_not_found(alice: User, alice_client: Client) -> None:
    assert alice_client.get(step_url(make_brief(alice), "nonsense")).status_code == 404


def test_new_brief_takes_open_needs_along_by_choice(alice: User, charlie: User, alice_client: Client) -> None:
    kept, left = make_need(alice), make_need(alice, "left behind")
    closed = make_need(alice, "met", closed_on=dt.date(2026, 2, 2), closed_as="met")
    brief = make_brief(alice)
    page = alice_client.get(step_url(brief, "needs"))
    assert list(page.context["take"].fields["needs"].queryset) == [kept, left]
    url = reverse("brief_needs_take", args=[brief.pk])
    alice_client.post(url, {"needs": [kept.pk]})
    alice_client.post(url, {"needs": [kept.pk]})  # a repeated request
    for wrong in (closed, make_need(charlie)):
        assert alice_client.post(url, {"needs": [wrong.pk]}).status_code == 422
    assert alice_client.post(url).status_code == 422
    assert list(brief.needs.all()) == [kept]
    assert BriefNeed.objects.get().owner == alice


def test_need_add_says_what_is_wrong(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice)
    response = alice_client.post(reverse("brief_need_add", args=[brief.pk]), NEED | {"words": ""})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"words"}
    assert Need.objects.count() == 0


def test_suggestions_cover_all_three_kinds_of_knowing_in_every_context() -> None:
    assert SUGGESTIONS.keys() == set(Brief.Context.values)
    for rows in SUGGESTIONS.values():
        assert len(rows) >= 4
        assert {competency for competency, _ in rows} == set(Competency)
    assert max(len(words) for rows in SUGGESTIONS.values() for _, words in rows) <= 200


def take(client: Client, brief: Brief, words: str) -> str:
    response = client.post(reverse("brief_need_take", args=[brief.pk]), {"suggestion": words}, follow=True)
    return response.content.decode()


def test_one_press_takes_a_suggestion_and_two_take_it_once(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice, contexts=["skills"])
    competency, words = SUGGESTIONS["skills"][0]
    assert f'value="{words}"' in alice_client.get(step_url(brief, "needs")).content.decode()
    page = take(alice_client, brief, words)
    need = Need.objects.get()
    assert (need.owner, need.competency, need.words, list(brief.needs.all())) == (alice, competency, words, [need])
    assert f'value="{words}"' not in page
    assert "Nothing was added" in take(alice_client, brief, words)
    assert Need.objects.count() == 1


def test_only_what_is_suggested_can_be_taken(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice, contexts=["skills"])
    for words in ("buy now", "", "\0", SUGGESTIONS["change"][0][1]):
        assert "Nothing was added" in take(alice_client, brief, words)
    assert Need.objects.count() == 0


def test_open_needs_of_before_are_not_suggested_again(alice: User, alice_client: Client) -> None:
    (_, have), (_, closed), *_rest = SUGGESTIONS["skills"]
    make_need(alice, have.upper())
    make_need(alice, closed, closed_on=dt.date(2026, 2, 2), closed_as="dropped")
    context = alice_client.get(step_url(make_brief(alice, contexts=["skills"]), "needs")).context
    words = [words for _, words in context["suggestions"]]
    assert have not in words
    assert closed in words


def test_without_contexts_the_page_says_where_suggestions_come_from(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice)
    page = alice_client.get(step_url(brief, "needs")).content.decode()
    assert f'href="{step_url(brief, "contexts")}">what it is about' in page


def test_a_suggestion_taken_is_taken_back(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice, contexts=["skills"])
    page = take(alice_client, brief, SUGGESTIONS["skills"][0][1])
    undo = reverse("brief_need_let_go", args=[brief.pk, Need.objects.get().pk])
    assert f'action="{undo}"' in page
    alice_client.post(undo)
    assert Need.objects.count() == BriefNeed.objects.count() == 0


def test_what_hangs_on_a_need_keeps_it(alice: User, bob: Person, alice_client: Client) -> None:
    brief, today = make_brief(alice), alice.today()
    in_two, thought_of, approached, old = (make_need(alice, f"need {i}", opened_on=today) for i in range(4))
    Need.objects.filter(pk=old.pk).update(opened_on=dt.date(2026, 1, 5))
    make_brief(alice, in_two)
    make_could_help(bob, thought_of)
    make_approach(bob, approached)
    for need in (in_two, thought_of, approached, old):
        BriefNeed.objects.create(owner=alice, brief=brief, need=need)
        alice_client.post(reverse("brief_need_let_go", args=[brief.pk, need.pk]))
    assert list(brief.needs.all()) == []
    assert Need.objects.count() == 4


@pytest.mark.parametrize("route", ["brief_need_add", "brief_finish"])
@pytest.mark.parametrize("go", ["back", "stop"])
def test_leaving_the_needs_keeps_what_was_typed(alice: User, alice_client: Client, route: str, go: str) -> None:
    brief = make_brief(alice)
    url = reverse(route, args=[brief.pk])
    response = alice_client.post(url, NEED | {"words": "", "go": go})
    there = step_url(brief, "direction") if (route, go) == ("brief_need_add", "back") else brief.get_absolute_url()
    assert response.url == there
    assert Need.objects.count() == 0
    broken = alice_client.post(url, NEED | {"words": "x" * 201, "go": go})
    assert broken.status_code == 422
    assert "x" * 201 in broken.content.decode()
    alice_client.post(url, NEED | {"go": go})
    assert [need.words for need in brief.needs.all()] == ["be known to funders"]


def test_an_unfinished_typed_need_does_not_finish_the_brief(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice)
    alice_client.post(reverse("brief_finish", args=[brief.pk]), {"words": "be known"})
    brief.refresh_from_db()
    assert brief.finished_at is None


def test_each_page_gives_two_sentences_of_advice(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice)
    for step in STEPS:
        assert len(re.findall(r"[.!?](?=\s|$)", step.advice)) == 2, step.slug
        assert escape(step.advice) in alice_client.get(step_url(brief, step.slug)).content.decode()


def test_needs_outlive_their_brief(alice: User) -> None:
    need = make_need(alice)
    make_brief(alice, need).delete()
    assert Need.objects.get() == need


def test_brief_prints_as_a_sheet_with_its_owner(alice: User, alice_client: Client) -> None:
    page = alice_client.get(make_brief(alice, make_need(alice)).get_absolute_url()).content.decode()
    assert "css/brief" in page
    assert '<p class="on-paper">Alice Ashe</p>' in page
    assert re.search(r"<button[^>]*data-print hidden>", page)  # a script shows it, because it needs JavaScript


@given(st.lists(st.sampled_from([*Brief.Context.values, "gone since"])), st.sets(st.integers(0, 24)))
def test_suggestions_come_from_ticked_contexts_once_and_never_repeat_a_need(
    contexts: list[str], taken: Iterable[int]
) -> None:
    everything = [row for rows in SUGGESTIONS.values() for row in rows]
    needs = [Need(words=everything[i][1].upper()) for i in taken]
    found = suggestions(contexts, needs)
    assert len(found) == len(set(found))
    assert {words.upper() for _, words in found}.isdisjoint(need.words for need in needs)
    assert all(any(row in SUGGESTIONS[c] for c in contexts if c in SUGGESTIONS) for row in found)


def test_first_unanswered_ends_with_the_needs() -> None:
    assert first_unanswered(Brief()).slug == "why-now"
    full = Brief(why_now="a", contexts=["skills"], looking_for="b", good_mentee="c", direction="d")
    assert first_unanswered(full) == STEPS[-1]


def test_briefs_list_teaches_when_empty_and_lists_newest_first(alice: User, alice_client: Client) -> None:
    assert "Start with what you are looking for" in alice_client.get(reverse("briefs")).content.decode()
    old = make_brief(alice, started_at=timezone.now() - dt.timedelta(days=9), finished_at=timezone.now())
    new = make_brief(alice)
    response = alice_client.get(reverse("briefs"))
    assert response.context["briefs"] == [new, old]
    assert "Go on with your brief" in response.content.decode()


def test_brief_pages_take_few_queries_for_one_and_thirty(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice, make_need(alice))
    urls = [reverse("briefs"), brief.get_absolute_url(), step_url(brief, "needs")]
    one = [queries_of(alice_client, url) for url in urls]
    for i in range(30):
        BriefNeed.objects.create(owner=alice, brief=brief, need=make_need(alice, f"need {i}"))
        make_brief(alice)
    assert [queries_of(alice_client, url) for url in urls] == one
    assert max(one) <= 6
