import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.agenda import suggestions
from meetings.agenda.suggestions import Suggestion
from meetings.models import Meeting

minutes = st.integers(min_value=0, max_value=1440)
points = st.lists(st.builds(Suggestion, st.text(min_size=1), st.integers(1, 480)), max_size=12)


def test_every_kind_has_a_suggested_agenda_that_fits_its_usual_length() -> None:
    assert set(suggestions.SUGGESTED) == set(suggestions.USUAL_MINUTES) == set(Meeting.Kind.values)
    for kind, usual in suggestions.USUAL_MINUTES.items():
        assert suggestions.suggested(kind, usual) == list(suggestions.SUGGESTED[kind])


def test_a_first_conversation_asks_about_them_their_mentoring_and_their_interest() -> None:
    words = [point.words for point in suggestions.suggested("initial", 15)]
    assert len(words) == 3
    assert "work" in words[0]
    assert "Mentoring" in words[1]
    assert "interest" in words[2]


def test_suggested_words_fit_the_column() -> None:
    longest = Meeting._meta.get_field("items").related_model._meta.get_field("words").max_length
    assert all(len(point.words) <= longest for points in suggestions.SUGGESTED.values() for point in points)


@given(points, minutes)
def test_fitted_never_exceeds_the_meeting_and_keeps_every_point(items: list[Suggestion], length: int) -> None:
    fitted = suggestions.fitted(items, length)
    assert [point.words for point in fitted] == [point.words for point in items]
    assert sum(point.minutes or 0 for point in fitted) <= length
    assert all(point.minutes is None or point.minutes >= 1 for point in fitted)


@given(points, minutes)
def test_fitted_never_gives_a_point_more_than_it_wanted(items: list[Suggestion], length: int) -> None:
    for before, after in zip(items, suggestions.fitted(items, length), strict=True):
        assert (after.minutes or 0) <= (before.minutes or 0)


def test_fitted_shrinks_in_proportion() -> None:
    fitted = suggestions.fitted([Suggestion("a", 10), Suggestion("b", 20)], 15)
    assert [point.minutes for point in fitted] == [5, 10]


def test_fitted_keeps_to_five_minutes_where_it_can() -> None:
    assert [point.minutes for point in suggestions.suggested("regular", 40)] == [10, 20, 5, 5]
    assert [point.minutes for point in suggestions.suggested("regular", 11)] == [2, 5, 2, 2]
    assert [point.minutes for point in suggestions.suggested("regular", 3)] == [None] * 4


def test_time_in_words_says_what_is_too_many() -> None:
    assert suggestions.time_in_words(55, 60) == "55 of 60 minutes, with 5 to spare"
    assert suggestions.time_in_words(60, 60) == "60 of 60 minutes"
    assert suggestions.time_in_words(70, 60) == "70 of 60 minutes: 10 more than you have"


def test_usual_kind_follows_where_one_stands() -> None:
    def kind(*, mentor=False, met=False, stage="", initially=False):
        return suggestions.usual_kind(mentor=mentor, met_as_mentor=met, stage=stage, met_initially=initially)

    assert kind() == "regular"
    assert kind(stage="shortlisted") == "initial"
    assert kind(stage="initial") == "initial"
    assert kind(stage="initial", initially=True) == "follow_up"
    assert kind(stage="follow_up") == "follow_up"
    assert kind(mentor=True) == "first"
    assert kind(mentor=True, met=True, stage="initial") == "regular"


# --- the user's own agendas ----------------------------------------------------------------------


def test_parse_reads_a_point_a_line_with_its_minutes() -> None:
    text = "10 min: What has happened\n\n- 5 minutes  The  host\n3 questions I have\n20min. Money\n0 min: Nothing"
    assert suggestions.parse(text) == [
        suggestions.Suggestion("What has happened", 10),
        suggestions.Suggestion("The host", 5),
        suggestions.Suggestion("3 questions I have", None),
        suggestions.Suggestion("Money", 20),
        suggestions.Suggestion("Nothing", None),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("x" * 301, "too long"), ("481 min: Talk", "481 minutes"), ("Point\n" * 41, "41 points")],
)
def test_parse_says_what_is_too_much(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        suggestions.parse(text)


@given(st.lists(st.tuples(st.sampled_from(["What I tried", "Money", "3 things"]), st.none() | st.integers(1, 480))))
def test_what_is_written_is_read_again(points: list[tuple[str, int | None]]) -> None:
    wanted = [suggestions.Suggestion(*point) for point in points[:40]]
    assert suggestions.parse(suggestions.as_text(wanted)) == wanted
