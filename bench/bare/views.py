"""Minimal Django pages with the same data: the cost of the framework itself, which our pages are compared with.

Each reads only the rows and fields that our page shows, and renders them without layout, icons or forms.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.ownership import get_owned
from bench.bare import sql
from meetings.models import Meeting
from outreach.models import Approach
from portfolio.models import Mentorship, Need, Person
from reminders.models import Reminder

A_PAGE = 50


@require_safe
def people(request: UserRequest) -> HttpResponse:
    """The first fifty people, their tags, and whether they are mentors: four queries, including session and user."""
    mentor = Mentorship.objects.filter(person=OuterRef("pk")).exclude(status="ended")
    rows = Person.objects.filter(owner=request.user).annotate(is_mentor=Exists(mentor)).prefetch_related("tags")
    rows = rows.only("name", "headline", "organisation", "source")
    return render(request, "bare/people.html", {"people": rows[:A_PAGE]})


@require_safe
def dashboard(request: UserRequest) -> HttpResponse:
    """Five short lists: seven queries, including session and user."""
    user, now = request.user, timezone.now()
    context = {
        "reminders": Reminder.objects.filter(owner=user, state="mailed", due_at__lte=now)[:10],
        "meetings": Meeting.objects.filter(owner=user, state="planned").select_related("person")[:10],
        "approaches": Approach.objects.filter(owner=user, outcome="").select_related("person")[:10],
        "mentorships": Mentorship.objects.filter(owner=user).exclude(status="ended").select_related("person")[:10],
        "needs": Need.objects.filter(owner=user, closed_on=None)[:10],
    }
    return render(request, "bare/dashboard.html", context)


@require_safe
def search(request: UserRequest) -> HttpResponse:
    rows = sql.search(request.user.pk, request.GET["q"].lower(), A_PAGE)
    return render(request, "bare/search.html", {"rows": rows, "count": rows[0].count if rows else 0})


@require_safe
def need(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Need, request.user, pk=pk)
    return render(request, "bare/need.html", {"need": row, "rows": sql.who_could_help(request.user, row)})
