"""Activates the user's time zone for each request, looks after the session, says that a note can't be read, and keeps
the only way in and the one page of an account about to be erased."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import leaving, sessions, ways_in
from accounts.private_notes import NoteUnreadable


class LocalTimeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.zone):
            return self.get_response(request)


class SessionsMiddleware:
    """Ends a session that has lasted its longest, and gives it another key when somebody proves again who they are.

    Notes its last use, at most once an hour and after the answer is made. See decision 23.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and sessions.is_over(request):
            logout(request)
        before = self._proof(request)
        response = self.get_response(request)
        if request.user.is_authenticated:
            after = self._proof(request)
            if before and before[:2] == after[:2] and before != after:
                sessions.renew_key(request, request.user)
            if sessions.is_due(request):
                sessions.note_use(request, request.user)
        return response

    @staticmethod
    def _proof(request: HttpRequest) -> tuple[object, ...]:
        """Whose session this is, its key, and when they last proved it; empty if nobody is signed in."""
        if not request.user.is_authenticated:
            return ()
        return request.user.pk, request.session.session_key, sessions.proved_at(request)


class UnreadableNoteMiddleware:
    """Says that a note could not be read, and that nothing was changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NoteUnreadable):
            return None
        if not request.accepts("text/html"):  # saved by a script while somebody types
            words = "What is kept here can’t be read at present, so it isn’t changed. Copy your words somewhere safe."
            return JsonResponse({"error": words}, status=422)
        return render(request, "accounts/note_unreadable.html", status=409)


class LeavingMiddleware:
    """While an account is about to be erased, its user gets one page instead of all others: how to keep it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object) -> HttpResponse | None:
        needs_sign_in = getattr(view, "login_required", True)
        if needs_sign_in and request.user.is_authenticated and request.user.erase_at is not None:
            return redirect(leaving.keep_path(request.user))
        return None


class OnlyWayInMiddleware:
    """Where one provider is the only way in, the pages of all other ways are not there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if settings.SIGN_IN_ONLY_WITH and ways_in.is_another_way(request):
            raise Http404
