"""The app's secret and the seed of the recovery codes are encrypted in the database, bound to their owner and kind.

At the edge of the model, not in the adapter's ``encrypt`` and ``decrypt``: those know neither the owner nor the kind.
"""

from __future__ import annotations

import logging
import secrets
from base64 import b32encode
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_init, post_save, pre_save
from django.dispatch import receiver

from accounts.encryption import Undecryptable, decrypt, encrypt

logger = logging.getLogger(__name__)

FIELD_OF: dict[str, str] = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def purpose_of(row: Authenticator) -> str:
    return f"second factor {row.type}"


@receiver(pre_save, sender=Authenticator)
def seal(instance: Authenticator, **_: Any) -> None:
    field = FIELD_OF.get(instance.type, "")
    if field in instance.data:
        sealed = _unreadable(instance) or encrypt(
            instance.data[field], purpose=purpose_of(instance), owner_id=instance.user_id
        )
        instance.__dict__["_open_data"] = instance.data
        instance.data = {**instance.data, field: sealed}


@receiver(post_save, sender=Authenticator)
def keep_open(instance: Authenticator, **_: Any) -> None:
    """The row in memory stays as allauth left it."""
    instance.data = instance.__dict__.pop("_open_data", instance.data)


@receiver(post_init, sender=Authenticator)
def unseal(instance: Authenticator, **_: Any) -> None:
    """Also of a row that no key opens: it then matches no code, instead of breaking every page that lists it."""
    if instance.pk is None or instance.get_deferred_fields() & {"type", "data", "user_id"}:
        return
    field = FIELD_OF.get(instance.type, "")
    if field not in instance.data:
        return
    sealed = instance.data[field]
    try:
        opened = decrypt(sealed, purpose=purpose_of(instance), owner_id=instance.user_id)
    except Undecryptable:
        logger.error("No key opens second factor %s, so it matches no code. Is ENCRYPTION_KEYS complete?", instance.pk)
        instance.__dict__["_unreadable"] = sealed
        opened = b32encode(secrets.token_bytes(20)).decode()
    instance.data = {**instance.data, field: opened}


def _unreadable(instance: Authenticator) -> str:
    """What the database has for a row that no key opens: it is kept, for when the key is found; else empty."""
    return str(instance.__dict__.get("_unreadable", ""))


def rotate() -> tuple[int, int]:
    """Encrypt every row anew with the first key; returns how many, and how many no key opens."""
    rotated = unreadable = 0
    for pk in Authenticator.objects.filter(type__in=FIELD_OF).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is not None and _unreadable(row):
                unreadable += 1
            elif row is not None:
                row.save(update_fields=["data"])
                rotated += 1
    return rotated, unreadable
