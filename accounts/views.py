"""Settings of the account: profile, time zone, reminders, the export of all data, and erasing the account."""

from __future__ import annotations

from typing import Any

from allauth.account.views import ConfirmEmailView
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import sessions
from accounts.export import export_all
from accounts.forms import EraseForm, ProfileForm
from accounts.http import UserRequest, notify
from accounts.models import User
from accounts.signals import profile_changed


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: UserRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        profile_changed.send(sender=User, user=user, changed=frozenset(form.changed_data))
        notify(request, "Saved.")
        return redirect("settings")
    return render(request, "accounts/settings.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def export(request: UserRequest) -> HttpResponse:
    """Everything stored for this user, as a JSON file."""
    response = JsonResponse(export_all(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="mentorfolio-{request.user.today():%Y-%m-%d}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: UserRequest) -> HttpResponse:
    """Erase the account and all its data, once the user has typed the e-mail address again."""
    form = EraseForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = request.user
        logout(request)
        sessions.end_all(user)
        User.objects.get(pk=user.pk).delete()
        notify(request, "Your account and everything in it are gone. All the best.")
        return redirect("front")
    return render(request, "accounts/erase.html", {"form": form}, status=422 if form.is_bound else 200)


class ConfirmEmail(ConfirmEmailView):
    """allauth's page, with a message instead of a 404 if the link was already used, perhaps in another tab."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().post(request, *args, **kwargs)
        except Http404:
            answer = self.get(request, *args, **kwargs)
        return answer
