"""Reads a user's calendars from a CalDAV server (RFC 4791): three questions, nothing is ever written.

A client of our own, since every connection has to go through ``accounts.outbound``, and what comes back has to be
bounded in bytes and seconds before anything parses it.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from accounts import outbound
from meetings.own_calendar import multistatus
from meetings.own_calendar.multistatus import Resource
from meetings.own_calendar.reading import NoCalendar, joined

SECONDS = 25.0  # for all of it, and much less than a lease
REDIRECTS = 3
MOST_CALENDARS = 20
WELL_KNOWN = "/.well-known/caldav"  # RFC 6764
# Where an account's calendars lie on another host than the one that is asked first.
_MANY_HOSTS = re.compile(r"[a-z0-9-]+\.icloud\.com")
_WHO = '<current-user-principal/><resourcetype/><C:calendar-home-set xmlns:C="urn:ietf:params:xml:ns:caldav"/>'
_LIST = (
    '<resourcetype/><displayname/><C:supported-calendar-component-set xmlns:C="urn:ietf:params:xml:ns:caldav"/>'
    '<S:getctag xmlns:S="http://calendarserver.org/ns/"/>'
)


@dataclass(frozen=True)
class Shelf:
    """A calendar of the account. ``version`` changes with its content; empty where the server doesn't tell."""

    url: str
    name: str
    version: str = ""


class Account:
    """A user's account on such a server. Its methods raise :class:`NoCalendar` or what ``accounts.outbound`` does.

    No error quotes an address or a password.
    """

    def __init__(self, address: str, username: str, password: str, *, seconds: float = SECONDS) -> None:
        self._address = address
        secret = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/xml; charset=utf-8"}
        self._end = time.monotonic() + seconds
        self._bytes_left = outbound.MOST_BYTES

    def shelves(self) -> list[Shelf]:
        """The calendars with events, as the server lists them."""
        place, found = self._first()
        if place is None:
            raise NoCalendar("There is no calendar account at that address. Check it, or ask who runs the server.")
        if any(one.is_calendar for one in found):
            home, depth = place, "0"
        else:
            home, depth = self._home(place, found), "1"
        _, rows = self._propfind(home, _LIST, depth=depth)
        shelves = [
            Shelf(self._inside(urljoin(home, row.href)), row.name[:200], row.version[:200])
            for row in rows
            if row.is_calendar and (not row.components or "VEVENT" in row.components)
        ]
        return shelves[:MOST_CALENDARS]

    def events(self, shelf_urls: list[str], first: dt.datetime, last: dt.datetime) -> bytes:
        """Everything of these calendars between two UTC instants, as one calendar file."""
        return joined(self._files(shelf_urls, first, last))

    def _files(self, shelf_urls: list[str], first: dt.datetime, last: dt.datetime) -> Iterator[bytes]:
        within = f'<C:time-range start="{first:%Y%m%dT%H%M%SZ}" end="{last:%Y%m%dT%H%M%SZ}"/>'
        body = (
            '<?xml version="1.0" encoding="utf-8"?><C:calendar-query xmlns="DAV:" '
            'xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:calendar-data/></prop><C:filter><C:comp-filter '
            f'name="VCALENDAR"><C:comp-filter name="VEVENT">{within}</C:comp-filter></C:comp-filter></C:filter>'
            "</C:calendar-query>"
        )
        for url in shelf_urls:
            _, rows = self._ask("REPORT", self._inside(url), body, depth="1")
            yield from (row.data.encode() for row in rows)

    def _first(self) -> tuple[str | None, list[Resource]]:
        """Where the server can be asked who the user is. An address without a path may be only the beginning."""
        bare = urlsplit(self._address).path in ("", "/")
        for url in (urljoin(self._address, WELL_KNOWN), self._address) if bare else (self._address,):
            try:
                return self._propfind(url, _WHO)
            except _Missing:
                continue
        return None, []

    def _home(self, place: str, found: list[Resource]) -> str:
        home = next((one.home for one in found if one.home), "")
        principal = next((one.principal for one in found if one.principal), "")
        if not home and principal:
            place, found = self._propfind(self._inside(urljoin(place, principal)), _WHO)
            home = next((one.home for one in found if one.home), "")
        if not home:
            raise NoCalendar("That server says nothing of calendars. Check the address.")
        return self._inside(urljoin(place, home))

    def _propfind(self, url: str, props: str, *, depth: str = "0") -> tuple[str, list[Resource]]:
        body = f'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>{props}</prop></propfind>'
        return self._ask("PROPFIND", url, body, depth=depth)

    def _ask(self, method: str, url: str, body: str, *, depth: str) -> tuple[str, list[Resource]]:
        """Where it answered, and what."""
        for _ in range(REDIRECTS + 1):
            left = self._end - time.monotonic()
            if left <= 0:
                raise outbound.Unreachable("It took too long to answer.")
            answer = outbound.ask(
                method,
                url,
                body=body.encode(),
                headers={**self._headers, "Depth": depth},
                most_bytes=max(1, self._bytes_left),
                seconds=left,
            )
            if answer.status not in {301, 302, 303, 307, 308}:
                break
            url = self._inside(urljoin(url, answer.headers.get("location", "")))
        self._bytes_left -= len(answer.body)
        if answer.status == 207:
            return url, multistatus.read(answer.body)
        raise _refusal(answer.status)

    def _inside(self, url: str) -> str:
        """The same address, if the password may be sent there: to the host that the user named, and to no other."""
        there, ours = outbound.usable_url(url), outbound.usable_url(self._address)
        if (there.scheme, there.netloc) != (ours.scheme, ours.netloc):
            hosts = [outbound.usable_host(one.hostname or "") for one in (there, ours)]
            if there.scheme != "https" or there.port or not all(map(_MANY_HOSTS.fullmatch, hosts)):
                raise NoCalendar("It leads on to another host, and we don’t send your password there. Use its address.")
        return url


class _Missing(NoCalendar):
    """There is nothing at this address."""


def _refusal(status: int) -> NoCalendar:
    if status in {401, 403}:
        return NoCalendar(
            "The server doesn’t take that name and password. It may want an app password: make one there, and connect "
            "again."
        )
    if status in {404, 405, 410}:
        return _Missing("There is no calendar at that address. Check it, or connect again.")
    if status in {200, 204, 400, 501}:
        return _Missing(
            "What is at that address doesn’t speak CalDAV. Check it, or use a secret address in iCal format."
        )
    return NoCalendar("The calendar’s server has a problem. We’ll try again.")


def version(shelves: list[Shelf]) -> str:
    """Changes with the content of any of them; empty if the server doesn't tell of one."""
    if not shelves or not all(one.version for one in shelves):
        return ""
    said = "\n".join(f"{one.url} {one.version}" for one in sorted(shelves, key=lambda one: one.url))
    return hashlib.sha256(said.encode()).hexdigest()


def chosen(shelves: list[Shelf], before: list[Mapping[str, object]]) -> list[dict[str, object]]:
    """What is kept of them: each is read, unless the user has said otherwise."""
    left_out = {str(one["url"]) for one in before if not one["read"]}
    return [{"url": one.url, "name": one.name, "read": one.url not in left_out} for one in shelves]
