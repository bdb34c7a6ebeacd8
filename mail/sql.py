"""The two statements that every mail needs as raw SQL: Django takes longer to build them than the database takes to
run them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from mail.models import OutgoingMail

State = OutgoingMail.State

_PASS_ON = f"""
UPDATE {OutgoingMail._meta.db_table} SET
    state = CASE WHEN id = %(begins)s THEN '{State.SENDING}' ELSE '{State.SENT}' END,
    claim_token = CASE WHEN id = %(begins)s THEN claim_token END,
    lease_until = CASE WHEN id = %(begins)s THEN %(lease_until)s END,
    sent_at = CASE WHEN id = %(begins)s THEN sent_at ELSE %(now)s END,
    last_error = CASE WHEN id = %(begins)s THEN last_error ELSE '' END
WHERE id IN (%(accepted)s, %(begins)s) AND claim_token = %(token)s
    AND state = CASE WHEN id = %(begins)s THEN '{State.FROZEN}' ELSE '{State.SENDING}' END
RETURNING id
"""  # noqa: S608 - our own names only


_FREEZE = f"""
WITH written (id, content, message_id, subject, recipient) AS (VALUES %s)
UPDATE {OutgoingMail._meta.db_table} SET
    state = '{State.FROZEN}', frozen_at = %s,
    content = written.content, message_id = written.message_id, subject = written.subject, recipient = written.recipient
FROM written WHERE {OutgoingMail._meta.db_table}.id = written.id
"""  # noqa: S608 - our own names only


def bulk_freeze(mails: Sequence[OutgoingMail]) -> None:
    """Store the rendered bytes of these locked mails in one statement; all get the first one's ``frozen_at`` (UTC)."""
    values: list[Any] = []
    for mail in mails:
        values += [mail.pk, mail.content, mail.message_id, mail.subject, mail.recipient]
    frozen_at = connection.ops.adapt_datetimefield_value(mails[0].frozen_at)
    statement = _FREEZE.replace("%s", ", ".join(["(%s, %s, %s, %s, %s)"] * len(mails)), 1)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, frozen_at])


def mark_sent_and_start_next(
    token: uuid.UUID, *, accepted: int | None, begins: int | None, now: dt.datetime, lease_until: dt.datetime
) -> set[int]:
    """Mark ``accepted`` as sent, and ``begins`` as being sent with a new lease. Returns the ids that were updated.

    Updates a mail only if it bears ``token`` and is in the expected state: sending or frozen. Times are UTC.
    """
    values = {
        "accepted": accepted,
        "begins": begins,
        "token": OutgoingMail._meta.get_field("claim_token").get_db_prep_value(token, connection),
        "now": connection.ops.adapt_datetimefield_value(now),
        "lease_until": connection.ops.adapt_datetimefield_value(lease_until),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PASS_ON, values)
        return {pk for (pk,) in cursor.fetchall()}
