"""Microsoft Graph for tests: its mail as documented (learn.microsoft.com/graph/api/resources/message), in small."""

from __future__ import annotations

import base64
import datetime as dt
import re
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from typing import Any
from urllib.parse import unquote, urlencode

from tests.fake_provider import Asked, FakeProvider

ME = "/v1.0/me"


@dataclass
class Message:
    id: str
    folder: str
    content: bytes
    came: dt.datetime
    change: int
    draft: bool = False
    gone: bool = False
    only_read: bool = False  # what changed is that it was marked as read


class FakeMicrosoft(FakeProvider):
    scopes = ("Mail.Read", "Mail.Send", "User.Read", "profile", "openid", "email")
    rotates = True

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.messages: dict[str, Message] = {}
        self.change = 0
        self.forgotten = 0  # changes up to this one are no longer known
        self.most = 1000  # of a page, whatever is asked for
        self.sent: list[bytes] = []
        self.mail: str | None = self.address
        self.leads_away = ""  # where it says that the next page is

    # --- What a test does -----------------------------------------------------------------------------

    def arrive(
        self, content: bytes, folder: str = "inbox", *, came: dt.datetime | None = None, draft: bool = False
    ) -> Message:
        self.change += 1
        found = Message(
            f"AAkALg{self.change:05d}==", folder, content, came or dt.datetime.now(dt.UTC), self.change, draft
        )
        self.messages[found.id] = found
        return found

    def mark_read(self, message: Message) -> None:
        self.change += 1
        message.change, message.only_read = self.change, True

    def remove(self, message: Message) -> None:
        self.change += 1
        message.change, message.gone = self.change, True

    # --- Answers --------------------------------------------------------------------------------------

    def unauthorized(self, asked: Asked) -> None:
        asked.say(401, {"error": {"code": "InvalidAuthenticationToken", "message": "words that nobody is to read"}})

    def api(self, asked: Asked) -> None:
        if asked.path == ME:
            return asked.say(200, {"mail": self.mail, "userPrincipalName": self.address})
        folder = re.fullmatch(rf"{ME}/mailFolders/(inbox|sentitems)/messages/delta", asked.path)
        if folder and asked.method == "GET":
            return self.delta(asked, folder[1])
        if asked.path == f"{ME}/sendMail" and asked.method == "POST":
            return self.send(asked)
        found = re.fullmatch(rf"{ME}/messages/([^/]+)/\$value", unquote(asked.path))
        message = self.messages.get(found[1]) if found else None
        if message is None or message.gone or asked.method != "GET":
            return asked.say(404, {"error": {"code": "ErrorItemNotFound", "message": "not found"}})
        return asked.say(200, message.content)

    def delta(self, asked: Asked, folder: str) -> None:
        """One page of a round. The tokens hold what the first request asked for, as Graph's do."""
        assert 'IdType="ImmutableId"' in asked.headers["prefer"]
        size = min(int(re.findall(r"maxpagesize=(\d+)", asked.headers["prefer"])[0]), self.most)
        if token := asked.one("$deltatoken") or asked.one("$skiptoken"):
            since, after, until = (int(one) for one in token.split("."))
        else:
            assert "internetMessageHeaders" in asked.one("$select")
            [begins] = re.findall(r"receivedDateTime ge (\S+)", asked.one("$filter"))
            since, after, until = 0, int(dt.datetime.fromisoformat(begins).timestamp()), 0
        if token and since < self.forgotten:
            return asked.say(410, {"error": {"code": "SyncStateNotFound", "message": "resync"}})
        until = until or self.change
        found = [
            one
            for one in self.messages.values()
            if one.folder == folder and since < one.change <= until and one.came.timestamp() >= after
        ]
        found.sort(key=lambda one: one.change)
        shown = found[:size]
        here = f"{self.url}{asked.path}"
        body: dict[str, Any] = {
            "@odata.context": f"{self.url}/v1.0/$metadata",
            "value": [self.show(one) for one in shown],
        }
        if len(found) > size:
            token = f"{shown[-1].change}.{after}.{until}"
            body["@odata.nextLink"] = self.leads_away or f"{here}?{urlencode({'$skiptoken': token}, safe='$')}"
        else:
            body["@odata.deltaLink"] = f"{here}?{urlencode({'$deltatoken': f'{until}.{after}.0'}, safe='$')}"
        return asked.say(200, body)

    def show(self, message: Message) -> dict[str, Any]:
        if message.gone:
            return {"id": message.id, "@removed": {"reason": "deleted"}}
        if message.only_read:
            return {"id": message.id, "isRead": True}
        head = BytesHeaderParser().parsebytes(message.content)
        moment = message.came.strftime("%Y-%m-%dT%H:%M:%SZ")
        found = {
            "id": message.id,
            "subject": str(head["Subject"] or ""),
            "from": _person(*parseaddr(str(head["From"] or ""))),
            "toRecipients": _people(head, "To"),
            "ccRecipients": _people(head, "Cc"),
            "bccRecipients": _people(head, "Bcc"),
            "sentDateTime": moment,
            "receivedDateTime": moment,
            "isDraft": message.draft,
            "internetMessageId": str(head["Message-ID"]),
        }
        if message.folder == "inbox":  # what was sent from here has none
            found["internetMessageHeaders"] = [
                {"name": name, "value": str(value).replace("\r\n", "").replace("\n", "")}
                for name, value in head.items()
                if name.lower() != "bcc"
            ]
        return found

    def send(self, asked: Asked) -> None:
        if asked.headers.get("content-type") != "text/plain":
            return asked.say(400, {"error": {"code": "BadRequest"}})
        try:
            content = base64.b64decode(asked.body, validate=True)
        except ValueError:
            return asked.say(400, {"error": {"code": "ErrorMimeContentInvalidBase64String"}})
        self.sent.append(content)
        self.arrive(content, "sentitems")
        return asked.say(202)


def _person(name: str, address: str) -> dict[str, Any]:
    return {"emailAddress": {"name": name, "address": address}}


def _people(head: Any, name: str) -> list[dict[str, Any]]:
    return [_person(*one) for one in getaddresses([str(value) for value in head.get_all(name, [])])]
