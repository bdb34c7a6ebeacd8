"""Asking a page many times over HTTP and keeping how long each answer took."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """An address as one signed-in user asks for it."""

    path: str
    session: str


@dataclass(frozen=True)
class Load:
    """``times`` in ms, one a request. ``client``: the share of one core it used; near 1 it was the bottleneck."""

    times: list[float]
    client: float


def ask(port: int, page: Page, *, connections: int, requests: int) -> Load:
    """``requests`` answers in all, over so many connections at a time. RuntimeError for anything but a 200."""
    began, busy = time.perf_counter(), time.process_time()
    each = [requests // connections] * connections
    if connections == 1:
        times = _one_after_another(port, page, requests)
    else:
        # Threads are enough: they mostly wait for two workers, and ``client`` would tell if not.
        with ThreadPoolExecutor(connections) as threads:
            parts = threads.map(lambda number: _one_after_another(port, page, number), each)
            times = [moment for part in parts for moment in part]
    return Load(times, (time.process_time() - busy) / (time.perf_counter() - began))


def size(port: int, page: Page) -> int:
    """The bytes of the answer's body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        return len(_answer(connection, page))
    finally:
        connection.close()


def _one_after_another(port: int, page: Page, requests: int) -> list[float]:
    # Kept open where the server keeps it: gunicorn's sync workers close after each answer, and it opens again.
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
