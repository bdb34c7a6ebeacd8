"""What this app adds to the export for people to read; all of its fields are in it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from accounts.export.archive import safe_name
from accounts.export.parts import File, Part
from accounts.models import User
from meetings import spreadsheets
from meetings.calendar import ics
from meetings.calendar.invitations import entry_of
from meetings.models import Meeting


def _files(user: User) -> Iterator[File]:
    rows = Meeting.objects.for_user(user)
    yield File("meetings.ics", _calendar(user), "Your meetings, for a calendar (iCalendar).")
    meetings = spreadsheets.MEETINGS.lines(spreadsheets.meetings(rows), user)
    yield File("spreadsheets/meetings.csv", meetings, "Your meetings, with agenda and notes.")
    actions = spreadsheets.ACTIONS.lines(spreadsheets.actions(user), user)
    yield File("spreadsheets/actions.csv", actions, "What you and others said you would do.")
    yield from _notes(user)


def _calendar(user: User) -> Iterator[bytes]:
    rows = Meeting.objects.for_user(user).select_related("owner", "person").iterator(chunk_size=500)
    yield ics.calendar(
        (entry_of(row, cancelled=row.state == Meeting.State.CANCELLED) for row in rows), name="Mentorfolio"
    )


def _notes(user: User) -> Iterator[File]:
    """A Markdown file for each meeting with notes or outcomes."""
    said = ~Q(private_notes="") | ~Q(shared_notes="") | Q(items__isnull=False) | Q(actions__isnull=False)
    rows = Meeting.objects.for_user(user).filter(said).distinct().select_related("person")
    for row in rows.prefetch_related("items", "actions").iterator(chunk_size=200):
        day = f"{row.starts_there:%Y-%m-%d}"
        name = "-".join(filter(None, (day, str(row.pk), safe_name(row.person.name))))
        yield File(f"notes/meetings/{name}.md", _about(row))


def _about(meeting: Meeting) -> Iterator[str]:
    when = meeting.starts_there
    yield f"# {meeting.get_kind_display()} with {' '.join(meeting.person.name.split())}\n\n"
    yield f"{when:%A} {when.day} {when:%B %Y}, {when:%H:%M} ({when.tzinfo}), {meeting.minutes} minutes\n\n"
    for title, words in (("Purpose", meeting.purpose), ("Notes", meeting.shared_notes)):
        if words:
            yield f"## {title}\n\n{words}\n\n"
    if meeting.private_notes:
        yield f"## Notes only you can see\n\n{meeting.private_notes}\n\n"
    if items := list(meeting.items.all()):
        yield "## Agenda\n\n"
        for item in items:
            outcome = f": {item.outcome}" if item.outcome else ""
            yield f"- {item.words} ({item.get_state_display().lower()}){outcome}\n"
        yield "\n"
    if actions := list(meeting.actions.all()):
        yield "## Actions\n\n"
        for action in actions:
            yield f"- {action.words} ({action.get_whose_display().lower()}{', done' if action.done_at else ''})\n"
        yield "\n"


PART = Part(
    files=_files,
    left_out={
        "meetings.OwnCalendar": "It would hold your calendar’s secret address. Connect it again where you need it.",
        "meetings.BusyTime": "They are in your own calendar.",
    },
    # Or a file made up by somebody could invite people in the name of another.
    stays={"meetings.Meeting.organizer": "Invitations from here begin with your address now."},
)
