"""Text in a table that a spreadsheet would take for a formula."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DISARMED = re.compile(r"'+[=+\-@\t\r]")
_NO_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def disarmed(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would calculate with it; see :func:`armed`."""
    text = _NO_CONTROLS.sub("", text)
    return f"'{text}" if _FORMULA.match(text) else text


def armed(cell: str) -> str:
    """What was written by :func:`disarmed`, as it was."""
    return cell[1:] if _DISARMED.match(cell) else cell
