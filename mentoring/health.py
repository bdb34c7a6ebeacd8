"""Health checks: does this process run (``/healthz``), and can it do its work (``/readyz``)?"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mail.heartbeats import BEAT, SWEEP, WORKER, HeartbeatStatus, statuses


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Always 200. Checks nothing else, so that a database outage doesn't restart every web process."""
    return HttpResponse("up\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if the database responds and beat and a worker have recent heartbeats; else 503.

    The body says which part is late.
    """
    try:
        found = statuses()
    except DatabaseError:
        return _said("the database can't be reached", 503)
    trouble = what_is_amiss(found)
    late = [pulse.words for pulse in found if pulse.late and pulse.words not in trouble]
    return _said("\n".join([trouble or "ready", *late]), 503 if trouble else 200)


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: health answers before all that reads a session or a user, or begins a transaction for a request."""
    views = {"/healthz": healthz, "/readyz": readyz}

    def answer(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        return view(request) if view else get_response(request)

    return answer


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", content_type="text/plain", status=status)


def what_is_amiss(found: list[HeartbeatStatus]) -> str:
    """What is wrong; empty if everything works. A late worker doesn't matter if others are running."""
    by_name = {pulse.name: pulse for pulse in found}
    workers = [pulse for pulse in found if pulse.name.startswith(WORKER)]
    sweep, beat = by_name.get(SWEEP), by_name.get(BEAT)
    if sweep is None:
        return "the clock has not ticked yet: are worker and beat running?"
    if workers and all(worker.late for worker in workers):
        return f"no worker is running: {max(workers, key=lambda worker: worker.at).words}"
    if beat is not None and beat.late:
        return f"the clock stands still: {beat.words}"
    if sweep.late:
        return f"the clock last ticked at {sweep.at:%Y-%m-%d %H:%M:%S} UTC: are worker and beat running?"
    return ""
