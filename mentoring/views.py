"""Views with data from several apps."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from mentoring.constellation import approaching, constellation_of, not_in_constellation
from mentoring.front_page.example import example_constellation
from mentoring.today import today as read_today
from portfolio.needs.candidates import who_could_help
from portfolio.needs.gap import gap_of
from portfolio.overview.build import asks_where_you_work, coverage_of, range_of, timeline_of
from portfolio.overview.range import SOURCE
from portfolio.overview.selectors import portfolio_of


@login_not_required
@require_safe
@cache_control(private=True, no_cache=True)  # nothing of anybody, so the browser's Back may show it at once
def front(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("today")
    return render(request, "pages/front.html", {"picture": example_constellation()})


@require_safe
def today(request: UserRequest) -> HttpResponse:
    return render(request, "pages/today.html", {"today": read_today(request.user)})


@require_safe
def portfolio(request: UserRequest) -> HttpResponse:
    view = portfolio_of(request.user)
    picture = constellation_of(view, approaching(request.user, view))
    heaviest = view.gaps[0].need if view.gaps else None
    context = {
        "view": view,
        "picture": picture,
        "columns": list(zip(view.columns, picture.sectors, strict=True)),
        "elsewhere": not_in_constellation(view),
        "gap": gap_of(heaviest, who_could_help(request.user, heaviest, view.further)) if heaviest else None,
        "table": coverage_of(view),
        "range": range_of(view, request.user),
        "range_source": SOURCE,
        "asks_where_you_work": asks_where_you_work(view, request.user),
    }
    return render(request, "pages/portfolio.html", context)


@require_safe
def portfolio_coverage(request: UserRequest) -> HttpResponse:
    view = portfolio_of(request.user)
    return render(request, "pages/coverage.html", {"view": view, "table": coverage_of(view)})


@require_safe
def portfolio_timeline(request: UserRequest) -> HttpResponse:
    return render(request, "pages/timeline.html", {"timeline": timeline_of(request.user)})
