"""What the database holds of second factors, and what follows when a key is changed or lost."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from accounts.models import User
from tests.second_factors import code_of, confirmed_client, make_app, make_codes, make_passkey

pytestmark = pytest.mark.django_db

OLD, NEW = "old-" * 12, "new-" * 12


def stored(kind: str) -> str:
    """The secret as the database has it: ``values`` makes no model."""
    data = Authenticator.objects.values_list("data", flat=True).get(type=kind)
    return str(data["secret" if kind == "totp" else "seed"])


def test_neither_the_apps_secret_nor_the_codes_are_readable_in_the_database(alice: User) -> None:
    secret, codes = make_app(alice), make_codes(alice)
    assert stored("totp").startswith("aes1:")
    assert secret not in stored("totp")
    app, kept = Authenticator.objects.get(type="totp"), Authenticator.objects.get(type="recovery_codes")
    assert app.wrap().validate_code(code_of(secret))
    assert kept.wrap().get_unused_codes() == codes
    assert kept.wrap().validate_code(codes[2])
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes[:2] + codes[3:]


def test_a_secret_copied_to_another_person_opens_nothing_there(alice: User, charlie: User) -> None:
    secret = make_app(alice)
    Authenticator.objects.filter(user=alice).update(user=charlie)
    assert not Authenticator.objects.get(user=charlie).wrap().validate_code(code_of(secret))


def test_a_row_read_in_part_or_anew_stays_whole(alice: User) -> None:
    secret = make_app(alice)
    row = Authenticator.objects.defer("data").get()
    row.record_usage()
    row.refresh_from_db()
    assert row.data["secret"] == secret
    assert stored("totp").startswith("aes1:")


def test_keys_are_changed_by_command_and_codes_go_on_working(alice: User, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    secret, codes = make_app(alice), make_codes(alice)
    make_passkey(alice)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    out = StringIO()
    call_command("rotate_encryption", stdout=out)
    assert (
        out.getvalue()
        == "2 encrypted with the first key\n0 parts of files encrypted with it\n0 private notes decrypted\n"
    )
    settings.ENCRYPTION_KEYS = [NEW]
    assert Authenticator.objects.get(type="totp").data["secret"] == secret
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes


def test_with_the_key_lost_nothing_breaks_no_code_is_right_and_the_row_is_kept(alice: User, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    secret = make_app(alice)
    codes = make_codes(alice)
    before = stored("totp")
    settings.ENCRYPTION_KEYS = [NEW]
    app = Authenticator.objects.get(type="totp")
    assert not app.wrap().validate_code(code_of(secret))
    assert not Authenticator.objects.get(type="recovery_codes").wrap().validate_code(codes[0])
    assert confirmed_client(alice).get("/account/signing-in/").status_code == 200
    with pytest.raises(CommandError, match="2 left as they are"):
        call_command("rotate_encryption", stdout=StringIO())
    app.save()
    assert stored("totp") == before
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert Authenticator.objects.get(type="totp").data["secret"] == secret
