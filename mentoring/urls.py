from django.urls import include, path, re_path

from accounts.address_views import Addresses
from accounts.recent_sign_in import protected, recent_sign_in_required
from accounts.strength_views import password_strength
from accounts.views import (
    ConfirmEmail,
    ReauthenticateByCode,
    SignOut,
    account_keep,
    addresses_undo,
    signed_out,
)
from mentoring import health, operator, operator_sign_up, security_txt, stop_mail, views, what_is_kept

handler400 = "mentoring.errors.bad_request"

urlpatterns = [
    path("", views.front, name="front"),
    path("today/", views.today, name="today"),
    path("portfolio/", views.portfolio, name="portfolio"),
    path("portfolio/coverage/", views.portfolio_coverage, name="portfolio_coverage"),
    path("portfolio/timeline/", views.portfolio_timeline, name="portfolio_timeline"),
    # Looked through in this order, so what is opened all day comes first.
    path("", include("portfolio.urls")),
    path("", include("outreach.urls")),
    path("", include("meetings.urls")),
    path("", include("reminders.urls")),
    path("", include("mail.urls")),
    # These must precede allauth's routes of the same names.
    path("account/logout/", SignOut.as_view(), name="account_logout"),
    re_path(r"^account/confirm-email/(?P<key>[-:\w]+)/$", ConfirmEmail.as_view(), name="account_confirm_email"),
    path("account/email/", recent_sign_in_required()(Addresses.as_view()), name="account_email"),
    path("account/email/undo/<str:token>/", addresses_undo, name="addresses_undo"),
    path("account/reauthenticate/code/", ReauthenticateByCode.as_view(), name="reauthenticate_by_code"),
    path("account/signed-out/", signed_out, name="signed_out"),
    path("account/keep/<str:token>/", account_keep, name="account_keep"),
    path("account/password/strength/", password_strength, name="password_strength"),
    path("account/signing-in/", include(protected("accounts.second_factors.urls"))),
    path("account/", include(protected("accounts.provider_urls"))),
    path("account/", include(protected("allauth.account.urls"))),
    path("settings/what-is-kept/", what_is_kept.what_is_kept, name="what_is_kept"),
    path("settings/", include("accounts.urls")),
    path("notes-about-me/", what_is_kept.notes_about_me, name="notes_about_me"),
    path("dev/", include("mentoring.development.urls")),
    path("operator/mail/", operator.operator_mail, name="operator_mail"),
    path("stop/<str:token>/", stop_mail.stop_mail, name="stop_mail"),
    path("operator/mail/stopped/add/", operator.operator_mail_stop, name="operator_mail_stop"),
    path("operator/mail/stopped/<id:pk>/lift/", operator.operator_mail_lift, name="operator_mail_lift"),
    path("operator/mail/retry-all/", operator.operator_mail_retry_all, name="operator_mail_retry_all"),
    path("operator/mail/<id:pk>/retry/", operator.operator_mail_retry, name="operator_mail_retry"),
    path("operator/mail/<id:pk>/set-aside/", operator.operator_mail_set_aside, name="operator_mail_set_aside"),
    path("operator/links/", operator_sign_up.operator_links, name="operator_links"),
    path("operator/links/make/", operator_sign_up.operator_link_make, name="operator_link_make"),
    path("operator/links/<id:pk>/end/", operator_sign_up.operator_link_end, name="operator_link_end"),
    path(".well-known/security.txt", security_txt.security_txt, name="security_txt"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
