"""allauth's forms with our texts: every field has a label and no placeholder."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.core import context
from allauth.socialaccount.forms import SignupForm as AllauthByProviderForm
from django import forms

from accounts import sign_up

ADDRESS = "E-mail address"
NEW_PASSWORD = "New password"  # noqa: S105 - a label
LABELS = {
    "login": ADDRESS,
    "email": ADDRESS,
    "remember": "Stay signed in on this device",
    "oldpassword": "Current password",
    "password2": "The same once more",
}
# Summarises AUTH_PASSWORD_VALIDATORS, instead of their list of rules.
HINTS = {
    "oldpassword": "",
    "password1": "Ten characters or more; not a common password, and nothing like your name or address.",
}


class InOurWords:
    """Mixin that sets our texts; must precede allauth's form in the bases."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.help_text = HINTS.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)


class WhoYouAre(forms.Form):
    """Adds the name and the time zone, which the browser fills in; an invalid time zone is ignored."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        help_text="As you sign your letters.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_email(self) -> str:
        email: str = super().clean_email()  # type: ignore[misc]  # allauth's form follows in the bases
        if why := sign_up.refusal(context.request, email):
            raise forms.ValidationError(why)
        return email


class SignUpForm(WhoYouAre, InOurWords, allauth.SignupForm):
    field_order = ["name", "email", "password1", "time_zone"]


class ByProviderForm(WhoYouAre, InOurWords, AllauthByProviderForm):
    """The last step of signing up with a provider, filled in with what it told us."""

    field_order = ["name", "email", "time_zone"]


class SignInForm(InOurWords, allauth.LoginForm):
    pass


class AddressForm(InOurWords, allauth.AddEmailForm):
    pass


class ForgottenPasswordForm(InOurWords, allauth.ResetPasswordForm):
    pass


class NewPasswordForm(InOurWords, allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = NEW_PASSWORD


class ChangePasswordForm(InOurWords, allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = NEW_PASSWORD


class SetPasswordForm(InOurWords, allauth.SetPasswordForm):
    pass


class OnceMoreForm(InOurWords, allauth.ReauthenticateForm):
    pass
