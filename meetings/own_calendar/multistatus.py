"""What a WebDAV server answers (RFC 4918, multistatus), bounded: no document types, so no entities, and no deep trees.

Only what is asked for is kept while it is read, and nothing of a tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from meetings.own_calendar.reading import NoCalendar

MOST_ELEMENTS = 300_000
DEEPEST = 40
DAV, CALDAV, SERVER = "DAV: ", "urn:ietf:params:xml:ns:caldav ", "http://calendarserver.org/ns/ "


@dataclass
class Resource:
    """One response. ``home`` and ``principal`` are addresses, relative to where it was asked."""

    href: str = ""
    name: str = ""
    version: str = ""
    home: str = ""
    principal: str = ""
    data: str = ""
    is_calendar: bool = False
    components: set[str] = field(default_factory=set)


# (the element around it, or "" for any, and the element) → where its text goes
_TEXTS = {
    (f"{DAV}response", f"{DAV}href"): "href",
    (f"{DAV}current-user-principal", f"{DAV}href"): "principal",
    (f"{CALDAV}calendar-home-set", f"{DAV}href"): "home",
    (f"{DAV}prop", f"{DAV}displayname"): "name",
    (f"{DAV}prop", f"{SERVER}getctag"): "version",
    (f"{DAV}prop", f"{CALDAV}calendar-data"): "data",
}


class _Reader:
    def __init__(self) -> None:
        self.found: list[Resource] = []
        self._around: list[str] = []
        self._text: list[str] = []
        self._left = MOST_ELEMENTS

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0 or len(self._around) >= DEEPEST:
            raise NoCalendar("There is more in this calendar than we can read. A smaller one will do.")
        parent = self._around[-1] if self._around else ""
        self._around.append(name)
        self._text = []
        if name == f"{DAV}response":
            self.found.append(Resource())
        elif not self.found:
            return
        elif (parent, name) == (f"{DAV}resourcetype", f"{CALDAV}calendar"):
            self.found[-1].is_calendar = True
        elif (parent, name) == (f"{CALDAV}supported-calendar-component-set", f"{CALDAV}comp"):
            self.found[-1].components.add(attributes.get("name", "").upper())

    def text(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        self._around.pop()
        where = _TEXTS.get((self._around[-1] if self._around else "", name))
        if where and self.found:
            setattr(self.found[-1], where, getattr(self.found[-1], where) or "".join(self._text).strip())
        self._text = []


def read(body: bytes) -> list[Resource]:
    """Raises :class:`NoCalendar`."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        raise NoCalendar("The calendar’s server gave an answer that we don’t understand.") from None
    return reader.found


def _refuse(*args: object) -> None:
    raise NoCalendar("The calendar’s server gave an answer that we don’t understand.")
