"""The texts of a review's scales and aspects."""

from __future__ import annotations

from portfolio.models import ReviewNote

Aspect = ReviewNote.Aspect

# Steps 1 to 5, as in the model.
SATISFACTION = "satisfaction"
OF_ONESELF = ("career", "confidence", "network", "understanding")
SCALES = (SATISFACTION, *OF_ONESELF)

TITLES = {
    "satisfaction": "This mentoring",
    "career": "Career",
    "confidence": "Confidence",
    "network": "Network",
    "understanding": "Understanding the organisation",
}
ASKS = {
    "satisfaction": "How is this mentoring for you?",
    "career": "How do you feel about where your career stands?",
    "confidence": "How steady does your confidence feel?",
    "network": "How well connected do you feel?",
    "understanding": "How well do you understand how your organisation works?",
}
WORDS: dict[str, dict[int, str]] = {
    "satisfaction": {
        1: "Not what I need just now",
        2: "Less than I hoped for",
        3: "It does its work",
        4: "Good for me",
        5: "Very good for me",
    },
    "career": {
        1: "I would change most of it",
        2: "Not where I would like it to be",
        3: "All right for now",
        4: "Content",
        5: "Very content",
    },
    "confidence": {
        1: "Very shaky",
        2: "Rather shaky",
        3: "It comes and goes",
        4: "Mostly steady",
        5: "Steady",
    },
    "network": {
        1: "I feel on my own",
        2: "A few people I could ask",
        3: "Enough to get by",
        4: "Well connected",
        5: "I nearly always know whom to ask",
    },
    "understanding": {
        1: "It is a mystery to me",
        2: "I see parts of it",
        3: "I have the outline",
        4: "I mostly see how things are decided",
        5: "I know how things are decided",
    },
}

# The help text of each aspect, based on the guide's signs of rapport and clarity of purpose.
HINTS = {
    Aspect.VALUES: "Do you want the same kind of thing, and say so?",
    Aspect.ATTENTION: "Are you both really there when you talk?",
    Aspect.CONFIDENCE: "Can you say something and be sure it goes no further?",
    Aspect.TRUST: "Do you keep your word to each other, and think well of each other?",
    Aspect.FREEDOM: "Does it leave you larger, and free to disagree?",
    Aspect.AGENDA: "Is what you want from each other out in the open?",
    Aspect.CLARITY: "Does each conversation lean towards where you are heading?",
}
