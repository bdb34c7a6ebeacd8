"""When to remind of a mentorship, its evaluations and its agreement, and of a place to look at again.

What the reminders say: see ``reminder_kinds``.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import User
from portfolio.mentorships.rhythm import due_on
from portfolio.models import Contact, EvaluationDate, Mentorship, PlaceToLook, ReflectionRhythm
from reminders import services as reminders
from reminders.localtime import bank_holidays, instant, last_working_day

KEEP_IN_TOUCH = "keep_in_touch"
EVALUATION = "evaluation"
AGREEMENT = "agreement_review"
LOOK_AGAIN = "look_again"
REFLECT = "reflect"

Status = Mentorship.Status


def next_contact_due(mentorship: Mentorship) -> dt.date | None:
    """The local date on which the next conversation is due; None without a rhythm, or if paused or ended."""
    latest = Contact.objects.filter(person_id=mentorship.person_id).values_list("at", flat=True).first()
    return due_on(
        weeks=mentorship.rhythm_weeks,
        last_on=mentorship.owner.local(latest).date() if latest else None,
        started_on=mentorship.started_on,
        active=mentorship.status == Status.ACTIVE,
    )


def remind_to_keep_in_touch(mentorship: Mentorship, *, not_before: dt.date | None = None) -> None:
    """Reschedule the reminder after a change of contacts, rhythm, status or start date.

    Never for a past day, unless ``not_before`` (a local date) postpones it.
    """
    due = next_contact_due(mentorship)
    if due and not_before:
        due = max(due, not_before)
    reminders.plan_ahead(owner=mentorship.owner, kind=KEEP_IN_TOUCH, subject_id=mentorship.pk, on=due)


def contacts_changed(person_id: int, *, not_before: dt.date | None = None) -> None:
    """The same for a person whose contacts changed or whose planned conversation was cancelled."""
    for mentorship in Mentorship.objects.running().filter(person_id=person_id).select_related("owner"):
        remind_to_keep_in_touch(mentorship, not_before=not_before)


def remind_of_evaluation(evaluation: EvaluationDate) -> None:
    """Remind on the evaluation's date, or on the last working morning before it, because the programme won't wait."""
    user = evaluation.owner
    if evaluation.done_on is not None or not evaluation.terms.mentorship.in_programme:
        forget_evaluation(evaluation)
        return
    on = last_working_day(evaluation.on, user.working_days, bank_holidays(user.country))
    if instant(on, user.reminder_time, user.zone) >= timezone.now():
        reminders.plan(owner=user, kind=EVALUATION, subject_id=evaluation.pk, on=on)
    else:
        reminders.keep_told(owner=user, kind=EVALUATION, subject_id=evaluation.pk, on=on)


def forget_evaluation(evaluation: EvaluationDate) -> None:
    reminders.cancel(owner=evaluation.owner, kind=EVALUATION, subject_id=evaluation.pk)


def remind_of_evaluations(mentorship: Mentorship) -> None:
    """Reschedule all evaluation reminders after a change of formality or status."""
    rows = EvaluationDate.objects.filter(terms__mentorship=mentorship, done_on__isnull=True)
    for evaluation in rows.select_related("owner", "terms__mentorship"):
        evaluation.terms.mentorship = mentorship
        remind_of_evaluation(evaluation)


def remind_of_agreement(mentorship: Mentorship) -> None:
    """Remind on the day when the user wants to look at the agreement again."""
    wish = mentorship.agreement_review_on if mentorship.status != Status.ENDED else None
    reminders.plan_ahead(owner=mentorship.owner, kind=AGREEMENT, subject_id=mentorship.pk, on=wish)


def remind_of_mentorship(mentorship: Mentorship) -> None:
    """Reschedule all reminders of a mentorship after its status changed."""
    remind_to_keep_in_touch(mentorship)
    remind_of_evaluations(mentorship)
    remind_of_agreement(mentorship)


def remind_of_place(place: PlaceToLook) -> None:
    """Remind on the day when the user wants to look there again."""
    reminders.plan_ahead(owner=place.owner, kind=LOOK_AGAIN, subject_id=place.pk, on=place.look_again_on)


def remind_to_reflect(rhythm: ReflectionRhythm) -> None:
    """Remind on the day given by the chosen rhythm."""
    reminders.plan_ahead(owner=rhythm.owner, kind=REFLECT, subject_id=rhythm.pk, on=rhythm.next_on)


def forget_to_reflect(rhythm: ReflectionRhythm) -> None:
    reminders.cancel(owner=rhythm.owner, kind=REFLECT, subject_id=rhythm.pk)


def remind_again(sender: type[User], user: User, **kwargs: object) -> None:
    """Reschedule evaluation reminders after the user's working days or reminder hour changed."""
    rows = EvaluationDate.objects.filter(owner=user, done_on__isnull=True, on__gte=user.today())
    for evaluation in rows.select_related("terms__mentorship"):
        evaluation.owner = user
        remind_of_evaluation(evaluation)
