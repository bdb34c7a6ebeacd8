"""The sweep: one user's pages and forms, tried with everything that belongs to another.

The targets are not a list that somebody keeps. :class:`Survey` opens every page of a :class:`World`, reads the forms
and links there (hidden fields and htmx fragments, too), sends them, and notes which names the views look up. Each of
them is then tried with :data:`THEIRS`, which is the id of a row of the victim in *every* table at the same time.

A check returns the faults it found, so that a test can break access control on purpose and see it detected, and
``python -m tests.first_wall`` can do that for each place that keeps users apart.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urlsplit

from django.db import connection
from django.db.models import AutoField
from django.forms import BaseForm
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from mail.models import OutgoingMail
from tests import access_world, stored_data
from tests.access import look_alikes, pages
from tests.access.outcome import Outcome, difference
from tests.access.pages import Form, Values
from tests.access.work import LEFT, NIGHTS, WORK, Accounts, Night, Work
from tests.access_world import World, make_world
from tests.factories import make_user

THEIRS = 70_001  # the victim's first id in each table
NEW = 80_001  # of a row that a request makes, whether or not there is a victim
LITTLE = 50_001  # of accounts with little in them
OWN = 60_001  # the thief's; below the victim's, because SQLite never counts from less than the highest id
SIGNED_IN = sorted(access_world.MINE | set(access_world.ROW_OF))
SWEPT = [*SIGNED_IN, *sorted(access_world.KEYED)]
THIEF, NEWCOMER, BYSTANDER = "thief", "newcomer", "bystander"
MOST_STEPS = 2  # before a request: what takes one back, and what goes on from it
TAKES_BACK = {"people_undo", "put_back"}  # whatever it was


# --- The two accounts -----------------------------------------------------------------------------


def thief() -> World:
    """Somebody whose ids are no one else's. PostgreSQL goes on counting where an earlier test left off."""
    number_from(OWN)
    return make_world(make_user("charlie@example.org", name="Charlie Crane"), "charlieonly")


def victim(others: World) -> World:
    """Somebody whose every text contains “aliceonly”, and whose first row in each table has the id THEIRS.

    Further rows are easily mistaken for those of ``others``.
    """
    number_from(THEIRS)
    world = make_world(make_user("aliceonly@example.org", name="Aliceonly Ashe"), "aliceonly")
    access_world.add_what_could_be_mistaken(world.owner, others)
    look_alikes.add(world, others)
    number_from(NEW)
    return world


def number_from(first: int, tables: Collection[str] | None = None) -> None:
    """Let the next row of each table (or of these tables) have this id."""
    with connection.cursor() as cursor:
        for model in stored_data.kept_models() if tables is None else stored_data.of_tables(tables):
            key, table = model._meta.pk, model._meta.db_table
            if not isinstance(key, AutoField):
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, first - 1])
            else:
                # As SQLite does: never from less than the highest id.
                highest = f'(SELECT COALESCE(MAX("{key.column}"), 0) FROM "{table}")'
                sequence = [f'"{table}"', key.column, first - 1]
                cursor.execute(f"SELECT setval(pg_get_serial_sequence(%s, %s), GREATEST(%s, {highest}))", sequence)


# --- One request ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """A request. ``target`` is what it tries: a field, a parameter or a part of the address.

    ``steps`` are sent before, in the same transaction: they bring the account into the state that is tried.
    """

    route: str
    method: str
    url: str
    data: Values = field(default_factory=dict)
    target: str = ""
    htmx: bool = False
    refused: bool = False  # the row is the victim's: must be answered with 404 or 405
    steps: tuple[Attempt, ...] = ()
    followed: bool = False  # to the page that it leads to
    who: str = THIEF

    def __str__(self) -> str:
        after = "".join(f" after {step.route}" for step in self.steps[-1:])
        target = f" with {self.target}" if self.target else ""
        return f"{self.method} {self.route}{after}{target}{' (htmx)' * self.htmx}"

    @property
    def key(self) -> tuple[object, ...]:
        """What is sent: the same for all that differ only in what they were meant to try."""
        steps = tuple(step.key for step in self.steps)
        return (
            self.who,
            self.method,
            self.url,
            repr(sorted(self.data.items())),
            self.htmx,
            self.refused,
            self.followed,
            steps,
        )


def send(client: Client, method: str, url: str, data: Values | None = None, *, htmx: bool = False) -> HttpResponse:
    """One request, with a form's usual encoding; an exception in a view becomes a 500."""
    headers = {"HX-Request": "true"} if htmx else {}
    if method == "get":
        query = urlencode(data or {}, doseq=True)
        return client.get(f"{url.partition('?')[0]}?{query}" if query else url, headers=headers)
    content_type = "application/x-www-form-urlencoded"
    return client.post(url, urlencode(data or {}, doseq=True), content_type=content_type, headers=headers)


def said(client: Client, answer: HttpResponse) -> str:
    """Everything this answer tells: the page, where it leads to, and the message that the next page will show."""
    told = [answer.content.decode(errors="replace"), *(answer.headers.get(name, "") for name in LEADS)]
    if answer.headers.get("Location"):
        told.append(str(client.session.get("_messages", "")))
    return "\n".join(told)


LEADS = ("Location", "HX-Redirect", "HX-Push-Url", "Content-Disposition")


class Sweep:
    """The thief's browser, and everything of the victim as it was before.

    ``client`` is a browser that is signed in already: another one would be listed among the sessions.
    """

    def __init__(self, user: User, owns: World | None = None, client: Client | None = None) -> None:
        self.client = client or stored_data.browser_of(user)
        self.owns = owns
        self.before = stored_data.snapshot(owns.owner) if owns else {}

    def run(self, attempt: Attempt) -> Outcome:
        return self.sent(attempt)[1]

    def sent(self, attempt: Attempt) -> tuple[list[HttpResponse], Outcome]:
        """Send it and roll it back: the answer, with the page that it leads to if it is followed; and what it did."""
        with stored_data.taken_back(self.client), stored_data.writes() as written:
            for step in attempt.steps:
                send(self.client, step.method, step.url, step.data, htmx=step.htmx)
            answer = send(self.client, attempt.method, attempt.url, attempt.data, htmx=attempt.htmx)
            answers, text = [answer], said(self.client, answer)
            if attempt.followed and pages.route_of(answer.headers.get("Location", "")) in SWEPT:
                answers.append(self.client.get(answer["Location"]))
                text = f"{text}\n{said(self.client, answers[-1])}"
            tables = frozenset(written)
            touched = self._touched(tables) if tables and self.owns else []
        if tables and connection.vendor == "postgresql":  # which goes on counting where this left off
            number_from(NEW, tables)
        status = max(one.status_code for one in answers)
        faults = [*self._faults(attempt, status, text), *touched]
        return answers, Outcome(status, text, tuple(sorted(written)), faults)

    def _touched(self, tables: frozenset[str]) -> list[str]:
        assert self.owns
        changed = stored_data.changed(self.before, stored_data.snapshot(self.owns.owner, tables))
        crossed = stored_data.crossings(tables)
        return [f"changes the other's {label}" for label in changed] + [f"mixes rows: {one}" for one in crossed]

    def _faults(self, attempt: Attempt, status: int, text: str) -> Iterator[str]:
        if status >= 500:
            yield f"fails with {status}"
        if attempt.refused and status not in {404, 405}:
            yield f"answers {status} for a row of the other"
        if self.owns and self.owns.word in text.lower():
            yield f"shows {self.owns.word}"

    def victim_is_unchanged(self) -> bool:
        """Every row of the victim is as it was, in every table."""
        assert self.owns
        return self.before == stored_data.snapshot(self.owns.owner) and not stored_data.crossings()


# --- What there is to try -------------------------------------------------------------------------

Key = tuple[str, ...]


class Survey:
    """What the pages of an account offer, and what its views look up; found by opening and sending everything once."""

    def __init__(self, world: World, client: Client | None = None) -> None:
        self.world, self.sweep = world, Sweep(world.owner, client=client)
        self.plain: list[tuple[Attempt, Outcome]] = []  # every page opened and every form sent, as its owner does
        self.forms: dict[Key, Form] = {}  # one for each method, route, set of names and button
        self.links: dict[Key, str] = {}  # one for each route and set of parameters
        self.steps: dict[Key, tuple[Attempt, ...]] = {}  # what to send before, if a form or link is then there only
        self.read: dict[tuple[str, str], set[str]] = {}  # method and route → names looked up
        self.htmx: set[tuple[str, str]] = set()  # method and route that ask whether htmx is asking
        self.bound: dict[type[BaseForm], set[str]] = {}  # forms that were filled in, with their fields
        self._sent: set[tuple[object, ...]] = set()
        self._seen: set[tuple[str, str]] = set()  # pages, without their tokens
        self._walk()

    def _walk(self) -> None:
        for route in SWEPT:
            for url in self.world.urls(route):
                self._note(Attempt(route, "get", url))
        for route in SWEPT:
            for url in self.world.urls(route):
                self._note(Attempt(route, "post", url))
                self._note(Attempt(route, "post", url, lists(self.world.fields(route))))
            if route in access_world.FURTHER:
                further = self.world.fields(route) | access_world.FURTHER[route](self.world)
                self._note(Attempt(route, "post", self.world.url(route), lists(further)))
        for route, first in access_world.AFTER.items():
            step = Attempt(first, "post", self.world.url(first), lists(self.world.fields(first)))
            self._note(Attempt(route, "get", self.world.url(route), steps=(step,)))
            self._note(Attempt(route, "post", self.world.url(route), lists(self.world.fields(route)), steps=(step,)))
        done: set[Key] = set()
        while fresh := [key for key in [*self.forms, *self.links] if key not in done]:
            for key in fresh:
                done.add(key)
                steps = self.steps.get(key, ())
                if form := self.forms.get(key):
                    self._note(Attempt(key[1], form.method, form.action, form.values, steps=steps))
                    if form.choices:
                        self._note(Attempt(key[1], form.method, form.action, form.otherwise, steps=steps))
                    for name in sorted(form.typed) if form.method == "get" else ():  # a search
                        words = {**form.values, name: [access_world.FIELDS["name"]]}
                        self._note(Attempt(key[1], "get", form.action, words, steps=steps))
                else:
                    self._note(Attempt(key[1], "get", self.links[key], steps=steps))

    def _note(self, attempt: Attempt) -> None:
        """Send this; note what the view looks up, what the answer offers, and the outcome."""
        attempt = replace(attempt, followed=attempt.method == "post")
        if attempt.key in self._sent:
            return
        self._sent.add(attempt.key)
        with bound_forms(self.bound), asked_for_htmx() as asked, stored_data.fields_read() as names:
            answers, outcome = self.sweep.sent(attempt)
        names.update(pages.parameters_of(attempt.url))
        self.read.setdefault((attempt.method, attempt.route), set()).update(names)
        self.plain.append((attempt, outcome))
        self._keep(answers[0], attempt.url, attempt.steps)
        for page in answers[1:]:
            self._keep(page, answers[0]["Location"], (*attempt.steps, attempt))
        if asked and not attempt.htmx:
            self.htmx.add((attempt.method, attempt.route))
            self._note(replace(attempt, htmx=True))

    def _keep(self, answer: HttpResponse, url: str, steps: tuple[Attempt, ...]) -> None:
        """Note the forms and links of this page, which is there after these steps."""
        if len(steps) > MOST_STEPS:
            return
        path = urlsplit(url).path
        page_is = (path, TOKEN.sub("", answer.content.decode(errors="replace")))
        if page_is in self._seen:
            return
        self._seen.add(page_is)
        page = pages.read(answer, path)
        for form in (sent for one in page.forms for sent in one.sent()):
            route, (button, value) = pages.route_of(form.action), form.pressed
            if route in SWEPT:
                names = sorted({*form.names, *pages.parameters_of(form.action)})
                what = [step.route for step in steps[-1:] if route in TAKES_BACK]
                key = (form.method, route, *names, button, re.sub("[0-9]+", "#", value), *what)
                if key not in self.forms:
                    self.forms[key], self.steps[key] = form, steps
        for link in sorted({*page.links, answer.headers.get("Location", "")}):
            route, names = pages.route_of(link), sorted(pages.parameters_of(link))
            key = ("link", route, *names)
            if route in SWEPT and names and key not in self.links:
                self.links[key], self.steps[key] = link, steps

    # --- Figures

    def targets(self) -> set[tuple[str, str, str]]:
        """Everything a view looks up or a page offers: method, route and name."""
        found = {(method, route, name) for (method, route), names in self.read.items() for name in names}
        return found | {(key[0], key[1], name) for key, form in self.forms.items() for name in form.names}

    def hidden(self) -> set[tuple[str, str]]:
        """The hidden fields: route and name."""
        return {(key[1], name) for key, form in self.forms.items() for name in form.hidden}

    # --- Attempts

    def smuggling(self) -> list[Attempt]:
        """The victim's ids in every field and parameter, one at a time."""
        found = []
        for method, route, name in sorted(self.targets()):
            for data in self._around(method, route, name):
                found += [
                    Attempt(route, method, self.world.url(route), {**data, name: [value]}, name)
                    for value in self._theirs(route, name)
                ]
        for key, form in self.forms.items():
            for name in sorted(form.names):
                if name in form.hidden or any(value.isdecimal() for value in form.choices.get(name, ())):
                    data = {**form.values, name: [str(THEIRS)]}
                    found.append(Attempt(key[1], form.method, form.action, data, f"{name} of {form.pressed}"))
        return self._with_htmx(found)

    def _around(self, method: str, route: str, name: str) -> Iterator[Values]:
        """The rest of the request, in which the tried field decides: once valid, and once without other ids."""
        good = self._good(method, route)
        yield good
        if method == "get":
            for key, link in self.links.items():
                if key[1] == route:
                    yield lists(pages.parameters_of(link))
        elif name.rpartition("-")[2] in access_world.IDS:
            yield {key: value for key, value in good.items() if key.rpartition("-")[2] not in access_world.IDS}

    def _good(self, method: str, route: str) -> Values:
        """What the view looks up, with valid values."""
        fields = lists(self.world.fields(route)) if method == "post" else {}
        return {name: value for name, value in fields.items() if name in self.read.get((method, route), ())}

    def _theirs(self, route: str, name: str) -> list[str]:
        """The victim's id, also in the form of a value that contains an id ("tag=12")."""
        seen = [
            form.values.get(name, []) + form.choices.get(name, []) for k, form in self.forms.items() if k[1] == route
        ]
        shapes = {
            re.sub("[0-9]+", str(THEIRS), value) for values in seen for value in values if HAS_AN_ID.search(value)
        }
        return [str(THEIRS), *sorted(shapes)[:1]]

    def _with_htmx(self, attempts: list[Attempt]) -> list[Attempt]:
        return attempts + [replace(one, htmx=True) for one in attempts if (one.method, one.route) in self.htmx]


TOKEN = re.compile(r"[0-9A-Za-z]{32,}")
# An id with words around it, which is no date and no time.
HAS_AN_ID = re.compile(r"(?=.*[a-z])(?:[=.-]|^[a-z]+)[0-9]+$", re.IGNORECASE)


def addresses(thief: World, owns: World) -> list[Attempt]:
    """The victim's ids in each part of an address, alone and together; the other parts are the thief's."""
    found = []
    for route in sorted(access_world.ROW_OF):
        mine, theirs = thief.kwargs(route), owns.kwargs(route)
        parts = [part for part in mine if mine[part] != theirs[part]]
        for swapped in {(part,) for part in parts} | {tuple(parts)}:
            url = reverse(route, kwargs={**mine, **{part: theirs[part] for part in swapped}})
            for method in ("get", "post"):
                data = lists(thief.fields(route)) if method == "post" else {}
                what = f"{' and '.join(swapped)} in the address"
                found.append(Attempt(route, method, url, data, what, refused="pk" in swapped))
        for url, method in itertools.product(owns.urls(route)[1:], ("get", "post")):  # rows in another state
            data = lists(thief.fields(route)) if method == "post" else {}
            found.append(Attempt(route, method, url, data, "another pk in the address", refused=True))
    return found


def lists(fields: Mapping[str, object]) -> Values:
    return {name: value if isinstance(value, list) else [str(value)] for name, value in fields.items()}


@contextmanager
def asked_for_htmx() -> Iterator[list[bool]]:
    """Notes whether anything asks if a request comes from htmx."""
    asked: list[bool] = []
    original = HtmxDetails.__bool__

    def noting(self: HtmxDetails) -> bool:
        asked.append(True)
        return original(self)

    HtmxDetails.__bool__ = noting  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        HtmxDetails.__bool__ = original  # type: ignore[method-assign]


@contextmanager
def bound_forms(into: dict[type[BaseForm], set[str]]) -> Iterator[None]:
    """Notes the forms that are filled in, with their fields."""
    original = BaseForm.full_clean

    def noting(self: BaseForm) -> None:
        if self.is_bound:
            into.setdefault(type(self), set()).update(self.fields)
        original(self)

    BaseForm.full_clean = noting  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseForm.full_clean = original  # type: ignore[method-assign]


# --- All of it ------------------------------------------------------------------------------------


class WholeSweep:
    """Everything, in order: three accounts by themselves, then with the victim.

    The thief has one of everything, the newcomer nothing, the bystander little. What they see and do by themselves must
    not differ once there is a victim: not by a word, a number or a table. An id of the victim is as good as none.
    """

    def __init__(self) -> None:
        number_from(LITTLE)
        off = dict.fromkeys(("remind_replies", "remind_meetings", "remind_gentle"), False)
        newcomer = make_user("nora@example.org", name="Nora New", **off)
        self.bystander = access_world.make_bystander()
        OutgoingMail.objects.create(purpose="login", recipient=LEFT, state=OutgoingMail.State.SENT)
        self.thief = thief()
        users = {THIEF: self.thief.owner, NEWCOMER: newcomer, BYSTANDER: self.bystander}
        clients = {who: stored_data.browser_of(user) for who, user in users.items()}
        number_from(NEW)
        self.survey = Survey(self.thief, clients[THIEF])
        self.smuggling = self.survey.smuggling()
        self.little = [*pages_with_nothing(), *pages_with_little()]
        alone = {who: Sweep(user, client=clients[who]) for who, user in users.items()}
        self._alone = {id(attempt): outcome for attempt, outcome in self.survey.plain}
        asked = [attempt for attempt in self.smuggling if attempt.method == "get"]
        self._alone |= {id(attempt): alone[attempt.who].run(attempt) for attempt in [*asked, *self.little]}
        self.accounts = Accounts(self.thief, newcomer, self.bystander)
        self._alone |= {id(work): work.run(self.accounts) for work in [*NIGHTS, *WORK]}
        self.victim = victim(self.thief)
        self.accounts = replace(self.accounts, victim=self.victim)
        self.addresses = addresses(self.thief, self.victim)
        self.sweeps = {who: Sweep(user, self.victim, clients[who]) for who, user in users.items()}

    def attempts(self) -> list[Attempt | Night | Work]:
        """Each request once: several forms of a page send the same for a field they share."""
        found = [*(attempt for attempt, _ in self.survey.plain), *self.little, *self.addresses, *self.smuggling]
        once: dict[tuple[object, ...], Attempt] = {}
        for one in found:
            once.setdefault(one.key, one)
        return [*once.values(), *NIGHTS, *WORK]

    def faults_of(self, attempt: Attempt | Night | Work) -> list[str]:
        if isinstance(attempt, Night | Work):
            outcome = attempt.run(self.accounts)
        else:
            outcome = self.sweeps[attempt.who].run(attempt)
        before = self._alone.get(id(attempt))
        if before and not outcome.looks_like(before):
            return [*outcome.faults, f"tells that there is somebody else ({difference(before, outcome)})"]
        return outcome.faults

    def faults(self) -> list[str]:
        found = [f"{attempt} {fault}" for attempt in self.attempts() for fault in self.faults_of(attempt)]
        return found if self.sweeps[THIEF].victim_is_unchanged() else [*found, "the victim's rows are not as they were"]


def pages_with_nothing() -> list[Attempt]:
    """The pages of an account in which nothing is yet. Nothing may come from elsewhere, not even a "first" row."""
    found = []
    for route in sorted(access_world.MINE & set(SWEPT)):
        words = {name: value for name, value in access_world.FIELDS.items() if name != "act"}
        words |= {name: value for name, value in access_world.OVERRIDES.get(route, {}).items() if value}
        url = reverse(route, kwargs=access_world.WITHOUT_A_ROW.get(route, {}))
        begun = Attempt(route, "post", url, lists(words), "an empty account", followed=True, who=NEWCOMER)
        today = Attempt("today", "get", reverse("today"), target="one thing done", steps=(begun,), who=NEWCOMER)
        found += [Attempt(route, "get", url, target="an empty account", who=NEWCOMER), begun, today]
    return found


def pages_with_little() -> list[Attempt]:
    return [Attempt(route, "get", reverse(route), target="little", who=BYSTANDER) for route in ("today", "portfolio")]
