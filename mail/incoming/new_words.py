"""What somebody wrote now: without what is quoted, history, banners, and what programs add."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mail.incoming.headers_in_text import block_at, is_marker
from mail.incoming.lines import SIGNATURE, Line
from mail.incoming.phrases import (
    ATTRIBUTIONS,
    BANNER,
    LONGEST_LINE,
    MORE_OF_A_BANNER,
    NAME_WROTE,
    SENT_FROM,
    is_ruled,
)

_MOST_LINES_OF_AN_ATTRIBUTION = 4
_MOST_BLANK = 8  # lines between an attribution and what is quoted
_WRAPPED_AT = 55  # letters; a line that is quoted and was broken is no shorter
_ENDS = (".", "?", "!", ":", ";", "…", ")", "”", '"')
_INVISIBLE = " \t\ufeff\u200b\u200e\u200f\u2060"
_BEGINS_AN_ATTRIBUTION = re.compile(r"\s*(?:On|Am|Le|El|Ar)\b", re.IGNORECASE)
_CLOCK = re.compile(r"\d\d?[:.h]\d\d")
_EMPTY_LINES = re.compile(r"\n{3,}")


def new_words(lines: Sequence[Line]) -> str:
    """The words, with one empty line at most between two; "" if there are none."""
    lines = lines[: _where_history_begins(lines)]
    left_out = _broken_off(lines) | _attributions(lines)
    own = [
        line.text.rstrip(_INVISIBLE) for number, line in enumerate(lines) if not line.depth and number not in left_out
    ]
    own = [text for text in own[_end_of_banner(own) :] if not _is_from_a_program(text)]
    return _EMPTY_LINES.sub("\n\n", "\n".join(own)).strip("\n").strip(_INVISIBLE + "\n")


def _where_history_begins(lines: Sequence[Line]) -> int:
    last_quoted = max((number for number, line in enumerate(lines) if line.depth), default=-1)
    for number, line in enumerate(lines):
        if line.depth or not line.text:
            continue
        if line.text == SIGNATURE or is_marker(line) or block_at(lines, number):
            return _without_rule_above(lines, number)
        if number > last_quoted and _is_dated_attribution(lines, number):
            return number
    return len(lines)


def _is_dated_attribution(lines: Sequence[Line], number: int) -> bool:
    """
    Whether a program says here, at what o'clock and with an address, who wrote what stands below: Yahoo, say, marks
    none of that with ">". Without these, it may be somebody's own sentence.
    """
    if not _BEGINS_AN_ATTRIBUTION.match(lines[number].text):
        return False
    joined = ""
    for line in lines[number : number + _MOST_LINES_OF_AN_ATTRIBUTION]:
        joined = f"{joined} {line.text}".strip()
        if line.blank or len(joined) > LONGEST_LINE:
            return False
        if any(pattern.fullmatch(joined) for pattern in ATTRIBUTIONS):
            return bool(_CLOCK.search(joined)) and "@" in joined
    return False


def _without_rule_above(lines: Sequence[Line], end: int) -> int:
    while end and (lines[end - 1].blank or is_ruled(lines[end - 1].text)) and not lines[end - 1].depth:
        end -= 1
    return end


def _broken_off(lines: Sequence[Line]) -> set[int]:
    """
    Lines that stand between quoted ones only because a program broke a quoted line that was too long. An answer begins
    anew: with a capital, or under a line that is short or ends.
    """
    found: set[int] = set()
    for number in range(1, len(lines) - 1):
        above, line, below = lines[number - 1 : number + 2]
        if line.depth or line.blank or not above.depth or not below.depth:
            continue
        text, quoted = line.text, above.text.rstrip()
        in_an_address = "://" in quoted[quoted.rfind(" ") + 1 :] and " " not in text.strip()
        goes_on = text[:1].islower() and len(quoted) + len(text.split(maxsplit=1)[0]) > _WRAPPED_AT + 10
        if len(quoted) > _WRAPPED_AT - 15 and (in_an_address or (goes_on and not quoted.endswith(_ENDS))):
            found.add(number)
    return found


def _attributions(lines: Sequence[Line]) -> set[int]:
    """The lines that say who wrote what is quoted below them."""
    found: set[int] = set()
    quoted = [number for number, line in enumerate(lines) if line.depth and not (number and lines[number - 1].depth)]
    for number in quoted:
        found |= _attribution_above(lines, number)
    # What was quoted may have been cut off already. Without a date, such a line is somebody's own.
    at_the_end = _attribution_above(lines, len(lines))
    if any(re.search(r"\d", lines[number].text) for number in at_the_end):
        found |= at_the_end
    return found


def _attribution_above(lines: Sequence[Line], number: int) -> set[int]:
    last = number - 1
    while last >= 0 and lines[last].blank and last > number - _MOST_BLANK:
        last -= 1
    if last < 0 or not lines[last].text.rstrip().endswith(":"):
        return set()
    texts: list[str] = []
    candidates = []
    for first in range(last, max(-1, last - _MOST_LINES_OF_AN_ATTRIBUTION), -1):
        if lines[first].blank:
            break
        texts.insert(0, lines[first].text.strip())
        candidates.append((first, " ".join(texts)))
    for pattern in (*ATTRIBUTIONS, NAME_WROTE):
        for first, joined in candidates:
            if len(joined) < LONGEST_LINE and pattern.fullmatch(joined):
                return set(range(first, last + 1))
    return set()


def _end_of_banner(texts: Sequence[str]) -> int:
    """The first line that is no banner of a server; there may be several, drawn around with lines."""
    end, above = 0, ""
    for position, text in enumerate(texts):
        goes_on = len(above) > _WRAPPED_AT - 10 and MORE_OF_A_BANNER.search(text[:LONGEST_LINE])
        if BANNER.match(text.strip()[:LONGEST_LINE]) or goes_on:
            end, above = position + 1, text
        elif not text.strip():
            above = ""
        elif is_ruled(text):
            end = position + 1 if end else 0
        else:
            break
    return end


def _is_from_a_program(text: str) -> bool:
    return len(text) < LONGEST_LINE and bool(SENT_FROM.fullmatch(text.strip()))
