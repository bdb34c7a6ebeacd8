"""The context processor: values every template may use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"debug": settings.DEBUG, "base_url": settings.BASE_URL}
