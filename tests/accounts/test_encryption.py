from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.encryption import MARK, Undecryptable, decrypt, encrypt

OLD, NEW = "old-" * 12, "new-" * 12


@given(st.text(), st.text(max_size=20), st.integers(1, 2**63 - 1))
def test_what_was_encrypted_comes_back(text: str, purpose: str, owner_id: int) -> None:
    purpose = purpose.encode("utf-8", "ignore").decode()
    text = text.encode("utf-8", "ignore").decode()
    assert decrypt(encrypt(text, purpose=purpose, owner_id=owner_id), purpose=purpose, owner_id=owner_id) == text


def test_it_differs_each_time_and_hides_the_text() -> None:
    first, second = (encrypt("the secret", purpose="app", owner_id=1) for _ in range(2))
    assert first != second
    assert b"secret" not in urlsafe_b64decode(first.removeprefix(MARK))


@pytest.mark.parametrize(("purpose", "owner_id"), [("app", 2), ("codes", 1), ("", 1)])
def test_it_opens_only_for_its_purpose_and_owner(purpose: str, owner_id: int) -> None:
    token = encrypt("the secret", purpose="app", owner_id=1)
    with pytest.raises(Undecryptable):
        decrypt(token, purpose=purpose, owner_id=owner_id)


def test_one_changed_bit_is_noticed() -> None:
    raw = bytearray(urlsafe_b64decode(encrypt("the secret", purpose="app", owner_id=1).removeprefix(MARK)))
    for place in range(len(raw)):
        raw[place] ^= 1
        with pytest.raises(Undecryptable):
            decrypt(MARK + urlsafe_b64encode(raw).decode(), purpose="app", owner_id=1)
        raw[place] ^= 1


@pytest.mark.parametrize("token", ["", "plain", MARK, f"{MARK}A", f"{MARK}AAAA", f"{MARK}é", f"{MARK}{'A' * 20}"])
def test_nonsense_is_undecryptable(token: str) -> None:
    with pytest.raises(Undecryptable):
        decrypt(token, purpose="app", owner_id=1)


def test_the_first_key_encrypts_and_all_decrypt(settings: Any) -> None:
    by_secret_key = encrypt("x", purpose="app", owner_id=1)
    settings.ENCRYPTION_KEYS = [OLD]
    by_old = encrypt("x", purpose="app", owner_id=1)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    by_new = encrypt("x", purpose="app", owner_id=1)
    assert {decrypt(one, purpose="app", owner_id=1) for one in (by_secret_key, by_old, by_new)} == {"x"}
    settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(Undecryptable):
        decrypt(by_old, purpose="app", owner_id=1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 8, [settings.SECRET_KEY]
    assert decrypt(by_secret_key, purpose="app", owner_id=1) == "x"
