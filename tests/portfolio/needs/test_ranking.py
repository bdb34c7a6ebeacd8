"""The ranking has a total, stable order, and every point comes from a reason that is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.needs import ranking
from portfolio.needs.ranking import Facts, Knower, Reason, Suggestion, Texts, Wanted, suggest
from portfolio.text.normalise import fold

TODAY = dt.date(2026, 3, 10)
INTRODUCED_BY_BEA = Reason("introduced by Bea", ranking.INTRODUCED, leads=True, introduction=True)
NEED = Wanted("be known to social-care commissioners", "Social care", "Calder Valley Hospitals")

short = st.text(max_size=12)
words = st.sampled_from(["", "care home manager", "commissioning lead", "trial statistician", "سلام 🙂", "social-care"])
further = st.builds(
    Reason,
    short,
    st.integers(-80, 30),
    st.booleans(),
    st.booleans(),
    st.just("/x/"),
    not_by=st.integers(0, 3),
    introduction=st.booleans(),
)
people = st.builds(
    Facts,
    st.integers(1, 40),
    st.sampled_from(["Ann", "ann", "Bea", "Ünal", "unal", "🙂"]) | short,
    why=st.none() | short,
    dismissed=st.booleans(),
    supports_it=st.booleans(),
    sector=st.sampled_from(["", "Social care", "SOCIAL-CARE", "Adult social care", "Health"]),
    organisation=st.sampled_from(["", "Calder valley hospitals", "Elsewhere"]),
    texts=st.builds(Texts, words, words, words, words),
    knowers=st.lists(st.builds(Knower, st.integers(1, 40), short, st.booleans()), max_size=3).map(tuple),
    place=st.sampled_from(["", "A register"]),
    last_contact=st.none() | st.dates(dt.date(1950, 1, 1), TODAY),
    is_mentor=st.booleans(),
    knows=st.lists(short, max_size=5).map(tuple),
    further=st.lists(further, max_size=3).map(tuple),
)
everybody = st.lists(people, max_size=12, unique_by=lambda facts: facts.id)


@given(everybody, st.randoms())
def test_the_order_is_total_and_the_same_whatever_the_order_of_what_came_in(all_: list[Facts], random: object) -> None:
    ranked = suggest(NEED, all_, TODAY)
    mixed = list(all_)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert suggest(NEED, mixed, TODAY) == ranked
    keys = [(-one.points, fold(one.name), one.id) for one in ranked]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@given(everybody)
def test_every_candidate_has_a_reason_in_words_and_the_reasons_are_all_there_is_to_the_order(all_: list[Facts]) -> None:
    for one in suggest(NEED, all_, TODAY):
        assert any(reason.leads for reason in one.reasons)
        assert one.points == sum(reason.points for reason in one.reasons)


@given(everybody)
def test_nobody_dismissed_and_nobody_who_supports_it_already_is_shown(all_: list[Facts]) -> None:
    out = {facts.id for facts in all_ if facts.dismissed or facts.supports_it}
    assert out.isdisjoint(one.id for one in suggest(NEED, all_, TODAY))


@given(everybody.filter(bool), st.data())
def test_one_more_reason_never_lowers_anybody(all_: list[Facts], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(all_))
    better = data.draw(
        st.sampled_from(
            [
                {"further": (*chosen.further, Reason("one more reason", 7, leads=True))},
                {"why": chosen.why or "a thought"},
                {"sector": "Social care"},
                {"organisation": "Elsewhere"},
                {"place": "A register"},
                {"last_contact": TODAY},
                {"knowers": (*chosen.knowers, Knower(99, "Zed", is_mentor=True))},
            ]
        )
    )

    def place(of: list[Facts]) -> int:
        ids = [one.id for one in suggest(NEED, of, TODAY)]
        return ids.index(chosen.id) if chosen.id in ids else len(of)

    after = [facts._replace(**better) if facts is chosen else facts for facts in all_]
    assert place(after) <= place(all_)


def said(facts: Facts, need: Wanted = NEED) -> list[str]:
    return [reason.words for one in suggest(need, [facts], TODAY) for reason in one.reasons]


def test_reasons_say_what_is_stored() -> None:
    callum = Facts(
        1,
        "Callum Reith",
        why="Commissions social care",
        sector="Social care",
        organisation="Strathmoor Partnership",
        texts=Texts("head of social-care commissioning", "strathmoor partnership", "commissioning", ""),
        knowers=(Knower(3, "Henrik"), Knower(2, "Margaret Osei", is_mentor=True)),
        place="the spring meeting",
        last_contact=dt.date(2026, 2, 20),
    )
    assert said(callum) == [
        "you thought of them for this: Commissions social care",
        "works in Social care, the sector you named",
        "their headline mentions “social-care commissioning”",
        "Margaret Osei knows them and is your mentor (1 more does too)",
        "outside your organisation",
        "you spoke last month",
        "found on the spring meeting",
    ]


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (dt.date(2026, 3, 3), "you spoke this week"),
        (dt.date(2026, 3, 2), "you spoke this month"),
        (dt.date(2026, 3, 1), "you spoke this month"),
        (dt.date(2026, 2, 28), "you spoke last month"),
        (dt.date(2026, 2, 1), "you spoke last month"),
        (dt.date(2026, 1, 31), "you last spoke in January 2026"),
        (dt.date(2019, 5, 5), "you last spoke in May 2019"),
    ],
)
def test_when_you_spoke(last: dt.date, words: str) -> None:
    assert words in said(Facts(1, "Ann", why="", last_contact=last))


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (dt.date(2025, 12, 31), "you spoke this week"),
        (dt.date(2025, 12, 1), "you spoke last month"),
        (dt.date(2025, 11, 30), "you last spoke in November 2025"),
        (dt.date(2025, 1, 5), "you last spoke in January 2025"),
    ],
)
def test_when_you_spoke_is_said_as_well_in_january(last: dt.date, words: str) -> None:
    [one] = suggest(NEED, [Facts(1, "Ann", why="", last_contact=last)], dt.date(2026, 1, 5))
    assert one.reasons[-1].words == words


A_MENTOR = Knower(5, "Margaret", is_mentor=True)
WHOLE_NEED = Texts("she knows", "social work", "care homes", "commissioning")  # the three words, and none in the name


def person(**fields: Any) -> Facts:
    return Facts(0, "", **fields)


def spoke(days: int) -> Facts:
    """Somebody they may have thought of, and whom they spoke to so many days ago."""
    return person(why="", last_contact=TODAY - dt.timedelta(days=days))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # A thought of the user's own, however much is stored about the other.
        (person(why=""), person(sector="Social care", knowers=(A_MENTOR,), texts=WHOLE_NEED)),
        # The sector they named is more than one thing that leads there, and less than two.
        (person(sector="Social care"), person(further=(INTRODUCED_BY_BEA,))),
        (person(sector="Social care"), person(knowers=(A_MENTOR,))),
        (person(sector="Social care"), person(texts=WHOLE_NEED)),
        (person(knowers=(A_MENTOR,), texts=Texts("care")), person(sector="Social care")),
        # An introduction that was made is more than one that could be.
        (person(further=(INTRODUCED_BY_BEA,)), person(knowers=(A_MENTOR,))),
        # Whom a mentor knows comes before whom somebody else knows.
        (person(knowers=(A_MENTOR,)), person(knowers=(Knower(6, "Bea"),))),
        (person(knowers=(A_MENTOR,)), person(knowers=(Knower(6, "Bea"),), place="A register")),
        (person(knowers=(Knower(6, "Bea"),), place="A register"), person(knowers=(Knower(6, "Bea"),))),
        # A mentor who knows another candidate comes before one who doesn't, and as whom a mentor knows.
        (person(is_mentor=True, knows=("Callum",)), person(is_mentor=True)),
        (person(is_mentor=True, knows=("Callum",)), person(is_mentor=True, place="A register")),
        # The more words of the need the better; all of them are more than somebody who knows them.
        (person(texts=Texts("social commissioning")), person(texts=Texts("commissioning"))),
        (person(texts=Texts("social commissioning")), person(knowers=(Knower(6, "Bea"),))),
        (person(texts=WHOLE_NEED), person(knowers=(A_MENTOR,))),
        (person(knowers=(Knower(6, "Bea"),)), person(texts=Texts("care"))),
        (person(is_mentor=True), person(texts=Texts("care"))),
        # Being outside moves further than having spoken, and that further than where they were found.
        (person(why="", organisation="Elsewhere"), spoke(0)),
        (spoke(0), person(why="", place="A register")),
        (person(why="", place="A register"), spoke(999)),
        # The later they spoke the better; whether this week or last month makes no difference.
        (spoke(37), spoke(38)),
        (spoke(365), spoke(366)),
        (spoke(9999), person(why="")),
    ],
)
def test_who_comes_first(first: Facts, second: Facts) -> None:
    """Whatever they are called."""
    for names in (("Ann", "Zed"), ("Zed", "Ann")):
        both = [first._replace(id=1, name=names[0]), second._replace(id=2, name=names[1])]
        assert [one.id for one in suggest(NEED, both, TODAY)] == [1, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person(is_mentor=True), person(knowers=(Knower(6, "Bea"),))),
        (person(is_mentor=True, knows=("Callum",)), person(knowers=(A_MENTOR,))),
        (person(is_mentor=True, knows=("Callum",)), person(is_mentor=True, knows=("Callum", "Dee"))),
        (spoke(0), spoke(37)),
        (spoke(38), spoke(365)),
        (person(why=""), person(why="They chair it")),
    ],
)
def test_who_weighs_the_same_comes_by_name(one: Facts, other: Facts) -> None:
    for names in (("Ann", "Zed"), ("Zed", "Ann")):
        both = [one._replace(id=1, name=names[0]), other._replace(id=2, name=names[1])]
        assert [found.name for found in suggest(NEED, both, TODAY)] == ["Ann", "Zed"]


@pytest.mark.parametrize(
    "facts",
    [
        person(why=""),
        person(sector="Social care"),
        person(is_mentor=True),
        person(texts=Texts("care")),
        person(knowers=(A_MENTOR,)),
        person(knowers=(Knower(6, "Bea"),)),
    ],
)
def test_one_thing_that_leads_to_somebody_is_enough(facts: Facts) -> None:
    assert len(suggest(NEED, [facts], TODAY)) == 1


@pytest.mark.parametrize(
    ("knowers", "words"),
    [
        ([A_MENTOR], "Margaret knows them and is your mentor"),
        ([Knower(6, "Bea")], "Bea knows them and could introduce you"),
        ([Knower(7, "Zed"), Knower(6, "Bea")], "Bea knows them and could introduce you (1 more does too)"),
        ([Knower(6, "Bea"), Knower(7, "Zed"), A_MENTOR], "Margaret knows them and is your mentor (2 more do too)"),
    ],
)
def test_who_knows_them_is_said_by_name(knowers: list[Knower], words: str) -> None:
    assert said(person(knowers=tuple(knowers))) == [words]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Ann"], "Ann"),
        (["Ann", "Bea"], "Ann and Bea"),
        (["Ann", "Bea", "Cleo"], "Ann, Bea and Cleo"),
        (["Ann", "Bea", "Cleo", "Dee"], "Ann, Bea and 2 others"),
        (["Ann", "Bea", "Cleo", "Dee", "Eve"], "Ann, Bea and 3 others"),
    ],
)
def test_many_names_are_said_in_few_words(names: list[str], words: str) -> None:
    assert ranking.in_words(names) == words


def test_a_candidate_keeps_what_a_page_asks_for() -> None:
    thought = Facts(7, "Ann", why="They chair it", last_contact=TODAY)
    stored = Facts(8, "Bea", sector="Social care")
    first, second = suggest(NEED, [thought, stored], TODAY)
    assert (first.id, first.thought_of, first.why, first.spoken) == (7, True, "They chair it", True)
    assert (second.id, second.thought_of, second.why, second.spoken) == (8, False, "", False)
    assert [reason.thought for one in (first, second) for reason in one.reasons] == [True, False, False]


def test_a_thought_without_a_word_is_said_as_one() -> None:
    assert said(person(why="")) == ["you thought of them for this"]


def test_words_beside_each_other_are_named_together_and_others_apart() -> None:
    def named(headline: str) -> list[str]:
        return [reason.words for reason in ranking.mentions(NEED.words, Texts(headline))]

    assert named("social-care lead") == ["their headline mentions “social-care”"]
    assert named("care, commissioning") == ["their headline mentions “care” and “commissioning”"]


def test_where_a_word_was_found_is_said() -> None:
    texts = Texts("care home", "social club", "known at commissioning", "")
    found = ranking.mentions("commissioning social care music", texts._replace(notes="music"))
    assert [reason.words for reason in found] == [
        "their headline mentions “care”",
        "their organisation mentions “social”",
        "your tags mention “commissioning”",
    ]
    [one] = ranking.mentions("music", Texts(notes="plays music"))
    assert one.words == "your notes mention “music”"


def test_at_most_three_words_count() -> None:
    [one] = ranking.mentions("music sport drama chess", Texts("chess drama sport music"))
    assert (one.words, one.points) == ("their headline mentions “drama sport music”", 18)
    found = ranking.mentions("music sport drama chess", Texts("chess", "sport drama", "sport", "music chess"))
    assert [(reason.words, reason.points) for reason in found] == [
        ("their headline mentions “chess”", 6),
        ("their organisation mentions “sport drama”", 12),
    ]


def test_an_organisation_not_known_is_neither_inside_nor_outside() -> None:
    outside = "outside your organisation"
    assert outside not in said(Facts(1, "Ann", why="", organisation=""))
    assert outside not in said(Facts(1, "Ann", why="", organisation="Elsewhere"), Wanted("x", "", ""))
    assert outside not in said(Facts(1, "Ann", why="", organisation="CALDER  VALLEY hospitals"))
    assert outside in said(Facts(1, "Ann", why="", organisation="Elsewhere"))


def test_being_outside_or_having_spoken_makes_nobody_a_candidate() -> None:
    assert suggest(NEED, [Facts(1, "Ann", organisation="Elsewhere", last_contact=TODAY)], TODAY) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("head of commissioning", True),
        ("a commissioner", True),
        ("career coach", False),
        ("scared", False),
        ("she cares", True),
        ("the social club", True),
        ("be known to", False),
        ("", False),
    ],
)
def test_words_are_found_by_their_beginning_and_little_ones_say_nothing(text: str, found: bool) -> None:
    assert bool(ranking.mentions(NEED.words, Texts(notes=text))) == found


def test_a_name_is_no_reason() -> None:
    assert suggest(Wanted("learn from Baker"), [Facts(1, "Ann Baker")], TODAY) == []


def test_a_mentor_is_a_candidate_and_marked() -> None:
    [one] = suggest(NEED, [Facts(1, "Margaret", is_mentor=True, knows=("Callum", "Bea"))], TODAY)
    assert one.is_mentor
    assert [reason.words for reason in one.reasons] == ["already your mentor, and knows Callum and Bea"]
    assert said(Facts(1, "Margaret", is_mentor=True)) == ["already your mentor"]


def test_who_declined_comes_last_and_is_to_be_left_in_peace() -> None:
    no = Reason("said no, kindly, in October 2025: let it rest", -60)
    first, last = suggest(NEED, [Facts(1, "Ann", why="", further=(no,)), Facts(2, "Zed", why="")], TODAY)
    assert (first.name, last.name, last.at_rest) == ("Zed", "Ann", True)
    assert last.reasons[-1] == no


def test_whom_to_ask_for_an_introduction() -> None:
    knowers = (Knower(5, "Zed", is_mentor=True), Knower(4, "Ann"), Knower(6, "Bea", is_mentor=True))

    def ask(*further: Reason) -> int | None:
        [one] = suggest(NEED, [Facts(1, "Callum", why="", knowers=knowers, further=further)], TODAY)
        return one.introducer.id if one.introducer else None

    assert ask() == 6
    assert ask(Reason("Bea would rather not", 0, not_by=6)) == 5
    assert ask(INTRODUCED_BY_BEA) is None


def test_no_points_are_in_the_words() -> None:
    one = Suggestion(1, "Ann", (Reason("you thought of them for this", 60, leads=True, thought=True),))
    assert "60" not in one.reasons[0].words


def test_a_sector_fits_only_with_every_word_of_it() -> None:
    assert ranking.same_sector("Social care", "Adult social-care")
    assert not ranking.same_sector("Social care", "Social housing")


def test_last_month_is_that_of_this_year() -> None:
    facts = Facts(1, "Ann", why="", last_contact=dt.date(2025, 2, 27))
    assert said(facts)[-1] == "you last spoke in February 2025"


def test_a_word_counts_once_where_it_is_found_first() -> None:
    texts = Texts(headline="care home manager", notes="knows about care")
    assert [reason.words for reason in ranking.mentions(NEED.words, texts)] == ["their headline mentions “care”"]


def test_what_is_on_its_way_is_not_at_rest() -> None:
    waiting = Reason("you wrote last week", -5, busy=True)
    resting = Reason("said no in May", -5)
    assert not Suggestion(1, "Ann", (waiting,)).at_rest
    assert Suggestion(1, "Ann", (waiting, resting)).at_rest
