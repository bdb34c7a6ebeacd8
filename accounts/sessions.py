"""Where a user is signed in: allauth's rows beside Django's sessions, and ending them. See decision 23.

Each session has a row with its device, a rough network and its last use, noted at most once an hour.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.devices import UNKNOWN, rough
from accounts.models import User

EVERY = dt.timedelta(hours=1)  # so long a noted last use is good enough
LONGEST = dt.timedelta(days=30)  # a session, however often it is used; then one signs in again
BEGAN = "began"  # when somebody signed in, in the session itself: seconds since 1970
NOTED = "last_use_noted"  # in the session itself, so that most requests need no query: seconds since 1970
AGENT_LENGTH = 200


def live(user: User) -> QuerySet[UserSession]:
    """The user's sessions that can still be used, the latest used first."""
    sessions = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    found: QuerySet[UserSession] = UserSession.objects.filter(Exists(sessions), user=user)
    return found.order_by("-last_seen_at", "-pk")


def is_due(request: HttpRequest) -> bool:
    """Whether the last use of this session is to be noted again; asks no database."""
    noted = request.session.get(NOTED, 0)
    return bool(timezone.now().timestamp() - noted >= EVERY.total_seconds())


def note_use(request: HttpRequest, user: User) -> None:
    """Note this request as the last use of its session, which is the user's."""
    if not request.session.session_key:
        request.session.save()
    key, now = request.session.session_key, timezone.now()
    values: dict[str, Any] = {"last_seen_at": now, "user_agent": agent_of(request), "ip": network_of(request)}
    if not UserSession.objects.filter(session_key=key, user=user).update(**values):
        try:
            with transaction.atomic():
                UserSession.objects.create(session_key=key, user=user, created_at=now, **values)
        except IntegrityError:  # another request of this session was quicker, or the account was erased meanwhile
            pass
    request.session[NOTED] = int(now.timestamp())
    request.session.setdefault(BEGAN, int(now.timestamp()))  # of a session from before there was an end


def is_over(request: HttpRequest) -> bool:
    """Whether this session has lasted its longest; asks no database."""
    now = timezone.now().timestamp()
    return bool(now - request.session.get(BEGAN, now) >= LONGEST.total_seconds())


def proved_at(request: HttpRequest) -> float:
    """When the user of this session last proved who they are: seconds since 1970."""
    return max((record["at"] for record in get_authentication_records(request, request.user)), default=0.0)


def renew_key(request: HttpRequest, user: User) -> None:
    """Give this session another key, so that one which was copied before is of no use."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old, user=user).update(session_key=request.session.session_key)


def agent_of(request: HttpRequest) -> str:
    """What the browser calls itself, on one line."""
    return "".join(c for c in request.META.get("HTTP_USER_AGENT", "") if c.isprintable())[:AGENT_LENGTH]


def network_of(request: HttpRequest) -> str:
    """Roughly where a request comes from: see :func:`accounts.devices.rough`."""
    try:
        return rough(get_adapter().get_client_ip(request))
    except PermissionDenied:  # no address, as behind a Unix socket
        return UNKNOWN


def end(sessions: QuerySet[UserSession]) -> int:
    """End these sessions: whoever uses them is signed out at once. Returns how many there were."""
    with transaction.atomic():
        Session.objects.filter(session_key__in=sessions.order_by().values("session_key")).delete()
        count, _ = sessions.order_by().delete()
    return int(count)


def end_all(user: User, *, keep: str | None = None) -> int:
    """End every session of the user, but that with the key ``keep``. Returns how many there were."""
    return end(UserSession.objects.filter(user=user).exclude(session_key=keep or ""))


def forget_ended(user: User) -> None:
    """Delete the rows of sessions that have expired or were signed out."""
    sessions = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    UserSession.objects.filter(~Exists(sessions), user=user).delete()


# --- Receivers ------------------------------------------------------------------------------------


def on_signed_in(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    forget_ended(user)
    request.session[BEGAN] = int(timezone.now().timestamp())
    note_use(request, user)


def on_password_changed(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    """A new password ends all sessions but the one it was chosen in, whose key has changed."""
    mine = bool(request.user == user)
    end_all(user, keep=request.session.session_key if mine else None)
    if mine:
        note_use(request, user)
