"""Two questions a machine asks: is this process up, and can it do its work?"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mail.models import Heartbeat

SILENCE = dt.timedelta(minutes=5)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing else, so that a database that is down doesn't restart every web process."""
    return HttpResponse("up\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and the clock ticks; else 503 and what is amiss, in words."""
    trouble = what_is_amiss()
    return HttpResponse(f"{trouble or 'ready'}\n", content_type="text/plain", status=503 if trouble else 200)


def what_is_amiss() -> str:
    """Empty when all is well."""
    try:
        beat = Heartbeat.objects.filter(name="sweep").first()
    except DatabaseError:
        return "the database can't be reached"
    if beat is None:
        return "the clock has not ticked yet: are worker and beat running?"
    if timezone.now() - beat.at > SILENCE:
        return f"the clock last ticked at {beat.at:%Y-%m-%d %H:%M:%S} UTC: are worker and beat running?"
    return ""
