"""The project's addresses, and two more that answer with what they got: one takes a file, one doesn't."""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_POST

from accounts.uploads import dropped, refused, takes_upload

LIMIT = 3_000_000
handler400 = "mentoring.errors.bad_request"


def told(request: HttpRequest) -> HttpResponse:
    files = []
    for field, file in request.FILES.items():
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        files.append({"field": field, "name": file.name, "size": file.size, "sha256": digest.hexdigest()})
    answer: dict[str, Any] = {"files": files, "refused": refused(request), "dropped": dropped(request)}
    return JsonResponse({**answer, "words": request.POST.get("words", "")})


@takes_upload(LIMIT)
def taking(request: HttpRequest) -> HttpResponse:
    return told(request)


@require_POST
@wraps(taking)
def wrapped(request: HttpRequest) -> HttpResponse:
    return taking(request)


urlpatterns = [
    path("taking/", taking),
    path("wrapped/", wrapped),
    path("not-taking/", told),
    path("", include("mentoring.urls")),
]
