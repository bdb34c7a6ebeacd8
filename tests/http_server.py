"""A real HTTP server of this machine, which notes every request."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Inside:
    """An HTTP server of this machine. ``knocks`` are the requests that reached it, ``hosts`` what they asked for."""

    def __init__(self, *, certificate: Path | None = None) -> None:
        self.knocks: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = _calendar
        inside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                inside.knocks.append(self.path)
                inside.headers.append({name.lower(): value for name, value in self.headers.items()})
                inside.answer(self)

            do_PROPFIND = do_REPORT = do_GET

            def log_message(self, *args: object) -> None:
                """Nothing on the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _calendar(request: BaseHTTPRequestHandler) -> None:
    say(request, 200, b"BEGIN:VCALENDAR", {"ETag": '"1"'})


def say(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
