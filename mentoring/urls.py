from django.urls import include, path, re_path

from accounts.recent_sign_in import protected, recent_sign_in_required
from accounts.views import Addresses, ConfirmEmail, ReauthenticateByCode, addresses_undo
from mentoring import health, operator, views

urlpatterns = [
    path("", views.front, name="front"),
    path("today/", views.today, name="today"),
    path("portfolio/", views.portfolio, name="portfolio"),
    path("portfolio/coverage/", views.portfolio_coverage, name="portfolio_coverage"),
    path("portfolio/timeline/", views.portfolio_timeline, name="portfolio_timeline"),
    # These two must precede allauth's routes of the same names.
    re_path(r"^account/confirm-email/(?P<key>[-:\w]+)/$", ConfirmEmail.as_view(), name="account_confirm_email"),
    path("account/email/", recent_sign_in_required()(Addresses.as_view()), name="account_email"),
    path("account/email/undo/<str:token>/", addresses_undo, name="addresses_undo"),
    path("account/reauthenticate/code/", ReauthenticateByCode.as_view(), name="reauthenticate_by_code"),
    path("account/signing-in/", include(protected("accounts.second_factors.urls"))),
    path("account/", include(protected("allauth.account.urls"))),
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
