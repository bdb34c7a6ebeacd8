"""A user's drop address: secret, renewable, and with a tag in it for the letter that it goes with.

ffion-k7p2m9q4@in.example.org        something of Ffion's
ffion-k7p2m9q4+42@in.example.org     a copy of her letter 42, or an answer to it
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts import row_security
from accounts.models import User
from accounts.policies import Role
from mail.models import DropAddress

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another; 8 of them are 40 bits
LONGEST_NAME = 20


def is_offered() -> bool:
    """Whether this site takes mail in."""
    return bool(settings.INCOMING_MAIL_DOMAIN)


def current(user: User) -> DropAddress | None:
    return DropAddress.objects.for_user(user).filter(ended_at__isnull=True).first() if is_offered() else None


def renew(user: User) -> DropAddress:
    """A new address; the one before takes no mail from now on. Two requests at once make one."""
    try:
        with transaction.atomic():
            earlier = DropAddress.objects.select_for_update().for_user(user).filter(ended_at__isnull=True).first()
            if earlier is not None:
                _end(earlier)
            in_bcc = earlier.in_bcc if earlier else True
            return DropAddress.objects.create(owner=user, local=_new_local(user), in_bcc=in_bcc)
    except IntegrityError:
        return DropAddress.objects.for_user(user).get(ended_at__isnull=True)


def end(user: User) -> None:
    for drop in DropAddress.objects.for_user(user).filter(ended_at__isnull=True):
        _end(drop)


def _end(drop: DropAddress) -> None:
    drop.ended_at = timezone.now()
    drop.save(update_fields=["ended_at"])


def _new_local(user: User) -> str:
    name = slugify(user.first_name)[:LONGEST_NAME].strip("-") or "mail"
    return f"{name}-{''.join(secrets.choice(LETTERS) for _ in range(8))}"


def address(drop: DropAddress, tag: int | None = None) -> str:
    """The address; with ``tag``, the id of a letter, the one that goes with that letter."""
    return address_at(drop.local, tag)


def address_at(local: str, tag: int | None = None) -> str:
    return f"{local}{'' if tag is None else f'+{tag}'}@{settings.INCOMING_MAIL_DOMAIN}"


def find(recipient: str) -> DropAddress | None:
    """Whose address this is; None for one that isn't, or no longer, ours."""
    local, _, domain = recipient.strip().lower().rpartition("@")
    if not is_offered() or domain != settings.INCOMING_MAIL_DOMAIN.lower() or "\0" in local:
        return None
    plain = local.partition("+")[0][:40]
    with row_security.as_role(Role.LINK):
        return DropAddress.objects.filter(
            local=plain, ended_at__isnull=True, owner__is_active=True, owner__erase_at__isnull=True
        ).first()


def tag_in(recipient: str) -> int | None:
    tag = recipient.partition("@")[0].partition("+")[2]
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 18 else None
