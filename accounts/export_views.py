"""Everything to take along: asking for the file, seeing how far it is, fetching it; and bringing it in elsewhere."""

from __future__ import annotations

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import row_security, security_log, stored_files, uploads
from accounts.export import making, reading, restoring
from accounts.http import UserRequest, notify
from accounts.recent_sign_in import recent_sign_in_required

LOOK_AGAIN = 3  # seconds


@recent_sign_in_required()
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: UserRequest) -> HttpResponse:
    """How far the file is; a POST asks for one."""
    if request.method != "POST":
        context = {"export": making.latest(request.user), "look_again": LOOK_AGAIN}
        return render(request, "accounts/export.html", context)
    with transaction.atomic():
        _, begun = making.ask_for(request.user)
        if begun:
            security_log.note(request.user, security_log.Kind.EXPORT_ASKED, request=request)
    if not begun:
        notify(request, "It is being made already.")
    return redirect("export")


@recent_sign_in_required()
@require_POST
def export_file(request: UserRequest) -> StreamingHttpResponse:
    """The file. It is a POST, because it is noted in the security log, and a link would be followed by accident."""
    export = making.latest(request.user)
    if export is None or export.file is None:
        raise Http404
    security_log.note(request.user, security_log.Kind.EXPORT, request=request)
    pieces = row_security.streamed(request.user.pk, stored_files.pieces(export.file))
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{export.file.name}"'
    response["Content-Length"] = str(export.file.size)
    return response


# --- Bringing one in --------------------------------------------------------------------------------------------------

_REFUSED = {
    "too large": f"This file is larger than {reading.BIGGEST_FILE // 1024**2} MB.",
    "cut short": "The file didn’t arrive whole. Send it again.",
    "no room": "We have no room for this file at the moment. Try again in an hour.",
}


class BringInForm(forms.Form):
    file = forms.FileField(
        label="The zip",
        help_text="As you downloaded it; you needn’t unpack it.",
        error_messages={"required": "Choose the file that you downloaded."},
    )


@uploads.takes_upload(reading.BIGGEST_FILE)
@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: UserRequest) -> HttpResponse:
    """Fill this account from an export; how far that is."""
    form = BringInForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = BringInForm(request.POST, request.FILES)
        if refusal := uploads.refused(request):
            form.errors["file"] = form.error_class([_REFUSED[refusal]])
        elif form.is_valid():
            file = form.cleaned_data["file"]
            with transaction.atomic():
                restoring.ask_for(request.user, name=file.name, content=file.file)
                security_log.note(request.user, security_log.Kind.RESTORED, request=request)
            return redirect("bring_in")
    context = {
        "form": form,
        "restore": restoring.latest(request.user),
        "is_empty": restoring.is_empty(request.user),
        "look_again": LOOK_AGAIN,
    }
    return render(request, "accounts/bring_in.html", context, status=422 if form.is_bound else 200)
