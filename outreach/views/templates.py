"""Views of the user's own templates and the starters."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, ask_first, notify
from accounts.ownership import get_owned
from outreach.drafts import merge_fields
from outreach.drafts.starters import STARTERS
from outreach.forms.message_templates import TemplateForm
from outreach.message_templates import services as verbs
from outreach.models import MessageTemplate, Purpose

COPIED = ("purpose", "channel", "subject", "body")


@require_safe
def templates(request: UserRequest) -> HttpResponse:
    rows = list(MessageTemplate.objects.for_user(request.user).defer("subject", "body"))
    groups = [
        (
            purpose,
            [t for t in rows if t.purpose == purpose and not t.archived_at],
            [s for s in STARTERS if s.purpose == purpose],
        )
        for purpose in Purpose
    ]
    context = {"groups": groups, "put_away": [t for t in rows if t.archived_at]}
    return render(request, "outreach/message_templates/templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: UserRequest) -> HttpResponse:
    """An empty template, or a copy of the starter or own template in ``?from=``."""
    source = verbs.source(request.user, request.GET.get("from", ""))
    initial = {name: getattr(source, name) for name in COPIED} | {"name": source.name} if source else None
    new = MessageTemplate(owner=request.user)
    return _edit(request, TemplateForm(request.user, request.POST or None, initial=initial, instance=new))


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: UserRequest, pk: int) -> HttpResponse:
    found = get_owned(MessageTemplate, request.user, pk=pk)
    return _edit(request, TemplateForm(request.user, request.POST or None, instance=found))


def _edit(request: UserRequest, form: TemplateForm) -> HttpResponse:
    """The editor. The button "Try it" (and htmx, while typing) shows the merged text and saves nothing."""
    trying = "try" in request.POST
    good = form.is_bound and form.is_valid() and not trying
    theirs = form.stored if good and form.overwrites() else None
    if theirs:
        form.data = request.POST.copy()
        form.data["version"] = form.current  # the user saw both: saving again may overwrite
    if good and not theirs:
        saved = verbs.keep(template=form.save(commit=False))
        notify(request, f"“{saved.name}” is saved. What you sent before stays as it went.")
        return redirect("templates")
    context = _tried_out(request, form) | {
        "form": form,
        "template": MessageTemplate.objects.filter(pk=form.instance.pk).defer("body").first(),
        "fields": merge_fields.FIELDS.values(),
        "trying": trying,
        "theirs": theirs,
    }
    if request.htmx:
        return render(request, "outreach/message_templates/_template_preview.html", context)
    status = 409 if theirs else 422 if form.is_bound and not trying else 200
    return render(request, "outreach/message_templates/template.html", context, status=status)


def _tried_out(request: UserRequest, form: TemplateForm) -> dict[str, Any]:
    """The form's text merged for the chosen person, and the fields that are still open."""
    words = {name: str(form[name].value() or "") for name in ("subject", "body")}
    person = form.cleaned_data.get("person") if form.is_bound else None
    channel = str(form["channel"].value() or "")
    return {
        "ready": verbs.tried_on(request.user, person, channel=channel, **words),
        "open": verbs.still_open(request.user, person, **words),
        "person": person,
    }


@require_POST
def template_move(request: UserRequest, pk: int, by: int) -> HttpResponse:
    found = get_owned(MessageTemplate, request.user, pk=pk)
    verbs.move(template=found, by=by)
    return redirect(reverse("templates") + f"#template-{found.pk}")


@require_POST
def template_put_away(request: UserRequest, pk: int) -> HttpResponse:
    found = get_owned(MessageTemplate, request.user, pk=pk)
    verbs.put_away(template=found)
    notify(request, f"“{found.name}” is put away.", undo=reverse("template_bring_back", args=[found.pk]))
    return redirect("templates")


@require_POST
def template_bring_back(request: UserRequest, pk: int) -> HttpResponse:
    found = get_owned(MessageTemplate, request.user, pk=pk)
    verbs.bring_back(template=found)
    notify(request, f"“{found.name}” is back.")
    return redirect("templates")


@require_http_methods(["GET", "HEAD", "POST"])
def template_delete(request: UserRequest, pk: int) -> HttpResponse:
    found = get_owned(MessageTemplate, request.user, pk=pk)
    if request.method == "POST":
        found.delete()
        notify(request, f"“{found.name}” is gone. What you sent with it stays.")
        return redirect("templates")
    return ask_first(
        request,
        title=f"Delete “{found.name}”?",
        words="Drafts and messages written with it stay as they are. To have it out of the way only, put it away.",
        button="Delete it",
        back=found.get_absolute_url(),
        danger=True,
    )
