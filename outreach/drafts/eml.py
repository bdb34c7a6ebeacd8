"""Ways for users to send a message themselves, by mail program or LinkedIn; the app never sends it."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from outreach.drafts.readiness import Ready
from outreach.models import Channel, Message

ON_LINKEDIN = re.compile(r"https?://([a-z]+\.)?linkedin\.com/", re.IGNORECASE)


def linkedin_page(message: Message) -> str:
    """The recipient's LinkedIn page, if it is among their links and this is a LinkedIn message."""
    if message.channel not in {Channel.LINKEDIN_NOTE, Channel.LINKEDIN_MESSAGE, Channel.INMAIL}:
        return ""
    pages = (link.url for link in message.person.links.all())
    return next((url for url in pages if ON_LINKEDIN.match(url)), "")


def _in_ascii(address: str) -> str:
    """The address with its domain as mail servers know it: "bücher.example" is "xn--bcher-kva.example"."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:  # a label that is too long
        return address


def as_file(message: Message, final: Ready) -> bytes:
    """The message as an ``.eml`` file that mail programs open as a draft (``X-Unsent``), if a URL is too short."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(message.owner.name, addr_spec=_in_ascii(message.owner.email))
    letter["To"] = Address(addr_spec=_in_ascii(final.recipient))
    if final.bcc:
        letter["Bcc"] = Address(addr_spec=final.bcc)
    letter["Subject"] = final.subject
    letter["X-Unsent"] = "1"
    letter.set_content(final.body.replace("\r\n", "\n") + "\n", cte="quoted-printable")
    return letter.as_bytes()
