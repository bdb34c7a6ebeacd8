"""A draft as it would be sent: the merged text, what blocks sending, and the links for sending it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from outreach.drafts import merge_fields
from outreach.models import Channel, Message

# Some mail programs cut a longer mailto: link; copying always works.
LONGEST_MAILTO = 1_600
GMAIL = "https://mail.google.com/mail/?view=cm&fs=1"
OUTLOOK = "https://outlook.office.com/mail/deeplink/compose"
# The channels' limits in characters (from LinkedIn's help pages).
NOTE, NOTE_WITH_PREMIUM = 200, 300
LIMITS = {Channel.LINKEDIN_NOTE: NOTE, Channel.INMAIL: 1_900}
# Only these channels have a subject; for others it is stored, but neither merged nor sent.
SUBJECT_LIMITS = {Channel.EMAIL: 600, Channel.INMAIL: 200}
# Spoken channels: the text is only the user's own preparation, and may be empty.
SPOKEN = {Channel.PHONE, Channel.IN_PERSON}
# Stored among the dismissed advice: the user said that this note may have 300 characters.
PREMIUM = "premium"
# At most this many unknown fields are listed; the rest are counted.
MOST_NAMED = 8


class Obstacle(NamedTuple):
    """What blocks sending, as text, and the place to fix it."""

    words: str
    url: str = ""
    act: str = ""


@dataclass(frozen=True)
class Ready:
    """A draft merged for its person, and what still blocks sending."""

    subject: str
    body: str
    subject_parts: list[merge_fields.Part]
    body_parts: list[merge_fields.Part]
    recipient: str
    obstacles: tuple[Obstacle, ...]
    channel: Channel = Channel.EMAIL
    limit: int | None = None
    bcc: str = ""  # the user's own private address, for a copy that notes itself

    @property
    def complete(self) -> bool:
        return not self.obstacles

    @property
    def words(self) -> int:
        return len(self.body.split())

    @property
    def subject_limit(self) -> int | None:
        """The channel's hard limit for subjects; None for e-mail, where a long subject is only inadvisable."""
        return SUBJECT_LIMITS.get(self.channel) if self.channel != Channel.EMAIL else None

    @property
    def spoken(self) -> bool:
        return self.channel in SPOKEN

    @property
    def mailto(self) -> str:
        """A link for the user's mail program; empty if it would be too long for some programs."""
        return self._link(f"mailto:{quote(self.recipient, safe='@+')}?", "subject=")

    @property
    def gmail(self) -> str:
        """The same for Gmail in the browser."""
        return self._link(f"{GMAIL}&to={quote(self.recipient, safe='@')}&", "su=")

    @property
    def outlook(self) -> str:
        """The same for Outlook in the browser."""
        return self._link(f"{OUTLOOK}?to={quote(self.recipient, safe='@')}&", "subject=")

    def _link(self, start: str, subject: str) -> str:
        lines = self.body.replace("\r\n", "\n").replace("\n", "\r\n")
        bcc = f"bcc={quote(self.bcc, safe='@')}&" if self.bcc else ""
        link = f"{start}{bcc}{subject}{quote(self.subject)}&body={quote(lines)}"
        return link if self.recipient and len(link) <= LONGEST_MAILTO else ""


def limit_of(message: Message) -> int | None:
    """How many characters the channel allows; None if it has no limit."""
    if message.channel == Channel.LINKEDIN_NOTE and PREMIUM in message.put_away:
        return NOTE_WITH_PREMIUM
    return LIMITS.get(Channel(message.channel))


def usable(address: str) -> bool:
    """Whether the value is a single valid e-mail address."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return address.isprintable()  # excludes characters that change the writing direction


def judge(message: Message, values: Mapping[str, str], *, bcc: str = "") -> Ready:
    """Merge the draft and list everything that blocks sending; ``bcc`` is where a copy is to go."""
    channel = Channel(message.channel)
    raw_subject = message.subject if channel in SUBJECT_LIMITS else ""
    subject, body = merge_fields.merge(raw_subject, values), merge_fields.merge(message.body, values)
    one_line = " ".join(subject.text.split())
    address = message.person.email if channel == Channel.EMAIL else ""
    return Ready(
        subject=one_line,
        body=body.text,
        subject_parts=merge_fields.parts(raw_subject, values),
        body_parts=merge_fields.parts(message.body, values),
        recipient=address if address and usable(address) else "",
        obstacles=(
            *_fields(message, subject, body),
            *_recipient(message, address),
            *_words(message, one_line, body.text),
        ),
        channel=channel,
        limit=limit_of(message),
        bcc=bcc if channel == Channel.EMAIL else "",
    )


def _fields(message: Message, *merged: merge_fields.Merged) -> list[Obstacle]:
    unknown = tuple(dict.fromkeys(name for text in merged for name in text.unknown))
    found = [Obstacle(words) for words in merge_fields.unknown_words(unknown[:MOST_NAMED])]
    if len(unknown) > MOST_NAMED:
        found.append(Obstacle(f"So are {len(unknown) - MOST_NAMED} more."))
    for name in dict.fromkeys(name for text in merged for name in text.missing):
        field = merge_fields.FIELDS[name]
        found.append(Obstacle(f"“{field.label}” is still empty.", *where_to_fill(message, field)))
    return found


def where_to_fill(message: Message, field: merge_fields.Field) -> tuple[str, str]:
    """Where to fill in a field: the URL, and what to do there."""
    if field.typed:
        return f"#id_field_{field.name}", "Fill it in"
    if field.kept == "person":
        return reverse("person_edit", args=[message.person_id]), f"Add it to {message.person.first_name}"
    if field.kept == "settings":
        return reverse("settings"), "Add it to your settings"
    if field.kept == "brief":
        return reverse("briefs"), "Write it in your brief"
    if message.introduction_id:
        return reverse("introduction", args=[message.introduction_id]), "Look at the introduction"
    if message.approach_id:
        return reverse("approach_edit", args=[message.approach_id]), "Choose a need"
    return reverse("needs"), "Look at your needs"


def _recipient(message: Message, address: str) -> list[Obstacle]:
    if message.channel != Channel.EMAIL or (address and usable(address)):
        return []
    url, first_name = reverse("person_edit", args=[message.person_id]), message.person.first_name
    if address:
        shown = " ".join(address.split())[:80]
        return [Obstacle(f"“{shown}” is not one e-mail address.", url, f"Correct it for {first_name}")]
    words = f"There is no e-mail address for {message.person.name} yet."
    return [Obstacle(words, url, f"Add an address for {first_name}")]


def _words(message: Message, subject: str, body: str) -> list[Obstacle]:
    channel, limit = Channel(message.channel), limit_of(message)
    found = []
    if channel in SUBJECT_LIMITS and not subject:
        found.append(Obstacle("The subject is still empty.", "#id_subject", "Write it"))
    if not message.body.strip() and channel not in SPOKEN:
        found.append(Obstacle("The message is still empty.", "#id_body", "Write it"))
    most = SUBJECT_LIMITS.get(channel)
    if most and len(subject) > most:
        words = f"The subject takes {most} characters; this has {len(subject)}."
        found.append(Obstacle(words, "#id_subject", "Shorten it"))
    if limit and len(body) > limit:
        words = f"A {channel.label} takes {limit} characters; this has {len(body)}."
        found.append(Obstacle(words, "#id_body", "Shorten it"))
    return found
