"""Counts, lists, numbers and spans of time as one says them."""

from __future__ import annotations

from collections.abc import Sequence

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def number(count: int) -> str:
    """A number, up to twelve as a word, as books do."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def counted(count: int, one: str, many: str) -> str:
    """ "one mentor", "seven mentors"."""
    return f"{number(count)} {one if count == 1 else many}"


def in_figures(count: int, one: str, many: str) -> str:
    """ "1 person", "1,200 people": where figures are looked for."""
    return f"{count:,} {one if count == 1 else many}"


def listed(parts: Sequence[str]) -> str:
    """ "Ann", "Ann and Ben", "Ann, Ben and Cleo"."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def sentence(words: str) -> str:
    """With a capital to begin with and a full stop at the end; the rest stays as it is."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def how_long(days: int) -> str:
    """A span of whole days, as roughly as one would say it: "nine days", "seven weeks", "five months", "two years"."""
    if days < 14:
        return counted(days, "day", "days")
    if days < 120:
        return counted(days // 7, "week", "weeks")
    if days < 730:
        return counted(int(days // 30.44), "month", "months")
    return counted(int(days // 365.25), "year", "years")


def ago(days: int) -> str:
    """So many whole days ago: "today", "yesterday", "seven weeks ago"."""
    return {0: "today", 1: "yesterday"}.get(max(days, 0)) or f"{how_long(days)} ago"


def duration(minutes: int) -> str:
    """ "45 minutes", "1 hour", "5 hours", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minute{'' if rest == 1 else 's'}"
    return f"{hours} h {rest} min" if rest else f"{hours} hour{'' if hours == 1 else 's'}"
