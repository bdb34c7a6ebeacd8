"""The user's own templates, beside the starters."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest, say
from accounts.ownership import get_owned
from outreach import fields
from outreach.forms import TemplateForm
from outreach.models import MessageTemplate, Purpose
from outreach.starters import STARTERS, starter


@require_safe
def templates(request: UserRequest) -> HttpResponse:
    own = list(MessageTemplate.objects.for_user(request.user))
    groups = [
        (purpose, [t for t in own if t.purpose == purpose], [s for s in STARTERS if s.purpose == purpose])
        for purpose in Purpose
    ]
    return render(request, "outreach/templates.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: UserRequest) -> HttpResponse:
    """An empty template, or a copy of the starter named in ``?from=``."""
    source = starter(request.GET.get("from", ""))
    initial = (
        {
            "name": source.name,
            "purpose": source.purpose,
            "channel": source.channel,
            "subject": source.subject,
            "body": source.body,
        }
        if source
        else None
    )
    form = TemplateForm(request.POST or None, initial=initial, instance=MessageTemplate(owner=request.user))
    return _edit(request, form, new=True)


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: UserRequest, pk: int) -> HttpResponse:
    found = get_owned(MessageTemplate, request.user, pk=pk)
    return _edit(request, TemplateForm(request.POST or None, instance=found), new=False)


def _edit(request: UserRequest, form: TemplateForm, *, new: bool) -> HttpResponse:
    if form.is_bound and form.is_valid():
        saved = form.save()
        say(request, f"“{saved.name}” is saved. What you sent before stays as it went.")
        return redirect("templates")
    context = {"form": form, "new": new, "fields": fields.FIELDS.values(), "template": form.instance}
    return render(request, "outreach/template.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def template_delete(request: UserRequest, pk: int) -> HttpResponse:
    found = get_owned(MessageTemplate, request.user, pk=pk)
    if request.method == "POST":
        found.delete()
        say(request, f"“{found.name}” is gone. What you sent with it stays.")
        return redirect("templates")
    context = {
        "title": f"Delete “{found.name}”?",
        "words": "Drafts and messages written with it stay as they are.",
        "button": "Delete it",
        "back": found.get_absolute_url(),
        "danger": True,
    }
    return render(request, "confirm.html", context)
