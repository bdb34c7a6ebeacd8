from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.looking_back.reviews import course_of, last_time
from portfolio.looking_back.scales import ASKS, HINTS, SCALES, TITLES, WORDS
from portfolio.models import Mentorship, Person, Review, ReviewNote
from tests.factories import make_mentorship, make_person, make_review
from tests.portfolio.helpers import queries_of

NEW, REVIEWS = "/reflect/reviews/new/", "/reflect/reviews/"
ASPECTS = set(ReviewNote.Aspect.values)


@pytest.fixture
def mentorship(bob: Person) -> Mentorship:
    return make_mentorship(bob)


def look_back(client: Client, mentorship: Mentorship | None = None, **fields: Any) -> Any:
    at = {"mentorship": mentorship.pk} if mentorship else {}
    return client.post(NEW, {**at, "on": "2026-02-02", **fields})


def note(review: Review, aspect: str, change: str = "", words: str = "") -> ReviewNote:
    return ReviewNote.objects.create(
        owner=review.owner, review=review, aspect=aspect, change=change, words=words or f"{aspect} words"
    )


def page_of(client: Client, row: Any) -> str:
    return " ".join(client.get(row.get_absolute_url()).content.decode().split()).replace("</dt> <dd>", "</dt><dd>")


# --- Text instead of numbers ----------------------------------------------------------------------


def test_every_step_and_every_aspect_has_words() -> None:
    assert set(SCALES) == TITLES.keys() == ASKS.keys() == WORDS.keys()
    assert all(list(words) == [1, 2, 3, 4, 5] and len(set(words.values())) == 5 for words in WORDS.values())
    assert HINTS.keys() == ASPECTS


def test_steps_are_chosen_and_shown_in_words(alice: User, mentorship: Mentorship, alice_client: Client) -> None:
    form = alice_client.get(NEW, {"mentorship": mentorship.pk}).context["form"]
    for scale in SCALES:
        assert form.fields[scale].choices == [("", "Leave this out"), *WORDS[scale].items()]
    look_back(alice_client, mentorship, satisfaction=4, confidence=2)
    main = page_of(alice_client, Review.objects.get()).partition("<main")[2].partition("</main>")[0]
    assert "Good for me" in main
    assert "Rather shaky" in main
    assert not re.search(r"\b[1-5] ?(/|out of|of) ?5\b|average|score", re.sub(r"<svg.*?</svg>", "", main))


# --- Reviews of the user and of a mentorship ------------------------------------------------------


def test_look_back_at_oneself_asks_four_scales_and_no_aspects(alice: User, bob: Person, alice_client: Client) -> None:
    make_mentorship(bob)
    response = alice_client.get(NEW)
    assert response.context["form"].fields.keys() == {"on", *SCALES, "words"} - {"satisfaction"}
    assert f"{NEW}?mentorship=" in response.content.decode()
    row = Review.objects.get(pk=int(look_back(alice_client, career=3, satisfaction=5).url.split("/")[-2]))
    assert (row.owner, row.mentorship, row.career, row.satisfaction) == (alice, None, 3, None)
    with pytest.raises(IntegrityError):
        make_review(alice, satisfaction=3)


def test_look_back_at_a_mentorship_keeps_scales_and_sentences(mentorship: Mentorship, alice_client: Client) -> None:
    look_back(alice_client, mentorship, understanding=4, trust_words="She told me her own mistakes.", words="Good.")
    row = Review.objects.get()
    assert (row.mentorship, row.understanding, row.words) == (mentorship, 4, "Good.")
    assert [(n.aspect, n.change, n.words, n.owner) for n in row.notes.all()] == [
        ("trust", "", "She told me her own mistakes.", row.owner)
    ]


def test_first_look_back_has_no_last_time_and_says_so(mentorship: Mentorship, alice_client: Client) -> None:
    response = alice_client.get(NEW, {"mentorship": mentorship.pk})
    form = response.context["form"]
    assert "there is no last time" in response.content.decode()
    assert {f"{aspect}_words" for aspect in ASPECTS} <= form.fields.keys()
    assert not [name for name in form.fields if name.endswith("_change")]
    look_back(alice_client, mentorship, trust_change="easier", trust_words="So far.")
    row = Review.objects.get()
    assert row.notes.get().change == ""
    assert "Your first look back at this mentoring" in page_of(alice_client, row)


def test_later_ones_say_easier_the_same_or_harder(alice: User, mentorship: Mentorship, alice_client: Client) -> None:
    make_review(alice, mentorship=mentorship, on=dt.date(2026, 1, 10), satisfaction=3)
    form = alice_client.get(NEW, {"mentorship": mentorship.pk}).context["form"]
    assert {f"{aspect}_change" for aspect in ASPECTS} <= form.fields.keys()
    changes = {"trust_change": "easier", "freedom_change": "harder", "clarity_change": "same"}
    look_back(alice_client, mentorship, **changes, freedom_words="I hold back.")
    page = page_of(alice_client, Review.objects.latest("pk"))
    for words in ("Easier than last time", "Harder than last time", "The same", "I hold back.", "Harder is no verdict"):
        assert words in page


def test_one_mentorships_last_time_is_not_anothers(alice: User, mentorship: Mentorship, alice_client: Client) -> None:
    other = make_mentorship(make_person(alice, "Cara Cole"))
    make_review(alice, mentorship=other)
    make_review(alice)
    assert alice_client.get(NEW, {"mentorship": mentorship.pk}).context["form"].is_first


def test_a_day_before_the_first_look_back_has_nothing_to_compare(
    alice: User, mentorship: Mentorship, alice_client: Client
) -> None:
    make_review(alice, mentorship=mentorship, on=dt.date(2026, 2, 10), satisfaction=3)
    assert look_back(alice_client, mentorship, trust_change="easier").context["form"].errors.keys() == {"on"}
    assert look_back(alice_client, mentorship, trust_words="Early days.").status_code == 302


def test_last_time_is_the_one_before(alice: User, mentorship: Mentorship) -> None:
    days = (dt.date(2026, 1, 10), dt.date(2026, 2, 10), dt.date(2026, 2, 10))
    first, second, third = (make_review(alice, mentorship=mentorship, on=day) for day in days)
    found = [last_time(mentorship, before=row.on, unless=row.pk) for row in (first, second, third)]
    assert found == [None, first, second]


@time_machine.travel("2026-03-02 10:00Z", tick=False)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("on", "2026-03-03"),
        ("on", "2026-01-04"),  # before the mentorship began
        ("on", "0001-01-01"),
        ("on", "soon"),
        ("satisfaction", "6"),
        ("career", "0"),
        ("career", "9" * 30),
        ("words", "x" * 5_001),
        ("words", "a\0b"),
        ("trust_words", "x" * 301),
        ("trust_change", "better"),
    ],
)
def test_look_back_says_what_is_wrong_and_loses_nothing(
    alice: User, mentorship: Mentorship, alice_client: Client, field: str, value: str
) -> None:
    make_review(alice, mentorship=mentorship, on=dt.date(2026, 1, 10), satisfaction=3)
    response = look_back(alice_client, mentorship, **{"values_words": "Kept words", field: value})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {field}
    assert "Kept words" in response.content.decode()
    assert Review.objects.count() == 1


def test_nothing_said_is_nothing_kept(mentorship: Mentorship, alice_client: Client) -> None:
    for at in (mentorship, None):
        assert look_back(alice_client, at).context["form"].non_field_errors()
    assert Review.objects.count() == 0


def test_look_back_at_what_is_a_strangers_is_not_found(charlie: User, alice_client: Client) -> None:
    theirs = make_mentorship(make_person(charlie))
    for address in (NEW, REVIEWS):
        for wish in (theirs.pk, "nonsense", 2**63):
            assert alice_client.get(address, {"mentorship": wish}).status_code == 404
    assert look_back(alice_client, theirs, words="x").status_code == 404
    assert Review.objects.count() == 0


def test_pressed_twice_is_kept_once(mentorship: Mentorship, alice_client: Client) -> None:
    for _ in range(2):
        look_back(alice_client, mentorship, satisfaction=4, trust_words="So far.")
    assert Review.objects.count() == ReviewNote.objects.count() == 1


def test_edit_changes_steps_and_notes(alice: User, mentorship: Mentorship, alice_client: Client) -> None:
    make_review(alice, mentorship=mentorship, on=dt.date(2026, 1, 10))
    row = make_review(alice, mentorship=mentorship, satisfaction=3)
    kept, _gone = note(row, "trust", "easier"), note(row, "freedom", "same")
    url = reverse("review_edit", args=[row.pk])
    form = alice_client.get(url).context["form"]
    assert (form["satisfaction"].value(), form["trust_change"].value()) == (3, "easier")
    alice_client.post(url, {"on": "2026-02-02", "satisfaction": "", "trust_change": "harder", "trust_words": "Less."})
    row.refresh_from_db()
    assert row.satisfaction is None
    assert [(n.pk, n.change, n.words) for n in row.notes.all()] == [(kept.pk, "harder", "Less.")]


def test_edit_keeps_what_was_compared_when_the_first_is_gone(
    alice: User, mentorship: Mentorship, alice_client: Client
) -> None:
    row = make_review(alice, mentorship=mentorship)
    note(row, "trust", "easier", "Since then.")
    url = reverse("review_edit", args=[row.pk])
    assert not alice_client.get(url).context["form"].is_first
    posted = {"on": "2026-02-02", "trust_change": "easier", "trust_words": "Since then.", "words": "More."}
    assert alice_client.post(url, posted).status_code == 302
    assert row.notes.get().change == "easier"


def test_delete_asks_first(alice: User, mentorship: Mentorship, alice_client: Client) -> None:
    row = make_review(alice, mentorship=mentorship)
    url = reverse("review_delete", args=[row.pk])
    assert "Delete this look back?" in alice_client.get(url).content.decode()
    assert alice_client.post(url).url == f"{REVIEWS}?mentorship={mentorship.pk}"
    assert Review.objects.count() == 0


# --- Over time ------------------------------------------------------------------------------------


def test_scales_move_over_time_without_comparing_mentors(
    alice: User, mentorship: Mentorship, alice_client: Client
) -> None:
    other = make_mentorship(make_person(alice, "Cara Cole"))
    make_review(alice, mentorship=mentorship, on=dt.date(2026, 1, 10), satisfaction=2, career=2)
    make_review(alice, mentorship=other, on=dt.date(2026, 1, 20), satisfaction=5)
    make_review(alice, on=dt.date(2026, 2, 10), career=4)
    everything = course_of(alice)
    assert [(m.scale, m.trend.latest) for m in everything.moved] == [("career", "Content")]
    assert len(everything.moved[0].trend.lines) == 1  # a review without these scales is no gap
    one = course_of(alice, mentorship)
    assert [(m.scale, m.trend.latest) for m in one.moved] == [
        ("satisfaction", "Less than I hoped for"),
        ("career", "Not where I would like it to be"),
    ]
    assert "10 January 2026: Not where I would like it to be" in alice_client.get(REVIEWS).content.decode()
    page = alice_client.get(REVIEWS, {"mentorship": mentorship.pk}).content.decode()
    assert "10 January 2026: Less than I hoped for" in page
    assert "Very good for me" not in page


def test_reviews_teach_when_empty_and_list_newest_first(
    alice: User, mentorship: Mentorship, alice_client: Client
) -> None:
    assert "Nobody is graded" in alice_client.get(REVIEWS).content.decode()
    old, new = make_review(alice, mentorship=mentorship), make_review(alice, on=dt.date(2026, 2, 3))
    assert [row for row, _ in alice_client.get(REVIEWS).context["rows"]] == [new, old]
    one = alice_client.get(REVIEWS, {"mentorship": mentorship.pk})
    assert [row for row, _ in one.context["rows"]] == [old]
    assert "graded" in alice_client.get(NEW).content.decode()


def test_mentorships_page_tells_the_last_look_back(alice: User, mentorship: Mentorship, alice_client: Client) -> None:
    page = page_of(alice_client, mentorship)
    assert f'href="{NEW}?mentorship={mentorship.pk}">Look back at this' in page
    old = make_review(alice, mentorship=mentorship, on=dt.date(2026, 1, 10), satisfaction=2)
    note(old, "agenda", "harder")
    row = make_review(alice, mentorship=mentorship, satisfaction=4)
    note(row, "trust", "easier")
    note(row, "freedom", "harder")
    note(row, "clarity", "same")
    page = page_of(alice_client, mentorship)
    panel = page[page.index("<h2>Looking back</h2>") :].partition("</section>")[0]
    assert "2 February 2026" in panel
    assert "<dt>Easier</dt><dd>Respect and trust</dd>" in panel
    assert "<dt>Harder</dt><dd>Freedom to say what I think</dd>" in panel
    assert "Good for me" in panel
    assert "before: Less than I hoped for" in panel


def test_reflect_shows_the_last_look_back(alice: User, mentorship: Mentorship, alice_client: Client) -> None:
    make_review(alice, mentorship=mentorship, confidence=3)
    page = alice_client.get("/reflect/").content.decode()
    assert "at mentoring with Dr Bob Brook" in page
    assert "It comes and goes" in page


def test_review_pages_take_few_queries_for_one_and_many(
    alice: User, mentorship: Mentorship, alice_client: Client
) -> None:
    row = make_review(alice, mentorship=mentorship, satisfaction=3)
    note(row, "trust")
    one = row.get_absolute_url(), reverse("review_edit", args=[row.pk]), mentorship.get_absolute_url(), NEW
    lists = "/reflect/", REVIEWS, f"{REVIEWS}?mentorship={mentorship.pk}"

    def grow(count: int) -> None:
        for i in range(count):
            review = make_review(alice, mentorship=mentorship, on=dt.date(2026, 1, 5), satisfaction=3, career=2)
            note(review, "freedom", "easier")
            make_review(alice, mentorship=make_mentorship(make_person(alice, f"Mentor {i}")), network=2)

    grow(2)
    few = [queries_of(alice_client, url) for url in (*lists, *one)]
    grow(40)
    assert [queries_of(alice_client, url) for url in (*lists, *one)] == few
    assert max(few[: len(lists)]) <= 6
    assert max(few) <= 10


def test_earlier_looks_back_stay_with_their_mentorship(
    alice: User, mentorship: Mentorship, alice_client: Client
) -> None:
    for days in range(31):
        make_review(alice, mentorship=mentorship, on=dt.date(2025, 1, 1) + dt.timedelta(days=days))
    make_review(alice)
    address = f"{reverse('reviews')}?mentorship={mentorship.pk}"
    first = alice_client.get(address).content.decode()
    assert f'href="?mentorship={mentorship.pk}&amp;page=2" rel="next">Earlier</a>' in first
    second = alice_client.get(f"{address}&page=2").content.decode()
    assert f'href="?mentorship={mentorship.pk}&amp;page=1" rel="prev">Later</a>' in second
