from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outreach.approaches import research
from outreach.approaches import services as approaches
from outreach.drafts import merge_fields
from outreach.drafts import services as drafts
from outreach.models import Approach, Message, Purpose
from tests.factories import make_approach, make_knows, make_message, make_person

pytestmark = [pytest.mark.django_db]
ANSWERS = {
    "their_role": "Chair of the panel",
    "their_work": "Her talk on what reviewers skip changed my first page.",
    "in_common": "We both trained in Leeds.",
    "who_knows_them": "Margaret Osei",
    "why_now": "The call opens in March.",
}


def url(approach: Approach) -> str:
    return reverse("approach_research", args=[approach.pk])


def post(client: Client, approach: Approach, **answers: str) -> Any:
    data = {**ANSWERS, "version": research.version(Approach.objects.get(pk=approach.pk)), **answers}
    return client.post(url(approach), data)


def test_each_answer_fills_a_field_that_there_is() -> None:
    assert [name for name in research.FILLS.values() if name not in merge_fields.FIELDS] == []
    assert list(ANSWERS) == list(research.FILLS)


def test_each_answer_feeds_a_new_draft(alice_client: Client, alice: User) -> None:
    approach = make_approach(make_person(alice, "Gwen Abara"), why_them="she chairs the panel")
    post(alice_client, approach)
    body = " / ".join(f"{{{name}}}" for name in ["why_them", *research.FILLS.values()])
    draft = drafts.start_draft(purpose=Purpose.FIRST_APPROACH, template=None, approach=Approach.objects.get())
    draft.body = body
    assert drafts.ready(draft).body == " / ".join(["she chairs the panel", *ANSWERS.values()])


def test_a_role_kept_with_the_person_goes_first(alice_client: Client, approach: Approach) -> None:
    post(alice_client, approach)
    draft = make_message(approach, body="{their_role}")
    draft.refresh_from_db()
    assert drafts.ready(draft).body == "Director"


def test_a_draft_that_waits_takes_new_answers_over_and_keeps_what_was_typed(
    alice_client: Client, approach: Approach
) -> None:
    draft = make_message(approach, field_values={"why_now": "typed by hand", "topic": "panels"})
    sent = make_message(approach, state="sent", at="2026-01-05T10:00Z", field_values={})
    before = draft.updated_at
    post(alice_client, approach)
    draft.refresh_from_db()
    assert draft.field_values == {
        "their_role": ANSWERS["their_role"],
        "what_i_noticed": ANSWERS["their_work"],
        "what_we_share": ANSWERS["in_common"],
        "who_knows_us": ANSWERS["who_knows_them"],
        "why_now": "typed by hand",
        "topic": "panels",
    }
    assert draft.updated_at > before
    post(alice_client, approach, their_work="Her book.")
    draft.refresh_from_db()
    assert draft.field_values["what_i_noticed"] == "Her book."
    assert Message.objects.get(pk=sent.pk).field_values == {}


def test_why_them_goes_on_to_a_draft_that_waits(approach: Approach) -> None:
    draft = make_message(approach)
    approaches.set_rationale(approach=approach, why_them="she has done it herself", needs=[])
    draft.refresh_from_db()
    assert draft.field_values == {"why_them": "she has done it herself"}


def test_of_two_tabs_both_stand_on_the_page(alice_client: Client, approach: Approach) -> None:
    seen = research.version(approach)
    post(alice_client, approach)
    answer = post(alice_client, approach, version=seen, their_work="Her other talk.")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Her other talk." in page
    assert ANSWERS["their_work"] in page
    assert Approach.objects.get().their_work == ANSWERS["their_work"]
    now = research.version(Approach.objects.get())
    assert f'value="{now}"' in page  # saving again may overwrite now
    assert post(alice_client, approach, version=now, their_work="Her other talk.").status_code == 302
    assert Approach.objects.get().their_work == "Her other talk."


def test_the_same_words_from_two_tabs_are_no_conflict(alice_client: Client, approach: Approach) -> None:
    seen = research.version(approach)
    post(alice_client, approach)
    assert post(alice_client, approach, version=seen).status_code == 302


@pytest.mark.parametrize("bad", ["\0", "x" * 2_001])
def test_what_can_not_be_kept_stays_on_the_page(alice_client: Client, approach: Approach, bad: str) -> None:
    answer = post(alice_client, approach, their_work=bad)
    assert answer.status_code == 422
    assert ANSWERS["why_now"] in answer.content.decode()
    assert Approach.objects.get().their_work == ""


def test_the_page_names_who_knows_them(alice_client: Client, approach: Approach) -> None:
    margaret = make_person(approach.owner, "Margaret Osei")
    make_knows(margaret, approach.person)
    page = " ".join(alice_client.get(url(approach)).content.decode().split())
    ask = f"{reverse('introduction_open')}?target={approach.person_id}&amp;introducer={margaret.pk}"
    assert ask in page
    assert "Margaret Osei</a> knows Bob" in page


def test_the_next_step_offers_to_look_them_up_until_it_is_done(alice_client: Client, approach: Approach) -> None:
    assert "Look them up first" in alice_client.get(approach.get_absolute_url()).content.decode()
    post(alice_client, approach)
    assert "Look them up first" not in alice_client.get(approach.get_absolute_url()).content.decode()
