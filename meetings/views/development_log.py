"""The development log: a page to read and to print, and a spreadsheet of the same."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.recent_sign_in import recent_sign_in_required
from accounts.spreadsheets import download
from meetings.development_log import SHEET, WITHOUT_NAMES, Year, entries, of_year, years


def _kind(request: HttpRequest) -> Year:
    asked = request.GET.get("kind", "")
    return Year(asked) if asked in set(Year) else Year.CALENDAR


def _year(request: UserRequest, kind: Year) -> int:
    """The year that was asked for, else the present one."""
    asked = request.GET.get("year", "")
    is_year = asked.isascii() and asked.isdigit() and len(asked) == 4 and asked > "1000"
    return int(asked) if is_year else kind.of(request.user.today())


def _without_names(request: HttpRequest) -> bool:
    return request.GET.get("names") == "no"


@require_safe
def development_log(request: UserRequest) -> HttpResponse:
    found, kind = entries(request.user), _kind(request)
    year = _year(request, kind)
    context = {
        "log": of_year(found, kind, year),
        "kind": kind,
        "kinds": list(Year),
        "year": year,
        "named": kind.named(year),
        "begins": kind.begins(year),
        "years": [(one, kind.named(one)) for one in sorted({*years(found, kind, request.user.today()), year})[::-1]],
        "without_names": _without_names(request),
        "query": urlencode({"kind": kind, "year": year, **({"names": "no"} if _without_names(request) else {})}),
    }
    return render(request, "meetings/development_log.html", context)


@recent_sign_in_required(methods=("GET", "HEAD"))
@require_safe
def development_log_csv(request: UserRequest) -> StreamingHttpResponse:
    kind = _kind(request)
    log = of_year(entries(request.user), kind, _year(request, kind))
    return download(WITHOUT_NAMES if _without_names(request) else SHEET, log.entries, request.user)
