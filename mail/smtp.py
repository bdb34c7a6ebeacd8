"""One SMTP session with the mail server, step by step, so that each error says what became of the message.

Until the body's closing dot is sent, the server cannot have accepted the message; after it, a lost answer leaves that
unknown.
"""

from __future__ import annotations

import contextlib
import functools
import re
import smtplib
import ssl
import time
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from types import TracebackType

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.utils.encoding import punycode

from mail.smtp_timeout import DeadlineSMTP, DeadlineSMTPSSL


class Trouble(Exception):
    """Sending failed; ``str()`` is the server's answer, cleaned for storing and showing."""


class Refused(Trouble):
    """5xx: permanently refused, because of the recipient or the message. The connection can be used again."""


class NoSuchAddress(Refused):
    """5xx to the recipient, in words that say that there is no such address."""


class NotNow(Trouble):
    """4xx: temporarily refused. The connection can be used again."""


class Unreachable(Trouble):
    """No connection, no TLS or no sign-in. No message was sent."""


class Dropped(Trouble):
    """The connection broke before the body was sent: the message was not accepted."""


class Hung(Dropped):
    """The server stopped answering: no immediate retry."""


class Unclear(Trouble):
    """The connection broke after the body was sent: the message may have been accepted."""


SIGN_IN_FIRST = (530, 534, 535, 538)  # RFC 4954


class MailServer:
    """A kept connection to the mail server of Django's ``EMAIL_*`` settings."""

    def __init__(self) -> None:
        self._talk: smtplib.SMTP | None = None
        self._used = False

    def __enter__(self) -> MailServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Open a connection unless one is open. Raises :class:`Unreachable`."""
        if self._talk is not None:
            return
        talk = None
        try:
            talk = _open()
            talk.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS:
                talk.starttls(context=_tls())
                talk.ehlo()
            if settings.EMAIL_HOST_USER:
                talk.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        # ValueError: an invalid host name or invalid credentials.
        except (OSError, smtplib.SMTPException, ValueError) as error:
            if talk is not None:
                talk.close()
            raise Unreachable(f"Could not reach the mail server: {words(error)}") from error
        self._talk, self._used = talk, False

    def send(self, content: bytes, recipient: str) -> None:
        """Send one message; returns when the server has accepted it.

        Raises a :class:`Trouble`. Reconnects once if the server had closed the connection, which is noticed at once,
        so a session never lasts twice as long.
        """
        sender = envelope(_sender(content))
        to = envelope(recipient)
        self.connect()
        kept, begun = self._used, time.monotonic()
        try:
            self._hand_over(content, sender, to)
        except Dropped as trouble:
            if not kept or isinstance(trouble, Hung) or time.monotonic() - begun > settings.EMAIL_TIMEOUT:
                raise
            self.connect()
            self._hand_over(content, sender, to)
        finally:
            self._used = True

    def close(self) -> None:
        """End the session, ignoring the server's errors."""
        talk, self._talk = self._talk, None
        if talk is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                talk.quit()
            talk.close()

    def _hand_over(self, content: bytes, sender: str, to: str) -> None:
        assert self._talk is not None
        options = []
        if not content.isascii() and self._talk.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        wire = _dotted(content)
        if self._talk.has_extn("size"):
            options.append(f"SIZE={len(wire)}")
            most = self._talk.esmtp_features.get("size", "")
            if most.isdecimal() and 0 < int(most) < len(wire):
                raise Refused(f"This mail is larger than the mail server takes ({len(wire)} bytes; at most {most}).")
        try:
            if self._talk.has_extn("pipelining"):
                self._announce_at_once(sender, to, options)
            else:
                self._expect(self._talk.mail(sender, options), 2)
                self._expect(self._talk.rcpt(to), 2, recipient=True)
                self._expect(self._talk.docmd("DATA"), 3)
            self._talk.send(wire)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            said = f"The mail server went away before it had the message: {words(error)}"
            hung = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
            raise (Hung if hung else Dropped)(said) from error
        try:
            answer = self._talk.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise Unclear(f"The mail server went away before it answered: {words(error)}") from error
        self._expect(answer, 2, after_body=True)

    def _announce_at_once(self, sender: str, to: str, options: list[str]) -> None:
        """Send MAIL, RCPT and DATA together (pipelining, RFC 2920): one round trip instead of three."""
        assert self._talk is not None
        words = [f"MAIL FROM:{smtplib.quoteaddr(sender)}", *options]
        self._talk.send(f"{' '.join(words)}\r\nRCPT TO:{smtplib.quoteaddr(to)}\r\nDATA\r\n")
        answers: list[tuple[int, bytes]] = []
        while len(answers) < 3:
            try:
                answers.append(self._talk.getreply())
            except (OSError, smtplib.SMTPException):
                if all(code // 100 == 2 for code, _ in answers):
                    raise
                break  # it refused before it closed the connection: raise the refusal
        if answers[2:] and answers[2][0] // 100 == 3 and any(code // 100 != 2 for code, _ in answers[:2]):
            # The server waits for a body despite the refusal. Close the connection so that it accepts nothing.
            self._hang_up()
        for at, (answer, wanted) in enumerate(zip(answers, (2, 2, 3), strict=False)):
            self._expect(answer, wanted, recipient=at == 1)

    def _expect(
        self, answer: tuple[int, bytes], wanted: int, *, recipient: bool = False, after_body: bool = False
    ) -> None:
        """Accept an answer whose first digit is ``wanted``, else raise the matching error (RFC 5321, 4.2.1).

        4 is a temporary refusal, 5 a permanent one; ``recipient`` says that the answer is about the recipient.
        """
        code, text = answer
        if code // 100 == wanted:
            return
        said = clean(f"{code} {text.decode('utf-8', 'replace')}")
        if code == 421:  # the server is closing down
            self._hang_up()
            raise Dropped(f"The mail server is closing: {said}")
        if code in SIGN_IN_FIRST:  # our credentials are wrong, which every mail would run into
            self._hang_up()
            raise Unreachable(f"The mail server wants another sign-in: {said}")
        if code // 100 in (4, 5):
            if not after_body:
                self._reset()
            if recipient and says_no_such_address(said):
                raise NoSuchAddress(said)
            raise (Refused if code // 100 == 5 else NotNow)(said)
        self._hang_up()
        raise (Unclear if after_body else Dropped)(f"The mail server gave an answer that means nothing: {said}")

    def _reset(self) -> None:
        if self._talk is None:
            return
        try:
            code, _ = self._talk.rset()
        except (OSError, smtplib.SMTPException):
            code = -1
        if code != 250:
            self._hang_up()

    def _hang_up(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.close()


_FROM = re.compile(rb"^from:.*(?:\n[ \t].*)*", re.MULTILINE | re.IGNORECASE)


def _sender(content: bytes) -> str:
    """The address in the ``From`` header, without parsing the rest of the message."""
    head, _, _ = content.partition(b"\n\n")
    found = _FROM.search(head)
    return _address_in(found[0]) if found else ""


@functools.lru_cache(maxsize=64)
def _address_in(header: bytes) -> str:
    return parseaddr(" ".join(str(BytesHeaderParser().parsebytes(header)["From"]).split()))[1]


def _open() -> smtplib.SMTP:
    host, port, seconds = settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
    name = punycode(DNS_NAME.get_fqdn())
    if settings.EMAIL_USE_SSL:
        return DeadlineSMTPSSL(host, port, local_hostname=name, timeout=seconds, context=_tls())
    return DeadlineSMTP(host, port, local_hostname=name, timeout=seconds)


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.EMAIL_SSL_CERTFILE:
        context.load_cert_chain(settings.EMAIL_SSL_CERTFILE, settings.EMAIL_SSL_KEYFILE)
    return context


def _dotted(content: bytes) -> bytes:
    """The body as SMTP sends it: CRLF line ends, leading dots doubled, the closing dot (RFC 5321, 4.5.2)."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    if lines.startswith(b"."):
        lines = b"." + lines
    return lines.replace(b"\n.", b"\n..") + b".\r\n"


def envelope(address: str) -> str:
    """The address for the envelope, its domain in ASCII (IDNA). Raises :class:`Refused` if that is impossible."""
    local, at, domain = address.rpartition("@")
    try:
        if not (local and at and domain) or re.search(r"[\s<>\x00-\x1f\x7f]", address):
            raise ValueError("this is no e-mail address")
        local.encode("ascii")
        return f"{local}@{punycode(domain)}"
    except UnicodeError:
        raise Refused(f"Mail can’t be sent to {clean(address)}: only plain letters are possible there.") from None
    except ValueError as error:
        raise Refused(f"Mail can’t be sent to {clean(address)!r}: {error}.") from None


_NO_SUCH = re.compile(r"5\d\d[ -](?:5\.1\.(?:1|2|3|6|10)|5\.2\.1)\b")  # RFC 3463 and RFC 7504, section 4
_OLD_STYLE = re.compile(r"55[01] (?!\d\.\d)")
_ABOUT_US = re.compile(r"relay|polic|spam|block|black|denied|reject|auth|reputation|listed|dnsbl|sender", re.IGNORECASE)


def says_no_such_address(said: str) -> bool:
    """Whether this answer to a recipient means that the address doesn't exist, and not that we are unwelcome.

    Servers that give no enhanced code use 550 for both, so then the words decide; a doubt counts for the address.
    """
    return bool(_NO_SUCH.match(said) or (_OLD_STYLE.match(said) and not _ABOUT_US.search(said)))


def words(error: BaseException) -> str:
    """The text of an error, for logs and the mail's row."""
    if isinstance(error, UnicodeEncodeError):  # its text may quote a character of the password
        return "only plain letters (ASCII) can be used in its name, the user name and the password"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return clean(f"{error.smtp_code} {text}")
    return clean(str(error) or type(error).__name__)


def clean(text: str) -> str:
    """One line of at most 500 characters without control characters, fit for PostgreSQL and for a page."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())[:500]
