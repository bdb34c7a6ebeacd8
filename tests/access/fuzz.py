"""Hostile values in every form field and parameter, sent in every way, by the owner, a stranger and anybody.

A seed gives the same requests each time. Each round goes once through all targets of a :class:`Survey`.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests import access_world, stored_data
from tests.access.pages import Values
from tests.access.sweep import SWEPT, Survey, lists
from tests.access_world import World

NUMBERS = [
    "0",
    "-1",
    "1.5",
    "007",
    f"{2**31}",
    f"{2**63 - 1}",
    f"{2**63}",
    "9" * 400,
    "NaN",
    "Infinity",
    "1e309",
    "0x10",
]
TIMES = ["2026-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "24:00", "23:59:60", "2026-W01", "2026-03-29T01:30"]
LETTERS = ["", " ", "\0", "a\0b", "١٢", "\u202e\u2066evil", "🜁" * 50, "a\u0301" * 99, "\ud800", "ß" * 200, "x" * 30_000]
LINES = ["\r\n", "\r\nBcc: x@example.org", "\n" * 500, "- " * 3_000, "[" * 3_000, "|" * 2_000, "`" * 2_000]
CODE = [
    "{{ request }}",
    "{% load x %}",
    "%s%n%(x)s",
    "{0.__class__}",
    "<script>x</script>",
    "' OR 1=1 --",
    "=1+1",
    "\\",
]
PLACES = ["//evil.example", "http://[::1", "javascript:x", "../../etc/passwd", "a@b", '"@"@x', "Europe/Nowhere", "/"]
WORDS = ["None", "true", "on", "[]", "{}", "null", "a,b,,c", "id=1&id=2", "pk", "owner", "__class__"]
HOSTILE = [*NUMBERS, *TIMES, *LETTERS, *LINES, *CODE, *PLACES, *WORDS]
WAYS = ("form", "form", "form", "form", "again", "multipart", "file", "json", "torn", "bytes")
METHODS = ("put", "patch", "delete", "options", "head")
OWNER, STRANGER, NOBODY = "owner", "stranger", "anonymous"
WHO = (OWNER, OWNER, OWNER, STRANGER, NOBODY)


@dataclass
class Report:
    """What happened in a fuzz run."""

    requests: Counter[str] = field(default_factory=Counter)  # by who
    statuses: Counter[int] = field(default_factory=Counter)
    tried: set[tuple[str, str, str]] = field(default_factory=set)  # method, route and name
    failures: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield f"{self.requests.total():,} requests: " + ", ".join(f"{n:,} as {who}" for who, n in self.requests.items())
        yield f"{len(self.tried):,} fields and parameters of {len({route for _, route, _ in self.tried})} routes"
        yield "answers: " + ", ".join(f"{status} × {count:,}" for status, count in sorted(self.statuses.items()))
        yield f"{len(self.failures)} failures, {len(self.leaks)} leaks"
        yield from self.failures + self.leaks


class Fuzz:
    def __init__(self, owns: World, stranger: User, seed: int, survey: Survey | None = None) -> None:
        self.owns, self.survey, self.chance = owns, survey or Survey(owns), random.Random(seed)
        users = {OWNER: owns.owner, STRANGER: stranger, NOBODY: None}
        self.clients = {who: stored_data.browser_of(user) for who, user in users.items()}
        public = {(method, route, "") for method in ("get", "post") for route in access_world.PUBLIC | set(SWEPT)}
        self.targets = sorted(self.survey.targets() | public)
        self.report = Report()

    def run(self, requests: int) -> Report:
        while requests > 0:
            some = self.chance.sample(self.targets, len(self.targets))[:requests]
            for target in some:
                self.try_one(*target)
            requests -= len(some)
        return self.report

    def try_one(self, method: str, route: str, name: str) -> None:
        who, url = self.chance.choice(WHO), self.owns.url(route)
        data = self._data(method, route, name)
        way = self.chance.choice(WAYS)
        with stored_data.taken_back(self.clients[who]):
            if not name and self.chance.random() < 0.2:
                method = self.chance.choice(METHODS)
            answer = self._send(self.clients[who], method, url, data, way)
        self._judge(answer, who, f"{method} {route} as {who} by {way} with {shortened(data)}", route, data)
        self.report.tried.add((method, route, name))

    def _data(self, method: str, route: str, name: str) -> Values:
        """Mostly valid values, so that the hostile one is reached; two more hostile ones now and then."""
        read = self.survey.read.get((method, route), set())
        valid = lists(self.owns.fields(route)) if method == "post" and route in SWEPT else {}
        data = {key: value for key, value in valid.items() if key in read and self.chance.random() < 0.9}
        names = [name] if name else []
        if self.chance.random() < 0.3:
            names += self.chance.sample(sorted(read), min(2, len(read)))
        return data | {key: [self.chance.choice(HOSTILE)] for key in names}

    def _send(self, client: Client, method: str, url: str, data: Values, way: str) -> HttpResponse:
        headers = {"HX-Request": "true"} if self.chance.random() < 0.2 else {}
        if method != "post":
            return getattr(client, method)(f"{url}?{encoded(data)}" if data else url, headers=headers)
        body, content_type = self._body(data, way)
        return client.post(url, body, headers=headers, **({"content_type": content_type} if content_type else {}))

    def _body(self, data: Values, way: str) -> tuple[Any, str]:
        if way == "again":
            return encoded({key: value * 3 for key, value in data.items()}), FORM
        if way == "multipart":
            return {key: [one.encode(errors="replace").decode() for one in value] for key, value in data.items()}, ""
        if way == "file":
            return {key: SimpleUploadedFile("x\u202e.csv", b"\xff\0a,b") for key in data}, ""
        if way == "json":
            return json.dumps(data), "application/json"
        if way == "torn":
            return b'--x\r\nContent-Disposition: form-data; name="a', "multipart/form-data; boundary=x"
        if way == "bytes":
            return encoded(data).encode() + b"&a=%ff%fe&%=%&&=", f"{FORM}; charset=utf-7"
        return encoded(data), FORM

    def _judge(self, answer: HttpResponse, who: str, what: str, route: str, sent: Values) -> None:
        self.report.requests[who] += 1
        self.report.statuses[answer.status_code] += 1
        if answer.status_code >= 500 and route != "readyz":  # which is not ready without a worker
            self.report.failures.append(f"{answer.status_code}: {what} {reason(answer)}")
        # A page behind a signed link is for whoever has the link.
        if who != OWNER and route not in access_world.KEYED and self.owns.word in unsaid(answer, sent, self.owns.word):
            self.report.leaks.append(f"shows {self.owns.word}: {what}")


def unsaid(answer: HttpResponse, sent: Values, word: str) -> str:
    """The answer in small letters, without what was sent that holds the word: a form shows what was typed into it."""
    text = answer.content.decode().lower()
    for value in {one.lower() for values in sent.values() for one in values if word in one.lower()}:
        text = text.replace(value, "")
    return text


FORM = "application/x-www-form-urlencoded"


def encoded(data: Values) -> str:
    """As a browser sends it, except that half a character (a lone surrogate) is sent, too."""
    return urlencode(data, doseq=True, errors="surrogatepass", quote_via=quote)


def shortened(data: Values) -> str:
    return ", ".join(f"{key}={value[0][:30]!r}" for key, value in data.items() if value[0] in HOSTILE) or "nothing"


def reason(answer: HttpResponse) -> str:
    """The exception behind a 500, which the test client keeps."""
    info = getattr(answer, "exc_info", None)
    return f"{info[0].__name__}: {info[1]}"[:300] if info else ""
