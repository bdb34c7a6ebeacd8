from portfolio.models.mentorships import Mentorship, MentorshipEvent, Support
from portfolio.models.needs import Brief, BriefNeed, Competency, CouldHelp, Need
from portfolio.models.people import Contact, Knows, Person, PersonEmail, PersonLink, PersonTag, Tag

__all__ = [
    "Brief",
    "BriefNeed",
    "Competency",
    "Contact",
    "CouldHelp",
    "Knows",
    "Mentorship",
    "MentorshipEvent",
    "Need",
    "Person",
    "PersonEmail",
    "PersonLink",
    "PersonTag",
    "Support",
    "Tag",
]
