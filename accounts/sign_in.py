"""allauth's forms with our texts: every field has a label and no placeholder."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.core import context
from allauth.socialaccount.forms import SignupForm as AllauthByProviderForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import codes, password_strength, security_log, sign_up, typed_addresses
from accounts.models import User
from accounts.names import name_fault
from accounts.strength_views import token_for

ADDRESS = "E-mail address"
NEW_PASSWORD = "New password"  # noqa: S105 - a label
LABELS = {
    "login": ADDRESS,
    "email": ADDRESS,
    "remember": "Stay signed in on this device",
    "oldpassword": "Current password",
    "password2": "The same once more",
    "code": "Code",
}
HINTS = {"oldpassword": "", "password1": password_strength.HINT}


class InOurWords:
    """Mixin that sets our texts; must precede allauth's form in the bases."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.help_text = HINTS.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)
        if "password1" in self.fields:  # static/js/password-strength.js shows the word below it
            word = {"minlength": password_strength.LEAST, "data-strength": reverse("password_strength")}
            self.fields["password1"].widget.attrs.update(word)


class SendsMail(forms.Form):
    """Of a form that has a mail sent to the address typed in it: counted once all is filled in right."""

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.errors:
            typed_addresses.count_source(context.request)


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


class SignUpForm(SendsMail, WhoYouAre, InOurWords, allauth.SignupForm):
    field_order = ["name", "email", "password1", "time_zone"]

    def try_save(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        """Do the same work if the address has an account, so that the time it takes doesn't tell."""
        if self.account_already_exists:
            make_password(self.cleaned_data.get("password1"))
        saved: tuple[Any, HttpResponse | None] = super().try_save(request)
        return saved

    def clean(self) -> dict[str, Any]:
        """Judge the password with the name, too: allauth does it by the address alone."""
        password = self.cleaned_data.get("password1")
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if password:
            self.errors.pop("password1", None)
            cleaned["password1"] = password
            try:
                validate_password(password, User(name=cleaned.get("name", ""), email=cleaned.get("email", "")))
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if fault := name_fault(name):
            raise forms.ValidationError(fault)
        return name


class ByProviderForm(SendsMail, WhoYouAre, InOurWords, AllauthByProviderForm):
    """The last step of signing up with a provider, filled in with what it told us."""

    field_order = ["name", "email", "time_zone"]


class SignInForm(InOurWords, allauth.LoginForm):
    pass


class AddressForm(SendsMail, InOurWords, allauth.AddEmailForm):
    def clean_email(self) -> str:
        email = str(super().clean_email())
        if typed_addresses.is_full(context.request, email):
            raise forms.ValidationError(typed_addresses.FULL)
        return email


class ForgottenPasswordForm(SendsMail, InOurWords, allauth.ResetPasswordForm):
    pass


class NewPasswordForm(InOurWords, allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = NEW_PASSWORD
        if self.user is not None:
            self.fields["password1"].widget.attrs["data-strength-for"] = token_for(self.user)


class ChangePasswordForm(InOurWords, allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = NEW_PASSWORD


class SetPasswordForm(InOurWords, allauth.SetPasswordForm):
    pass


class CodeForm(forms.Form):
    """The code that was mailed, to prove once more who one is."""

    code = forms.CharField(
        label="The six digits from the mail",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short", "autofocus": True}
        ),
    )

    def __init__(self, *args: Any, session: SessionBase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        if not codes.use(self.session, typed):
            security_log.refused("Code by mail", account=context.request.user.pk)
            raise forms.ValidationError(
                "That isn’t the code, or it is too old. Look at the latest mail, or let us send a new one."
            )
        return typed


class OnceMoreForm(InOurWords, allauth.ReauthenticateForm):
    pass


class AskForCodeForm(SendsMail, InOurWords, allauth.RequestLoginCodeForm):
    pass


class CodeByMailForm(InOurWords, allauth.ConfirmLoginCodeForm):
    """The code is of eight letters; dashes, spaces and case don’t matter."""

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except forms.ValidationError as error:
            security_log.refused("Code by mail")
            raise forms.ValidationError(
                "This isn’t the code we sent last. Check it, or ask for a new one.", code=error.code
            ) from error
