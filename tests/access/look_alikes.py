"""Rows of the victim that name somebody of the thief's, or that a worker could take for the thief's."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from django.utils import timezone

from accounts import addresses
from accounts.models import AddressChange, Export, Restore, SecurityEvent
from mail.models import MailMonth, OutgoingMail
from meetings.models import Invitation, Meeting
from outreach.models import Approach, Message
from portfolio.models import Brief, Contact, Person, PersonEmail, PersonLink, Undoable
from reminders.models import Digest, Reminder, Telling
from tests import factories as make
from tests.access.work import COUNTED, LEFT, MENTOR, SAME_BYTES, SEEN, SENT
from tests.access_world import WITHOUT_A_MEETING, World

FAR_OFF = dt.timedelta(days=9_999)  # no worker of the sweep comes to it


def add(world: World, others: World) -> None:
    _about_somebody_of_theirs(world, others)
    _in_the_diary(world, others)
    _of_workers(world)
    _mail(world, others)


def _about_somebody_of_theirs(world: World, others: World) -> None:
    """Words about somebody of the same name and address as the one of ``others`` who is erased."""
    owner, word, name, address = world.owner, world.word, others.spare.name, others.spare.email
    make.make_import(owner, f"Name,Notes\n{name},{word} card\n")  # of nobody whom they know yet
    make.make_person(owner, name)
    make.make_reflection(owner, question="comfort", comfort=2, answer=f"{word} asked {name}")
    make.make_incoming(world.drop, "nothing", sender=address, subject=f"{word} news", words=f"{name} wrote")
    SecurityEvent.objects.create(owner=owner, kind="shared", what=f"{name}: made")
    OutgoingMail.objects.create(
        owner=owner, purpose="test_mail", recipient=owner.email, subject=f"{word} and {name}", state="sent"
    )
    digest = Digest.objects.create(owner=owner, local_date=dt.date(2026, 1, 6), frozen_at=timezone.now())
    Telling.objects.create(owner=owner, reminder=world.reminder, digest=digest, title=f"{word} told {name}")
    Undoable.objects.create(owner=owner, kind=Undoable.Kind.UNTAGGED, rows=json.dumps({"name": name, "people": []}))
    long_ago = timezone.now() - dt.timedelta(days=300)
    meeting = make.make_meeting(
        world.mentor, state=Meeting.State.CANCELLED, starts_at=long_ago, invites_mentor=address, purpose=word
    )
    Invitation.objects.create(
        owner=owner, meeting=meeting, whom="mentor", address=address, method="REQUEST", sequence=0
    )
    for reminder in others.due:
        Reminder.objects.filter(owner=owner, kind=reminder.kind, subject_id=reminder.subject_id).delete()
        reminder.pk, reminder.owner, reminder.digest = None, owner, None
        reminder.save(force_insert=True)
    Reminder.objects.filter(pk=reminder.pk).update(state=Reminder.State.GATHERED)


def _in_the_diary(world: World, others: World) -> None:
    """Times that ``others`` give to somebody: offered, busy, or within a meeting; and a talk whose length is known."""
    there = dt.datetime.fromisoformat(f"{WITHOUT_A_MEETING} 10:00").replace(tzinfo=others.owner.zone)
    make.make_offer(world.quiet, there)
    now = timezone.now()
    for starts in (there, now + dt.timedelta(days=2)):
        make.make_busy(world.own_calendar, starts)
    for busy in others.own_calendar.busy_times.all():
        make.make_meeting(world.mentor, starts_at=busy.starts_at, minutes=60, purpose=world.word)
    make.make_contact(world.spare, kind=Contact.Kind.CALL, at=now, minutes=30)


def _of_workers(world: World) -> None:
    """What a worker has in hand or would stumble over."""
    owner, later = world.owner, timezone.now() + FAR_OFF
    for kind in (Export, Restore):
        kind.objects.create(owner=owner, work="write", due_at=later)
    Brief.objects.create(owner=owner, contexts=["unheard of"])
    Message.objects.create(
        owner=owner, person=world.mentor, mentorship=world.mentorship, conflicts=[{}], subject=world.word
    )
    Person.objects.filter(pk=world.spare.pk).update(search_text="")
    known = Person.objects.get(owner=owner, emails__address="dana@example.org")
    PersonLink.objects.create(owner=owner, person=known, url="https://www.linkedin.com/in/some-plain-words")
    AddressChange.objects.create(owner=owner, before=[[LEFT, True, True]], after=addresses.stored(owner))
    MailMonth.objects.create(owner=owner, month=COUNTED.date().replace(day=1), to_user=3)


def _mail(world: World, others: World) -> None:
    """The same mail as comes to ``others``, and letters with the subject of a mail that asks them."""
    digest = hashlib.sha256(SAME_BYTES).hexdigest()
    make.make_incoming(world.drop, "nothing", digest=digest, message_id="")
    make.make_incoming(world.drop, "applied", message_id=SEEN, words=world.word)
    Message.objects.filter(pk=world.letter.pk).update(message_id=SENT)
    PersonEmail.objects.create(owner=world.owner, person=world.mentor, address=MENTOR, position=1)
    make.make_person(world.owner, f"{world.word} asks", email=others.asking_mail.sender)
    sent = Message.objects.filter(owner=world.owner, state=Message.State.SENT, approach__in=Approach.objects.open())
    later = timezone.now() + dt.timedelta(seconds=1)  # so many that none of theirs is among the latest
    sent.exclude(pk=world.letter.pk).update(sent_subject=others.asking_mail.subject, at=later)
