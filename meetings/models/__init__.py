from meetings.models.agenda import Action, AgendaItem, SavedAgenda
from meetings.models.meeting import Impression, Meeting, MeetingQuerySet
from meetings.models.sharing import MentorWord, OfferedTime, ShareLink

__all__ = [
    "Action",
    "AgendaItem",
    "Impression",
    "Meeting",
    "MeetingQuerySet",
    "MentorWord",
    "OfferedTime",
    "SavedAgenda",
    "ShareLink",
]
