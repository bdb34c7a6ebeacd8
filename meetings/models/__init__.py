from meetings.models.agenda import Action, AgendaItem, SavedAgenda
from meetings.models.calendar import BusyTime, CalendarFeed, CalendarTalk, Invitation, OwnCalendar
from meetings.models.meeting import Impression, Meeting, MeetingQuerySet, Series
from meetings.models.sharing import MentorWord, OfferedTime, ShareLink

__all__ = [
    "Action",
    "AgendaItem",
    "BusyTime",
    "CalendarFeed",
    "CalendarTalk",
    "Impression",
    "Invitation",
    "Meeting",
    "MeetingQuerySet",
    "MentorWord",
    "OfferedTime",
    "OwnCalendar",
    "SavedAgenda",
    "Series",
    "ShareLink",
]
