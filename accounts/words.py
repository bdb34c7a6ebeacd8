"""Counts, lists, numbers and durations in words."""

from __future__ import annotations

from collections.abc import Sequence

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def number(count: int) -> str:
    """The number, as a word up to twelve."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def counted(count: int, one: str, many: str) -> str:
    """ "one mentor", "seven mentors"."""
    return f"{number(count)} {one if count == 1 else many}"


def in_figures(count: int, one: str, many: str) -> str:
    """ "1 person", "1,200 people": for places where figures are easier to find than words."""
    return f"{count:,} {one if count == 1 else many}"


def listed(parts: Sequence[str]) -> str:
    """ "Ann", "Ann and Ben", "Ann, Ben and Cleo"."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def sentence(words: str) -> str:
    """Add an initial capital and a final full stop; leave the rest unchanged."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def how_long(days: int) -> str:
    """A number of days, rounded as in speech: "nine days", "seven weeks", "five months", "two years"."""
    if days < 14:
        return counted(days, "day", "days")
    if days < 120:
        return counted(days // 7, "week", "weeks")
    if days < 730:
        return counted(int(days // 30.44), "month", "months")
    return counted(int(days // 365.25), "year", "years")


def ago(days: int) -> str:
    """A number of days ago in words: "today", "yesterday", "seven weeks ago"."""
    return {0: "today", 1: "yesterday"}.get(max(days, 0)) or f"{how_long(days)} ago"


def duration(minutes: int) -> str:
    """ "45 minutes", "1 hour", "5 hours", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minute{'' if rest == 1 else 's'}"
    return f"{hours} h {rest} min" if rest else f"{hours} hour{'' if hours == 1 else 's'}"
