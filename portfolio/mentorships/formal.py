"""Changes to formal programmes: their terms, and turning a mentorship informal."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from portfolio.mentorships import scheduling
from portfolio.models import EvaluationDate, FormalTerms, Mentorship, MentorshipEvent

What = MentorshipEvent.What
Form = Mentorship.Form


@transaction.atomic
def set_down(*, mentorship: Mentorship, terms: FormalTerms) -> None:
    """Save the terms. The first ones make the mentorship formal, unless it has turned informal."""
    Mentorship.objects.select_for_update().get(pk=mentorship.pk)
    kept = FormalTerms.objects.filter(mentorship=mentorship).first()
    if kept is not None:
        terms.pk = kept.pk  # a concurrent second request updates the first one's row
        terms.save(force_update=True)
        return
    terms.save()
    if mentorship.form != Form.FORMAL:
        mentorship.form = Form.FORMAL
        mentorship.save(update_fields=["form"])


@transaction.atomic
def turn_informal(*, mentorship: Mentorship, on: dt.date) -> bool:
    """Turn it informal on a local date, keeping the terms. False if it is already informal."""
    turned = Mentorship.objects.filter(pk=mentorship.pk, form=Form.FORMAL).update(form=Form.INFORMAL)
    if turned:
        mentorship.form = Form.INFORMAL
        MentorshipEvent.objects.create(
            owner_id=mentorship.owner_id, mentorship=mentorship, what=What.TURNED_INFORMAL, on=on
        )
        scheduling.remind_of_evaluations(mentorship)
    return bool(turned)


@transaction.atomic
def formal_again(*, mentorship: Mentorship) -> bool:
    """Undo :func:`turn_informal`. False if it did not turn informal."""
    turned = mentorship.events.filter(what=What.TURNED_INFORMAL).order_by("pk").last()
    if turned is None or mentorship.form == Form.FORMAL:
        return False
    turned.delete()
    mentorship.form = Form.FORMAL
    mentorship.save(update_fields=["form"])
    scheduling.remind_of_evaluations(mentorship)
    return True


@transaction.atomic
def never_formal(*, mentorship: Mentorship) -> None:
    """Delete terms and evaluation dates of a mentorship that was recorded as formal by mistake."""
    for evaluation in EvaluationDate.objects.filter(terms__mentorship=mentorship).select_related("owner"):
        scheduling.forget_evaluation(evaluation)
    FormalTerms.objects.filter(mentorship=mentorship).delete()
    mentorship.events.filter(what=What.TURNED_INFORMAL).delete()
    mentorship.form = Form.INFORMAL
    mentorship.save(update_fields=["form"])


def mark_done(*, evaluation: EvaluationDate, on: dt.date | None) -> None:
    """Mark an evaluation as done on a local date; None marks it as not done."""
    evaluation.done_on = on
    evaluation.save(update_fields=["done_on"])
    scheduling.remind_of_evaluation(evaluation)
