"""The pages that show several floors at once."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from mentoring.example import example_sky
from mentoring.sky import sky_of
from mentoring.today import today as read_today
from outreach.models import Approach
from portfolio.reading import portfolio_of


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("today")
    return render(request, "pages/front.html", {"picture": example_sky()})


@require_safe
def today(request: UserRequest) -> HttpResponse:
    return render(request, "pages/today.html", {"today": read_today(request.user)})


@require_safe
def portfolio(request: UserRequest) -> HttpResponse:
    view = portfolio_of(request.user)
    approaches = Approach.objects.for_user(request.user).open().select_related("person").prefetch_related("needs")
    return render(request, "pages/portfolio.html", {"view": view, "picture": sky_of(view, approaches.order_by("pk"))})
