"""A user with a connected mailbox: a real Dovecot to read, and a real SMTP server to send by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from accounts import jobs
from accounts.models import User
from mail.connected import services
from mail.models import ConnectedMailbox
from tests.imap_server import PASSWORD, USER, ImapServer
from tests.smtp_server import SmtpServer

HOST = "127.0.0.1"


@dataclass
class Provider:
    """Both servers of a mail provider."""

    imap: ImapServer
    smtp: SmtpServer

    def connect(self, owner: User, **values: object) -> ConnectedMailbox:
        common: dict[str, object] = {"imap_host": HOST, "imap_port": self.imap.port, "imap_security": "none"}
        common |= {"smtp_host": HOST, "smtp_port": self.smtp.port, "smtp_security": "none", "password": PASSWORD}
        return services.connect(owner=owner, address=USER, host=HOST, **{**common, **values})


@contextmanager
def a_provider() -> Iterator[Provider]:
    with ImapServer() as imap, SmtpServer(users={USER: PASSWORD}) as smtp:
        yield Provider(imap, smtp)


def look(mailbox: ConnectedMailbox) -> ConnectedMailbox:
    """As if its time had come, until nothing is left to do."""
    ConnectedMailbox.objects.filter(pk=mailbox.pk).exclude(work="").update(due_at=mailbox.created_at)
    jobs.run()
    mailbox.refresh_from_db()
    return mailbox
