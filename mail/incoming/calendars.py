"""Whether a calendar answers an invitation (RFC 5546 §3.2.3); what it answers is for whoever knows meetings."""

from __future__ import annotations

import re

from mail.incoming.message import Part

_FOLD = re.compile(r"\r?\n[ \t]")
_METHOD = re.compile(r"^METHOD[ \t]*(?:;[^:\n]{0,100})?:[ \t]*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_LONGEST = 1024 * 1024  # letters


def answer_in(mail: Part) -> str | None:
    """The text/calendar with METHOD:REPLY in a mail, unfolded. A part without any METHOD is what its type says."""
    for part in mail.walk_here():
        if part.type == "text/calendar":
            text = _FOLD.sub("", part.text[:_LONGEST]).replace("\r", "").replace("\0", "")
            method = _METHOD.search(text)
            if (method[1] if method else part.parameter("method")).upper() == "REPLY":
                return text
    return None
