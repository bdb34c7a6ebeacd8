"""The coach, case by case: which advice it gives about which text, and none where none is due."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.coach import KEYS, RULES, Draft, advise
from outreach.drafts import merge_fields
from outreach.drafts.starters import STARTERS, Starter
from outreach.models import Channel, Purpose
from tests.outreach.drafts.test_starters import VALUES

GOOD = """Dear Gwen,

I am a trial methodologist at Calder Valley Hospitals. Your talk on what reviewers skip has changed how I write.

I am trying to understand how panels read, and I am writing to you because you have chaired one. May I ask you for \
15 minutes, by phone or online? I would like to hear how you came to your role and what you would look at first in my \
place.

If this is a bad moment, please just say so.

Thank you for reading,
Ffion"""
FIRST = Draft(
    purpose=Purpose.FIRST_APPROACH,
    channel=Channel.EMAIL,
    subject="15 minutes of your time: how panels read",
    body=GOOD,
    their_name="Prof. Gwen Abara",
    about_them=("Chair of a funding panel", "University of Penhallow"),
)


def keys(draft: Draft) -> list[str]:
    return [advice.key for advice in advise(draft)]


def test_a_good_letter_earns_nothing() -> None:
    assert advise(FIRST) == []


def test_an_empty_draft_is_left_in_peace() -> None:
    assert advise(replace(FIRST, subject="", body=" \n ")) == []


SUBJECTS = [
    ("Hello", True),
    ("Quick hello from Leeds", True),
    ("Your work", True),
    ("Social care research", True),
    ("From Ffion Marsh", True),
    ("15 minutes of your time", False),
    ("Half an hour on panels?", False),
    ("May I ask you about panels?", False),
    ("Your advice on fellowships", False),
    ("A short conversation about trials", False),
    ("Could we meet in Leeds?", False),
    ("A question about panels", False),
]


@pytest.mark.parametrize(("subject", "is_said"), SUBJECTS)
def test_subject(subject: str, is_said: bool) -> None:
    found = advise(replace(FIRST, subject=subject))
    assert [(a.key, a.place, a.quote) for a in found] == ([("subject", "subject", subject)] if is_said else [])


def test_a_message_without_a_subject_is_not_asked_for_one() -> None:
    assert keys(replace(FIRST, channel=Channel.LINKEDIN_MESSAGE, subject="Hello")) == []


ASK = "May I ask you for 15 minutes, by phone or online?"
ASKS = [
    ("May I ask you for fifteen minutes?", False),
    ("Could you spare 20 mins?", False),
    ("Would you have half an hour for me?", False),
    ("Could we talk for a quarter of an hour?", False),
    ("Shall we have a 15-minute call?", False),
    ("Could we have an hour?", True),
    ("May I take you out for lunch?", True),
    ("Would 60 minutes suit you?", True),
    ("Could you help me with my career?", True),
    ("Could we meet some day?", True),
]


@pytest.mark.parametrize(("ask", "is_said"), ASKS)
def test_small_ask(ask: str, is_said: bool) -> None:
    assert keys(replace(FIRST, body=GOOD.replace(ASK, ask))) == (["small_ask"] if is_said else [])


MENTORING = [
    ("Would you be my mentor?", True),
    ("I wonder whether you would take me on as a mentee.", True),
    ("Might you mentor someone like me?", True),
    ("I am looking for a mentor.", True),
    ("I would value your mentorship.", True),
    ("Could you mentor me?", True),
    ("Perhaps a mentoring relationship could grow.", True),
    ("My former mentor speaks of you.", False),
    ("We met on the mentoring programme in York.", False),
    ("I read about mentors at your institute.", False),
]


@pytest.mark.parametrize(("words", "is_said"), MENTORING)
def test_no_mentoring_on_first_contact(words: str, is_said: bool) -> None:
    body = GOOD.replace("If this is", f"{words} If this is")
    assert keys(replace(FIRST, body=body)) == (["no_mentoring"] if is_said else [])
    asked = replace(FIRST, body=body, purpose=Purpose.MENTORING_REQUEST)
    assert "no_mentoring" not in keys(asked)


def test_mentoring_in_the_subject_is_seen_too() -> None:
    (advice,) = advise(replace(FIRST, subject="Would you be my mentor?"))
    assert (advice.key, advice.place, advice.quote) == ("no_mentoring", "subject", "be my mentor")


NOTICED = "Your talk on what reviewers skip has changed how I write."
RESEARCH = [
    ("I would like to learn.", True),
    ("You were recommended.", True),
    ("Your latest paper stayed with me.", False),
    ("I read your very fine book.", False),
    ("Penhallow is where I grew up.", False),  # where they work
    ("I have sat before a funding committee.", False),  # a word of their role
]


@pytest.mark.parametrize(("words", "is_said"), RESEARCH)
def test_research(words: str, is_said: bool) -> None:
    body = GOOD.replace(NOTICED, words).replace("your role", "this post")
    assert keys(replace(FIRST, body=body)) == (["research"] if is_said else [])


BECAUSE = "I am writing to you because you have chaired one."
WHY = [
    ("I write to many.", True),
    ("Somebody should know.", True),
    ("You have done it yourself.", False),
    ("Your experience of both sides is rare.", False),
    ("I ask since you moved from hospitals to councils.", False),
]


@pytest.mark.parametrize(("words", "is_said"), WHY)
def test_why_them(words: str, is_said: bool) -> None:
    body = GOOD.replace("and I am writing to you because you have chaired one.", f"so. {words}")
    body = body.replace("how you came to your role and what you would", "what to")
    assert keys(replace(FIRST, body=body)) == (["why_them"] if is_said else [])


@pytest.mark.parametrize(
    ("count", "is_said"), [(30, True), (49, True), (50, False), (125, False), (126, True), (400, True)]
)
def test_length_of_a_first_letter(count: int, is_said: bool) -> None:
    words = GOOD.split()
    body = " ".join([*words, *["word"] * 400][:count])
    assert ("length" in keys(replace(FIRST, body=body))) is is_said


@pytest.mark.parametrize(
    ("purpose", "count", "is_said"), [("thank_you", 20, False), ("request", 190, False), ("request", 201, True)]
)
def test_length_of_later_letters(purpose: str, count: int, is_said: bool) -> None:
    assert ("length" in keys(replace(FIRST, purpose=purpose, body="word " * count))) is is_said


@pytest.mark.parametrize(("count", "is_said"), [(0, False), (3, False), (4, True), (9, True)])
def test_questions(count: int, is_said: bool) -> None:
    body = GOOD.replace("?", ".") + " Why?" * count
    assert keys(replace(FIRST, body=body)) == (["questions"] if is_said else [])


def test_a_question_asked_with_three_marks_is_one() -> None:
    assert keys(replace(FIRST, body=GOOD.replace("?", "???"))) == []


OUT = "If this is a bad moment, please just say so."
OUTS = [
    ("I hope to hear from you.", True),
    ("Tuesday suits me best.", True),
    ("A no is quite all right.", False),
    ("Please feel free to say no.", False),
    ("No need to answer at length.", False),
    ("If your diary is full, I understand.", False),
    ("Only if it suits you.", False),
]


@pytest.mark.parametrize(("words", "is_said"), OUTS)
def test_easy_way_out(words: str, is_said: bool) -> None:
    assert keys(replace(FIRST, body=GOOD.replace(OUT, words))) == (["way_out"] if is_said else [])


@pytest.mark.parametrize(
    ("words", "is_said"),
    [
        ("Best wishes,", True),
        ("Yours,", True),
        ("Many thanks,", False),
        ("I am grateful,", False),
        ("Much appreciated,", False),
    ],
)
def test_thanks(words: str, is_said: bool) -> None:
    assert keys(replace(FIRST, body=GOOD.replace("Thank you for reading,", words))) == (["thanks"] if is_said else [])


TONE = [
    ("I am a huge fan of everything you do.", ["flattery"], "huge fan"),
    ("Your career is incredible.", ["flattery"], "incredible"),
    ("I would be honoured.", ["flattery"], "honoured"),
    ("It was an interesting talk.", [], ""),
    ("I am so sorry to write.", ["apology"], "so sorry"),
    ("Sorry to trouble you. Apologies for the length.", ["apology"], "Apologies"),
    ("I hate to ask.", ["apology"], "hate to"),
    ("Sorry that I missed you in Leeds.", [], ""),
    ("Please answer as soon as possible.", ["pressure"], "as soon as possible"),
    ("It is rather urgent.", ["pressure"], "urgent"),
    ("You didn’t answer my last letter.", ["pressure"], "didn’t answer"),
    ("I look forward to your prompt reply.", ["pressure"], "look forward to your prompt reply"),
    ("There is no hurry at all.", [], ""),
    ("You are the best.", ["flattery"], "You are the best"),
    ("Please reply by Friday.", ["pressure"], "reply by Friday"),
    ("Let me know by 3 May.", ["pressure"], "Let me know by 3"),
    ("I need an answer.", ["pressure"], "need an answer"),
    ("A reply by e-mail is quite enough.", [], ""),
]


@pytest.mark.parametrize(("words", "found", "quote"), TONE)
def test_plain_tone(words: str, found: list[str], quote: str) -> None:
    said = advise(replace(FIRST, body=GOOD.replace("If this is", f"{words} If this is")))
    assert [advice.key for advice in said] == found
    assert [advice.quote for advice in said] == ([quote] if quote else [])


NAMES = [
    ("Dear Gwen,", "Prof. Gwen Abara", None),
    ("Dear Prof. Abara,", "Prof. Gwen Abara", None),
    ("Dear Gwen Abara,", "Gwen Abara", None),
    ("Hi Gwen", "Gwen Abara", None),
    ("Dear Gwenn,", "Gwen Abara", "You noted their name as Gwen."),
    ("Dear Prof. Abarra,", "Gwen Abara", "You noted their name as Abara."),
    ("Dear gwen,", "Gwen Abara", "You noted their name as Gwen."),
    ("Dear Jose,", "José Nuñez", "You noted their name as José."),
    ("Dear José,", "José Nuñez", None),
    ("Dear Jose\u0301,", "José Nuñez", None),  # the same characters in another normal form
    ("Dear Julie,", "Gwen Abara", "This goes to Gwen Abara. Is the greeting right?"),
    ("Dear Sir or Madam,", "Gwen Abara", "Greet them by name: Gwen Abara."),
    ("Dear all,", "Gwen Abara", "Greet them by name: Gwen Abara."),
    ("Good morning Gwen,", "Gwen Abara", None),
    ("Gwen, as promised:", "Gwen Abara", None),  # no greeting to check
    ("Dear 敏,", "王敏", "This goes to 王敏. Is the greeting right?"),
]


@pytest.mark.parametrize(("greeting", "name", "words"), NAMES)
def test_name_as_recorded(greeting: str, name: str, words: str | None) -> None:
    said = advise(replace(FIRST, body=GOOD.replace("Dear Gwen,", greeting), their_name=name))
    assert [advice.words for advice in said] == ([words] if words else [])


LIMITS = [
    (Channel.LINKEDIN_NOTE, 200, 200, "", False),
    (Channel.LINKEDIN_NOTE, 200, 201, "", True),
    (Channel.INMAIL, 1_900, 1_900, "Your advice?", False),
    (Channel.INMAIL, 1_900, 1_901, "Your advice?", True),
    (Channel.INMAIL, 1_900, 900, "Your advice? " + "x" * 200, True),
]


@pytest.mark.parametrize(("channel", "limit", "length", "subject", "is_said"), LIMITS)
def test_limit_of_a_channel_is_hard(channel: str, limit: int, length: int, subject: str, is_said: bool) -> None:
    draft = replace(FIRST, channel=channel, subject=subject, body="x" * length, limit=limit, subject_limit=200)
    found = [advice for advice in advise(draft) if advice.hard]
    assert [advice.key for advice in found] == (["limit"] if is_said else [])


def test_there_are_sixty_cases_at_least() -> None:
    tables = (SUBJECTS, ASKS, MENTORING, RESEARCH, WHY, OUTS, TONE, NAMES, LIMITS)
    assert sum(len(table) for table in tables) >= 60
    assert len(KEYS) == len(RULES)


@pytest.mark.parametrize("one", STARTERS, ids=lambda starter: starter.key)
def test_no_starter_earns_advice(one: Starter) -> None:
    assert advise(merged(one, VALUES)) == []


def merged(one: Starter, values: dict[str, str]) -> Draft:
    return Draft(
        purpose=one.purpose,
        channel=one.channel,
        subject=merge_fields.merge(one.subject, values).text,
        body=merge_fields.merge(one.body, values).text,
        their_name=values["their_name"],
        about_them=(values["their_role"], values["their_organisation"], values["what_i_noticed"]),
    )


anything = st.builds(
    Draft,
    purpose=st.sampled_from([*Purpose.values, "", "nonsense"]),
    channel=st.sampled_from(Channel.values),
    subject=st.text(max_size=400),
    body=st.one_of(
        st.text(max_size=3_000),
        st.lists(st.sampled_from(["Dear", "sorry", "15 minutes", "?", "\n", "your", "mentor", "\u202e", "'", " "])).map(
            "".join
        ),
    ),
    their_name=st.text(max_size=100),
    about_them=st.tuples(st.text(max_size=100)),
    limit=st.none() | st.integers(0, 300),
    subject_limit=st.none() | st.integers(0, 300),
)


@given(anything)
def test_any_text_is_taken_and_every_advice_is_whole(draft: Draft) -> None:
    said = advise(draft)
    assert [advice.key for advice in said] == [key for key in KEYS if key in {advice.key for advice in said}]
    for advice in said:
        assert advice.words
        assert advice.reason
        assert advice.source
        text = draft.subject if advice.place == "subject" else draft.body
        assert advice.quote in " ".join(text.split())[:50_000] or advice.key == "name"
    assert advise(draft) == said
