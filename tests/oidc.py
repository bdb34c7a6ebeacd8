"""Providers of OpenID Connect for tests: a well-behaved one (oidc-provider-mock), and one that answers anything."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import oidc_provider_mock
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.test import Client
from jwt.algorithms import RSAAlgorithm

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)  # of the strange provider
CALLBACK = "/account/with/university/login/callback/"


@contextmanager
def provider(*people: oidc_provider_mock.User) -> Iterator[str]:
    """A real provider that knows these people; yields its URL."""
    with oidc_provider_mock.run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


def person(sub: str = "u-1", **claims: Any) -> oidc_provider_mock.User:
    return oidc_provider_mock.User(sub=sub, claims=claims)


def switched_on(url: str, *, trusted: bool = False) -> dict[str, Any]:
    """``SOCIALACCOUNT_PROVIDERS`` with the provider at this URL as "university"."""
    ours: Any = settings.SOCIALACCOUNT_PROVIDERS
    [app] = ours["openid_connect"]["APPS"]
    there = {**app, "settings": {**app["settings"], "server_url": url, "email_authentication": trusted}}
    return {"openid_connect": {**ours["openid_connect"], "APPS": [there]}}


def go_there(client: Client, **fields: str) -> str:
    """Press the button; returns the provider's address that the page leads on to."""
    answer = client.post("/account/with/university/login/", fields)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.context["there"])


def come_back(client: Client, there: str, sub: str = "u-1", **fields: str) -> Any:
    """Sign in at the provider as this person, and follow it back."""
    answer = requests.post(there, data={"sub": sub, **fields}, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    assert back.path == CALLBACK
    return client.get(f"{back.path}?{back.query}")


def sign_in(client: Client, sub: str = "u-1", **fields: str) -> Any:
    return come_back(client, go_there(client, **fields), sub)


class Strange:
    """A provider whose answers a test chooses: ``answers[path]`` is text, or what is sent as JSON."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status: dict[str, int] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        claims = {"iss": url, "aud": "mentorfolio", "sub": "u-1", "exp": 4_000_000_000}
        self.claims = claims
        self.answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "userinfo_endpoint": f"{url}/userinfo",
                "jwks_uri": f"{url}/jwks",
            },
            "/token": {"access_token": "a", "id_token": self.token()},
            "/jwks": {"keys": [{**RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "k", "use": "sig"}]},
            "/userinfo": {"sub": "u-1", "email": "dana@example.org"},
        }

    def token(self, **claims: Any) -> str:
        return jwt.encode(self.claims | claims, KEY, algorithm="RS256", headers={"kid": "k"})

    def come_back(self, client: Client, **query: str) -> Any:
        """Go there and come back with a code, as a person would whom it let in."""
        state = parse_qs(urlsplit(go_there(client)).query)["state"][0]
        return client.get(CALLBACK, {"state": state, "code": "c", **query})


@contextmanager
def strange_provider() -> Iterator[Strange]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            size = int(self.headers.get("Content-Length") or 0)
            strange.asked.append((path, parse_qs(self.rfile.read(size).decode())))
            answer = strange.answers.get(path, "")
            body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(strange.status.get(path, 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in strange.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    strange = Strange(f"http://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield strange
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
