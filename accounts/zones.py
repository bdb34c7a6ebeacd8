"""Time zones and countries that a user may choose."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

DEFAULT_ZONE = "Europe/London"
DEFAULT_COUNTRY = "GB"


@cache
def zone_names() -> tuple[str, ...]:
    """The IANA zones people choose from (``Area/City`` and UTC), sorted."""
    areas = (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    return tuple(sorted(n for n in available_timezones() if n == "UTC" or n.split("/")[0] in areas))


def known_zone(name: str | None) -> bool:
    return bool(name) and name in zone_names()


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of this name, even if the form doesn't offer it; Europe/London for an unknown name."""
    return ZoneInfo(name if name in available_timezones() else DEFAULT_ZONE)


@cache
def _countries() -> dict[str, str]:
    """Country by zone, from the tz database's own ``zone.tab``."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}


def country_of(name: str) -> str:
    """The ISO 3166 code of the zone's country; GB if the tz database names none."""
    return _countries().get(name, DEFAULT_COUNTRY)


@cache
def zone_choices() -> tuple[tuple[str, str], ...]:
    return tuple((name, name.replace("_", " ")) for name in zone_names())
