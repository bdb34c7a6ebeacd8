"""Pages for errors that Django answers with the wrong page, or with none."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler400``: a form that is too long gets a page of its own, because there one can do something about it."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=413)
    return defaults.bad_request(request, exception)


def page_for_405(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a page where Django's decorators send an empty one, as when the address of a form is opened.

    Must be inside of CommonMiddleware, which notes the length of the page.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            response.content = render_to_string("405.html").encode()
        return response

    return middleware
