"""Connections to a host that a user named: never to this machine or its neighbours, whatever the name says.

A name is resolved once, each of its addresses is checked, and the connection goes to an address that was checked: so a
name that resolves to something else a moment later gains nothing. TLS still asks for a certificate of the name.
``OUTBOUND_ALLOWED`` names hosts and networks that are let through besides, such as a Nextcloud at home.

Errors say what is wrong and never quote an address, since it may hold a secret.
"""

from __future__ import annotations

import functools
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Found = tuple[Any, int, int, str, tuple[Any, ...]]
Resolver = Callable[..., Sequence[Found]]  # as socket.getaddrinfo

HTTPS_PORTS = frozenset({443, 8443})
MAIL_PORTS = frozenset({143, 465, 587, 993})
SECONDS = 20.0  # for all of a request, redirects included
MOST_BYTES = 10 * 1024 * 1024
REDIRECTS = 3
LONGEST = 2_000  # characters of an address
_LOOK_UP_SECONDS = 5.0
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as the last part of a name: an IPv4 address in one of its spellings
_AS_IT_IS = "%/:=&~+!$,;'@()*"  # in a path, besides letters and figures
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Refused though ``is_global`` knows nothing of them, or only some versions of Python do.
_NOBODYS = [
    ipaddress.ip_network(one)
    for one in (
        *("192.0.0.0/24", "192.88.99.0/24"),  # of protocols; 6to4’s relays
        *("::/96", "2002::/16", "2001::/32", "64:ff9b:1::/48"),  # IPv4 in other clothes: old, 6to4, Teredo, NAT64
        *("fec0::/10", "100::/64", "3fff::/20", "5f00::/16"),  # of a site; nowhere; documents; segment routing
    )
]


class Refused(Exception):
    """Nothing was sent; the text says why, for the user."""


class Unreachable(Exception):
    """There was no usable answer; the text says why, for the user."""


class NoAnswer(Unreachable):
    """The whole request was sent, and then no usable answer came: it may have been acted on."""


class TooLarge(NoAnswer):
    """The answer is larger than it may be."""


def is_public(address: Address) -> bool:
    """Whether it belongs to the internet, and not to this machine, a local network, or nobody."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
        if address.scope_id is not None:
            return False
    if any(address.version == net.version and address in net for net in _NOBODYS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def usable_host(host: str) -> str:
    """The host in the one spelling that is resolved. Raises :class:`Refused`."""
    if ":" in host:
        try:
            address = ipaddress.IPv6Address(host[1:-1] if host[0] == "[" and host[-1] == "]" else host)
        except ValueError:
            raise Refused("That is no host we can connect to. Check the address.") from None
        if address.scope_id is not None:
            raise Refused("An address of one network card can’t be reached from here.")
        return str(address)
    try:
        name = host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        raise Refused("That is no host we can connect to. Check the address.") from None
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            # Only the usual spelling: others, such as 0x7f.1 or 2130706433, are there to hide something.
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise Refused("That is no host we can connect to. Check the address.") from None
    if not _HOST.fullmatch(name):
        raise Refused("That is no host we can connect to. Check the address.")
    return name


def _allowed_host(host: str) -> bool:
    return host in settings.OUTBOUND_ALLOWED


def _allowed_address(address: Address) -> bool:
    networks = [ipaddress.ip_network(one) for one in settings.OUTBOUND_ALLOWED if re.search(r"[:/]|^[\d.]+$", one)]
    return any(address.version == net.version and address in net for net in networks)


def checked_addresses(host: str, port: int, *, resolver: Resolver | None = None) -> list[Address]:
    """Every address of this host (see :func:`usable_host`). Raises :class:`Refused` if a single one is not for us."""
    found = [ipaddress.ip_address(str(row[4][0])) for row in _look_up(host, port, resolver or socket.getaddrinfo)]
    addresses = list(dict.fromkeys(found))
    if not addresses:
        raise Unreachable("There is no such host. Check the address.")
    if not _allowed_host(host) and not all(is_public(one) or _allowed_address(one) for one in addresses):
        raise Refused("That host is on a private network, where we may not connect to.")
    return addresses


def _look_up(host: str, port: int, resolver: Resolver) -> list[Found]:
    """In a thread, because the system's resolver can't be told how long it may take."""
    found: list[Found] = []

    def ask() -> None:
        try:
            found.extend(resolver(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))
        except (OSError, UnicodeError):
            return

    asking = threading.Thread(target=ask, daemon=True, name="look-up")
    asking.start()
    asking.join(_LOOK_UP_SECONDS)
    return list(found)


def connect(
    host: str,
    port: int,
    *,
    ports: Collection[int],
    tls: bool,
    seconds: float = SECONDS,
    resolver: Resolver | None = None,
) -> socket.socket:
    """A connected socket to this host, with TLS verified for its name; ``seconds`` is the limit for each step of it.

    ``ports`` are those that may be used, unless the host or its address is allowed by ``OUTBOUND_ALLOWED``. Raises
    :class:`Refused` or :class:`Unreachable`. Mail programs may say STARTTLS on a plain one; :func:`context` is theirs.
    """
    end = time.monotonic() + seconds
    host = usable_host(host)
    addresses = checked_addresses(host, port, resolver=resolver)
    if port not in ports and not (_allowed_host(host) or all(_allowed_address(one) for one in addresses)):
        raise Refused(f"We don’t connect to port {port}. Usual are {', '.join(map(str, sorted(ports)))}.")
    for address in addresses:
        left = end - time.monotonic()
        if left <= 0:
            break
        try:
            # The address itself, in its one spelling: nothing is resolved a second time.
            plain = socket.create_connection((str(address), port), timeout=left)
        except OSError:
            continue
        try:
            return _with_tls(plain, host, end) if tls else plain
        except ssl.SSLCertVerificationError:
            plain.close()
            raise Unreachable("Its certificate doesn’t belong to that host, or is not trusted.") from None
        except (OSError, ValueError):
            plain.close()
    raise Unreachable("It didn’t answer. Check the address, or try again later.")


def _with_tls(plain: socket.socket, host: str, end: float) -> ssl.SSLSocket:
    wrapped = context().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    try:
        with cut_off(wrapped, end):
            wrapped.do_handshake()
    except BaseException:
        wrapped.close()
        raise
    return wrapped


def context() -> ssl.SSLContext:
    """TLS as for every connection of ours: certificates are verified, for the name."""
    return ssl.create_default_context()


# --- HTTPS ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """``headers`` have names in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def usable_url(url: str) -> SplitResult:
    """The parts of an https address, or of an http one on a host that is allowed. Raises :class:`Refused`.

    It is taken apart once, and what is checked is what is used.
    """
    if len(url) > LONGEST:
        raise Refused(f"That address is longer than {LONGEST:,} characters.")
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused("There is a space or another sign in it that no address has. Copy it once more.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("That is no web address. Copy it once more.") from None
    if "@" in parts.netloc:
        raise Refused("An address with a name or password before the host can’t be used.")
    host = usable_host(parts.hostname or "")
    if port == 0 or (parts.scheme != "https" and not (parts.scheme == "http" and _is_allowed(host))):
        raise Refused("It must begin with https://, so that nobody on the way can read along.")
    return parts


def _is_allowed(host: str) -> bool:
    try:
        return _allowed_host(host) or _allowed_address(ipaddress.ip_address(host))
    except ValueError:
        return False


def fetch(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    most_bytes: int = MOST_BYTES,
    seconds: float = SECONDS,
    resolver: Resolver | None = None,
) -> Answer:
    """GET it, following a few redirects, each checked like the first. Raises :class:`Refused` or :class:`Unreachable`.

    ``headers`` go to the first host only.
    """
    end = time.monotonic() + seconds
    first = usable_url(url)
    for _ in range(REDIRECTS + 1):
        parts = usable_url(url)
        ours = headers if (parts.scheme, parts.netloc) == (first.scheme, first.netloc) else None
        answer = _get(parts, ours or {}, most_bytes=most_bytes, end=end, resolver=resolver)
        if answer.status not in {301, 302, 303, 307, 308}:
            return answer
        url = urljoin(url, quote(answer.headers.get("location", ""), safe=f"{_AS_IT_IS}?#[]\\"))
    raise Unreachable("It leads from one address to the next, without an end.")


def _get(
    parts: SplitResult, headers: Mapping[str, str], *, most_bytes: int, end: float, resolver: Resolver | None
) -> Answer:
    with closing(Host(parts, resolver=resolver)) as host:
        return host._ask("GET", _target(parts), b"", headers, most_bytes=most_bytes, end=end, last=True)


def ask(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    most_bytes: int = MOST_BYTES,
    seconds: float = SECONDS,
    resolver: Resolver | None = None,
) -> Answer:
    """One request of any method, without following redirects. Raises :class:`Refused` or :class:`Unreachable`."""
    with closing(Host(url, resolver=resolver)) as host:
        return host.request(
            method, url, body=body, headers=headers, most_bytes=most_bytes, seconds=seconds, last=True
        )


class Host:
    """A host that is asked several things in a row, over one connection that is kept, without following redirects.

    It is checked at the moment of connecting, as everywhere. Not for several threads.
    """

    def __init__(self, url: SplitResult | str, *, resolver: Resolver | None = None) -> None:
        self._tls, self._host, self._port = _origin(usable_url(url) if isinstance(url, str) else url)
        self._resolver = resolver
        self._kept: http.client.HTTPConnection | None = None

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        most_bytes: int = MOST_BYTES,
        seconds: float = SECONDS,
        last: bool = False,
    ) -> Answer:
        """Ask for this address of the host; after the ``last`` request, the connection is closed.

        Raises :class:`Refused` or :class:`Unreachable`, which is :class:`NoAnswer` from when all of it was sent.
        """
        parts = usable_url(url)
        if _origin(parts) != (self._tls, self._host, self._port):
            raise Refused("It leads on to another host.")
        end = time.monotonic() + seconds
        ask = functools.partial(
            self._ask, method, _target(parts), body, headers or {}, most_bytes=most_bytes, end=end, last=last
        )
        kept = self._kept is not None
        if kept and method != "GET":
            self.close()  # it may have been closed over there by now, and what is sent once must not be in doubt
        try:
            return ask()
        except Unreachable:
            if not kept or method != "GET" or time.monotonic() >= end:
                raise
            return ask()  # over a new connection

    def close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def _connection(self, end: float) -> http.client.HTTPConnection:
        left = end - time.monotonic()
        if left <= 0:
            raise Unreachable("It took too long to answer.")
        if self._kept is None:
            sock = connect(
                self._host, self._port, ports=HTTPS_PORTS, tls=self._tls, seconds=left, resolver=self._resolver
            )
            self._kept = http.client.HTTPConnection(self._host, self._port)
            self._kept.auto_open = 0  # it would connect without asking who that is
            self._kept.sock = sock
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the body waits until the headers came
        self._kept.sock.settimeout(max(0.001, end - time.monotonic()))
        return self._kept

    def _ask(
        self,
        method: str,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        most_bytes: int,
        end: float,
        last: bool,
    ) -> Answer:
        connection = self._connection(end)
        ours = {"Host": _host_header(self._host, self._port, tls=self._tls), "User-Agent": "Mentorfolio"}
        ours |= {"Accept-Encoding": "identity", "Connection": "close" if last else "keep-alive"}
        keep, failed = False, Unreachable  # by now
        try:
            with cut_off(connection.sock, end):
                connection.request(method, target, body=body or None, headers={**ours, **headers})
                failed = NoAnswer
                response = connection.getresponse()
                found = response.read(most_bytes + 1)
            if len(found) > most_bytes:
                raise TooLarge(f"It is larger than {most_bytes // 1024 // 1024 or 1} MB, which is the most we read.")
            if time.monotonic() >= end:
                raise failed("It took too long to answer.")
            if response.length:
                raise failed("Its answer was cut off.")
            keep = not last and not response.will_close and response.isclosed()
            return Answer(response.status, found, {name.lower(): value for name, value in response.getheaders()})
        except (OSError, http.client.HTTPException, ValueError):
            late = time.monotonic() >= end
            raise failed("It took too long to answer." if late else "It gave no answer we understand.") from None
        finally:
            if not keep:
                self.close()


def _origin(parts: SplitResult) -> tuple[bool, str, int]:
    """Whether with TLS, the host in its one spelling, and the port."""
    tls = parts.scheme == "https"
    return tls, usable_host(parts.hostname or ""), parts.port or (443 if tls else 80)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_AS_IT_IS)
    return f"{path}?{quote(parts.query, safe=f'{_AS_IT_IS}?')}" if parts.query else path


def _host_header(host: str, port: int, *, tls: bool) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == (443 if tls else 80) else f"{name}:{port}"


@contextmanager
def cut_off(sock: socket.socket, end: float) -> Iterator[None]:
    """Whoever sends a byte now and then never meets a timeout, so the connection is cut when time is up."""

    def cut() -> None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    timer = threading.Timer(max(0.0, end - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
