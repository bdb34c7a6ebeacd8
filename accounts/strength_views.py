"""The word about a password that is being chosen (see :mod:`accounts.password_strength`)."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.password_strength import judge

SALT = "accounts.password_strength"
MAX_AGE = 24 * 60 * 60  # seconds; for a page that was left open


def token_for(user: User) -> str:
    """Lets the page behind a reset link, where no one is signed in, have the password judged for this user."""
    return signing.dumps(user.pk, salt=SALT)


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_POST
def password_strength(request: HttpRequest) -> HttpResponse:
    """Judge a password without storing it. A POST only so that it is in no address; it changes nothing."""
    if not ratelimit.consume(request, action="password_strength"):
        return JsonResponse({}, status=429)
    verdict = judge(request.POST.get("password", ""), _chooser(request))
    return JsonResponse({"word": verdict.word, "why": verdict.why})


def _chooser(request: HttpRequest) -> User:
    """Who the password is for: the user signed in, the one of a reset link, or somebody signing up."""
    if request.user.is_authenticated:
        return request.user
    try:
        pk = signing.loads(request.POST.get("for", ""), salt=SALT, max_age=MAX_AGE)
        return User.objects.get(pk=pk)
    except (signing.BadSignature, User.DoesNotExist, TypeError, ValueError):
        return User(name=request.POST.get("name", "")[:120], email=request.POST.get("email", "")[:254])
