"""Changes to formal programmes: what was set down, and what becomes of it when a mentorship turns informal."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from portfolio.mentorships import scheduling
from portfolio.models import EvaluationDate, FormalTerms, Mentorship, MentorshipEvent

What = MentorshipEvent.What
Form = Mentorship.Form


@transaction.atomic
def set_down(*, mentorship: Mentorship, terms: FormalTerms) -> None:
    """Keep these terms. The first ones make the mentorship formal; one that has turned informal stays so."""
    Mentorship.objects.select_for_update().get(pk=mentorship.pk)
    kept = FormalTerms.objects.filter(mentorship=mentorship).first()
    if kept is not None:
        terms.pk = kept.pk  # of two presses at once, the second changes what the first one kept
        terms.save(force_update=True)
        return
    terms.save()
    if mentorship.form != Form.FORMAL:
        mentorship.form = Form.FORMAL
        mentorship.save(update_fields=["form"])


@transaction.atomic
def turn_informal(*, mentorship: Mentorship, on: dt.date) -> bool:
    """The programme is over and the mentoring goes on, from a local date. Its terms stay. False if it was informal."""
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
    """Take :func:`turn_informal` back. False if it did not turn informal."""
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
    """It was noted as a formal programme by mistake: the terms go, with their dates."""
    for evaluation in EvaluationDate.objects.filter(terms__mentorship=mentorship).select_related("owner"):
        scheduling.forget_evaluation(evaluation)
    FormalTerms.objects.filter(mentorship=mentorship).delete()
    mentorship.events.filter(what=What.TURNED_INFORMAL).delete()
    mentorship.form = Form.INFORMAL
    mentorship.save(update_fields=["form"])


def mark_done(*, evaluation: EvaluationDate, on: dt.date | None) -> None:
    """The programme has its answer, on a local date; None: not yet after all."""
    evaluation.done_on = on
    evaluation.save(update_fields=["done_on"])
    scheduling.remind_of_evaluation(evaluation)
