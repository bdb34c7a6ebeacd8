"""``/.well-known/security.txt`` (RFC 9116): whom to tell of a weakness."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

# The file is written anew at each request, so that it never expires while the site runs with these settings. A copy
# of it does.
EXPIRES_AFTER = dt.timedelta(days=90)


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """404 without SECURITY_CONTACT."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (timezone.now() + EXPIRES_AFTER).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: {contact}" for contact in settings.SECURITY_CONTACT]
    lines += [f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
    lines.append(f"Canonical: {settings.BASE_URL}{reverse('security_txt')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
