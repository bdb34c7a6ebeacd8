"""Requests a page many times over HTTP and records how long each response took."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A URL, requested by one signed-in user."""

    path: str
    session: str


@dataclass(frozen=True)
class Load:
    """``times``: ms per request. ``client``: the share of a core the client used; near 1, it was the bottleneck."""

    times: list[float]
    client: float


def ask(port: int, page: Page, *, connections: int, requests: int) -> Load:
    """Make ``requests`` requests in all over several connections. Raises RuntimeError unless each gives a 200."""
    began, busy = time.perf_counter(), time.process_time()
    each = [requests // connections] * connections
    if connections == 1:
        times = _one_after_another(port, page, requests)
    else:
        # Threads are enough: they mostly wait for the two workers; ``client`` shows if they don't.
        with ThreadPoolExecutor(connections) as threads:
            parts = threads.map(lambda number: _one_after_another(port, page, number), each)
            times = [moment for part in parts for moment in part]
    return Load(times, (time.process_time() - busy) / (time.perf_counter() - began))


def size(port: int, page: Page) -> int:
    """The size of the response body in bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        return len(_answer(connection, page))
    finally:
        connection.close()


def _one_after_another(port: int, page: Page, requests: int) -> list[float]:
    # The connection stays open if the server allows it; gunicorn's sync workers close it after each response.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    times = []
    try:
        for _ in range(requests):
            began = time.perf_counter()
            _answer(connection, page)
            times.append(1000 * (time.perf_counter() - began))
    finally:
        connection.close()
    return times


def _answer(connection: http.client.HTTPConnection, page: Page) -> bytes:
    connection.request("GET", page.path, headers={"Host": "localhost", "Cookie": f"sessionid={page.session}"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{page.path} answered {response.status}.")
    return body
