"""A mailbox by IMAP, and letters from it by SMTP. What is read is examined, never selected: not even \\Seen changes.

The other side may be anybody's server, and hostile: every connection goes through ``accounts.outbound``, what a session
may take in time and bytes is bounded, and no error repeats what it said about the password.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import imaplib
import re
import smtplib
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.mail.utils import DNS_NAME
from django.utils import timezone
from django.utils.encoding import punycode

from accounts import outbound
from mail.connected.provider import FIRST_DAYS, MOST_HEADERS, Folder, Header, Look, SignInAgain, Trouble
from mail.incoming.limits import LARGEST_MAIL, MEGABYTE
from mail.smtp import MailServer, Unreachable, words
from mail.smtp_timeout import DeadlineSMTP

TLS, STARTTLS = "tls", "starttls"
SECONDS = 20.0  # for reading, and as much for sending: together less than the lease of a job
MOST_BYTES = 2 * LARGEST_MAIL  # of one session
LONGEST_LINE = 2 * MEGABYTE
FIELDS = (
    "FROM TO CC BCC SUBJECT DATE MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE AUTO-SUBMITTED RETURN-PATH "
    "X-FAILED-RECIPIENTS"
)
SENT_NAMES = (
    *("sent", "sent items", "sent mail", "sent messages", "sent-mail", "gesendet", "gesendete objekte"),
    *("éléments envoyés", "envoyés", "messages envoyés", "enviados", "elementos enviados", "inviata", "posta inviata"),
    *("verzonden", "verzonden items", "wysłane", "skickat", "sendt"),
)


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    security: str


@dataclass(frozen=True)
class Account:
    """How to get in. It is not shown in errors and logs."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    imap: Server
    smtp: Server


class _TooMuch(Exception):
    """The server sends more than we take."""


class _Client(imaplib.IMAP4):
    def __init__(self, server: Server, seconds: float) -> None:
        self._server, self._seconds, self._taken = server, seconds, 0
        super().__init__(server.host, server.port, timeout=seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        server = self._server
        return outbound.connect(
            server.host,
            server.port,
            ports=outbound.MAIL_PORTS,
            tls=server.security == TLS,
            seconds=self._seconds,
        )

    def read(self, size: int) -> bytes:
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self._taken += size
        if size < 0 or self._taken > MOST_BYTES:
            raise _TooMuch


class ImapMailbox:
    """See :class:`mail.connected.provider.Mailbox`. Connects when it is first needed."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client: _Client | None = None
        self._cut = contextlib.ExitStack()
        self._folders: dict[Folder, str] = {}
        self._smtp = _OwnServer(account)

    # --- Reading ----------------------------------------------------------------------------------

    def look(self, bookmark: dict[str, Any]) -> Look:
        found: list[Header] = []
        now: dict[str, Any] = {}
        more = False
        with self._talking() as client:
            for folder, name in self._folders.items():
                validity = self._examine(client, name)
                before = bookmark.get(folder.value)
                wanted = self._new_uids(client, before if isinstance(before, dict) else {}, validity)
                last = _number(before.get("uid")) if isinstance(before, dict) and wanted.goes_on else 0
                these = wanted.uids[:MOST_HEADERS]
                more = more or len(wanted.uids) > len(these)
                found += self._headers(client, folder, validity, these)
                now[folder.value] = {"validity": validity, "uid": max([last, wanted.begins - 1, *these])}
        return Look(found, now, more)

    def _new_uids(self, client: _Client, before: dict[str, Any], validity: int) -> _New:
        goes_on = _number(before.get("validity")) == validity
        if goes_on:
            last = _number(before.get("uid"))
            rows = self._search(client, f"UID {last + 1}:*")
            return _New([uid for uid in rows if uid > last], goes_on=True, begins=last + 1)
        since = timezone.now() - dt.timedelta(days=FIRST_DAYS)
        # The month by its English name, whatever the locale (RFC 3501).
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        uids = self._search(client, f"SINCE {day}")
        # Where nothing is that young, what comes next begins behind what is there.
        following = _number(_first(client.response("UIDNEXT")[1]))
        return _New(uids, goes_on=False, begins=uids[0] if uids else max(following, 1))

    def _search(self, client: _Client, criteria: str) -> list[int]:
        rows = _ok(client.uid("SEARCH", criteria))
        return sorted({int(one) for row in rows if isinstance(row, bytes) for one in row.split() if one.isdigit()})

    def _headers(self, client: _Client, folder: Folder, validity: int, uids: Sequence[int]) -> list[Header]:
        if not uids:
            return []
        wanted = set(uids)
        asked = f"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
        found = []
        for about, content in _items(_ok(client.uid("FETCH", _ranges(uids), asked))):
            uid, size = _number(_in(about, b"UID")), _number(_in(about, b"RFC822.SIZE"))
            if uid in wanted:
                wanted.discard(uid)
                found.append(Header(f"{folder.value}:{validity}:{uid}", folder, size, content))
        return sorted(found, key=lambda header: _number(header.key.rpartition(":")[2]))

    def fetch(self, key: str) -> bytes | None:
        name, _, rest = key.partition(":")
        validity, _, uid = rest.partition(":")
        with self._talking() as client:
            folder = self._folders.get(Folder(name))
            if folder is None or self._examine(client, folder) != _number(validity):
                return None
            # A little more than is ever read, so that what is larger shows.
            content = self._part(client, _number(uid), f"BODY.PEEK[]<0.{LARGEST_MAIL + 1}>")
            if content is not None and len(content) > LARGEST_MAIL:
                content = self._part(client, _number(uid), f"BODY.PEEK[HEADER]<0.{MEGABYTE}>")
        return content

    def _part(self, client: _Client, uid: int, part: str) -> bytes | None:
        rows = _ok(client.uid("FETCH", str(uid), f"(UID {part})"))
        return next((content for about, content in _items(rows) if _number(_in(about, b"UID")) == uid), None)

    def keep_copy(self, content: bytes, message_id: str) -> None:
        with self._talking() as client:
            folder = self._folders.get(Folder.SENT)
            if folder is None:
                return
            self._examine(client, folder)
            if self._search(client, f"HEADER Message-ID {_quoted(message_id)}"):
                return
            wire = re.sub(rb"\r?\n", b"\r\n", content)
            _ok(client.append(_quoted(folder), r"(\Seen)", imaplib.Time2Internaldate(time.time()), wire))

    def _examine(self, client: _Client, folder: str) -> int:
        """Open it read-only; returns its UIDVALIDITY."""
        _ok(client.select(_quoted(folder), readonly=True))
        return _number(_first(client.response("UIDVALIDITY")[1]))

    @contextlib.contextmanager
    def _talking(self) -> Iterator[_Client]:
        """The signed-in client. Whatever goes wrong becomes a :class:`Trouble`, and the session is over."""
        try:
            yield self._client or self._open()
        except Trouble:
            self.close()
            raise
        except _TooMuch:
            self.close()
            raise Trouble("Your mailbox’s server sent more than we take at once.") from None
        except (outbound.Refused, outbound.Unreachable) as trouble:
            self.close()
            raise Trouble(f"We couldn’t connect to {self._account.imap.host}. {trouble}") from None
        # Not their texts: imaplib's quote what was sent.
        except (imaplib.IMAP4.error, OSError, ValueError, EOFError):
            self.close()
            raise Trouble(
                f"{self._account.imap.host} broke off, or gave no answer we understand. We’ll try again."
            ) from None

    def _open(self) -> _Client:
        account = self._account
        end = time.monotonic() + SECONDS
        client = _Client(account.imap, SECONDS)
        self._client = client
        self._cut.enter_context(outbound.cut_off(client.sock, end))
        if account.imap.security == STARTTLS:
            client.starttls(ssl_context=outbound.context())
            self._cut.enter_context(outbound.cut_off(client.sock, end))
        try:
            client.login(account.username, account.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if re.search(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|try again|temporar", str(error), re.IGNORECASE):
                raise Trouble(f"{account.imap.host} lets nobody in just now. We’ll try again.") from None
            raise SignInAgain(_wrong(account.imap.host)) from None
        except UnicodeEncodeError:
            raise SignInAgain("Only plain letters can be used in the user name and the password.") from None
        self._folders = _folders(client)
        return client

    # --- Sending ----------------------------------------------------------------------------------

    def connect_to_send(self) -> None:
        self._smtp.connect_or_say()

    def send(self, content: bytes, recipient: str) -> str | None:
        self._smtp.send(content, recipient)
        return None

    def close(self) -> None:
        self._smtp.close()
        client, self._client = self._client, None
        self._cut.close()
        self._cut = contextlib.ExitStack()
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()


@dataclass(frozen=True)
class _New:
    uids: list[int]
    goes_on: bool  # from where the bookmark is
    begins: int


class _OwnServer(MailServer):
    """SMTP to the user's own server, as the outbox speaks it to ours."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self._cut = contextlib.ExitStack()

    def connect_or_say(self) -> None:
        """Like ``connect``, with what a mailbox raises."""
        try:
            self.connect()
        except _WrongPassword as error:
            raise SignInAgain(str(error)) from None
        except Unreachable as error:
            raise Trouble(str(error)) from None

    def connect(self) -> None:
        if self._talk is not None:
            return
        account, server, talk = self._account, self._account.smtp, None
        end = time.monotonic() + SECONDS
        try:
            talk = _Smtp(server)
            assert talk.sock is not None
            self._cut.enter_context(outbound.cut_off(talk.sock, end))
            talk.ehlo_or_helo_if_needed()
            if server.security == STARTTLS:
                talk.starttls(context=outbound.context())
                self._cut.enter_context(outbound.cut_off(talk.sock, end))
                talk.ehlo()
            talk.login(account.username, account.password)
        except (outbound.Refused, outbound.Unreachable) as trouble:
            raise Unreachable(f"We couldn’t connect to {server.host}. {trouble}") from None
        except smtplib.SMTPAuthenticationError as error:
            talk.close()  # type: ignore[union-attr]  # it answered
            if error.smtp_code // 100 == 4:
                raise Unreachable(f"{server.host} lets nobody in just now. We’ll try again.") from None
            raise _WrongPassword(_wrong(server.host)) from None
        except UnicodeEncodeError:
            raise _WrongPassword("Only plain letters can be used in the user name and the password.") from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            if talk is not None:
                talk.close()
            said = "it offers no way to sign in" if isinstance(error, smtplib.SMTPNotSupportedError) else words(error)
            raise Unreachable(f"{server.host} doesn’t take letters from us: {said}") from None
        self._talk, self._used = talk, False

    def close(self) -> None:
        super().close()
        self._cut.close()
        self._cut = contextlib.ExitStack()


class _WrongPassword(Unreachable):
    pass


class _Smtp(DeadlineSMTP):
    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, local_hostname=punycode(DNS_NAME.get_fqdn()), timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        tls = self._server.security == TLS
        return outbound.connect(host, port, ports=outbound.MAIL_PORTS, tls=tls, seconds=SECONDS)


def _wrong(host: str) -> str:
    return (
        f"{host} didn’t accept the user name and password. Many providers want an app password here, and not your own."
    )


# --- What IMAP answers ----------------------------------------------------------------------------

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LIST = re.compile(rb'\((?P<flags>[^)]*)\)\s+(?:"(?:[^"\\]|\\.)*"|NIL)\s+(?P<name>.*)', re.DOTALL)


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, rows = answer
    if kind != "OK":
        raise imaplib.IMAP4.error("refused")
    return rows


def _folders(client: _Client) -> dict[Folder, str]:
    """INBOX, and where what was sent is: by its special use (RFC 6154), else by the usual names."""
    found = {Folder.INBOX: "INBOX"}
    by_name = ""
    for row in _ok(client.list()):
        name, flags = _listed(row)
        if not name or b"\\noselect" in flags:
            continue
        if b"\\sent" in flags:
            return {**found, Folder.SENT: name}
        plain = _from_utf7(name).lower()
        if re.sub(r"^inbox[./]", "", plain) in SENT_NAMES:
            by_name = by_name or name
    return {**found, Folder.SENT: by_name} if by_name else found


def _listed(row: Any) -> tuple[str, list[bytes]]:
    """The name of a folder as the server writes it, and its flags in small letters."""
    literal = row[1] if isinstance(row, tuple) else None
    match = _LIST.match(row[0] if isinstance(row, tuple) else row or b"")
    if match is None:
        return "", []
    name = literal if literal is not None else match["name"].strip()
    if literal is None and name.startswith(b'"') and name.endswith(b'"'):
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    return name.decode("ascii", "ignore"), match["flags"].lower().split()


def _from_utf7(name: str) -> str:
    """The folder's name in letters (RFC 3501 §5.1.3: a UTF-7 of its own)."""

    def letters(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        try:
            return f"+{match[1].replace(',', '/')}-".encode().decode("utf-7")
        except UnicodeDecodeError:
            return match[0]

    return re.sub(r"&([^-]*)-", letters, name)


def _quoted(text: str) -> str:
    return '"' + re.sub(r"[\r\n\0]", "", text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ranges(uids: Sequence[int]) -> str:
    """ "1:3,7" for 1, 2, 3, 7: commands have a longest line."""
    spans: list[list[int]] = []
    for uid in uids:
        if spans and uid == spans[-1][1] + 1:
            spans[-1][1] = uid
        else:
            spans.append([uid, uid])
    return ",".join(f"{first}:{last}" if first != last else str(first) for first, last in spans)


def _items(rows: Sequence[Any]) -> Iterator[tuple[bytes, bytes]]:
    """Of each mail, what stands around the literal, and the literal. The UID may stand before or behind it."""
    for at, row in enumerate(rows):
        if isinstance(row, tuple) and len(row) == 2:
            behind = rows[at + 1] if at + 1 < len(rows) and isinstance(rows[at + 1], bytes) else b""
            yield b" ".join((row[0], behind)), row[1]


def _in(about: bytes, name: bytes) -> bytes:
    match = re.search(rb"\b" + re.escape(name) + rb" (\d{1,15})", about)
    return match[1] if match else b"0"


def _first(values: Any) -> Any:
    return values[0] if values else b"0"


def _number(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return 0
