"""URLs under /dev/, which exist only with DEBUG."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from mentoring.development import components, door, mailbox


def dev_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Check DEBUG on each request, so that import order doesn't matter."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEBUG:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


urlpatterns = [
    path("components/", dev_only(components.components), name="dev_components"),
    path("components/confirm/", dev_only(components.confirm), name="dev_components_confirm"),
    path("enter/<str:token>/", dev_only(door.enter), name="dev_enter"),
    path("mail/", dev_only(mailbox.mailbox), name="mailbox"),
    path("mail/<str:name>/", dev_only(mailbox.mailbox_mail), name="mailbox_mail"),
    path("mail/<str:name>/html/", dev_only(mailbox.mailbox_html), name="mailbox_html"),
]
