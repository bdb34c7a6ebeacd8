"""The security headers of every answer, whoever made it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

# What no page ever needs. Not listed, so open to our own pages: the clipboard, passkeys, full screen.
UNUSED = (
    "accelerometer autoplay camera display-capture encrypted-media geolocation gyroscope hid idle-detection"
    " magnetometer microphone midi payment picture-in-picture serial usb xr-spatial-tracking"
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED.split())


class HeadersMiddleware(SecurityMiddleware):
    """Must be the outermost, so that what other middleware answers has the headers, too: a wrong Host, static files.

    A header that a view has set stays. Django's own SecurityMiddleware is further in, for its redirect to https, and
    so are the Content-Security-Policy and X-Frame-Options, which views may change.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Nothing here may fail: an error outside of all middleware would have no headers."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        super().process_response(request, response)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Whatever may stay in a cache says so itself: static files, the front page, a calendar feed.
        response.headers.setdefault("Cache-Control", "no-store")
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/") and "charset" not in kind:
            response.headers["Content-Type"] = f"{kind}; charset=utf-8"
        return response
