"""What the fakes of Google and Microsoft have in common: a real HTTP server of this machine that speaks OAuth.

A person's browser goes to its page and presses a button; our server changes the code for tokens, which it checks as the
real ones do: the client's secret, the address to come back to, the verifier (PKCE), each code once. ``meanwhile`` holds
what happens instead of the next answers, by the beginning of a path.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

CLIENT_ID, SECRET = "mentorfolio-mailbox", "only for the tests"


@dataclass
class Asked:
    """One request, and how it is answered."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    handler: BaseHTTPRequestHandler = field(repr=False)

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def say(self, status: int, body: bytes | dict[str, Any] = b"", headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/json" if isinstance(body, dict) else "text/plain"
        self.handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(content)

    def cut(self) -> None:
        """Close the connection without an answer, as a server that dies does."""
        self.handler.close_connection = True


Meanwhile = Callable[[Asked], object]


def status(code: int, body: bytes | dict[str, Any] = b"{}", **headers: str) -> Meanwhile:
    return lambda asked: asked.say(code, body, {name.replace("_", "-"): value for name, value in headers.items()})


def dies(asked: Asked) -> None:
    asked.cut()


def half(asked: Asked) -> None:
    """Promises more than it gives."""
    asked.handler.send_response(200)
    asked.handler.send_header("Content-Length", "1000")
    asked.handler.end_headers()
    asked.handler.wfile.write(b'{"messages": [')
    asked.cut()


class FakeProvider:
    """``tokens`` are those that hold now, with the instant until which they do (of ``time.monotonic``)."""

    scopes: tuple[str, ...] = ()  # as the real one names them in its answer
    revokes = False
    rotates = False  # gives another token that renews each time, and takes the old one no more

    def __init__(self, *, address: str = "alice@example.org") -> None:
        self.address = address
        self.asked: list[Asked] = []
        self.meanwhile: dict[str, list[Meanwhile]] = {}
        self.tokens: set[str] = set()
        self.refresh_tokens: set[str] = set()
        self.revoked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.lasts = 3600  # seconds, as it says of its tokens
        self.gives_refresh_token = True
        self.released = threading.Event()
        self.lock = threading.RLock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the client to confirm its headers

            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                fake.answer(Asked(self.command, parts.path, parse_qs(parts.query), headers, body, self))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *args: object) -> None:
                """Nothing on the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def settings(self) -> dict[str, str]:
        """Its part of ``MAILBOX_PROVIDERS``."""
        return self.settings_at(self.url)

    @classmethod
    def settings_at(cls, url: str) -> dict[str, str]:
        return {
            "client_id": CLIENT_ID,
            "secret": SECRET,
            "authorize_url": f"{url}/authorize",
            "token_url": f"{url}/token",
            "revoke_url": f"{url}/revoke" if cls.revokes else "",
            "api_url": url,
        }

    # --- What happens instead -----------------------------------------------------------------------

    def next(self, path: str, *happens: Meanwhile) -> None:
        """Instead of the next answers to what begins with this path."""
        self.meanwhile.setdefault(path, []).extend(happens)

    def hangs(self, asked: Asked) -> None:
        """Says nothing until the test is over."""
        self.released.wait(20)
        asked.cut()

    def trickles(self, asked: Asked) -> None:
        """A byte now and then, so that no wait for the next one is ever too long."""
        asked.handler.send_response(200)
        asked.handler.send_header("Content-Length", "1000")
        asked.handler.end_headers()
        for _ in range(400):
            if self.released.wait(0.05):
                break
            try:
                asked.handler.wfile.write(b" ")
            except OSError:
                break
        asked.cut()

    def withdraw(self) -> None:
        """The person, or their organisation, takes the permission away."""
        self.tokens.clear()
        self.refresh_tokens.clear()

    # --- Answers --------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> None:
        self.asked.append(asked)
        for path, waiting in self.meanwhile.items():
            if asked.path.startswith(path) and waiting:
                waiting.pop(0)(asked)
                return
        with self.lock:
            if asked.path == "/authorize":
                return self.authorize(asked)
            if asked.path == "/token" and asked.method == "POST":
                return self.give_tokens(asked)
            if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
                return self.unauthorized(asked)
            return self.api(asked)

    def unauthorized(self, asked: Asked) -> None:
        asked.say(401, {"error": {"code": 401, "message": "invalid credentials"}})

    def api(self, asked: Asked) -> None:
        raise NotImplementedError

    def authorize(self, asked: Asked) -> None:
        """A page with two buttons, each a link back."""
        if asked.one("client_id") != CLIENT_ID or asked.one("response_type") != "code":
            return asked.say(400, b"Who asks?")
        allow, cancel = self.allowed(asked.query), self.cancelled(asked.query)
        page = f'<!doctype html><title>Allow?</title><a href="{allow}">Allow</a> <a href="{cancel}">Cancel</a>'
        return asked.say(200, page.replace("&", "&amp;").encode(), {"Content-Type": "text/html"})

    def allowed(self, query: dict[str, list[str]]) -> str:
        """Where the browser goes when the person allows it."""
        [challenge], [method] = query["code_challenge"], query["code_challenge_method"]
        assert method == "S256"
        code = secrets.token_urlsafe(12)
        self.codes[code] = {"challenge": challenge, "back": query["redirect_uri"][0]}
        return f"{query['redirect_uri'][0]}?{urlencode({'code': code, 'state': query['state'][0]})}"

    def cancelled(self, query: dict[str, list[str]]) -> str:
        return f"{query['redirect_uri'][0]}?{urlencode({'error': 'access_denied', 'state': query['state'][0]})}"

    def allow(self, there: str) -> str:
        """Where a browser comes back to, from this address of the page."""
        return self.allowed(parse_qs(urlsplit(there).query))

    def cancel(self, there: str) -> str:
        return self.cancelled(parse_qs(urlsplit(there).query))

    def give_tokens(self, asked: Asked) -> None:
        fields = dict(parse_qsl(asked.body.decode()))
        if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT_ID, SECRET):
            return asked.say(401, {"error": "invalid_client", "error_description": "words that nobody is to read"})
        if fields["grant_type"] == "refresh_token":
            old = fields["refresh_token"]
            if old not in self.refresh_tokens:
                return asked.say(400, {"error": "invalid_grant", "error_description": f"{old} was withdrawn"})
            if self.rotates:
                self.refresh_tokens.discard(old)
            return asked.say(200, self.new_tokens(again=True))
        code = self.codes.pop(fields["code"], None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(fields["code_verifier"].encode()).digest())
        if code is None or code["challenge"] != digest.decode().rstrip("=") or code["back"] != fields["redirect_uri"]:
            return asked.say(400, {"error": "invalid_grant"})
        return asked.say(200, self.new_tokens())

    def new_tokens(self, *, again: bool = False) -> dict[str, Any]:
        access = f"access-{secrets.token_urlsafe(12)}"
        self.tokens.add(access)
        found = {
            "access_token": access,
            "expires_in": self.lasts,
            "token_type": "Bearer",
            "scope": " ".join(self.scopes),
        }
        if self.gives_refresh_token and (self.rotates or not again):
            found["refresh_token"] = f"refresh-{secrets.token_urlsafe(12)}"
            self.refresh_tokens.add(found["refresh_token"])
        return found

    def wait_until(self, path: str, seconds: float = 10) -> None:
        """Until it was asked for this path."""
        end = time.monotonic() + seconds
        while not any(one.path.startswith(path) for one in self.asked):
            assert time.monotonic() < end, f"nobody asked for {path}"
            self.released.wait(0.01)


@contextmanager
def running(fake: FakeProvider) -> Iterator[Any]:
    try:
        yield fake
    finally:
        fake.close()
