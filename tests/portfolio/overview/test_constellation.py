"""The constellation: stars are in their sectors, don't overlap, and don't move when others are added."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.overview import constellation as sky
from portfolio.overview import constellation_labels, constellation_slots
from portfolio.overview.constellation import Approaching, NeedArc, Picture, Star, draw

competencies = st.sampled_from(list(sky.SECTORS))
unhurried = settings(deadline=None, max_examples=50)
words = st.text("Aémi ,-漢🙂\u0301\u202eش", max_size=30)


@st.composite
def skies(draw_: st.DrawFn) -> tuple[list[NeedArc], list[Star], list[Approaching]]:
    needs = [
        NeedArc(id_, draw_(words), draw_(competencies), draw_(st.integers(1, 3)), draw_(st.integers(0, 3)), id_ % 4)
        for id_ in range(draw_(st.integers(0, 6)))
    ]
    of_needs = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 3)), max_size=4).map(tuple)
    stars = [
        Star(
            id_,
            draw_(words),
            "AB",
            draw_(competencies),
            tuple(draw_(st.sets(competencies))),
            draw_(of_needs),
            draw_(st.integers(1, 3)),
        )
        for id_ in range(draw_(st.integers(0, 40)))
    ]
    approaching = [
        Approaching(id_, draw_(words), "CD", draw_(competencies), "approached", draw_(of_needs))
        for id_ in range(draw_(st.integers(0, 10)))
    ]
    return needs, stars, approaching


def everyone(picture: Picture) -> list[sky.DrawnStar]:
    return picture.stars + picture.approaching


@unhurried
@given(skies())
def test_every_star_stands_in_its_sector(parts: tuple) -> None:
    for drawn in everyone(draw(*parts)):
        off = drawn.angle - sky.SECTORS[drawn.star.competency]
        assert abs(off) + math.degrees(constellation_slots.SLOT / drawn.radius) / 2 <= sky.SECTOR_WIDTH / 2 + 1e-9
        assert (drawn.x, drawn.y) == sky.point(drawn.angle, drawn.radius)


@unhurried
@given(skies())
def test_no_two_stars_share_a_slot_and_nobody_is_lost(parts: tuple) -> None:
    picture = draw(*parts)
    slots = [drawn.slot for drawn in everyone(picture)]
    assert len(slots) == len(set(slots))
    assert len(slots) + len(picture.unplaced) == len(parts[1]) + len(parts[2])


def places(picture: Picture) -> dict[tuple[type, int], tuple[float, float]]:
    return {(type(drawn.star), drawn.star.id): (drawn.x, drawn.y) for drawn in everyone(picture)}


@unhurried
@given(skies())
def test_no_shape_covers_another(parts: tuple) -> None:
    for one, other in itertools.combinations(everyone(draw(*parts)), 2):
        assert math.hypot(one.x - other.x, one.y - other.y) >= 2 * constellation_labels.STAR_RADIUS


@unhurried
@given(skies(), competencies, st.integers(1, 3))
def test_whoever_joins_moves_nobody(parts: tuple, competency: str, closeness: int) -> None:
    needs, stars, approaching = parts
    before = places(draw(*parts))
    star = Star(999, "New", "N", competency, closeness=closeness)
    joined = places(draw(needs, [*stars, star], approaching))
    assert before.items() <= joined.items()
    asked = places(draw(needs, stars, [*approaching, Approaching(999, "New", "N", competency, "approached")]))
    assert before.items() <= asked.items()


@unhurried
@given(skies(), st.data())
def test_whoever_changes_moves_nobody_that_came_before(parts: tuple, data: st.DataObject) -> None:
    needs, stars, approaching = parts
    if not stars:
        return
    at = data.draw(st.integers(0, len(stars) - 1))
    changed = dataclasses.replace(
        stars[at],
        competency=data.draw(competencies),
        closeness=data.draw(st.integers(1, 3)),
        needs=((data.draw(st.integers(0, 5)), 3),),
        paused=True,
        formal=True,
    )
    before, after = places(draw(*parts)), places(draw(needs, [*stars[:at], changed, *stars[at + 1 :]], approaching))
    for star in stars[:at]:
        assert before.get((Star, star.id)) == after.get((Star, star.id))
    for asked in approaching:
        assert before.get((Approaching, asked.id)) == after.get((Approaching, asked.id))


@unhurried
@given(skies(), st.data())
def test_whoever_pauses_moves_nobody_at_all(parts: tuple, data: st.DataObject) -> None:
    needs, stars, approaching = parts
    paused = [dataclasses.replace(star, paused=data.draw(st.booleans())) for star in stars]
    assert places(draw(needs, stars, approaching)) == places(draw(needs, paused, approaching))


@unhurried
@given(skies(), st.data())
def test_whoever_leaves_moves_only_later_ones_of_the_same_sector(parts: tuple, data: st.DataObject) -> None:
    needs, stars, approaching = parts
    if not stars:
        return
    at = data.draw(st.integers(0, len(stars) - 1))
    before, after = places(draw(*parts)), places(draw(needs, stars[:at] + stars[at + 1 :], approaching))
    for place, star in enumerate(stars):
        if place < at or star.competency != stars[at].competency:
            assert before.get((Star, star.id)) == after.get((Star, star.id))


@pytest.mark.parametrize("closeness", [1, 2, 3])
@pytest.mark.parametrize("competency", list(constellation_slots.SECTORS))
def test_a_sector_holds_twenty_five_mentors_of_any_closeness(competency: str, closeness: int) -> None:
    stars = [Star(id_, f"Star {id_}", "S", competency, closeness=closeness) for id_ in range(25)]
    assert draw([], stars, []).unplaced == ()


def test_more_than_the_sky_holds_are_told_in_words() -> None:
    stars = [Star(id_, f"Star {id_}", "S", "why") for id_ in range(60)]
    picture = draw([], stars, [])
    assert len(picture.stars) + len(picture.unplaced) == 60
    html = render_to_string("portfolio/overview/_constellation.html", {"picture": picture})
    assert all(f"Star {id_}" in html for id_ in range(60))


def test_sixty_needs_in_one_sector_fill_it_and_no_more() -> None:
    arcs = draw([NeedArc(id_, f"need {id_}", "how", 1, 0, 3) for id_ in range(60)], [], []).arcs
    assert (arcs[0].start, arcs[-1].end) == (pytest.approx(68), pytest.approx(172))
    assert all(one.end < other.start for one, other in itertools.pairwise(arcs))
    assert {arc.words for arc in arcs} == {""}
    assert "need 7: Nobody yet · 3 people could help" in arcs[7].title


@unhurried
@given(skies())
def test_labels_cover_neither_labels_nor_stars(parts: tuple) -> None:
    stars = everyone(draw(*parts))
    boxes = [
        next(box for label, box in constellation_labels.possible_labels(drawn) if label == drawn.label)
        for drawn in stars
        if drawn.label
    ]
    for number, box in enumerate(boxes):
        assert not any(constellation_labels.overlap(box, other) for other in boxes[number + 1 :])
    owners = [drawn for drawn in stars if drawn.label]
    for owner, box in zip(owners, boxes, strict=True):
        assert not any(
            constellation_labels.overlap(box, constellation_labels.around(drawn))
            for drawn in stars
            if constellation_labels.around(drawn) != constellation_labels.around(owner)
        )


@unhurried
@given(skies())
def test_arcs_fill_their_sector_in_order_by_weight(parts: tuple) -> None:
    for sector in draw(*parts).sectors:
        if not sector.arcs:
            assert sector.horizon
            continue
        middle = sky.SECTORS[sector.competency]
        assert sector.arcs[0].start == pytest.approx(middle - 52)
        assert sector.arcs[-1].end == pytest.approx(middle + 52)
        lengths = [(arc.end - arc.start) / arc.need.weight for arc in sector.arcs]
        assert lengths == pytest.approx([lengths[0]] * len(lengths))
        assert [arc.need.id for arc in sector.arcs] == sorted(arc.need.id for arc in sector.arcs)


@given(st.text(max_size=250), st.floats(0, 800))
def test_shortened_words_fit(text: str, room: float) -> None:
    short = constellation_labels.shortened(text, room)
    assert constellation_labels.width(short) <= room
    assert not short or short.rstrip("…") in " ".join(text.split())


@pytest.mark.parametrize(
    ("one", "other"), [("i", "m"), ("a", "A"), ("a", "漢"), ("e\u0301", "A"), ("a\u202e", "m"), ("a", "🙂")]
)
def test_wide_letters_are_taken_for_wide(one: str, other: str) -> None:
    assert constellation_labels.width(one) < constellation_labels.width(other)


def test_a_long_name_makes_room_for_the_first_name() -> None:
    name = "Wilhelmina Featherstone"
    stars = [Star(id_, name, "WF", "why", closeness=3, short="Wilhelmina") for id_ in range(7)]
    said = {drawn.label.lines for drawn in draw([], stars, []).stars if drawn.label}
    assert ("Wilhelmina",) in said


def test_sectors_lie_where_the_words_say() -> None:
    assert sky.point(sky.SECTORS["why"], 340) == (360.0, 20.0)
    x, y = sky.point(sky.SECTORS["how"], 340)
    assert (x > 360, y > 360) == (True, True)
    x, y = sky.point(sky.SECTORS["whom"], 340)
    assert (x < 360, y > 360) == (True, True)


@pytest.mark.parametrize(("closeness", "radius"), [(3, 110.0), (2, 195.0), (1, 280.0)])
def test_the_closer_the_nearer(closeness: int, radius: float) -> None:
    assert draw([], [Star(1, "Bob", "B", "how", closeness=closeness)], []).stars[0].radius == radius


def test_a_full_ring_overflows_half_a_ring_outward() -> None:
    stars = [Star(id_, f"Star {id_}", "S", "why", closeness=3) for id_ in range(4)]
    assert [drawn.radius for drawn in draw([], stars, []).stars] == [110, 110, 110, 152.5]


def test_where_the_sky_ends_the_overflow_stands_on_the_half_rings_further_in() -> None:
    stars = [Star(id_, f"Star {id_}", "S", "why") for id_ in range(31)]
    picture = draw([], stars, [])
    counts = {radius: sum(d.radius == radius for d in picture.stars) for radius in constellation_slots.RADII}
    assert counts == {110: 0, 152.5: 5, 195: 0, 237.5: 7, 280: 9, 322.5: 9, 312: 0}
    assert picture.unplaced == (stars[30],)


def test_a_star_leans_towards_what_it_supports_most() -> None:
    needs = [NeedArc(1, "first", "why", 1, 1, 0), NeedArc(2, "second", "why", 1, 1, 0)]
    stars = [Star(1, "A", "A", "why", needs=((1, 3), (2, 1))), Star(2, "B", "B", "why", needs=((2, 3),))]
    left, right = draw(needs, stars, []).stars
    assert left.angle < 0 < right.angle


@pytest.mark.parametrize(("mentors", "cover"), [(0, "none"), (1, "one"), (2, "many"), (7, "many")])
def test_the_arc_says_how_many_mentors(mentors: int, cover: str) -> None:
    arc = draw([NeedArc(1, "be known", "whom", 2, mentors, 3)], [], []).arcs[0]
    assert arc.cover == cover
    assert bool(arc.wedge) == (mentors == 0)
    assert arc.note == ("Nobody yet · 3 people could help" if mentors == 0 else "")


def test_the_note_grows_shorter_with_the_arc() -> None:
    needs = [NeedArc(id_, "a need", "how", 1, 0, 2) for id_ in range(4)]
    assert {arc.note for arc in draw(needs, [], []).arcs} == {"Nobody yet"}


def test_those_being_approached_stand_near_the_horizon() -> None:
    drawn = draw([], [], [Approaching(1, "Gwen", "GA", "whom", "follow-up conversation")]).approaching[0]
    assert drawn.radius == 312
    assert drawn.label
    assert drawn.label.lines == ("Gwen", "follow-up conversation")
    assert drawn.title == "Gwen: knowing whom, being approached: follow-up conversation"


def rendered(*parts: list) -> str:
    return render_to_string("portfolio/overview/_constellation.html", {"picture": draw(*parts)})


def test_hostile_names_are_escaped_in_the_picture() -> None:
    evil = '<script>alert(1)</script>{{ 7|add:7 }}" onload="x'
    html = rendered(
        [NeedArc(1, evil, "why", 2, 0, 0, href="/needs/1/")],
        [Star(1, evil, "<b", "why", href="/people/1/")],
        [Approaching(2, evil, "<i", "how", evil)],
    )
    assert "<script" not in html
    assert "<b" not in html
    assert not re.search(r'"\s*onload', html)
    assert "{{ 7|add:7 }}" in html


def test_stars_with_an_address_are_links_with_a_title() -> None:
    html = rendered([], [Star(1, "Bob Brook", "BB", "how", friend=True, href="/mentorships/1/")], [])
    assert re.search(
        r'<a href="/mentorships/1/" class="star[^"]*">\s*<title>Bob Brook: knowing how, a friend by now</title>', html
    )
    assert 'role="group"' in html


def test_a_sky_without_addresses_is_a_picture() -> None:
    html = rendered([], [Star(1, "Bob Brook", "BB", "how")], [])
    assert 'role="img"' in html
    assert "<a " not in html


def test_the_picture_needs_no_inline_style() -> None:
    html = rendered([NeedArc(1, "a", "why", 2, 0, 0)], [Star(1, "Bob", "B", "how")], [])
    assert "style" not in html


def test_ids_above_a_thousand_stay_plain() -> None:
    html = rendered([NeedArc(12_345, "be known", "whom", 2, 0, 3)], [], [])
    assert 'id="sky-need-12345"' in html
    assert 'href="#sky-need-12345"' in html


def test_only_further_competencies_are_companions() -> None:
    [drawn] = draw([], [Star(1, "Ann", "A", "why", further=("why", "whom"))], []).stars
    assert [companion.competency for companion in drawn.companions] == ["whom"]


def test_a_need_supported_not_at_all_has_no_thread() -> None:
    needs = [NeedArc(1, "a", "why", 1, 1, 0), NeedArc(2, "b", "why", 1, 0, 0)]
    [drawn] = draw(needs, [Star(1, "Ann", "A", "why", needs=((1, 2), (2, 0)))], []).stars
    assert len(drawn.threads) == 1
