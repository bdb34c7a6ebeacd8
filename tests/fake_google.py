"""Gmail for tests: its web API as documented (developers.google.com/workspace/gmail/api/reference/rest), in small."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import parse_qsl

from tests.fake_provider import Asked, FakeProvider

ME = "/gmail/v1/users/me"


@dataclass
class Message:
    id: str
    content: bytes
    labels: list[str]
    came: dt.datetime
    since: int = 0  # the number of the mailbox's history
    gone: bool = False


@dataclass
class Record:
    number: int
    message: Message
    labels: list[str] = field(default_factory=list)  # added; none: the message was


class FakeGoogle(FakeProvider):
    scopes = (
        "https://www.googleapis.com/auth/gmail.readonly",
        "https://www.googleapis.com/auth/gmail.send",
    )

    revokes = True

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.messages: dict[str, Message] = {}
        self.records: list[Record] = []
        self.history = 1000
        self.forgotten = 0  # numbers of history up to this one are no longer known
        self.page = 100  # at most, whatever is asked for
        self.own_message_ids = False
        self.sent: list[bytes] = []

    # --- What a test does -----------------------------------------------------------------------------

    def arrive(self, content: bytes, *labels: str, came: dt.datetime | None = None, seen: bool = False) -> Message:
        """A mail that comes in, or that the person sends. ``seen``: before the mailbox's history begins."""
        self.history += 7
        found = Message(
            f"{0x18C0000000000000 + self.history:x}",
            content,
            list(labels) or ["INBOX", "UNREAD"],
            came or dt.datetime.now(dt.UTC),
            self.history,
        )
        self.messages[found.id] = found
        if not seen:
            self.records.append(Record(self.history, found))
        return found

    def label(self, message: Message, *labels: str) -> None:
        self.history += 7
        message.labels = [*labels]
        self.records.append(Record(self.history, message, [*labels]))

    # --- Answers --------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> None:
        if asked.path == "/revoke" and asked.method == "POST":
            self.asked.append(asked)
            token = dict(parse_qsl(asked.body.decode())).get("token", "")
            self.revoked.append(token)
            known = token in self.refresh_tokens
            self.withdraw()
            return asked.say(200 if known else 400, {} if known else {"error": "invalid_token"})
        return super().answer(asked)

    def api(self, asked: Asked) -> None:
        if asked.path == f"{ME}/profile":
            return asked.say(200, {"emailAddress": self.address, "historyId": str(self.history)})
        if asked.path == f"{ME}/messages" and asked.method == "GET":
            return self.list(asked)
        if asked.path == f"{ME}/history":
            return self.list_history(asked)
        if asked.path == f"{ME}/messages/send" and asked.method == "POST":
            return self.send(asked)
        found = re.fullmatch(rf"{ME}/messages/([0-9a-f]+)", asked.path)
        message = self.messages.get(found[1]) if found else None
        if message is None or message.gone or asked.method != "GET":
            return asked.say(404, {"error": {"code": 404, "errors": [{"reason": "notFound"}]}})
        return asked.say(200, self.show(message, asked))

    def _paged(self, asked: Asked, found: list[Any]) -> tuple[list[Any], dict[str, str]]:
        size = min(int(asked.one("maxResults", "100")), self.page)
        start = int(asked.one("pageToken", "p0").removeprefix("p"))
        more = {"nextPageToken": f"p{start + size}"} if start + size < len(found) else {}
        return found[start : start + size], more

    def list(self, asked: Asked) -> None:
        [after] = re.findall(r"after:(\d+)", asked.one("q")) or ["0"]
        hidden = {"SPAM", "TRASH"} | ({"DRAFT"} if "-in:drafts" in asked.one("q") else set())
        found = [
            one
            for one in self.messages.values()
            if not one.gone and one.came.timestamp() >= int(after) and not hidden & set(one.labels)
        ]
        found.sort(key=lambda one: one.came, reverse=True)
        shown, more = self._paged(asked, found)
        asked.say(200, {"messages": [{"id": one.id, "threadId": one.id} for one in shown], **more})

    def list_history(self, asked: Asked) -> None:
        start, kinds = int(asked.one("startHistoryId")), asked.query["historyTypes"]
        if start < self.forgotten:
            return asked.say(404, {"error": {"code": 404, "errors": [{"reason": "notFound"}]}})
        found = [
            one
            for one in self.records
            if one.number > start and ("labelAdded" if one.labels else "messageAdded") in kinds
        ]
        shown, more = self._paged(asked, found)
        history = []
        for one in shown:
            message = {"id": one.message.id, "threadId": one.message.id, "labelIds": one.message.labels}
            change = {"labelsAdded": [{"message": message, "labelIds": one.labels}]} if one.labels else {}
            change = change or {"messagesAdded": [{"message": message}]}
            history.append({"id": str(one.number), "messages": [message], **change})
        asked.say(
            200,
            {"history": history, "historyId": str(self.history), **more}
            if history
            else {"historyId": str(self.history)},
        )

    def show(self, message: Message, asked: Asked) -> dict[str, Any]:
        if asked.one("format") == "raw":
            return {"id": message.id, "raw": base64.urlsafe_b64encode(message.content).decode()}
        wanted = {name.lower() for name in asked.query.get("metadataHeaders", [])}
        headers = [
            {"name": name, "value": str(value).replace("\r\n", "").replace("\n", "")}
            for name, value in BytesHeaderParser().parsebytes(message.content).items()
            if not wanted or name.lower() in wanted
        ]
        return {
            "id": message.id,
            "labelIds": message.labels,
            "sizeEstimate": len(message.content),
            "internalDate": str(int(message.came.timestamp() * 1000)),
            "payload": {"headers": headers},
        }

    def send(self, asked: Asked) -> None:
        content = base64.urlsafe_b64decode(json.loads(asked.body)["raw"])
        self.sent.append(content)
        if self.own_message_ids:
            content = re.sub(rb"(?im)^Message-ID:.*$", b"Message-ID: <CAown@mail.gmail.com>", content)
        message = self.arrive(content, "SENT")
        asked.say(200, {"id": message.id, "threadId": message.id, "labelIds": ["SENT"]})
