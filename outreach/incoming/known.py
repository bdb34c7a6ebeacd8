"""What the reader of incoming mail is told of a user: their addresses, whom they know, and the letters that went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models.functions import Lower

from accounts.models import User
from mail import drops
from mail.incoming.known import Known
from mail.models import ConnectedMailbox, DropAddress
from outreach.models import Message
from portfolio.models import Person, PersonEmail

_T = TypeVar("_T")


class Lookup(Mapping[str, _T]):
    """Asks the database for one key at a time: a mail has few addresses, and a user may know 30,000 people."""

    def __init__(self, find: Callable[[str], _T | None]) -> None:
        self._find = find

    def __getitem__(self, key: str) -> _T:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        raise TypeError("it can only be asked for single keys")

    def __len__(self) -> int:
        raise TypeError("it can only be asked for single keys")


def known_of(user: User) -> Known:
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    connected = ConnectedMailbox.objects.for_user(user).values_list("address", flat=True)
    return Known(
        users={address.lower() for address in (*confirmed, *connected)},
        people=Lookup(lambda address: person_at(user, address)),
        names=Lookup(lambda name: _address_of(user, name)),
        letters=Lookup(lambda message_id: _letter(user, message_id)),
        drops={drops.address(drop).lower() for drop in DropAddress.objects.for_user(user)},
        servers=tuple(settings.INCOMING_MAIL_SERVERS),
    )


def person_at(user: User, address: str) -> int | None:
    """Whose address it is; None if it is nobody's, or of several."""
    rows = PersonEmail.objects.for_user(user).annotate(low=Lower("address")).filter(low=address.lower())
    people = set(rows.values_list("person_id", flat=True)[:2])
    return people.pop() if len(people) == 1 else None


def _address_of(user: User, name: str) -> str | None:
    people = list(Person.objects.for_user(user).filter(name__iexact=name).prefetch_related("emails")[:2])
    return people[0].email.lower() or None if len(people) == 1 else None


def _letter(user: User, message_id: str) -> int | None:
    letters = Message.objects.for_user(user).filter(message_id=message_id[:255]).exclude(message_id="")
    return letters.values_list("pk", flat=True).first()
