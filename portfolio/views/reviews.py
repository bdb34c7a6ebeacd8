"""Views of reviews of one mentorship or of the whole portfolio."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.converters import id_in
from accounts.http import UserRequest, ask_first, notify
from accounts.ownership import get_owned
from portfolio.forms.reviews import ReviewForm
from portfolio.looking_back import reviews as looking
from portfolio.models import Mentorship, Review, ReviewNote

A_PAGE = 30


@require_safe
def reviews(request: UserRequest) -> HttpResponse:
    """All reviews, or with ``?mentorship=`` those of one mentorship."""
    mentorship = _mentorship(request, request.GET.get("mentorship", ""))
    rows = Review.objects.for_user(request.user).select_related("mentorship__person")
    if mentorship:
        rows = rows.filter(mentorship=mentorship)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "query": urlencode({"mentorship": mentorship.pk}) if mentorship else "",
        "rows": [(row, looking.scales_in_words(row)) for row in page],
        "mentorship": mentorship,
        "course": looking.course_of(request.user, mentorship),
    }
    return render(request, "portfolio/looking_back/reviews.html", context)


def _mentorship(request: UserRequest, text: str) -> Mentorship | None:
    """The reviewed mentorship, or None. Http404 for another user's, or an invalid id."""
    if not text:
        return None
    pk = id_in(text)
    if pk is None:
        raise Http404
    return get_owned(Mentorship.objects.select_related("person"), request.user, pk=pk)


@require_safe
def review(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Review.objects.select_related("mentorship__person"), request.user, pk=pk)
    notes = list(row.notes.all())
    changes = [*ReviewNote.Change.choices, ("", "Also noted")]
    told = [(words, [note for note in notes if note.change == change]) for change, words in changes]
    context = {
        "review": row,
        "mentorship": row.mentorship,
        "scales": looking.scales_in_words(row),
        "told": [(words, some) for words, some in told if some],
        "harder": any(note.change == ReviewNote.Change.HARDER for note in notes),
        "course": looking.course_of(request.user, row.mentorship),
        "before": looking.last_time(row.mentorship, before=row.on, unless=row.pk) if row.mentorship else None,
    }
    return render(request, "portfolio/looking_back/review.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review_new(request: UserRequest) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    mentorship = _mentorship(request, asked.get("mentorship", ""))
    form = ReviewForm(request.user, mentorship, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _kept(request, form)
    running = Mentorship.objects.for_user(request.user).running().select_related("person")
    return _form_page(request, form, others=list(running.exclude(pk=mentorship.pk) if mentorship else running))


@require_http_methods(["GET", "HEAD", "POST"])
def review_edit(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Review.objects.select_related("mentorship__person"), request.user, pk=pk)
    form = ReviewForm(request.user, row.mentorship, request.POST if request.method == "POST" else None, instance=row)
    if form.is_valid():
        return _kept(request, form)
    return _form_page(request, form, review=row)


def _kept(request: UserRequest, form: ReviewForm) -> HttpResponse:
    row = form.keep()
    notify(request, "Kept. Only you can see it.")
    return redirect(row)


def _form_page(request: UserRequest, form: ReviewForm, **context: Any) -> HttpResponse:
    return render(
        request, "portfolio/looking_back/review_form.html", {"form": form, "mentorship": form.mentorship, **context}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def review_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete it, after confirmation."""
    row = get_owned(Review, request.user, pk=pk)
    if request.method == "POST":
        row.delete()
        notify(request, "That look back is gone.")
        return redirect(f"{reverse('reviews')}?mentorship={row.mentorship_id}" if row.mentorship_id else "reviews")
    return ask_first(
        request,
        title="Delete this look back?",
        words=f"What you noted on {row.on:%-d %B %Y} goes, and its steps with it. This can’t be undone.",
        button="Delete",
        back=row.get_absolute_url(),
        danger=True,
    )
