"""What a careless or hostile CalDAV server may answer. What a good one does: ``tests/integration/test_caldav.py``."""

from __future__ import annotations

import datetime as dt
import time
from http.server import BaseHTTPRequestHandler

import pytest

from accounts import outbound
from meetings.own_calendar import multistatus
from meetings.own_calendar.caldav import Account, Shelf, chosen, version
from meetings.own_calendar.reading import NoCalendar, joined, read
from tests.http_server import Inside, say
from tests.meetings.own_calendar.test_reading import FIRST, LAST, LONDON, calendar, event

HEAD = '<?xml version="1.0"?>'
OPEN = '<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'


def answer_of(server: Inside, body: str, status: int = 207, **headers: str) -> None:
    server.answer = lambda request: say(request, status, body.encode(), headers)


def account(server: Inside, *, seconds: float = 5) -> Account:
    return Account(f"http://127.0.0.1:{server.port}/dav/", "alice", "app password", seconds=seconds)


def test_a_redirect_is_followed_on_the_same_host_and_keeps_the_question(server: Inside) -> None:
    def moved(request: BaseHTTPRequestHandler) -> None:
        if request.path == "/dav/":
            say(request, 301, b"", {"Location": "/other/"})
        else:
            body = f"{OPEN}<response><href>/other/</href><propstat><prop><resourcetype><C:calendar/></resourcetype>"
            say(request, 207, f"{body}</prop></propstat></response></multistatus>".encode(), {})

    server.answer = moved
    assert [one.url for one in account(server).shelves()] == [f"http://127.0.0.1:{server.port}/other/"]
    assert server.knocks == ["/dav/", "/other/", "/other/"]


@pytest.mark.parametrize("where", ["https://evil.example.org/", "http://localhost:{port}/dav/", "//evil.example.org/"])
def test_the_password_goes_to_no_other_host_by_a_redirect(server: Inside, where: str) -> None:
    answer_of(server, "", 307, Location=where.format(port=server.port))
    with pytest.raises((NoCalendar, outbound.Refused)):
        account(server).shelves()
    assert len(server.knocks) == 1


def test_the_password_goes_to_no_other_host_by_what_is_listed(server: Inside) -> None:
    home = "<C:calendar-home-set><href>https://evil.example.org/</href></C:calendar-home-set>"
    answer_of(
        server, f"{OPEN}<response><href>/</href><propstat><prop>{home}</prop></propstat></response></multistatus>"
    )
    with pytest.raises(NoCalendar, match="don’t send your password there"):
        account(server).shelves()


def test_icloud_may_name_another_of_its_hosts_and_nobody_else_may() -> None:
    apple = Account("https://caldav.icloud.com", "a", "b")
    assert apple._inside("https://p34-caldav.icloud.com/1/calendars/")
    for url in ("https://icloud.com.example.org/", "https://p34.icloud.com:8443/", "https://example.org/"):
        with pytest.raises(NoCalendar):
            apple._inside(url)


def test_a_private_network_is_refused_at_the_moment_of_connecting() -> None:
    with pytest.raises(outbound.Refused, match="private network"):
        Account("https://127.0.0.1/", "a", "b").shelves()


def test_a_redirect_without_an_end_ends(server: Inside) -> None:
    answer_of(server, "", 302, Location="/dav/")
    with pytest.raises(NoCalendar):
        account(server).shelves()
    assert len(server.knocks) <= 4


def test_a_server_that_hangs_is_left_in_time(server: Inside) -> None:
    server.answer = lambda request: time.sleep(3)
    began = time.monotonic()
    with pytest.raises(outbound.Unreachable, match="too long"):
        account(server, seconds=0.5).shelves()
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "name and password"), (404, "Check the|Check it"), (200, "Check it"), (503, "has a problem")],
)
def test_a_refusal_is_said_plainly(server: Inside, status: int, said: str) -> None:
    answer_of(server, "", status)
    with pytest.raises(NoCalendar, match=said):
        account(server).shelves()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no XML",
        f"{OPEN}<response>",
        f'{HEAD}<!DOCTYPE x [<!ENTITY a "{"a" * 99}">]>{OPEN}<response><href>&a;</href></response></multistatus>',
        f'{HEAD}<!DOCTYPE x SYSTEM "file:///etc/passwd">{OPEN}</multistatus>',
        OPEN + "<a>" * 50 + "</a>" * 50 + "</multistatus>",
        OPEN + "<a/>" * (multistatus.MOST_ELEMENTS + 1) + "</multistatus>",
    ],
)
def test_what_makes_no_sense_or_has_entities_or_is_too_much_is_refused(body: str) -> None:
    with pytest.raises(NoCalendar):
        multistatus.read(body.encode())


def test_calendars_of_tasks_are_left_out_and_so_is_what_one_switched_off() -> None:
    def response(name: str, components: str) -> str:
        comps = "".join(f'<C:comp name="{one}"/>' for one in components.split())
        props = f"<displayname>{name}</displayname><resourcetype><collection/><C:calendar/></resourcetype>"
        props += f"<C:supported-calendar-component-set>{comps}</C:supported-calendar-component-set>"
        return f"<response><href>/{name}/</href><propstat><prop>{props}</prop></propstat></response>"

    body = OPEN + response("a", "VEVENT VTODO") + response("b", "VTODO") + response("c", "") + "</multistatus>"
    found = multistatus.read(body.encode())
    assert [(one.name, one.components) for one in found] == [("a", {"VEVENT", "VTODO"}), ("b", {"VTODO"}), ("c", set())]
    before: list[dict[str, object]] = [{"url": "/a/", "name": "a", "read": False}]
    kept = chosen([Shelf("/a/", "A"), Shelf("/c/", "c")], list(before))
    assert [(one["name"], one["read"]) for one in kept] == [("A", False), ("c", True)]


def test_the_version_changes_with_each_calendar_and_is_unknown_if_one_is() -> None:
    one, two = Shelf("/a/", "a", "1"), Shelf("/b/", "b", "1")
    assert version([one, two]) == version([two, one]) != version([one, Shelf("/b/", "b", "2")])
    assert version([one, Shelf("/b/", "b")]) == version([]) == ""


def test_many_files_are_joined_with_each_zone_once() -> None:
    standard = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\n"
    zone = f"BEGIN:VTIMEZONE\nTZID:X\n{standard}END:VTIMEZONE\n"
    files = [
        calendar(event(UID=str(n), DTSTART=f"2026030{n}T100000Z", DTEND=f"2026030{n}T110000Z"), head=zone)
        for n in (2, 3)
    ]
    content = joined(files)
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert len(read(content, first=FIRST, last=LAST, zone=LONDON).busy) == 2
    assert read(joined([]), first=FIRST, last=LAST, zone=LONDON).busy == []


def test_no_more_is_read_than_there_may_be(server: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "MOST_BYTES", 1_000)
    answer_of(server, OPEN + " " * 2_000 + "</multistatus>")
    with pytest.raises(outbound.Unreachable, match="larger than"):
        account(server).shelves()


def test_the_time_between_is_asked_for_in_utc(server: Inside) -> None:
    asked: list[bytes] = []

    def note(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.rfile.read(int(request.headers["Content-Length"])))
        say(request, 207, f"{OPEN}</multistatus>".encode(), {})

    server.answer = note
    account(server).events([f"http://127.0.0.1:{server.port}/dav/a/"], FIRST, FIRST + dt.timedelta(days=1))
    assert b'start="20260301T000000Z" end="20260302T000000Z"' in asked[0]
