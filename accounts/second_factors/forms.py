"""allauth's forms for second factors: our words, every code only once, and no traceback for any credential."""

from __future__ import annotations

import re
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.base import forms as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache

from accounts import security_log
from accounts.second_factors import words
from accounts.sign_in import InOurWords

# What parsing a credential of a wrong shape raises, besides the ValidationError of allauth.
MALFORMED = (TypeError, ValueError, LookupError, AttributeError, OverflowError)
NAME_LENGTH = 60  # characters


def reworded(error: forms.ValidationError, said: str) -> forms.ValidationError:
    """The same error with our words if it is about a wrong code or credential; others, such as limits, stay."""
    return forms.ValidationError(said, code=error.code) if error.code == "incorrect_code" else error


def is_first_use(user_id: int, code: str) -> bool:
    """Whether this code of the app was not used before, as long as it is valid.

    allauth keeps used codes for one period only; with a tolerance, codes are valid for longer.
    """
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    return cache.add(f"totp-used:{user_id}:{re.sub(r'[^0-9]', '', code)}", True, timeout=seconds)


class EachCodeOnce(InOurWords):
    """Mixin for forms that take a code of the app or a recovery code."""

    user: Any
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        has_app = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.TOTP).exists()
        code.label = "Code" if has_app else "Recovery code"
        code.widget.attrs.update(inputmode="numeric", autofocus=has_app)

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            if self.authenticator.type == Authenticator.Type.TOTP and not is_first_use(self.user.pk, code):
                raise forms.ValidationError(words.WRONG_CODE)
        except forms.ValidationError:
            security_log.refused("Code", account=self.user.pk)
            raise
        return code


class SecondStepForm(EachCodeOnce, codes.AuthenticateForm):
    pass


class CodeOnceMoreForm(EachCodeOnce, codes.ReauthenticateForm):
    pass


class AppForm(InOurWords, totp.ActivateTOTPForm):
    """Proves that the app has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code from your app"
        self.fields["code"].widget.attrs.update(inputmode="numeric")

    def clean_code(self) -> str:
        try:
            code = str(super().clean_code())
        except forms.ValidationError as error:
            raise reworded(error, words.WRONG_CODE_IN_APP) from error
        is_first_use(self.user.pk, code)
        return code


# --- Passkeys -------------------------------------------------------------------------------------


class Credential:
    """Mixin for forms with what the browser says about a passkey, as JSON; words instead of any other exception."""

    fields: dict[str, forms.Field]
    refused = words.UNKNOWN_PASSKEY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages.update(dict.fromkeys(("required", "invalid"), self.refused))


class UsesPasskey(Credential):
    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (forms.ValidationError, *MALFORMED) as error:
            security_log.refused("Passkey", account=getattr(getattr(self, "user", None), "pk", None))
            if isinstance(error, forms.ValidationError):
                raise reworded(error, self.refused) from error
            raise forms.ValidationError(self.refused) from error
        return found


class PasskeySignInForm(UsesPasskey, webauthn.LoginWebAuthnForm):
    pass


class PasskeySecondStepForm(UsesPasskey, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyOnceMoreForm(UsesPasskey, webauthn.ReauthenticateWebAuthnForm):
    pass


def name_field() -> forms.CharField:
    return forms.CharField(
        label="Name of this passkey",
        help_text="So that you know it again: “my laptop”, “phone”, “blue key”.",
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AddPasskeyForm(Credential, webauthn.AddWebAuthnForm):
    name = name_field()
    # Every passkey of ours is one that can sign in alone: the view asks the browser for nothing less.
    passwordless = None
    refused = words.UNUSABLE_PASSKEY

    def clean(self) -> dict[str, Any]:
        try:
            values: dict[str, Any] = super().clean()
            if "credential" in values:  # allauth lets 0 and the like pass
                values["credential"] = _what_is_needed(values["credential"])
        except forms.ValidationError as error:
            raise reworded(error, self.refused) from error
        except MALFORMED as error:
            raise forms.ValidationError(self.refused) from error
        return values


def _what_is_needed(credential: dict[str, Any]) -> dict[str, Any]:
    """Only what is read later, and was checked: the rest is whatever a client sent."""
    return {
        "id": credential["id"],
        "rawId": credential["rawId"],
        "type": "public-key",
        "response": {key: credential["response"][key] for key in ("clientDataJSON", "attestationObject")},
        "clientExtensionResults": {},
    }


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    name = name_field()
