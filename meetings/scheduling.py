"""When to remind of meetings and of the user's actions. For the texts see ``reminder_kinds``."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import User
from meetings.models import Action, CalendarTalk, Meeting, OwnCalendar, ShareLink
from reminders import services as reminders
from reminders.localtime import DAY, bank_holidays, instant, last_working_day

MEETING_TODAY = "meeting_today"
EMPTY_AGENDA = "empty_agenda"
AFTER_MEETING = "after_meeting"
ACTION_DUE = "action_due"
MENTOR_WROTE = "mentor_wrote"
CALENDAR_UNREAD = "calendar_unread"
CALENDAR_ASKS = "calendar_asks"
CALENDAR_NOTED = "calendar_noted"
CALENDAR_GONE = "calendar_gone"
AN_HOUR = dt.timedelta(hours=1)


def reminder_wish(meeting: Meeting) -> tuple[dt.date, dt.time | None] | None:
    """When to remind, as date and wall time in the owner's zone; a time of None means their reminder hour.

    That is the reminder hour of the day, or one hour before a meeting that starts earlier than an hour after it. None
    if that has passed: somebody who plans a meeting for the same afternoon needs no reminder.
    """
    user = meeting.owner
    starts = user.local(meeting.starts_at)
    at_the_hour = dt.datetime.combine(starts.date(), user.reminder_time, tzinfo=user.zone)
    early = meeting.starts_at - at_the_hour.astimezone(dt.UTC) < AN_HOUR
    moment = user.local(meeting.starts_at - AN_HOUR) if early else at_the_hour
    if moment <= timezone.now():
        return None
    return moment.date(), moment.time() if early else None


def agenda_day(meeting: Meeting) -> dt.date:
    """The local date for the reminder of an empty agenda: the last working day before the meeting."""
    user = meeting.owner
    before = user.local(meeting.starts_at).date() - DAY
    return last_working_day(before, user.working_days, bank_holidays(user.country))


def remind_of_meeting(meeting: Meeting) -> None:
    """Schedule the reminders of a planned meeting, or reschedule them after it moved."""
    if meeting.state != Meeting.State.PLANNED:
        forget_meeting(meeting)
        return
    today = reminder_wish(meeting)
    if today is None:
        _forget(meeting, MEETING_TODAY)
    else:
        reminders.plan(owner=meeting.owner, kind=MEETING_TODAY, subject_id=meeting.pk, on=today[0], at=today[1])
    _remind_of_agenda(meeting)
    remind_after_meeting(meeting)


def _remind_of_agenda(meeting: Meeting) -> None:
    """Not if that day has come: somebody who plans a meeting for tomorrow needs no mail about the agenda."""
    user, before = meeting.owner, agenda_day(meeting)
    is_ahead = instant(before, user.reminder_time, user.zone) > timezone.now()
    plan = reminders.plan if is_ahead else reminders.keep_told
    plan(owner=user, kind=EMPTY_AGENDA, subject_id=meeting.pk, on=before)


def remind_after_meeting(meeting: Meeting) -> None:
    """Remind on the morning after the meeting; whether notes are missing is checked then."""
    user = meeting.owner
    over = meeting.spoke_at + dt.timedelta(minutes=meeting.minutes)
    reminders.plan_ahead(owner=user, kind=AFTER_MEETING, subject_id=meeting.pk, on=user.local(over).date() + DAY)


def forget_meeting(meeting: Meeting) -> None:
    """Stop all reminders of a meeting that won't take place."""
    for kind in (MEETING_TODAY, EMPTY_AGENDA, AFTER_MEETING):
        _forget(meeting, kind)


def was_held(meeting: Meeting) -> None:
    """Stop the reminders that precede a meeting that was held; keep those that follow it."""
    _forget(meeting, MEETING_TODAY)
    _forget(meeting, EMPTY_AGENDA)
    remind_after_meeting(meeting)


def _forget(meeting: Meeting, kind: str) -> None:
    reminders.cancel(owner=meeting.owner, kind=kind, subject_id=meeting.pk)


def remind_of_action(action: Action) -> None:
    """Schedule a reminder if the action is the user's own, dated and not done; otherwise remove it."""
    if action.whose == Action.Whose.MINE and action.due_on is not None and action.done_at is None:
        reminders.plan(owner=action.owner, kind=ACTION_DUE, subject_id=action.pk, on=action.due_on)
    else:
        forget_action(action)


def forget_action(action: Action) -> None:
    reminders.cancel(owner=action.owner, kind=ACTION_DUE, subject_id=action.pk)


def remind_of_words(link: ShareLink) -> None:
    """Remind of what a mentor sent from their page: Today shows it at once, the next morning's mail lists it all."""
    reminders.plan(owner=link.owner, kind=MENTOR_WROTE, subject_id=link.pk, on=_next_mail(link.owner))


def _next_mail(user: User) -> dt.date:
    """The local date of the next reminder hour."""
    now = timezone.now()
    today = user.local(now).date()
    return today + DAY if instant(today, user.reminder_time, user.zone) <= now else today


def forget_words(link: ShareLink) -> None:
    reminders.cancel(owner=link.owner, kind=MENTOR_WROTE, subject_id=link.pk)


def remind_of_unread(calendar: OwnCalendar) -> None:
    """Say once that the user's own calendar can't be read: in the first morning's mail after a whole day of it."""
    if calendar.failing_since is None:
        return
    user, a_day_on = calendar.owner, calendar.failing_since + DAY
    morning = user.local(a_day_on).date()
    if instant(morning, user.reminder_time, user.zone) < a_day_on:
        morning += DAY
    reminders.plan(owner=user, kind=CALENDAR_UNREAD, subject_id=calendar.pk, on=morning)


def forget_unread(calendar: OwnCalendar) -> None:
    reminders.cancel(owner=calendar.owner, kind=CALENDAR_UNREAD, subject_id=calendar.pk)


def remind_of_talk(talk: CalendarTalk) -> None:
    """Ask about a talk from the calendar, or tell what was done about it: on Today at once, and in the next mail."""
    News = CalendarTalk.News
    wanted = CALENDAR_ASKS if talk.state == CalendarTalk.State.ASKS else ""
    if talk.news:
        wanted = CALENDAR_GONE if talk.news in (News.GONE, News.ELSEWHERE) else CALENDAR_NOTED
    for kind in (CALENDAR_ASKS, CALENDAR_NOTED, CALENDAR_GONE):
        if kind == wanted:
            reminders.plan(owner=talk.owner, kind=kind, subject_id=talk.pk, on=_next_mail(talk.owner))
        else:
            reminders.cancel(owner=talk.owner, kind=kind, subject_id=talk.pk)


def forget_talk(talk: CalendarTalk) -> None:
    for kind in (CALENDAR_ASKS, CALENDAR_NOTED, CALENDAR_GONE):
        reminders.cancel(owner=talk.owner, kind=kind, subject_id=talk.pk)


def remind_again(sender: type[User], user: User, **kwargs: object) -> None:
    """Reschedule the reminders of coming meetings after the user's zone or reminder hour changed."""
    coming = Meeting.objects.planned().filter(owner=user, starts_at__gt=timezone.now())
    for meeting in coming.select_related("owner"):
        meeting.owner = user
        remind_of_meeting(meeting)
