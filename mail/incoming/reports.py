"""What mail systems report: that a mail came back or waits (RFC 3464), or was read (RFC 8098)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from mail.incoming.decoding import to_text, unpacked
from mail.incoming.message import Part, mailboxes, parse

_STATUS = {"message/delivery-status", "message/global-delivery-status"}
_DISPOSITION = {"message/disposition-notification", "message/global-disposition-notification"}
_RETURNED = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
_FOLD = re.compile(r"\r?\n[ \t]+")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([!-9;-~]{1,70})[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_NAMES_A_MAIL = ("original-message-id", "x-original-message-id", "original-envelope-id")
# "550", "(552)", "5.1.1": a reply of SMTP or an enhanced code (RFC 3463) that says: for good.
_FOR_GOOD = re.compile(r"(?<![\w.])(?:5[0-5]\d(?![\w.]*\d)|5\.\d{1,3}\.\d{1,3}(?![\w.]*\d))")
_HEADER_IN_TEXT = re.compile(
    r"^[>\s*]{0,10}(message-id|from|to|subject)[ \t]?:[ \t]*(.{0,1000})", re.IGNORECASE | re.MULTILINE
)
MACHINES = {"mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"}


def is_report(mail: Part) -> bool:
    return any(part.type == "multipart/report" for part in mail.walk_here())


def is_receipt(mail: Part) -> bool:
    """Whether it only says that a mail was read, or wasn't."""
    for part in mail.walk_here():
        if part.type == "multipart/report":
            named = part.parameter("report-type").lower()
            if named == "disposition-notification" or (
                not named and any(one.type in _DISPOSITION for one in part.parts)
            ):
                return True
    return False


def actions(mail: Part, people: Collection[str]) -> set[str]:
    """What became of the mail for these addresses, by the word of a mail system: "failed", "delayed", "delivered" …"""
    found = set()
    for fields in _blocks(mail, _STATUS):
        addresses = {
            mailbox.address
            for name in ("final-recipient", "original-recipient")
            for value in fields.get(name, [])
            for mailbox in mailboxes(value.partition(";")[2] or value)
        }
        if any(address in people for address in addresses):
            found |= {word.lower() for value in fields.get("action", []) for word in re.findall(r"[\w-]+", value)[:1]}
    return found


def has_status(mail: Part) -> bool:
    return any(part.type in _STATUS for part in mail.walk_here())


def ids_named(mail: Part) -> list[str]:
    """The Message-IDs of mails that this one reports about or returns."""
    found = []
    for fields in _blocks(mail, _STATUS | _DISPOSITION):
        found += [value for name in _NAMES_A_MAIL for value in fields.get(name, [])]
    for part in mail.walk_here():
        if part.type in _RETURNED:
            returned = message_in(part)
            found += returned.all("message-id") if returned else []
    return found


def quotes_headers(text: str, ids: Collection[str], users: Collection[str], people: Collection[str]) -> bool:
    """Whether the headers of a letter stand in the words: its Message-ID, or to which person it went, from the user or
    with a subject, as Exchange writes it."""
    from_user = to_person = has_subject = False
    for found in _HEADER_IN_TEXT.finditer(text):
        name, value = found[1].lower(), found[2].lower()
        if name == "message-id":
            if value.strip(" \t\r<>") in ids:
                return True
        elif name == "subject":
            has_subject = True
        else:
            addresses = {mailbox.address for mailbox in mailboxes(value)}
            from_user |= name == "from" and any(address in users for address in addresses)
            to_person |= name == "to" and any(address in people for address in addresses)
    return to_person and (from_user or has_subject)


def ids_in_text(text: str) -> list[str]:
    return [found[2] for found in _HEADER_IN_TEXT.finditer(text) if found[1].lower() == "message-id"]


def says_for_good(text: str) -> bool:
    return bool(_FOR_GOOD.search(text))


def message_in(part: Part) -> Part | None:
    """The mail or the headers that a part holds, also where they were packed, as they must not be."""
    inside = part.parts
    if not inside:
        return parse(part.content) if part.content else None
    message = inside[0]
    packed = part.first("content-transfer-encoding").lower()
    if packed.startswith(("base64", "quoted-printable")) and not message.keys():
        return parse(unpacked(message.raw, packed))
    return message


def _blocks(mail: Part, types: set[str]) -> Iterator[dict[str, list[str]]]:
    """The groups of fields in the parts of these types; names in small letters."""
    for part in mail.walk_here():
        if part.type in types:
            for block in _EMPTY_LINE.split(_source(part).replace("\r\n", "\n")):
                fields: dict[str, list[str]] = {}
                for name, value in _FIELD.findall(_FOLD.sub(" ", block)):
                    fields.setdefault(name.lower(), []).append(value)
                yield fields


def _source(part: Part) -> str:
    """The part as it came; the standard library has taken it apart as if it were mails."""
    pieces = []
    for block in part.parts:
        pieces += [f"{name}: {value}\n" for name, value in block.items()]
        pieces.append(f"\n{to_text(block.raw, 'utf-8')}\n")
    source = "".join(pieces) if pieces else to_text(part.raw, "utf-8")
    packed = part.first("content-transfer-encoding")
    if packed.lower().startswith(("base64", "quoted-printable")):
        source = to_text(unpacked(source.encode("utf-8", "surrogateescape"), packed), "utf-8")
    return source


_RECEIVED_FOR = re.compile(r"\bfor\s+<?([^\s<>;()]{1,300}@[^\s<>;()]{1,300})", re.IGNORECASE)


def recipients_in(received: str) -> list[str]:
    """For whom a server took a mail in, by its Received line (RFC 5321 §4.4)."""
    return [found.lower() for found in _RECEIVED_FOR.findall(received)]
