"""A mailbox at Gmail, by its web API (v1): https://developers.google.com/workspace/gmail/api/reference/rest."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from django.utils import timezone

from mail.connected.oauth import Permission
from mail.connected.provider import FIRST_DAYS, Folder, Header, Look, Slow, Trouble
from mail.connected.web_api import HEADERS, No, WebApi, check_recipient, header_block
from mail.incoming.limits import LARGEST_MAIL

PAGE = 100  # messages; each is a request of its own
# Drafts and chats are no mails, and who writes to whom in spam and the bin isn't looked at.
_NOT_LOOKED_AT = {"DRAFT", "CHAT", "SPAM", "TRASH"}
_FORGOTTEN = {400, 404, 410}  # of a history that is too old, or a page of it


class Gmail:
    """The bookmark holds the number of the mailbox's history (``history``) up to where it was looked at; within a
    round the next ``page`` and the messages that are ``left`` of the last, and in the first round where it began
    (``after``, seconds since 1970).

    Everything counts as inbox that isn't sent: a mail that a filter has filed away is an answer, too.
    """

    def __init__(self, permission: Permission) -> None:
        self._api = WebApi(permission)
        self._base = f"{self._api.url}/gmail/v1/users/me"

    def close(self) -> None:
        self._api.close()

    def address(self) -> str:
        return self._api.text(self._api.json(f"{self._base}/profile"), "emailAddress")

    # --- Looking ----------------------------------------------------------------------------------

    def look(self, bookmark: dict[str, Any]) -> Look:
        self._api.begin()
        if not bookmark:
            return self._look(self._beginning())
        try:
            return self._look(dict(bookmark))
        except No as no:
            if no.status not in _FORGOTTEN:
                raise
            return self._look(self._beginning())

    def _beginning(self) -> dict[str, Any]:
        """From here on its history is read, and before that, the last days: what comes meanwhile is met twice."""
        profile = self._api.json(f"{self._base}/profile")
        after = timezone.now() - dt.timedelta(days=FIRST_DAYS)
        return {"history": self._api.text(profile, "historyId"), "after": int(after.timestamp())}

    def _look(self, at: dict[str, Any]) -> Look:
        if not at.get("left"):
            at = self._next_page(at)
        headers: list[tuple[int, Header]] = []
        left: list[str] = list(at.pop("left"))
        while left and not self._api.enough:
            try:
                found = self._header(left[0])
            except Slow:
                if not headers:
                    raise
                break  # with what was seen; it says so again next time
            left.pop(0)
            headers += [found] if found else []
        if left:
            at["left"] = left
        headers.sort(key=lambda one: one[0])
        return Look([header for _, header in headers], at, more=bool(left) or "page" in at)

    def _next_page(self, at: dict[str, Any]) -> dict[str, Any]:
        """The bookmark after the page that comes next, with its messages ``left``."""
        history, page = str(at.get("history", "")), str(at.get("page", ""))
        query: dict[str, Any] = {"maxResults": PAGE, **({"pageToken": page} if page else {})}
        if "after" in at:
            query |= {"q": f"after:{int(at['after'])} -in:drafts -in:chats", "fields": "messages/id,nextPageToken"}
            found = self._api.json(f"{self._base}/messages?{urlencode(query)}")
            ids = [self._api.text(one, "id") for one in self._api.rows(found, "messages")]
        else:
            query |= {"startHistoryId": history, "historyTypes": ["messageAdded", "labelAdded"]}
            found = self._api.json(f"{self._base}/history?{urlencode(query, doseq=True)}")
            ids = self._added(found)
        following = self._api.text(found, "nextPageToken", needed=False)
        if following:
            at = {**at, "page": following}
        else:
            at = {"history": history if "after" in at else self._api.text(found, "historyId")}
        return {**at, "left": ids}

    def _added(self, found: dict[str, Any]) -> list[str]:
        """What is new in these pieces of history; also what came out of the spam, or was put back into the inbox."""
        ids: dict[str, None] = {}
        for record in self._api.rows(found, "history"):
            labelled = [
                one for one in self._api.rows(record, "labelsAdded") if "INBOX" in _strings(one.get("labelIds"))
            ]
            for one in [*self._api.rows(record, "messagesAdded"), *labelled]:
                message = one.get("message")
                if not isinstance(message, dict):
                    raise self._api.nonsense()
                ids[self._api.text(message, "id")] = None
        return list(ids)

    def _header(self, key: str) -> tuple[int, Header] | None:
        """When it came (milliseconds since 1970), and its headers; None if it is gone, or not looked at."""
        query = {"format": "metadata", "metadataHeaders": HEADERS}
        query["fields"] = "id,labelIds,sizeEstimate,internalDate,payload/headers"
        try:
            found = self._api.json(f"{self._base}/messages/{quote(key, safe='')}?{urlencode(query, doseq=True)}")
        except No as no:
            if no.status == 404:
                return None
            raise
        labels = _strings(found.get("labelIds"))
        if labels & _NOT_LOOKED_AT:
            return None
        content = header_block(self._headers(found))
        folder = Folder.SENT if "SENT" in labels else Folder.INBOX
        return _number(found.get("internalDate")), Header(key, folder, _number(found.get("sizeEstimate")), content)

    def _headers(self, found: dict[str, Any]) -> list[tuple[str, str]]:
        payload = found.get("payload")
        if not isinstance(payload, dict):
            raise self._api.nonsense()
        pairs = [(one.get("name"), one.get("value")) for one in self._api.rows(payload, "headers")]
        return [(name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]

    def fetch(self, key: str) -> bytes | None:
        """Base64 makes four letters of three bytes."""
        url = f"{self._base}/messages/{quote(key, safe='')}?format=raw&fields=raw"
        try:
            body = self._api.get(url, most_bytes=LARGEST_MAIL * 4 // 3 + 1_000)
        except No as no:
            if no.status == 404:
                return None
            raise
        if body is None:
            return None
        try:
            raw = json.loads(body)["raw"]
            content = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
        except (ValueError, RecursionError, LookupError, TypeError, binascii.Error):
            raise self._api.nonsense() from None
        return content if len(content) <= LARGEST_MAIL else None

    # --- Sending ----------------------------------------------------------------------------------

    def connect_to_send(self) -> None:
        self._api.sign_in()

    def send(self, content: bytes, recipient: str) -> str | None:
        """Gmail may put a Message-ID of its own in place of ours, and an answer will name that one."""
        check_recipient(content, recipient)
        body = json.dumps({"raw": base64.urlsafe_b64encode(content).decode()}).encode()
        answer = self._api.post(f"{self._base}/messages/send?fields=id", body, content_type="application/json")
        try:
            return self._message_id(json.loads(answer.body)["id"])
        except (Trouble, ValueError, RecursionError, LookupError, TypeError):
            return None  # it has gone, which is what counts; the copy in Sent says the rest

    def _message_id(self, key: str) -> str | None:
        query = urlencode({"format": "metadata", "metadataHeaders": "Message-ID", "fields": "payload/headers"})
        found = self._api.json(f"{self._base}/messages/{quote(key, safe='')}?{query}")
        return next((value for _, value in self._headers(found)), None)

    def keep_copy(self, content: bytes, message_id: str) -> None:
        """Gmail has done so."""


def _strings(value: Any) -> set[str]:
    return {one for one in value if isinstance(one, str)} if isinstance(value, Sequence) else set()


def _number(value: Any) -> int:
    """Some of its numbers are texts."""
    try:
        return min(max(int(value), 0), 2**53)
    except (TypeError, ValueError, OverflowError):
        return 0
