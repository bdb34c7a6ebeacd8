from django.urls import include, path, re_path

from accounts.address_views import Addresses
from accounts.views import ConfirmEmail
from mentoring import health, operator, views

urlpatterns = [
    path("", views.front, name="front"),
    path("today/", views.today, name="today"),
    path("portfolio/", views.portfolio, name="portfolio"),
    path("portfolio/coverage/", views.portfolio_coverage, name="portfolio_coverage"),
    path("portfolio/timeline/", views.portfolio_timeline, name="portfolio_timeline"),
    # These precede allauth's routes of the same names.
    re_path(r"^account/confirm-email/(?P<key>[-:\w]+)/$", ConfirmEmail.as_view(), name="account_confirm_email"),
    path("account/email/", Addresses.as_view(), name="account_email"),
    path("account/", include("accounts.provider_urls")),
    path("account/", include("allauth.account.urls")),
    path("settings/", include("accounts.urls")),
    path("", include("mail.urls")),
    path("", include("reminders.urls")),
    path("", include("portfolio.urls")),
    path("", include("outreach.urls")),
    path("", include("meetings.urls")),
    path("dev/", include("mentoring.development.urls")),
    path("operator/mail/", operator.operator_mail, name="operator_mail"),
    path("operator/mail/retry-all/", operator.operator_mail_retry_all, name="operator_mail_retry_all"),
    path("operator/mail/<id:pk>/retry/", operator.operator_mail_retry, name="operator_mail_retry"),
    path("operator/mail/<id:pk>/set-aside/", operator.operator_mail_set_aside, name="operator_mail_set_aside"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
