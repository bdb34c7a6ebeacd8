"""Views of one mentorship: supports, directions, status."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning, way_back
from accounts.ownership import get_owned
from portfolio import panels
from portfolio.errors import AlreadyMentor, PortfolioError
from portfolio.forms.mentorships import (
    EndForm,
    EventForm,
    GivingBackForm,
    MentorshipForm,
    NewMentorshipForm,
    RhythmForm,
    SupportForm,
)
from portfolio.forms.outcomes import OutcomeForm
from portfolio.forms.people import blank_contact_form
from portfolio.mentorships import scheduling
from portfolio.mentorships import services as mentorships
from portfolio.mentorships.detail import MentorshipPage, mentorship_for_page
from portfolio.mentorships.rhythm import SOURCE, USUAL_WEEKS, every
from portfolio.models import Mentorship, MentorshipEvent, Person, Support


def _owned(request: UserRequest, pk: int) -> Mentorship:
    return get_owned(Mentorship.objects.select_related("person"), request.user, pk=pk)


@require_safe
def mentorship(request: UserRequest, pk: int) -> HttpResponse:
    return mentorship_page(request, pk)


def mentorship_page(
    request: UserRequest,
    pk: int,
    *,
    outcome_form: OutcomeForm | None = None,
    giving_back_form: GivingBackForm | None = None,
) -> HttpResponse:
    """The whole page; a bound form with errors replaces the empty one."""
    page = mentorship_for_page(request.user, pk)
    row = page.mentorship
    wrong = outcome_form is not None or giving_back_form is not None
    if outcome_form is None:
        outcome_form = OutcomeForm(request.user, row, prefix="outcome", offered=page.needs)
    context = {
        "page": page,
        "mentorship": row,
        "person": page.person,
        "usual_weeks": USUAL_WEEKS,
        "rhythm_source": SOURCE,
        "next_step": panels.next_step_for_mentorship(request.user, row) or _default_step(row, page),
        "panels": panels.panels_for_mentorship(request, row),
        "outcome_form": outcome_form,
        "giving_back_form": giving_back_form or GivingBackForm(instance=row),
        "contact_form": blank_contact_form(),
    }
    return render(request, "portfolio/mentorships/mentorship.html", context, status=422 if wrong else 200)


def _default_step(row: Mentorship, page: MentorshipPage) -> panels.NextStep | None:
    if row.status == Mentorship.Status.ENDED:
        return None
    name = row.person.first_name
    if not page.supports:
        words = f"What does {name} help you with? Say so, and your portfolio shows who stands where."
        return panels.NextStep(words, reverse("support_add", args=[row.pk]), button="Say what they support")
    if not row.direction_private:
        words = "Where should this lead in the long run? One sentence gives every meeting its direction."
        return panels.NextStep(words, reverse("mentorship_edit", args=[row.pk]), button="Write the direction")
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def mentorship_new(request: UserRequest, pk: int) -> HttpResponse:
    """Add an existing mentorship; ``pk`` is the person's."""
    person = get_owned(Person, request.user, pk=pk)
    running = Mentorship.objects.for_user(request.user).filter(person=person).running().first()
    if running:
        notify_warning(request, f"{person.name} is your mentor already: here is your mentorship. Nothing was changed.")
        return redirect(running)
    form = NewMentorshipForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row = form.open(person)
        except AlreadyMentor as error:
            notify_warning(request, str(error))
            return redirect(person)
        if row.form == Mentorship.Form.FORMAL:
            notify(request, f"{person.name} is in your portfolio. What does the programme set down?")
            return redirect("formal_terms", row.pk)
        notify(request, f"{person.name} is in your portfolio.")
        return redirect(row)
    return render(request, "portfolio/mentorships/mentorship_new.html", {"form": form, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
def mentorship_edit(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    form = MentorshipForm(request.user, request.POST if request.method == "POST" else None, instance=row)
    if form.is_valid():
        form.save()
        notify(request, "Saved.")
        return redirect(row)
    return render(
        request, "portfolio/mentorships/mentorship_form.html", {"form": form, "mentorship": row, "person": row.person}
    )


@require_POST
def mentorship_rhythm(request: UserRequest, pk: int) -> HttpResponse:
    """Set the rhythm with one click; without ``weeks`` there is none."""
    row = _owned(request, pk)
    form = RhythmForm(request.POST)
    if not form.is_valid():
        notify_warning(request, "A rhythm is a number of weeks from 1 to 104. Nothing was changed.")
        return redirect(row)
    row.rhythm_weeks = form.cleaned_data["weeks"]
    row.save(update_fields=["rhythm_weeks"])
    scheduling.remind_to_keep_in_touch(row)
    if row.rhythm_weeks:
        undo = reverse("mentorship_rhythm", args=[row.pk])
        notify(
            request, f"{every(row.rhythm_weeks).capitalize()}. We remind you gently when it is about due.", undo=undo
        )
    else:
        notify(request, "No rhythm, then. You speak when you speak.")
    return redirect(row)


@require_POST
def giving_back(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    form = GivingBackForm(request.POST, instance=row)
    if not form.is_valid():
        return mentorship_page(request, pk, giving_back_form=form)
    row.save(update_fields=["giving_back"])
    notify(request, "Saved.")
    return redirect(f"{row.get_absolute_url()}#giving-back")


@require_http_methods(["GET", "HEAD", "POST"])
def event_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Correct the date or the note of an event in the history."""
    event = get_owned(MentorshipEvent.objects.select_related("mentorship__person"), request.user, pk=pk)
    row = event.mentorship
    form = EventForm(request.user, request.POST if request.method == "POST" else None, instance=event)
    if form.is_valid():
        form.save()
        notify(request, "Saved.")
        return redirect(f"{row.get_absolute_url()}#history")
    context = {"form": form, "event": event, "mentorship": row, "person": row.person}
    return render(request, "portfolio/mentorships/event_form.html", context)


@require_POST
def mentorship_pause(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    if mentorships.pause_mentorship(mentorship=row, on=request.user.today()):
        notify(request, "Paused. It stays in your portfolio.", undo=reverse("mentorship_resume", args=[row.pk]))
    return redirect(way_back(request, row.get_absolute_url()))


@require_POST
def mentorship_resume(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    if mentorships.resume_mentorship(mentorship=row, on=request.user.today()):
        notify(request, "Going on.")
    return redirect(way_back(request, row.get_absolute_url()))


@require_http_methods(["GET", "HEAD", "POST"])
def mentorship_end(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    if row.status == Mentorship.Status.ENDED:
        return redirect(row)
    form = EndForm(request.user, row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        if mentorships.end_mentorship(mentorship=row, ended_as=data["ended_as"], on=data["on"]):
            words = f"Your mentorship with {row.person.name} has ended. A word of thanks goes a long way."
            notify(request, words, undo=reverse("mentorship_reopen", args=[row.pk]))
        return redirect(row)
    return render(
        request, "portfolio/mentorships/mentorship_end.html", {"form": form, "mentorship": row, "person": row.person}
    )


@require_POST
def mentorship_reopen(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    try:
        if mentorships.reopen_mentorship(mentorship=row):
            notify(request, "It goes on, as it was.")
    except PortfolioError as error:
        notify_warning(request, f"{error} So this one stays ended.")
    return redirect(row)


@require_POST
def mentorship_friends(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    if mentorships.became_friends(mentorship=row, on=request.user.today()):
        notify(request, "Friends. How good.", undo=reverse("mentorship_not_friends", args=[row.pk]))
    return redirect(row)


@require_POST
def mentorship_not_friends(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    mentorships.not_friends_yet(mentorship=row)
    notify(request, "Taken back.")
    return redirect(row)


@require_POST
def direction_share(request: UserRequest, pk: int) -> HttpResponse:
    """Copy the private direction to the shared one. Later changes of the private one are not copied."""
    row = _owned(request, pk)
    was_blank = not row.direction_shared
    if not row.direction_private:
        notify_warning(request, "There is no direction to share yet. Write one first.")
    elif row.direction_shared != row.direction_private:
        row.direction_shared = row.direction_private
        row.save(update_fields=["direction_shared"])
        undo = reverse("direction_unshare", args=[row.pk]) if was_blank else ""
        notify(request, f"Copied. {row.person.first_name} sees these words on anything you share with them.", undo=undo)
    return redirect(row)


@require_POST
def direction_unshare(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    row.direction_shared = ""
    row.save(update_fields=["direction_shared"])
    notify(request, "No longer shared. Your own words are kept.")
    return redirect(row)


@require_http_methods(["GET", "HEAD", "POST"])
def support_add(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    if row.status == Mentorship.Status.ENDED:
        notify_warning(request, "This mentorship has ended, so what it supported stays as it was.")
        return redirect(row)
    form = SupportForm(request.user, row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        notify(request, f"Noted: that is what {row.person.name} helps you with.")
        return redirect(row)
    return render(
        request, "portfolio/mentorships/support_form.html", {"form": form, "mentorship": row, "person": row.person}
    )


@require_POST
def support_end(request: UserRequest, pk: int) -> HttpResponse:
    support = get_owned(Support.objects.select_related("mentorship"), request.user, pk=pk)
    if support.until is None:
        mentorships.end_support(support=support, on=request.user.today())
        notify(request, "No longer among what they support.", undo=reverse("support_restore", args=[support.pk]))
    return redirect(support.mentorship)


@require_POST
def support_restore(request: UserRequest, pk: int) -> HttpResponse:
    support = get_owned(Support.objects.select_related("mentorship"), request.user, pk=pk)
    if support.mentorship.status != Mentorship.Status.ENDED:
        mentorships.take_up_support(support=support)
    return redirect(support.mentorship)
