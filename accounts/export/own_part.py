"""What this app, and what it signs in with (django-allauth), says of the export."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from accounts.export.parts import Added, Part
from accounts.models import User

_SIGNING_IN = "Signing in is set up anew on each installation."
_LOG = "It is the log of what happened on this installation."
_WORK = "It is work of this installation."
_OWNER = "It is the account itself."
_LEASE = "It says which worker has the work in hand."


def _codes_left(factor: Authenticator) -> int | None:
    if factor.type != Authenticator.Type.RECOVERY_CODES:
        return None
    return len(factor.wrap().get_unused_codes())


OWN_PART = Part(
    left_out={
        "accounts.User.password": "It is a hash of a secret.",
        "accounts.User.session_version": "It is part of what keeps sessions apart.",
        "accounts.User.off_link_version": "It is part of the signed links in mails.",
        "accounts.User_groups": "Nobody is in a group here.",
        "accounts.User_user_permissions": "Nobody has a permission of their own here.",
        "accounts.Job.claim_token": _LEASE,
        "accounts.Job.lease_until": _LEASE,
        "accounts.Export.directory": "It says where in the zip its files begin.",
        "accounts.StoredPart": "They are the files themselves, and an export that holds exports would never end.",
        "account.EmailConfirmation": "It would hold the keys of links; they are signed instead, so it is empty.",
        "mfa.Authenticator.data": "It holds seeds, keys and codes.",
        "socialaccount.SocialToken": "It would let somebody act elsewhere in the user’s name; none is kept.",
        "usersessions.UserSession.session_key": "Whoever has it is signed in.",
        "usersessions.UserSession.data": "Nothing is kept there.",
    },
    stays={
        "accounts.User.email": _SIGNING_IN,
        "accounts.User.is_staff": _SIGNING_IN,
        "accounts.User.is_superuser": _SIGNING_IN,
        "accounts.User.is_active": _SIGNING_IN,
        "accounts.User.last_login": _SIGNING_IN,
        "accounts.User.date_joined": "It is when one joined this installation.",
        "accounts.AddressChange": _SIGNING_IN,
        "accounts.SecurityEvent": _LOG,
        "accounts.Job": _WORK,
        "accounts.StoredFile": _WORK,
        "account.EmailAddress": _SIGNING_IN,
        "mfa.Authenticator": _SIGNING_IN,
        "socialaccount.SocialAccount": _SIGNING_IN,
        "usersessions.UserSession": _SIGNING_IN,
    },
    added={
        "accounts.User": (Added("has_password", {"type": "boolean"}, User.has_usable_password),),
        "accounts.SecurityEvent": (
            Added("device", {"type": "string", "description": "in words"}, lambda row: row.device),
        ),
        "mfa.Authenticator": (
            Added("name", {"type": "string"}, str),
            Added("codes_left", {"type": ["integer", "null"], "description": "recovery codes"}, _codes_left),
        ),
    },
)
