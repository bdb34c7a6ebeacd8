"""The context processor: values every template may use."""

from django.conf import settings
from django.http import HttpRequest

from accounts import ways_in


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "debug": settings.DEBUG,
        "base_url": settings.BASE_URL,
        "sign_up": settings.SIGN_UP,
        "sign_up_domains": settings.SIGN_UP_DOMAINS,
        "run_by": settings.SITE_RUN_BY,
        "takes_mail": bool(settings.INCOMING_MAIL_DOMAIN),
        "mailboxes": settings.MAILBOXES,
        "providers": ways_in.offered(),
        "only_way_in": ways_in.only_way_in(),
    }
