from meetings.models.agenda import Action, AgendaItem, SavedAgenda
from meetings.models.calendar import CalendarFeed, Invitation
from meetings.models.meeting import Impression, Meeting, MeetingQuerySet, Series
from meetings.models.sharing import MentorWord, OfferedTime, ShareLink

__all__ = [
    "Action",
    "AgendaItem",
    "CalendarFeed",
    "Impression",
    "Invitation",
    "Meeting",
    "MeetingQuerySet",
    "MentorWord",
    "OfferedTime",
    "SavedAgenda",
    "Series",
    "ShareLink",
]
