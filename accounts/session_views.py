"""Where you are signed in: the user's sessions, and ending them."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions
from accounts.devices import device, network
from accounts.http import UserRequest, notify
from accounts.recent_sign_in import recent_sign_in_required
from accounts.words import in_figures

A_PAGE = 25


@require_safe
def session_list(request: UserRequest) -> HttpResponse:
    found = sessions.live(request.user)
    current = found.filter(session_key=request.session.session_key).first()
    page = Paginator(found.exclude(session_key=request.session.session_key), A_PAGE).get_page(request.GET.get("page"))
    others = [(session, device(session.user_agent), network(session.ip)) for session in page]
    this = (current, device(current.user_agent), network(current.ip)) if current else None
    return render(request, "usersessions/usersession_list.html", {"this": this, "others": others, "page": page})


@require_POST
@recent_sign_in_required()
def session_end(request: UserRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession, user=request.user, pk=pk)
    is_this = session.session_key == request.session.session_key
    sessions.end(UserSession.objects.filter(user=request.user, pk=pk))
    if is_this:
        logout(request)
        return redirect("front")
    notify(request, f"{device(session.user_agent)} is signed out.")
    return redirect("usersessions_list")


@require_POST
@recent_sign_in_required()
def sessions_end_others(request: UserRequest) -> HttpResponse:
    count = sessions.end_all(request.user, keep=request.session.session_key)
    words = f"Signed out everywhere else: {in_figures(count, 'device', 'devices')}."
    notify(request, words if count else "You were signed in nowhere else.")
    return redirect("usersessions_list")
