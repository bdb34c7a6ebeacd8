"""allauth's routes for second factors, each named here: under the addresses and with the views of ours."""

from allauth.mfa.base.views import reauthenticate
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import path
from django.views.generic import RedirectView

from accounts.converters import register_ids
from accounts.second_factors import views

register_ids()

urlpatterns = [
    path("", views.SigningIn.as_view(), name="mfa_index"),
    path("authenticate/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("reauthenticate/", reauthenticate, name="mfa_reauthenticate"),
    path("password/remove/", views.remove_password, name="password_remove"),
    path("app/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("passkeys/add/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("passkeys/sign-in/", views.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("passkeys/reauthenticate/", views.PasskeyOnceMore.as_view(), name="mfa_reauthenticate_webauthn"),
    path("passkeys/<id:pk>/rename/", views.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("passkeys/<id:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
]
