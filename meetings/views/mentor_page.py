"""The mentor's side, without an account: one page behind a signed URL. A GET changes nothing and starts no session."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.http import private_response
from accounts.ownership import OWNER_IS_HERE
from accounts.row_security import by_link
from meetings.forms.mentor import ACTS, MentorForm
from meetings.models import ShareLink
from meetings.sharing import mentor_actions
from meetings.sharing.mentor_page import mentor_page_for
from meetings.signed_links import BadLink, read

SAID = {
    "point": "It’s on the agenda.",
    "yes": "Your yes is noted.",
    "no": "Noted that it doesn’t suit you. Another time will be found.",
    "pick": "The time is settled. Thank you.",
    "message": "Your message is there.",
    "removal": "Your wish is passed on.",
}


# Exempt from the CSRF check: the URL is the only permission, and cookies are ignored.
@csrf_exempt
@login_not_required
@private_response
@require_http_methods(["GET", "HEAD", "POST"])
def mentor_page(request: HttpRequest, token: str) -> HttpResponse:
    link = link_of(token)
    if link is None:
        return gone(request)
    form = MentorForm(request.POST) if request.method == "POST" else MentorForm()
    trouble = ""
    if form.is_bound and form.is_valid():
        try:
            _do(link, form)
        except mentor_actions.NotNow as error:
            trouble = str(error)
        else:
            done = form.cleaned_data["act"]
            return HttpResponseRedirect(f"{reverse('mentor_page', args=[token])}?done={done}")
    said = SAID.get(request.GET.get("done", "")) if not form.is_bound else ""
    context = {"letter": mentor_page_for(link), "form": form, "said": said, "trouble": trouble, "token": token}
    return render(request, "meetings/sharing/mentor_page.html", context, status=422 if form.is_bound else 200)


def gone(request: HttpRequest) -> HttpResponse:
    """The page for a link that is no longer valid. Text sent from a page that was still open is not saved, but shown
    again for copying."""
    posted = request.POST if request.method == "POST" else {}
    words = posted.get("message") or posted.get("point") or ""
    return render(request, "meetings/sharing/mentor_gone.html", {"words": words[:2_000]}, status=404)


def link_of(token: str) -> ShareLink | None:
    """The link of a signed URL; the same 404 for every kind of invalid link."""
    try:
        pk, version = read(token)
    except BadLink:
        return None
    live = ShareLink.objects.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).filter(OWNER_IS_HERE)
    return by_link(live.select_related("owner").filter(pk=pk, version=version))


def _do(link: ShareLink, form: MentorForm) -> None:
    data = form.cleaned_data
    act: ACTS = data["act"]
    if act == "point":
        mentor_actions.add_point(link=link, words=data["point"])
    elif act == "pick":
        mentor_actions.pick_time(link=link, offer=data["offer"])
    elif act == "message":
        mentor_actions.leave_message(link=link, words=data["message"])
    elif act == "removal":
        mentor_actions.ask_removal(link=link, words=data["message"])
    else:
        mentor_actions.answer_time(link=link, yes=act == "yes", seen=data["seen"])
