from portfolio.models.formal import EvaluationDate, FormalTerms
from portfolio.models.looking_back import (
    Reflection,
    ReflectionLink,
    ReflectionRhythm,
    Review,
    ReviewNote,
    WhatCameOfIt,
)
from portfolio.models.mentorships import Mentorship, MentorshipEvent, Support
from portfolio.models.needs import Brief, BriefNeed, Competency, CouldHelp, Need
from portfolio.models.people import Contact, Knows, Person, PersonEmail, PersonLink, PersonTag, Tag
from portfolio.models.places import PlaceToLook
from portfolio.models.undoing import Undoable
from portfolio.models.walks import WalkStop

__all__ = [
    "Brief",
    "BriefNeed",
    "Competency",
    "Contact",
    "CouldHelp",
    "EvaluationDate",
    "FormalTerms",
    "Knows",
    "Mentorship",
    "MentorshipEvent",
    "Need",
    "Person",
    "PersonEmail",
    "PersonLink",
    "PersonTag",
    "PlaceToLook",
    "Reflection",
    "ReflectionLink",
    "ReflectionRhythm",
    "Review",
    "ReviewNote",
    "Support",
    "Tag",
    "Undoable",
    "WalkStop",
    "WhatCameOfIt",
]
