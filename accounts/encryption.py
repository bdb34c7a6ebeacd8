"""Encryption at rest, AES-256-GCM: of what would open an account to who reads the database, of files, and of
private notes.

A text is bound to its purpose and its owner: copied into another's row, or another column, it can't be decrypted.
The keys come from ``ENCRYPTION_KEYS``, then ``SECRET_KEY`` and its fallbacks: the first encrypts, all decrypt.
``manage.py rotate_encryption`` writes everything anew with the first.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "aes1:"  # of the format: it says how the rest is read
NONCE = 12  # bytes, random for each text (NIST SP 800-38D, 8.2.2)


class Undecryptable(Exception):
    """No key fits, or the text was altered or belongs to another row."""


def encrypt(text: str, *, purpose: str, owner_id: int) -> str:
    """The text under the first key, as ASCII; different each time."""
    return MARK + urlsafe_b64encode(encrypt_bytes(text.encode(), purpose=purpose, owner_id=owner_id)).decode()


def decrypt(token: str, *, purpose: str, owner_id: int) -> str:
    """What :func:`encrypt` was given, for the same purpose and owner. Raises :class:`Undecryptable`."""
    return decrypt_bytes(_raw(token), purpose=purpose, owner_id=owner_id).decode()


def is_current(token: str, *, purpose: str, owner_id: int) -> bool:
    """Whether the first key opens it, so that rotation has nothing to do."""
    try:
        return is_current_bytes(_raw(token), purpose=purpose, owner_id=owner_id)
    except Undecryptable:
        return False


def encrypt_bytes(content: bytes, *, purpose: str, owner_id: int) -> bytes:
    """The same for bytes, without the mark."""
    nonce = os.urandom(NONCE)
    return nonce + _ciphers(_secrets())[0].encrypt(nonce, content, _bound_to(purpose, owner_id))


def decrypt_bytes(raw: bytes, *, purpose: str, owner_id: int) -> bytes:
    return _opened(raw, _ciphers(_secrets()), _bound_to(purpose, owner_id))


def is_current_bytes(raw: bytes, *, purpose: str, owner_id: int) -> bool:
    try:
        _opened(raw, _ciphers(_secrets())[:1], _bound_to(purpose, owner_id))
    except Undecryptable:
        return False
    return True


def _raw(token: str) -> bytes:
    if not token.startswith(MARK):
        raise Undecryptable
    try:
        return urlsafe_b64decode(token.removeprefix(MARK))
    except ValueError as error:
        raise Undecryptable from error


def _opened(raw: bytes, ciphers: list[AESGCM], bound_to: bytes) -> bytes:
    for cipher in ciphers:
        try:
            return cipher.decrypt(raw[:NONCE], raw[NONCE:], bound_to)
        except (InvalidTag, ValueError):  # of another key; or too short to be anything
            continue
    raise Undecryptable


def _bound_to(purpose: str, owner_id: int) -> bytes:
    return f"{purpose}:{owner_id}".encode()


def _secrets() -> tuple[str, ...]:
    return (*settings.ENCRYPTION_KEYS, settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=8)
def _ciphers(secrets: tuple[str, ...]) -> list[AESGCM]:
    return [AESGCM(_key_from(secret)) for secret in secrets]


def _key_from(secret: str) -> bytes:
    """256 bits, independent of whatever else the secret is used for (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mentorfolio encryption at rest").derive(
        secret.encode()
    )
