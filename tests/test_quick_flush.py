from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts import security_log
from tests import stored_data
from tests.access_world import make_world
from tests.factories import make_user


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_committed_is_left_and_triggers_hold_afterwards() -> None:
    alice = make_user("alice@example.org")
    with transaction.atomic():
        make_world(alice, "aliceonly")
    security_log.note(alice, security_log.Kind.WRONG_PASSWORDS)
    assert [label for label, rows in stored_data.snapshot().items() if rows]
    call_command("flush", interactive=False, verbosity=0)
    assert [label for label, rows in stored_data.snapshot().items() if rows] == []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW session_replication_role")
            assert cursor.fetchone() == ("origin",)
