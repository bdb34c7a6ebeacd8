"""Ffion's reflections on two questions, and her reviews over a year."""

from __future__ import annotations

from mentoring.demo.account import Demo
from portfolio.looking_back.reflections import LedTo, keep_reflection
from portfolio.looking_back.reviews import Said, keep_review
from portfolio.models import PlaceToLook, Reflection, Review

Question = Reflection.Question


def tell(demo: Demo) -> None:
    reflections(demo)
    reviews(demo)


def reflections(demo: Demo) -> None:
    answer(
        demo,
        Question.COMFORT,
        days_ago=52,
        comfort=2,
        words="Writing to Gwen took me three evenings. It is the asking, not the no, that I dread.",
    )
    answer(
        demo,
        Question.NEW_NETWORKS,
        days_ago=30,
        words="Everybody I know works in a hospital or a university. The people who commission meet elsewhere.",
        led_to=LedTo(
            people=[demo.people["delphine"]],
            needs=[demo.needs["known"]],
            place_names=["Social Care Evidence Forum", "Commissioners’ Reading Circle"],
            place_kind=PlaceToLook.Kind.NETWORK,
        ),
    )
    answer(
        demo,
        Question.COMFORT,
        days_ago=16,
        comfort=3,
        words="Henrik’s no was so kind that the next letter felt smaller. With somebody to introduce me it is easy.",
        led_to=LedTo(people=[demo.people["margaret"], demo.people["callum"]]),
    )


def answer(
    demo: Demo, question: str, *, days_ago: int, words: str, comfort: int | None = None, led_to: LedTo | None = None
) -> None:
    kept = Reflection(
        owner=demo.user,
        question=question,
        answer=words,
        comfort=comfort,
        on=demo.day(days_ago),
        created_at=demo.ago(days_ago),
    )
    keep_reflection(reflection=kept, led_to=led_to or LedTo())


def reviews(demo: Demo) -> None:
    look_back(
        demo,
        250,
        satisfaction=3,
        confidence=2,
        network=2,
        understanding=3,
        words="Three conversations in. I still prepare too much and ask too little.",
        notes={
            "trust": ("", "She sent me her own first-year mistakes. That settled it."),
            "clarity": ("", "We talk about my week more than about where I am going."),
        },
    )
    look_back(
        demo,
        130,
        satisfaction=4,
        confidence=3,
        network=2,
        understanding=4,
        words="",
        notes={
            "freedom": ("easier", "I told her I disagreed, and it was the best half hour so far."),
            "attention": ("harder", "Two calls were cut short on her side; it is budget season."),
            "clarity": ("same", ""),
        },
    )
    look_back(
        demo,
        20,
        satisfaction=4,
        career=3,
        confidence=4,
        network=3,
        understanding=4,
        words="I gave the difficult feedback myself, and early. A year ago I would have written an e-mail.",
        notes={
            "clarity": ("easier", "Every agenda starts with how I want to lead."),
            "attention": ("easier", "We moved to mornings."),
            "trust": ("same", ""),
        },
    )
    look_back(
        demo,
        340,
        of="",
        career=2,
        confidence=2,
        network=2,
        understanding=3,
        words="The fellowship runs, and I drift a little.",
    )


def look_back(
    demo: Demo, days_ago: int, *, of: str = "rukhsana", words: str, notes: Said | None = None, **scales: int
) -> None:
    kept = Review(
        owner=demo.user,
        mentorship=demo.mentors[of] if of else None,
        on=demo.day(days_ago),
        created_at=demo.ago(days_ago),
        words=words,
        **scales,
    )
    keep_review(review=kept, notes=notes or {})
