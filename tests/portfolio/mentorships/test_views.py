from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from outreach.models import Message
from portfolio.mentorships import choices
from portfolio.mentorships import services as mentorships
from portfolio.models import Mentorship, MentorshipEvent, Person, Support
from tests.factories import (
    make_contact,
    make_evaluation,
    make_meeting,
    make_mentorship,
    make_need,
    make_outcome,
    make_person,
    make_support,
    make_terms,
)
from tests.portfolio.helpers import queries_of

NEW = {"origin": "already", "form": "informal", "started_on": "2020-09-01", "competency": ""}
TODAY = time_machine.travel("2026-03-02 10:00Z", tick=False)


def page(client: Client, mentorship: Mentorship) -> str:
    response = client.get(mentorship.get_absolute_url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def press(client: Client, name: str, pk: int, **data: str) -> None:
    assert client.post(reverse(name, args=[pk]), data).status_code == 302


@TODAY
def test_mentorship_new_puts_them_in_the_portfolio(alice: User, bob: Person, alice_client: Client) -> None:
    need = make_need(alice)
    response = alice_client.post(
        reverse("mentorship_new", args=[bob.pk]), NEW | {"needs": [need.pk], "competency": "why"}
    )
    mentorship = Mentorship.objects.get(owner=alice)
    assert response.url == mentorship.get_absolute_url()
    assert (mentorship.origin, mentorship.started_on) == ("already", dt.date(2020, 9, 1))
    assert list(Support.objects.values_list("competency", "need")) == [("whom", need.pk), ("why", None)]
    text = page(alice_client, mentorship)
    assert "be known to funders" in text
    assert "Never planned, and there" in text
    assert "Since September 2020" in text


@TODAY
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_on", "2026-03-03"),
        ("started_on", ""),
        ("started_on", "99999-01-01"),
        ("origin", "bought"),
        ("form", "\0"),
        ("competency", "who"),
        ("needs", "9" * 30),
    ],
)
def test_mentorship_new_says_what_is_wrong(
    alice: User, bob: Person, alice_client: Client, field: str, value: str
) -> None:
    make_need(alice)
    response = alice_client.post(reverse("mentorship_new", args=[bob.pk]), NEW | {field: value})
    assert response.context["form"].errors.keys() == {field}
    assert Mentorship.objects.count() == 0


def test_mentorship_new_refuses_a_strangers_need(alice: User, bob: Person, charlie: User, alice_client: Client) -> None:
    make_need(alice)
    response = alice_client.post(reverse("mentorship_new", args=[bob.pk]), NEW | {"needs": [make_need(charlie).pk]})
    assert response.context["form"].errors.keys() == {"needs"}


def test_mentorship_new_leads_to_the_running_one(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    response = alice_client.post(reverse("mentorship_new", args=[bob.pk]), NEW, follow=True)
    assert response.redirect_chain == [(mentorship.get_absolute_url(), 302)]
    assert "is your mentor already" in response.content.decode()
    assert Mentorship.objects.count() == 1


def test_mentorship_new_loses_a_race_in_words(
    bob: Person, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other request commits between the check and the insert, so only the constraint detects it."""
    from portfolio.forms.mentorships import NewMentorshipForm

    honest = NewMentorshipForm.clean_started_on

    def other_request_first(form: NewMentorshipForm) -> dt.date:
        mentorships.open_mentorship(person=bob, origin="grew", on=dt.date(2026, 1, 5))
        return honest(form)

    monkeypatch.setattr(NewMentorshipForm, "clean_started_on", other_request_first)
    response = alice_client.post(reverse("mentorship_new", args=[bob.pk]), NEW, follow=True)
    assert "is your mentor already. Nothing was changed." in response.content.decode()
    assert Mentorship.objects.get().origin == "grew"


@TODAY
def test_mentorship_pauses_and_goes_on_with_undo(bob: Person, alice_client: Client) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=dt.date(2026, 1, 5))
    press(alice_client, "mentorship_pause", mentorship.pk)
    text = page(alice_client, mentorship)
    assert "Paused. It stays in your portfolio." in text
    assert reverse("mentorship_resume", args=[mentorship.pk]) in text
    press(alice_client, "mentorship_resume", mentorship.pk)
    mentorship.refresh_from_db()
    assert mentorship.status == "active"
    assert MentorshipEvent.objects.count() == 1


@TODAY
def test_mentorship_ends_well_and_goes_on_after_all(alice: User, bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    make_support(mentorship, make_need(alice))
    url = reverse("mentorship_end", args=[mentorship.pk])
    assert alice_client.get(url).status_code == 200
    for _ in range(2):
        response = alice_client.post(url, {"ended_as": "complete", "on": "2026-02-28"})
        assert response.url == mentorship.get_absolute_url()
    text = page(alice_client, mentorship)
    assert "Ended: complete" in text
    assert "be known to funders" in text
    press(alice_client, "mentorship_reopen", mentorship.pk)
    mentorship.refresh_from_db()
    assert (mentorship.status, Support.objects.get().until) == ("active", None)


@TODAY
@pytest.mark.parametrize(
    ("field", "value"), [("on", "2026-01-04"), ("on", "2026-03-03"), ("on", "x"), ("ended_as", "fight")]
)
def test_mentorship_end_says_what_is_wrong(bob: Person, alice_client: Client, field: str, value: str) -> None:
    mentorship = make_mentorship(bob)
    data = {"ended_as": "complete", "on": "2026-02-28"} | {field: value}
    response = alice_client.post(reverse("mentorship_end", args=[mentorship.pk]), data)
    assert response.context["form"].errors.keys() == {field}
    mentorship.refresh_from_db()
    assert mentorship.status == "active"


def test_mentorship_reopen_beside_a_newer_one_is_refused_in_words(bob: Person, alice_client: Client) -> None:
    old = make_mentorship(bob, status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2))
    make_mentorship(bob)
    press(alice_client, "mentorship_reopen", old.pk)
    assert "A newer mentorship with Dr Bob Brook is running." in page(alice_client, old)


@TODAY
def test_mentorship_becomes_friendship_with_undo(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    press(alice_client, "mentorship_friends", mentorship.pk)
    text = page(alice_client, mentorship)
    assert "Friends since 2026" in text
    assert "Became friends" in text
    press(alice_client, "mentorship_not_friends", mentorship.pk)
    assert "Friends since" not in page(alice_client, mentorship)


def test_direction_is_private_until_copied_by_choice(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob, direction_private="Lead a group")
    assert "Let Bob see this</button>" in page(alice_client, mentorship)
    press(alice_client, "direction_share", mentorship.pk)
    mentorship.refresh_from_db()
    assert mentorship.direction_shared == "Lead a group"
    Mentorship.objects.update(direction_private="Leave it all")
    assert "Share these words instead" in page(alice_client, mentorship)
    mentorship.refresh_from_db()
    assert mentorship.direction_shared == "Lead a group"
    press(alice_client, "direction_unshare", mentorship.pk)
    mentorship.refresh_from_db()
    assert (mentorship.direction_private, mentorship.direction_shared) == ("Leave it all", "")


def test_direction_that_is_empty_is_not_shared(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob, direction_shared="Kept")
    press(alice_client, "direction_share", mentorship.pk)
    mentorship.refresh_from_db()
    assert mentorship.direction_shared == "Kept"
    assert "no direction to share yet" in page(alice_client, mentorship)


def test_mentorship_edit_saves_its_fields_only(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob, status="paused", direction_shared="Shared words")
    data = {
        "origin": "programme",
        "phase": "progress",
        "closeness": "3",
        "started_on": "2025-01-01",
        "rhythm_weeks": "6",
        "status": "ended",
        "form": "formal",
        "direction_shared": "smuggled",
    }
    response = alice_client.post(reverse("mentorship_edit", args=[mentorship.pk]), data)
    assert response.url == mentorship.get_absolute_url()
    mentorship.refresh_from_db()
    assert (mentorship.origin, mentorship.closeness, mentorship.rhythm_weeks) == ("programme", 3, 6)
    assert (mentorship.form, mentorship.started_on) == ("informal", dt.date(2025, 1, 1))
    assert (mentorship.status, mentorship.direction_shared) == ("paused", "Shared words")
    assert "every six weeks or so" in page(alice_client, mentorship)


@TODAY
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_on", "2026-02-03"),
        ("started_on", "2026-09-09"),
        ("rhythm_weeks", "0"),
        ("rhythm_weeks", "9" * 30),
        ("closeness", "4"),
        ("started_on", "0001-01-01"),
        ("direction_private", "\0"),
        ("direction_private", "x" * 2001),
        ("phase", "love"),
    ],
)
def test_mentorship_edit_says_what_is_wrong(bob: Person, alice_client: Client, field: str, value: str) -> None:
    mentorship = make_mentorship(bob, status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2))
    data = {"origin": "programme", "closeness": "3", "started_on": "2026-01-01"} | {field: value}
    response = alice_client.post(reverse("mentorship_edit", args=[mentorship.pk]), data)
    assert response.context["form"].errors.keys() == {field}


@TODAY
def test_support_is_added_ended_and_restored(alice: User, bob: Person, alice_client: Client) -> None:
    mentorship, need = make_mentorship(bob), make_need(alice)
    url = reverse("support_add", args=[mentorship.pk])
    alice_client.post(url, {"need": need.pk, "competency": "why", "strength": "3"})
    alice_client.post(url, {"competency": "how", "strength": "1"})
    rows = Support.objects.order_by("pk").values_list("competency", "need", "strength", "since")
    assert list(rows) == [("whom", need.pk, 3, dt.date(2026, 3, 2)), ("how", None, 1, dt.date(2026, 3, 2))]
    first = Support.objects.order_by("pk")[0]
    press(alice_client, "support_end", first.pk)
    text = page(alice_client, mentorship)
    assert reverse("support_restore", args=[first.pk]) in text
    assert "Earlier: be known to funders (until March 2026)" in text
    press(alice_client, "support_restore", first.pk)
    first.refresh_from_db()
    assert first.until is None


def test_support_add_refuses_twice_a_strangers_and_nothing(
    alice: User, bob: Person, charlie: User, alice_client: Client
) -> None:
    mentorship, need = make_mentorship(bob), make_need(alice)
    make_support(mentorship, need)
    url = reverse("support_add", args=[mentorship.pk])
    for wrong in ({"need": need.pk}, {"need": make_need(charlie).pk}, {"need": "\0"}, {}):
        response = alice_client.post(url, wrong | {"strength": "2"})
        assert response.context["form"].errors.keys() == {"need"}
    assert alice_client.post(url, {"competency": "how", "strength": "9"}).context["form"].errors.keys() == {"strength"}
    assert Support.objects.count() == 1


def test_support_restore_does_not_double_a_need(alice: User, bob: Person, alice_client: Client) -> None:
    mentorship, need = make_mentorship(bob), make_need(alice)
    old = make_support(mentorship, need, until=dt.date(2026, 2, 2))
    make_support(mentorship, need)
    press(alice_client, "support_restore", old.pk)
    old.refresh_from_db()
    assert old.until == dt.date(2026, 2, 2)


def test_mentorship_page_takes_at_most_ten_queries_for_one_and_thirty(
    alice: User, bob: Person, alice_client: Client
) -> None:
    """With all possible content. Leaves one query for another panel."""
    mentorship = make_mentorship(bob, form="formal", rhythm_weeks=6, direction_private="North", agreement="So")
    terms = make_terms(mentorship, months=12, hours_a_month=1)

    def grow(start: int, end: int) -> None:
        for i in range(start, end):
            need = make_need(alice, f"need {i}")
            make_support(mentorship, need)
            make_support(mentorship, until=dt.date(2026, 3, 3))
            make_contact(bob, kind="meeting", minutes=60)
            MentorshipEvent.objects.create(owner=alice, mentorship=mentorship, what="paused", on=dt.date(2026, 1, 9))
            make_outcome(mentorship, f"outcome {i}", need=need)
            make_evaluation(terms, dt.date(2026, 4, 1) + dt.timedelta(days=i))
            make_meeting(bob, mentorship=mentorship, starts_at=timezone.now() + dt.timedelta(days=i + 1))
            Message.objects.create(owner=alice, person=bob, mentorship=mentorship, purpose="thank_you")

    grow(0, 1)
    one = queries_of(alice_client, mentorship.get_absolute_url())
    grow(1, 30)
    assert queries_of(alice_client, mentorship.get_absolute_url()) == one <= 9


@pytest.mark.usefixtures("ground_floor_alone")
def test_mentorship_page_leads_on(alice: User, bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)

    def step() -> str | None:
        shown = alice_client.get(mentorship.get_absolute_url()).context["next_step"]
        return shown.url if shown else None

    assert step() == reverse("support_add", args=[mentorship.pk])
    make_support(mentorship)
    assert step() == reverse("mentorship_edit", args=[mentorship.pk])
    Mentorship.objects.update(direction_private="North")
    assert step() is None


def test_person_with_an_ended_mentorship_may_mentor_again(alice: User, alice_client: Client) -> None:
    person = make_person(alice, "Edda")
    make_mentorship(person, status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2))
    assert "They mentor me again" in alice_client.get(person.get_absolute_url()).content.decode()
    alice_client.post(reverse("mentorship_new", args=[person.pk]), NEW)
    assert Mentorship.objects.running().count() == 1


def test_every_choice_says_what_it_means() -> None:
    words = choices
    for sentences in (words.PHASES, words.BREADTHS, words.ORIGINS, words.CLOSENESSES):
        assert list(sentences) == list(type(next(iter(sentences))))
    assert "Building rapport" in words.helped(words.PHASES)[0][1]
