"""Settings of the account: profile, time zone, reminders, and erasing the account."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView, ConfirmEmailView, LogoutView
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import addresses, codes, known_devices, leaving
from accounts.added_since import added_since
from accounts.forms import EraseForm, ProfileForm
from accounts.http import UserRequest, forget_in_browser, notify, private_response, safe_url
from accounts.models import SecurityEvent, User
from accounts.recent_sign_in import recent_sign_in_required
from accounts.row_security import act_for
from accounts.sign_in import CodeForm
from accounts.signals import profile_changed

EVENTS_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: UserRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        profile_changed.send(sender=User, user=user, changed=frozenset(form.changed_data))
        notify(request, "Saved.")
        return redirect("settings")
    return render(request, "accounts/settings.html", {"form": form}, status=422 if form.is_bound else 200)


@recent_sign_in_required()
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: UserRequest) -> HttpResponse:
    """Have the account and all its data erased in seven days, once the user has typed the e-mail address again."""
    form = EraseForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = User.objects.get(pk=request.user.pk)  # not the request's own, which signing out makes nobody
        leaving.ask(user=user, request=request)
        logout(request)
        return forget_in_browser(redirect(leaving.keep_path(user)))
    return render(request, "accounts/erase.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def security_events(request: UserRequest) -> HttpResponse:
    """The user's own security log, the latest first."""
    rows = SecurityEvent.objects.filter(owner=request.user)
    page = Paginator(rows, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/security_events.html", {"page": page})


class SignOut(LogoutView):
    """allauth's page, which also has the browser forget what it keeps of this site, except that it is known here."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return forget_in_browser(super().post(*args, **kwargs))

    def get_redirect_url(self) -> str:
        url: str = super().get_redirect_url()
        return known_devices.carried(self.request, url) if self.request.method == "POST" else url


# These pages say so themselves, because a message would need a cookie, and the browser has just forgotten them all.
@login_not_required
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("today")
    if known_devices.CARRIED not in request.GET:
        return render(request, "accounts/signed_out.html")
    onward = redirect(safe_url(request, request.GET.get("next", ""), reverse("signed_out")))
    known_devices.carry_over(request, onward)
    return onward


# Exempt from the CSRF check as explained at ``addresses_undo``.
@csrf_exempt
@login_not_required
@private_response
@require_http_methods(["GET", "HEAD", "POST"])
def account_keep(request: HttpRequest, token: str) -> HttpResponse:
    """Say when an account will be gone; a POST keeps it. Its signed-in user is led here, too."""
    try:
        user = leaving.read(token)
    except leaving.BadLink:
        return render(request, "accounts/keep.html", {"state": "bad"}, status=404)
    act_for(user.pk)
    if request.method == "POST" and leaving.keep(user=user, request=request) and request.user == user:
        notify(request, "Your account stays, with everything in it.")
        return redirect("today")
    state = "kept" if user.erase_at is None else "going" if user.erase_at <= timezone.now() else "ask"
    context = {"state": state, "on": leaving.last_day(user) if user.erase_at else "", "email": user.email}
    return render(request, "accounts/keep.html", context)


class ConfirmEmail(ConfirmEmailView):
    """allauth's page, with a message instead of a 404 if the link was already used, perhaps in another tab."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with addresses.watched(request, self.get_object().email_address.user):
                answer: HttpResponse = super().post(request, *args, **kwargs)
        except Http404:
            answer = self.get(request, *args, **kwargs)
        return answer


# Exempt from the CSRF check, because the URL is the only permission (cookies are ignored), and because browsers send
# "Origin: null" from a page with no-referrer, which Django refuses.
@csrf_exempt
@login_not_required
@private_response
@require_http_methods(["GET", "HEAD", "POST"])
def addresses_undo(request: HttpRequest, token: str) -> HttpResponse:
    """Undo a change of addresses, and take away what was added since, by the link in its notice."""
    try:
        change, email = addresses.read(token)
    except addresses.BadLink:
        return render(request, "accounts/addresses_undo.html", {"state": "gone"}, status=404)
    state, added = "done" if change.undone_at else "ask", []
    if state == "ask" and addresses.may_remove(change, email):
        added = added_since(change.owner, change.at)
    if request.method == "POST" and state == "ask":
        # What came after the page was opened stood on no list, and goes too: whoever it is may still be at it.
        kept = set(request.POST.getlist("shown")) - set(request.POST.getlist("remove"))
        added = [one for one in added if one.key not in kept]
        try:
            addresses.undo(change, added)
            state = "done"
        except addresses.Taken:
            state = "taken"
    context = {"state": state, "emails": addresses.confirmed(change.before), "added": added}
    return render(request, "accounts/addresses_undo.html", context)


class ReauthenticateByCode(BaseReauthenticateView):
    """Prove once more who one is with a code by e-mail. ``send`` mails one; nothing is mailed by opening the page."""

    form_class = CodeForm
    template_name = "account/reauthenticate_by_code.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "session": self.request.session}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "mailed": codes.was_mailed(self.request.session)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "send" in request.POST:
            user = cast(User, request.user)
            get_adapter().send_mail(
                "account/email/reauthentication_code", user.email, {"code": codes.make(request.session)}
            )
            return redirect(self.passthrough_next_url(request.path))
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def form_valid(self, form: CodeForm) -> HttpResponse:
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        answer: HttpResponse = super().form_valid(form)
        return answer
