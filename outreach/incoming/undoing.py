"""Takes back what a mail had noted by itself: "that's wrong"."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mail import arrivals
from mail.models import IncomingMail
from outreach.approaches import events
from outreach.drafts import services as drafts
from outreach.errors import OutreachError
from outreach.follow_ups import services as follow_ups
from outreach.incoming import asking
from outreach.models import ApproachEvent, FollowUp, Message
from portfolio.models import Contact
from portfolio.people.contacts import forget_contacts

State = IncomingMail.State


@transaction.atomic
def take_back(mail: IncomingMail) -> None:
    """Everything is as it was before the mail, which stays as "taken back" and is not read again.

    Raises :class:`OutreachError`, with nothing changed, if something was noted after it that builds on it.
    """
    mail = IncomingMail.objects.select_for_update(of=("self",)).select_related("owner").get(pk=mail.pk)
    if mail.state != State.APPLIED:
        raise OutreachError("This has been taken back already.")
    noted = mail.noted
    if event := ApproachEvent.objects.filter(pk=noted.get("event") or 0, owner=mail.owner_id).first():
        events.undo(event)
    elif letter := Message.objects.filter(pk=noted.get("letter") or 0, owner=mail.owner_id).first():
        if noted.get("only_id"):
            letter.message_id = ""
            letter.save(update_fields=["message_id"])
        elif letter.state == Message.State.SENT:
            drafts.unsend(message=letter)
    Message.objects.filter(pk=noted.get("message") or 0, owner=mail.owner_id, state=Message.State.RECEIVED).delete()
    forget_contacts(Contact.objects.filter(pk=noted.get("contact") or 0, owner=mail.owner_id))
    for answers in arrivals.calendar_answers.values():
        answers.take_back(mail)
    _give_back_the_day(mail)
    mail.state, mail.noted = State.WRONG, {}
    mail.save(update_fields=["state", "noted"])
    asking.settle(mail)


def _give_back_the_day(mail: IncomingMail) -> None:
    planned = FollowUp.objects.filter(owner=mail.owner_id, state=FollowUp.State.PLANNED).select_related("owner")
    waiting = planned.filter(pk=mail.noted.get("follow_up") or 0).first()
    if waiting is not None and waiting.due_on.isoformat() == mail.noted["due_on"]:
        waiting.due_on = dt.date.fromisoformat(mail.noted["due_before"])
        waiting.save(update_fields=["due_on"])
        follow_ups.remind(waiting, late=True)
