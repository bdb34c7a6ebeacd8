"""Factories of rows for tests, with fixed, simple defaults."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from accounts.stored_files import store
from mail.models import ConnectedMailbox, DropAddress, IncomingMail, OutgoingMail
from meetings.models import (
    Action,
    AgendaItem,
    BusyTime,
    CalendarTalk,
    Meeting,
    MentorWord,
    OfferedTime,
    OwnCalendar,
    SavedAgenda,
    ShareLink,
)
from outreach.models import (
    Approach,
    ApproachNeed,
    Channel,
    FollowUp,
    Introduction,
    Message,
    MessageTemplate,
    Purpose,
)
from portfolio.contact_imports import services, work
from portfolio.models import (
    Brief,
    BriefNeed,
    Competency,
    Contact,
    ContactImport,
    CouldHelp,
    EvaluationDate,
    FormalTerms,
    Knows,
    Mentorship,
    Need,
    Person,
    PersonEmail,
    PlaceToLook,
    Reflection,
    Review,
    Support,
    WhatCameOfIt,
)


def make_user(email: str = "alice@example.org", *, confirmed: bool = True, **fields: Any) -> User:
    """An account as after signing up: its address is confirmed."""
    fields.setdefault("name", "Alice Ashe")
    user = User.objects.create_user(email, "correct horse battery", **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=confirmed, primary=True)
    return user


def make_session(user: User, **fields: Any) -> UserSession:
    """Signed in on one more device, for the next two weeks."""
    key = get_random_string(32).lower()
    ends = timezone.now() + dt.timedelta(days=14)
    Session.objects.create(session_key=key, session_data="", expire_date=fields.pop("expire_date", ends))
    fields = {"ip": "82.13.4.0", "user_agent": "Firefox/130.0 Windows", **fields}
    return UserSession.objects.create(user=user, session_key=key, **fields)


def make_person(owner: User, name: str = "Bob Brook", *, email: str = "", **fields: Any) -> Person:
    person = Person.objects.create(owner=owner, name=name, **fields)
    if email:
        PersonEmail.objects.create(owner=owner, person=person, address=email)
    return person


def make_import(owner: User, text: str, *, bring_in: bool = False) -> ContactImport:
    """A file of contacts that was read, or brought in."""
    batch = services.begin(user=owner, content=BytesIO(text.encode()), name="contacts.csv")
    _work_off(batch)
    if bring_in:
        services.bring_in(batch)
        batch.refresh_from_db()
        _work_off(batch)
    return batch


def _work_off(batch: ContactImport) -> None:
    while batch.work not in ("", work.FORGET):
        work.step(batch)
        batch.save()


def make_need(owner: User, words: str = "be known to funders", **fields: Any) -> Need:
    fields.setdefault("competency", Competency.WHOM)
    fields.setdefault("opened_on", dt.date(2026, 1, 5))
    return Need.objects.create(owner=owner, words=words, **fields)


def make_brief(owner: User, *needs: Need, **fields: Any) -> Brief:
    brief = Brief.objects.create(owner=owner, **fields)
    for need in needs:
        BriefNeed.objects.create(owner=owner, brief=brief, need=need)
    return brief


def make_could_help(person: Person, need: Need, **fields: Any) -> CouldHelp:
    return CouldHelp.objects.create(owner=person.owner, person=person, need=need, **fields)


def make_knows(knower: Person, known: Person, **fields: Any) -> Knows:
    return Knows.objects.create(owner=knower.owner, knower=knower, known=known, **fields)


def make_contact(person: Person, **fields: Any) -> Contact:
    return Contact.objects.create(owner=person.owner, person=person, **fields)


def make_mentorship(person: Person, **fields: Any) -> Mentorship:
    fields.setdefault("started_on", dt.date(2026, 1, 5))
    return Mentorship.objects.create(owner=person.owner, person=person, **fields)


def make_support(mentorship: Mentorship, need: Need | None = None, **fields: Any) -> Support:
    fields.setdefault("competency", need.competency if need else Competency.HOW)
    fields.setdefault("since", mentorship.started_on)
    return Support.objects.create(owner=mentorship.owner, mentorship=mentorship, need=need, **fields)


def make_place(owner: User, name: str = "Register of the Research Society", **fields: Any) -> PlaceToLook:
    return PlaceToLook.objects.create(owner=owner, name=name, **fields)


def make_terms(mentorship: Mentorship, **fields: Any) -> FormalTerms:
    fields.setdefault("programme", "Northfields Programme")
    return FormalTerms.objects.create(owner=mentorship.owner, mentorship=mentorship, **fields)


def make_evaluation(terms: FormalTerms, on: dt.date, **fields: Any) -> EvaluationDate:
    return EvaluationDate.objects.create(owner=terms.owner, terms=terms, on=on, **fields)


def make_outcome(mentorship: Mentorship, words: str = "An invitation to speak", **fields: Any) -> WhatCameOfIt:
    fields.setdefault("on", dt.date(2026, 2, 2))
    return WhatCameOfIt.objects.create(owner=mentorship.owner, mentorship=mentorship, words=words, **fields)


def make_review(owner: User, **fields: Any) -> Review:
    fields.setdefault("on", dt.date(2026, 2, 2))
    return Review.objects.create(owner=owner, **fields)


def make_reflection(owner: User, **fields: Any) -> Reflection:
    fields.setdefault("question", Reflection.Question.WHO_NOW)
    fields.setdefault("on", dt.date(2026, 2, 2))
    return Reflection.objects.create(owner=owner, **fields)


def make_introduction(target: Person, introducer: Person, **fields: Any) -> Introduction:
    fields.setdefault("considered_on", dt.date(2026, 2, 2))
    return Introduction.objects.create(owner=target.owner, target=target, introducer=introducer, **fields)


def make_approach(person: Person, *needs: Need, **fields: Any) -> Approach:
    approach = Approach.objects.create(owner=person.owner, person=person, **fields)
    for need in needs:
        ApproachNeed.objects.create(owner=person.owner, approach=approach, need=need)
    return approach


def make_follow_up(approach: Approach, **fields: Any) -> FollowUp:
    fields.setdefault("due_on", dt.date(2026, 1, 19))
    return FollowUp.objects.create(owner=approach.owner, approach=approach, **fields)


def make_message(approach: Approach, **fields: Any) -> Message:
    fields.setdefault("purpose", Purpose.FIRST_APPROACH)
    return Message.objects.create(owner=approach.owner, person=approach.person, approach=approach, **fields)


def make_drop(owner: User, local: str = "") -> DropAddress:
    return DropAddress.objects.create(owner=owner, local=local or f"drop-{owner.pk}")


def make_mailbox(owner: User, **fields: Any) -> ConnectedMailbox:
    """Connected, tried and read just now, so that no worker looks into it."""
    now = timezone.now()
    usual: dict[str, Any] = {"work": "read", "due_at": now + dt.timedelta(hours=1), "read_at": now, "tested_at": now}
    servers = {"imap_host": "imap.example.org", "smtp_host": "smtp.example.org", "password": "app-password"}
    values = {"address": owner.email, "host": "imap.example.org", **servers, **usual, **fields}
    return ConnectedMailbox.objects.create(owner=owner, **values)


def make_uncertain(mentorship: Mentorship, *, subject: str, body: str) -> Message:
    """A letter that was handed to the user's own mailbox, which gave no answer."""
    now, person = timezone.now(), mentorship.person
    frozen = {"sent_subject": subject, "sent_body": body, "sent_to": person.email or "mentor@example.org"}
    letter = Message.objects.create(
        owner=person.owner, person=person, mentorship=mentorship, state=Message.State.SENDING, at=now, **frozen
    )
    OutgoingMail.objects.create(
        owner=person.owner,
        purpose="own_letter",
        subject_id=letter.pk,
        audience=OutgoingMail.Audience.OWN,
        recipient=frozen["sent_to"],
        state=OutgoingMail.State.UNCERTAIN,
        message_id=f"<{letter.pk}@mail.example.org>",
    )
    return letter


def make_incoming(place: DropAddress | ConnectedMailbox, state: str, **fields: Any) -> IncomingMail:
    """A mail that came in there and was read, with its bytes if it still asks."""
    number = IncomingMail.objects.count()
    if state == IncomingMail.State.ASKS:
        fields.setdefault("file", store(owner=place.owner, name="mail.eml", content=BytesIO(b"Subject: x\r\n\r\nx")))
    fields.setdefault("digest", f"{number:064}")
    fields.setdefault("message_id", f"{number}@example.org")
    fields.setdefault("kind", "reply")
    fields["drop" if isinstance(place, DropAddress) else "mailbox"] = place
    return IncomingMail.objects.create(owner=place.owner, state=state, **fields)


def make_template(owner: User, **fields: Any) -> MessageTemplate:
    fields = {
        "purpose": Purpose.FIRST_APPROACH,
        "channel": Channel.EMAIL,
        "name": "My first e-mail",
        "subject": "Fifteen minutes?",
        "body": "Dear {their_first_name}",
        **fields,
    }
    return MessageTemplate.objects.create(owner=owner, **fields)


def make_meeting(person: Person, **fields: Any) -> Meeting:
    fields.setdefault("starts_at", timezone.now() + dt.timedelta(days=1))
    fields.setdefault("zone", person.owner.time_zone)
    return Meeting.objects.create(owner=person.owner, person=person, **fields)


def make_item(meeting: Meeting, words: str = "How did you get here?", **fields: Any) -> AgendaItem:
    return AgendaItem.objects.create(owner=meeting.owner, meeting=meeting, words=words, **fields)


def make_action(meeting: Meeting, words: str = "Read the report", **fields: Any) -> Action:
    return Action.objects.create(owner=meeting.owner, meeting=meeting, person=meeting.person, words=words, **fields)


def make_saved_agenda(owner: User, name: str = "My own", **fields: Any) -> SavedAgenda:
    fields.setdefault("points", "10 min: What I tried\nAnything else")
    return SavedAgenda.objects.create(owner=owner, name=name, **fields)


def make_share_link(person: Person, **fields: Any) -> ShareLink:
    return ShareLink.objects.create(owner=person.owner, person=person, **fields)


def make_offer(meeting: Meeting, starts_at: dt.datetime) -> OfferedTime:
    return OfferedTime.objects.create(owner=meeting.owner, meeting=meeting, starts_at=starts_at)


def make_own_calendar(
    owner: User, address: str = "https://calendar.example.org/s3cr3t.ics", **fields: Any
) -> OwnCalendar:
    """Connected and read just now, so that no worker fetches it; busy for an hour in the night in three weeks."""
    now = timezone.now()
    fields = {"work": "read", "due_at": now + dt.timedelta(hours=1), "read_at": now, "whole_at": now, **fields}
    calendar = OwnCalendar.objects.create(owner=owner, address=address, **fields)
    make_busy(calendar, (now + dt.timedelta(days=20)).replace(hour=3, minute=0, second=0, microsecond=0))
    return calendar


def make_busy(calendar: OwnCalendar, starts_at: dt.datetime, minutes: int = 60) -> BusyTime:
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    return BusyTime.objects.create(owner=calendar.owner, calendar=calendar, starts_at=starts_at, ends_at=ends_at)


def make_talk(person: Person, starts_at: dt.datetime, minutes: int = 60, **fields: Any) -> CalendarTalk:
    """A meeting with them in the user's own calendar."""
    fields.setdefault("key", f"{CalendarTalk.objects.count():064}")
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    return CalendarTalk.objects.create(
        owner=person.owner, person=person, starts_at=starts_at, ends_at=ends_at, series=fields["key"], **fields
    )


def make_word(link: ShareLink, words: str = "See you then", **fields: Any) -> MentorWord:
    fields.setdefault("kind", MentorWord.Kind.MESSAGE)
    return MentorWord.objects.create(owner=link.owner, link=link, words=words, **fields)
