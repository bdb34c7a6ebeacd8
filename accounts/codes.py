"""A code by e-mail with which a signed-in user proves once more who they are.

The session holds a keyed hash of the code, when it was mailed, and how many wrong ones may still be typed.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

KEY = "reauthentication_code"
DIGITS = 6
VALID = dt.timedelta(minutes=10)
MOST_TRIES = 5


def make(session: SessionBase) -> str:
    """A new code, which replaces an earlier one."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    session[KEY] = [_hash(code), timezone.now().timestamp(), MOST_TRIES]
    return code


def was_mailed(session: SessionBase) -> bool:
    """Whether there is a code that may still be typed."""
    _, at, tries = session.get(KEY, ["", 0, 0])
    return bool(tries > 0 and timezone.now().timestamp() - at < VALID.total_seconds())


def use(session: SessionBase, typed: str) -> bool:
    """Whether this is the code. It works once; each wrong one counts."""
    if not was_mailed(session):
        return False
    code_hash, at, tries = session[KEY]
    if constant_time_compare(code_hash, _hash("".join(typed.split()))):
        del session[KEY]
        return True
    session[KEY] = [code_hash, at, tries - 1]
    return False


def _hash(code: str) -> str:
    return salted_hmac("accounts.codes", code, algorithm="sha256").hexdigest()
