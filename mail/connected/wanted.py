"""Which mails of a mailbox are read at all: only those that belong to a known thread. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from mail.connected.provider import Folder, Header
from mail.incoming.limits import Stopwatch
from mail.incoming.message import Part, parse
from mail.incoming.reports import MACHINES

_PREFIX = re.compile(r"^\s*((re|aw|wg|fw|fwd|tr|rv|sv|antw|odp|ynt|ateb)\s*(\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """What a user waits for. Message-IDs are bare, and they, addresses and subjects in small letters.

    ``threads`` are the subjects, as :func:`thread` gives them, of what was written to somebody at an address and is
    unanswered; ``drafts`` those of letters that wait to be sent there.
    """

    letters: Collection[str] = ()
    threads: Mapping[str, Collection[str]] = field(default_factory=dict)
    drafts: Mapping[str, Collection[str]] = field(default_factory=dict)
    drops: Collection[str] = ()  # the user's drop addresses, without tags
    uncertain: Collection[str] = ()  # Message-IDs of letters of which nobody knows whether they went

    @property
    def nothing(self) -> bool:
        return not (self.letters or self.threads or self.drafts or self.uncertain)


def thread(subject: str) -> str:
    """The subject without "Re:" and the like, in small letters."""
    return " ".join(_PREFIX.sub("", str(subject)).split()).lower()


def is_wanted(header: Header, wanted: Wanted) -> bool:
    """Whether its body is worth fetching. A report of a mail server only tells within whose letter it is about."""
    part = parse(header.content, Stopwatch())
    subject = thread(part.first("subject"))
    if header.folder == Folder.SENT:
        return _is_own_letter(part, subject, wanted)
    named = [*part.ids("in-reply-to"), *part.ids("references")]
    if any(one.lower() in wanted.letters for one in named):
        return True
    if any(subject in wanted.threads.get(box.address, ()) for box in part.mailboxes("from")):
        return bool(subject)
    return is_report(part) and bool(wanted.letters)


def _is_own_letter(part: Part, subject: str, wanted: Wanted) -> bool:
    own = {one.lower() for one in part.ids("message-id")}
    if not own.isdisjoint(wanted.uncertain):
        return True
    if not own.isdisjoint(wanted.letters):
        return False  # it is known that this went
    to = [box.address for box in part.mailboxes("to", "cc", "bcc")]
    if any(_plain(address) in wanted.drops for address in to):
        return True
    return any(subject in wanted.drafts.get(address, ()) for address in to)


def _plain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def is_report(part: Part) -> bool:
    """Whether a mail server reports about a mail: then only the body says about which."""
    kind = part.first("content-type").lower()
    if kind.startswith("multipart/report") or part.first("x-failed-recipients"):
        return True
    return any(box.address.partition("@")[0] in MACHINES for box in part.mailboxes("from"))
