"""A mailbox at Microsoft 365 or Outlook.com, by Microsoft Graph (v1.0): https://learn.microsoft.com/graph/api/resources/message.

Its ids are asked for as immutable ones, so that a mail that is moved to another folder keeps its own.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import quote, urlencode

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mail.connected.oauth import Permission
from mail.connected.provider import FIRST_DAYS, MOST_HEADERS, Folder, Header, Look, Slow
from mail.connected.web_api import HEADERS, LONGEST, No, WebApi, check_recipient, header_block
from mail.incoming.limits import LARGEST_MAIL

PAGE = 50  # messages
_FOLDERS = {Folder.INBOX: "inbox", Folder.SENT: "sentitems"}
_FIELDS = (
    "subject,from,toRecipients,ccRecipients,bccRecipients,sentDateTime,receivedDateTime,isDraft,"
    "internetMessageId,internetMessageHeaders"
)
_WANTED = {name.lower() for name in HEADERS}
_FORGOTTEN = {400, 404, 410}  # of a place in a folder that is too old
LONGEST_LINK = 10_000


class Graph:
    """The bookmark holds for each folder the address that gives what is new in it (a “delta link”)."""

    def __init__(self, permission: Permission) -> None:
        prefer = f'IdType="ImmutableId",odata.maxpagesize={PAGE}'
        self._api = WebApi(permission, headers={"Prefer": prefer})
        self._base = f"{self._api.url}/v1.0/me"

    def close(self) -> None:
        self._api.close()

    def address(self) -> str:
        found = self._api.json(f"{self._base}?$select=mail,userPrincipalName")
        return self._api.text(found, "mail", needed=False) or self._api.text(found, "userPrincipalName")

    # --- Looking ----------------------------------------------------------------------------------

    def look(self, bookmark: dict[str, Any]) -> Look:
        self._api.begin()
        headers: list[tuple[str, Header]] = []
        at, more = {}, False
        for folder in Folder:
            at[folder.value], unfinished = self._follow(folder, bookmark.get(folder, ""), headers)
            more = more or unfinished
        headers.sort(key=lambda one: one[0])
        return Look([header for _, header in headers], at, more)

    def _follow(self, folder: Folder, link: str, headers: list[tuple[str, Header]]) -> tuple[str, bool]:
        """Read pages until the folder's end, or enough; returns where to go on, and whether something is left."""
        while len(headers) + PAGE <= MOST_HEADERS:
            try:
                page = self._page(folder, link)
            except Slow:
                if not headers:
                    raise
                break  # with what was seen; it says so again next time
            headers += self._headers(folder, page)
            following: Any = page.get("@odata.nextLink")
            place: Any = following or page.get("@odata.deltaLink")
            if not self._is_own(place):
                raise self._api.nonsense()
            link = place
            if not following:
                return link, False
            if self._api.enough:
                break
        return link, True

    def _page(self, folder: Folder, link: str) -> dict[str, Any]:
        if self._is_own(link):
            try:
                return self._api.json(link)
            except No as no:
                if no.status not in _FORGOTTEN:
                    raise
        since = (timezone.now() - dt.timedelta(days=FIRST_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"changeType": "created", "$select": _FIELDS, "$filter": f"receivedDateTime ge {since}"}
        found = urlencode(query, safe="$,:")
        return self._api.json(f"{self._base}/mailFolders/{_FOLDERS[folder]}/messages/delta?{found}")

    def _is_own(self, link: Any) -> bool:
        """Only Graph itself is shown the token, wherever a page says that the next one is."""
        return isinstance(link, str) and link.startswith(f"{self._api.url}/") and len(link) <= LONGEST_LINK

    def _headers(self, folder: Folder, page: dict[str, Any]) -> Iterator[tuple[str, Header]]:
        for message in self._api.rows(page, "value"):
            # What was removed, or only marked as read, comes with a few of its fields.
            if "@removed" in message or not message.get("internetMessageId") or message.get("isDraft") is True:
                continue
            key = self._api.text(message, "id")
            moment = str(message.get("receivedDateTime") or message.get("sentDateTime") or "")
            # How large it is, Graph doesn't say.
            yield moment, Header(key, folder, 0, header_block(_pairs(message)))

    def fetch(self, key: str) -> bytes | None:
        try:
            return self._api.get(f"{self._base}/messages/{quote(key, safe='')}/$value", most_bytes=LARGEST_MAIL)
        except No as no:
            if no.status == 404:
                return None
            raise

    # --- Sending ----------------------------------------------------------------------------------

    def connect_to_send(self) -> None:
        self._api.sign_in()

    def send(self, content: bytes, recipient: str) -> str | None:
        """Graph says no more than that it took it, so which Message-ID it went with is known from the copy in Sent."""
        check_recipient(content, recipient)
        self._api.post(f"{self._base}/sendMail", base64.b64encode(content), content_type="text/plain")
        return None

    def keep_copy(self, content: bytes, message_id: str) -> None:
        """Graph has done so."""


def _pairs(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Its headers: those it came with, and what Graph tells in other words of one that was sent from here."""
    given = message.get("internetMessageHeaders")
    seen = set()
    for one in given if isinstance(given, list) else []:
        name, value = (one.get("name"), one.get("value")) if isinstance(one, dict) else (None, None)
        if isinstance(name, str) and isinstance(value, str) and name.lower() in _WANTED:
            seen.add(name.lower())
            yield name, value
    for name, value in _told(message):
        if value and name.lower() not in seen:
            yield name, value


def _told(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "From", _people([message.get("from")])
    yield "To", _people(message.get("toRecipients"))
    yield "Cc", _people(message.get("ccRecipients"))
    yield "Bcc", _people(message.get("bccRecipients"))
    for name, field in (("Subject", "subject"), ("Message-ID", "internetMessageId")):
        value = message.get(field)
        yield name, value[:LONGEST] if isinstance(value, str) else ""
    sent = message.get("sentDateTime")
    try:
        moment = parse_datetime(sent) if isinstance(sent, str) else None
    except ValueError:
        moment = None
    yield "Date", format_datetime(moment) if moment else ""


def _people(value: Any) -> str:
    found = []
    for one in value if isinstance(value, list) else []:
        inside = one.get("emailAddress") if isinstance(one, dict) else None
        name, address = (inside.get("name"), inside.get("address")) if isinstance(inside, dict) else (None, None)
        if isinstance(address, str) and address:
            found.append(_address(name if isinstance(name, str) else "", address))
    return ", ".join(found)


def _address(name: str, address: str) -> str:
    plain = name.encode("utf-8", "replace").decode()  # without halves of letters, which can't be encoded
    return formataddr((plain, address)) if address.isascii() else address
