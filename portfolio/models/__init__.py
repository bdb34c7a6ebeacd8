from portfolio.models.formal import EvaluationDate, FormalTerms
from portfolio.models.imports import ContactImport, ImportedContact, ImportKey, ImportRow, NewPost
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
from portfolio.models.people import Contact, Knows, Person, PersonEmail, PersonLink, PersonPhone, PersonTag, Tag
from portfolio.models.places import PlaceToLook
from portfolio.models.undoing import Undoable
from portfolio.models.walks import WalkStop

__all__ = [
    "Brief",
    "BriefNeed",
    "Competency",
    "Contact",
    "ContactImport",
    "CouldHelp",
    "EvaluationDate",
    "FormalTerms",
    "ImportKey",
    "ImportRow",
    "ImportedContact",
    "Knows",
    "Mentorship",
    "MentorshipEvent",
    "Need",
    "NewPost",
    "Person",
    "PersonEmail",
    "PersonLink",
    "PersonPhone",
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
