"""The meetings part of the user's data export, as plain values."""

from __future__ import annotations

from accounts.models import User
from meetings.models import Action, AgendaItem, Impression, Meeting, MentorWord, SavedAgenda, ShareLink


def export(user: User) -> dict[str, object]:
    rows = Meeting.objects.for_user(user).select_related("person", "impression", "series")
    rows = rows.prefetch_related("items__need", "items__carried_from__meeting", "actions", "offers", "invitations")
    own = SavedAgenda.objects.for_user(user).order_by("pk")
    return {
        "meetings": [_meeting(meeting) for meeting in rows],
        "left on private pages": [
            {"by": word.link.person.name, "what": word.get_kind_display(), "words": word.words, "at": word.at}
            for word in MentorWord.objects.for_user(user).select_related("link__person").order_by("pk")
        ],
        "private pages": [
            {"for": link.person.name, "made": link.created_at, "until": link.expires_at, "off since": link.revoked_at}
            for link in ShareLink.objects.for_user(user).select_related("person").order_by("pk")
        ],
        "agendas of their own": [
            {"name": one.name, "for": one.get_kind_display(), "points": one.points.splitlines()} for one in own
        ],
    }


def _meeting(meeting: Meeting) -> dict[str, object]:
    return {
        "person": meeting.person.name,
        "kind": meeting.get_kind_display(),
        "starts": meeting.starts_at,
        "zone": meeting.zone,
        "minutes": meeting.minutes,
        "place": meeting.place,
        "purpose": meeting.purpose,
        "state": meeting.get_state_display(),
        "recorded": meeting.held_at,
        "private notes": meeting.private_notes,
        "shared notes": meeting.shared_notes,
        "comes back every so many weeks": meeting.series.weeks if meeting.series else None,
        "in my calendar": meeting.invites_me,
        "invited": meeting.invites_mentor,
        "invitations": [
            {"what": one.get_method_display(), "to": one.address, "asked for": one.created_at}
            for one in meeting.invitations.all()
        ],
        "they said": meeting.get_answer_display(),
        "times offered": [offer.starts_at for offer in meeting.offers.all()],
        "they may see what was agreed": meeting.shows_agreed,
        "how it felt": _felt(meeting),
        "agenda": [_item(item) for item in meeting.items.all()],
        "actions": [_action(action) for action in meeting.actions.all()],
    }


def _felt(meeting: Meeting) -> dict[str, str] | None:
    felt: Impression | None = getattr(meeting, "impression", None)
    if felt is None:
        return None
    return {
        "talk again": felt.get_again_display(),
        "at ease": felt.get_at_ease_display(),
        "interested": felt.get_interested_display(),
    }


def _item(item: AgendaItem) -> dict[str, object]:
    return {
        "words": item.words,
        "raised by": item.get_raised_by_display(),
        "minutes": item.minutes,
        "need": item.need.words if item.need else None,
        "state": item.get_state_display(),
        "for my eyes only": item.private,
        "outcome": item.outcome,
        "carried from": item.carried_from.meeting.starts_at if item.carried_from else None,
    }


def _action(action: Action) -> dict[str, object]:
    return {
        "words": action.words,
        "whose": action.get_whose_display(),
        "due": action.due_on,
        "done": action.done_at,
    }
