"""Helpers to detect that a page leaks or changes data, or violates the Content-Security-Policy."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from tests.second_factors import remember

# --- The URLconf ----------------------------------------------------------------------------------


def routes(patterns: list[Any] | None = None) -> Iterator[tuple[str, URLPattern]]:
    """Every route with its name, including those of included URLconfs."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern.name or "", pattern


# --- Stored rows ----------------------------------------------------------------------------------

OURS = ("accounts", "mail", "reminders", "portfolio", "outreach", "meetings", "mentoring")
ALLAUTHS = ("account", "mfa", "socialaccount", "usersessions")
VERB = re.compile(
    r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|REPLACE INTO|TRUNCATE) +"?(?P<table>\w+)', re.IGNORECASE
)


@cache
def kept_models() -> list[type[models.Model]]:
    """Every table with domain data, so without sessions and the cache."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS + ALLAUTHS]


@cache
def kept_tables() -> set[str]:
    return {model._meta.db_table for model in kept_models()}


Snapshot = dict[str, list[tuple[Any, ...]]]


def of_tables(tables: Collection[str]) -> list[type[models.Model]]:
    return [model for model in kept_models() if model._meta.db_table in tables]


def snapshot(owner: User | None = None, tables: Collection[str] | None = None) -> Snapshot:
    """Every row of every table (or of these tables), or only the rows of ``owner``."""
    result: Snapshot = {}
    for model in kept_models() if tables is None else of_tables(tables):
        rows = model._default_manager.order_by("pk")
        if owner is not None:
            rows = _of(owner, rows)
        result[model._meta.label] = list(rows.values_list())
    return result


def _of(owner: User, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    names = {field.name for field in rows.model._meta.get_fields()}
    if rows.model is User:
        return rows.filter(pk=owner.pk)
    for name in ("owner", "user", "email_address__user", "account__user"):
        if name.partition("__")[0] in names:
            return rows.filter(**{name: owner})
    return rows.none()


def changed(before: Snapshot, after: Snapshot) -> list[str]:
    """The tables that differ between two snapshots; the second may be of some tables only."""
    return [label for label in after if before[label] != after[label]]


def crossings(tables: Collection[str] | None = None) -> list[str]:
    """Rows (of these tables) with a foreign key to a row of another owner."""
    found = []
    for model in kept_models() if tables is None else of_tables(tables):
        for field in model._meta.concrete_fields:
            there = field.related_model
            if not isinstance(field, models.ForeignKey) or not isinstance(there, type) or not hasattr(there, "owner"):
                continue
            if hasattr(model, "owner"):
                rows = model._default_manager.exclude(**{f"{field.name}__isnull": True})
                strange = rows.exclude(owner=models.F(f"{field.name}__owner"))
                found += [f"{model._meta.label} {pk} → {field.name}" for pk in strange.values_list("pk", flat=True)]
    return found


@contextmanager
def writes() -> Iterator[list[str]]:
    """Records the tables with domain data that are written to inside the block. Cheaper than two snapshots."""
    tables = kept_tables()
    found: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        verb = VERB.match(sql)
        if verb and verb["table"] in tables:
            found.append(verb["table"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


# --- Requests -------------------------------------------------------------------------------------


@contextmanager
def taken_back(client: Client | None = None) -> Iterator[None]:
    """Roll back every database change made inside the block, and let the browser forget the cookies it got."""
    cookies = copy.deepcopy(client.cookies) if client else None
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    if client and cookies is not None:
        client.cookies = cookies


class Browser(Client):
    """Reads also what is sent piece by piece."""

    def request(self, **request: Any) -> Any:
        answer: Any = super().request(**request)
        if not answer.streaming:
            return answer
        whole = HttpResponse(b"".join(answer.streaming_content), status=answer.status_code, headers=answer.headers)
        whole.__dict__ |= {name: value for name, value in vars(answer).items() if name not in vars(whole)}
        return whole


def browser_of(user: User | None) -> Client:
    """One in which the user has just signed in, with the second factor if there is one."""
    client = Browser(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
        remember(client, user)
    return client


LOOK_UPS = ("get", "getlist", "__getitem__", "__contains__")


@contextmanager
def fields_read() -> Iterator[set[str]]:
    """Records the names that are looked up in a query string or POST inside the block."""
    names: set[str] = set()
    contains = QueryDict.__contains__

    def noting(original: Any) -> Any:
        def looked_up(self: QueryDict, key: str, *rest: Any, **more: Any) -> Any:
            if original is not contains or not self._mutable:  # it is mutable while a request is parsed
                names.add(key)
            return original(self, key, *rest, **more)

        return looked_up

    originals = {name: getattr(QueryDict, name) for name in LOOK_UPS}
    for name, original in originals.items():
        setattr(QueryDict, name, noting(original))
    try:
        yield names
    finally:
        for name, original in originals.items():
            setattr(QueryDict, name, original)


class InlineFinder(HTMLParser):
    """Finds what a strict policy forbids: inline styles, inline scripts, event handler attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "style" or (tag == "script" and not named.get("src")):
            self.found.append(f"<{tag}> at {self.getpos()}")
        for name, value in attrs:
            if name == "style" or name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"<{tag} {name}> at {self.getpos()}")


def inline_in(response: HttpResponse) -> list[str]:
    finder = InlineFinder()
    if response.headers.get("Content-Type", "").startswith("text/html"):
        finder.feed(response.content.decode())
    return finder.found
