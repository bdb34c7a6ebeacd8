"""The user's side of the private page: issue, renew or revoke it, see what it shows and what was sent from it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import security_log
from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from accounts.recent_sign_in import SAME_DAY, recent_sign_in_required
from accounts.words import listed
from meetings import diary
from meetings.forms.sharing import TimesForm
from meetings.models import Meeting, MentorWord, ShareLink
from meetings.own_calendar import busy as own_calendar
from meetings.sharing import share_links
from meetings.sharing.mentor_page import mentor_page_for
from meetings.signed_links import link_to
from meetings.views.meeting_page import my_meeting
from meetings.views.meetings import say_who_else
from portfolio.models import Person

WORDS_SHOWN = 50


def _link(request: UserRequest, person: int) -> ShareLink | None:
    rows = ShareLink.objects.for_user(request.user).filter(person_id=person, revoked_at__isnull=True)
    return rows.select_related("owner", "person").first()


@require_safe
def share(request: UserRequest, pk: int) -> HttpResponse:
    """``pk`` is the person's."""
    link = _link(request, pk)
    person = link.person if link else get_owned(Person, request.user, pk=pk)
    words = list(MentorWord.objects.for_user(request.user).filter(link__person=person)[:WORDS_SHOWN])
    context = {
        "person": person,
        "link": link,
        "address": link_to(link) if link and link.works else "",
        "letter": mentor_page_for(link or ShareLink(owner=request.user, person=person)),
        "words": words,
        "unseen": any(word.seen_at is None for word in words),
        "removal": any(word.kind == MentorWord.Kind.REMOVAL for word in words),
    }
    return render(request, "meetings/sharing/share.html", context)


@recent_sign_in_required(SAME_DAY)
@require_POST
def share_issue(request: UserRequest, pk: int) -> HttpResponse:
    person = get_owned(Person, request.user, pk=pk)
    before = _link(request, person.pk)
    share_links.issue_link(person=person)
    security_log.note(request.user, security_log.Kind.SHARED, f"{person.name}: made", request=request)
    words = "A new address is ready. The old one doesn’t work any more." if before else "The page is ready to be sent."
    notify(request, words)
    return redirect("share", pk=pk)


@recent_sign_in_required(SAME_DAY)
@require_POST
def share_renew(request: UserRequest, pk: int) -> HttpResponse:
    link = _link(request, get_owned(Person, request.user, pk=pk).pk)
    if link is None:
        notify_warning(request, "There is no page to renew. Make one first.")
    else:
        share_links.renew_link(link=link)
        security_log.note(request.user, security_log.Kind.SHARED, f"{link.person.name}: renewed", request=request)
        notify(request, "The same address works for another half year.")
    return redirect("share", pk=pk)


@require_POST
def share_revoke(request: UserRequest, pk: int) -> HttpResponse:
    link = _link(request, get_owned(Person, request.user, pk=pk).pk)
    if link is not None:
        share_links.revoke_link(link=link)
        security_log.note(request.user, security_log.Kind.SHARED, f"{link.person.name}: switched off", request=request)
    notify(request, "Switched off: whoever opens the address sees nothing. What was left there stays with you.")
    return redirect("share", pk=pk)


@require_POST
def words_seen(request: UserRequest, pk: int) -> HttpResponse:
    share_links.note_seen(person=get_owned(Person, request.user, pk=pk))
    notify(request, "Noted as read.")
    return redirect("share", pk=pk)


@require_POST
def meeting_answer(request: UserRequest, pk: int) -> HttpResponse:
    """Record a yes or no given outside the page; an empty ``answer`` removes it."""
    meeting = my_meeting(request, pk)
    answer = request.POST.get("answer", "")
    if answer not in {"", *Meeting.Answer.values}:
        notify_warning(request, "Choose yes or no. Nothing was changed.")
    elif not share_links.note_answer(meeting=meeting, answer=answer):
        notify_warning(request, "This meeting isn’t planned any more. Nothing was changed.")
    else:
        notify(request, "Noted." if answer else "Taken back: they haven’t answered yet.")
        if answer != Meeting.Answer.NO:
            say_who_else(request, meeting)
    return redirect(meeting)


@require_POST
def meeting_agreed(request: UserRequest, pk: int) -> HttpResponse:
    """Show what was agreed on the mentor's page, or hide it."""
    meeting = my_meeting(request, pk)
    meeting.shows_agreed = request.POST.get("shows") == "1"
    meeting.save(update_fields=["shows_agreed"])
    notify(request, "It is on their private page." if meeting.shows_agreed else "It is only yours to see.")
    return redirect(f"{meeting.get_absolute_url()}#with-them")


def _say_who_else_may_choose(request: UserRequest, meeting: Meeting, form: TimesForm) -> None:
    spans = [diary.Span.lasting(one, meeting.minutes) for one in form.starts]
    others = diary.offered_to_others(request.user.pk, spans, besides=meeting.pk)
    if names := list(dict.fromkeys(str(one.meeting.person) for one in others)):
        notify(request, f"{listed(names)} can choose from the same times: whoever is first gets theirs.")


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_times(request: UserRequest, pk: int) -> HttpResponse:
    """Offer several times, for them to choose from."""
    meeting = my_meeting(request, pk)
    if meeting.state != Meeting.State.PLANNED:
        notify_warning(request, "This meeting isn’t planned any more, so there is nothing to choose.")
        return redirect(meeting)
    form = TimesForm(meeting, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count = share_links.offer_times(meeting=meeting, starts=form.starts)
        notify(request, f"{count} times are offered." if count else "No times are offered any more.")
        _say_who_else_may_choose(request, meeting, form)
        return redirect(reverse("share", args=[meeting.person_id]) if count else meeting)
    status = 422 if form.is_bound else 200
    context = {"form": form, "meeting": meeting, **own_calendar.busy_days(request.user)}
    return render(request, "meetings/sharing/times.html", context, status=status)
