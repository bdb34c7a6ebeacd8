"""Everything to take along: asking for the file, seeing how far it is, and fetching it."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import row_security, security_log, stored_files
from accounts.export import making
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
def export_file(request: UserRequest) -> HttpResponse:
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
