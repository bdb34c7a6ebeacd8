"""A starting text for a working agreement, which the user can edit."""

from __future__ import annotations

from portfolio.mentorships.rhythm import USUAL_WEEKS, every

CONFIDENTIALITY = "What we say stays between us, unless somebody’s safety is at stake."
REVIEW_MONTHS = 6


def starter(*, mentee: str, mentor: str, weeks: int | None) -> str:
    """The starting text: rhythm, length, who prepares, what is off limits, how to end it.

    ``mentee`` and ``mentor`` are first names; the mentee's may be empty.
    """
    me = mentee or "the mentee"
    return "\n\n".join(
        [
            f"We speak {every(weeks or USUAL_WEEKS)}, for an hour or a little more, and choose the next date before "
            "we part. If something comes up, whoever it is says so early, without having to explain.",
            f"{me[:1].upper()}{me[1:]} prepares: two or three points a few days ahead, and afterwards a short note of "
            f"what to do next. {mentor} brings questions and an honest view, and needs no homework.",
            "Off the table: decisions about jobs, money or marks, and anything that would put one of us between "
            "colleagues. Either of us may say “not today” to any subject.",
            "We look at this agreement again after half a year. Either of us may end it at any time: a sentence is "
            "enough, and a last conversation, if we both like, to say what came of it.",
        ]
    )
