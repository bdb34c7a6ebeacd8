"""Nobody gets us to connect to ourselves or our neighbours. With real sockets: the inside server notes every knock."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from accounts import outbound
from accounts.outbound import (
    Host,
    NoAnswer,
    Refused,
    TooLarge,
    Unreachable,
    connect,
    fetch,
    is_public,
    usable_host,
    usable_url,
)
from tests.fake_provider import Asked, FakeProvider, dies, half, running, status
from tests.http_server import Inside, say

PUBLIC = "93.184.215.14"  # is never connected to: see ``at``


@pytest.fixture
def inside() -> Iterator[Inside]:
    server = Inside()
    yield server
    server.close()


@pytest.fixture
def allowed(settings) -> None:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]


def at(*answers: str) -> outbound.Resolver:
    """A resolver that gives one of these addresses after the other, and the last for ever."""
    left = list(answers)

    def resolve(host: str, port: int, **wish: object) -> list[outbound.Found]:
        found = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (found, port))]

    return resolve


# --- Which addresses are public -------------------------------------------------------------------

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1"),
    *("127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1"),
    *("192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1"),
    *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1"),
    *("100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:5db8:d70e::", "3fff::1", "5f00::1"),
    *("fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_on_the_internet_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", PUBLIC, "172.32.0.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_what_is_on_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_in_other_clothes_is_no_more_public_than_itself(address: ipaddress.IPv4Address) -> None:
    for clothes in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(ipaddress.ip_address(clothes)) is is_public(address)


# --- Names that hide something --------------------------------------------------------------------

HIDING = [
    *("2130706433", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "0177.1", "017700000001"),
    *("127.0.0.0x1", "0x7f.0x0.0x0.0x1", "127.0.0.1.1", "256.1.1.1", "[fe80::1%25eth0]", "[fe80::1%eth0]"),
    *("[::1", "a..b", ".a", "-a.example", "a-.example", "a_b.example", "127。0。0。1:x", "①②⑦.⓪.⓪.0x1"),
]


@pytest.mark.parametrize("host", [*HIDING, "", " ", "a b", "a\x00b", "a/b", "a@b", "a" * 64, f"{'a.' * 130}example"])
def test_a_host_in_a_spelling_that_hides_something_is_refused(host: str) -> None:
    with pytest.raises(Refused):
        usable_host(host)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Calendar.Example.ORG", "calendar.example.org"),
        ("calendar.example.org.", "calendar.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("１２７.０.０.１", "127.0.0.1"),
        ("[2606:4700:4700:0::1111]", "2606:4700:4700::1111"),
    ],
)
def test_a_host_has_one_spelling(host: str, name: str) -> None:
    assert usable_host(host) == name


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://calendar.example.org/",
            "ftp://calendar.example.org/",
            "file:///etc/passwd",
            "//calendar.example.org",
        ),
        *("https://", "https:///a", "calendar.example.org", "javascript:alert(1)", "https://a.example:0/"),
        *("https://calendar.example.org@127.0.0.1/", "https://me:secret@a.example/", "https://a.example:99999/"),
        *("https://a.example\\@127.0.0.1/", "https://a.example/a b", "https://a.example/\r\nHost: b", "https://[::1"),
        *("gopher://127.0.0.1:25/_HELO", f"https://a.example/{'a' * 2_000}"),
    ],
)
def test_an_address_that_is_no_plain_https_one_is_refused(url: str, settings) -> None:
    settings.OUTBOUND_ALLOWED = []
    with pytest.raises(Refused):
        usable_url(url)


# --- Where a connection goes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost", "localhost.", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "LOCALHOST", "0.0.0.0"]
)
def test_this_machine_is_not_connected_to_whatever_it_is_called(inside: Inside, host: str) -> None:
    """By the system’s own resolver."""
    with pytest.raises(Refused, match="private network"):
        connect(host, inside.port, ports={inside.port}, tls=False)
    assert inside.knocks == []


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebinding name: public when it is checked, this machine for whoever asks again."""
    gone_to = []

    def create_connection(address: tuple[str, int], timeout: float) -> socket.socket:
        gone_to.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(Unreachable):
        connect("rebinding.example", inside.port, ports={inside.port}, tls=False, resolver=at(PUBLIC, "127.0.0.1"))
    assert gone_to == [(PUBLIC, inside.port)]
    assert inside.knocks == []


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    def both(host: str, port: int, **wish: object) -> list[outbound.Found]:
        return [*at(PUBLIC)(host, port), *at("10.0.0.1")(host, port)]

    with pytest.raises(Refused):
        connect("mixed.example", 443, ports={443}, tls=True, resolver=both)


def test_a_name_that_leads_nowhere_or_takes_for_ever_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_LOOK_UP_SECONDS", 0.2)
    never = threading.Event()

    def slow(host: str, port: int, **wish: object) -> list[outbound.Found]:
        never.wait(20)
        return []

    for resolver in (slow, lambda *args, **wish: []):
        with pytest.raises(Unreachable, match="no such host"):
            connect("nowhere.example", 443, ports={443}, tls=True, resolver=resolver)
    never.set()


def test_only_some_ports_are_used(settings) -> None:
    for port in (22, 25, 80, 6379, 5432):
        with pytest.raises(Refused, match=f"port {port}"):
            connect("calendar.example", port, ports=outbound.HTTPS_PORTS, tls=True, resolver=at(PUBLIC))


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "calendar.home.example"])
def test_what_the_operator_allows_is_connected_to(inside: Inside, settings, entry: str) -> None:
    settings.OUTBOUND_ALLOWED = [entry]
    resolver = at("127.0.0.1")
    with connect("calendar.home.example", inside.port, ports={443}, tls=False, resolver=resolver) as sock:
        assert sock.getpeername() == ("127.0.0.1", inside.port)
    settings.OUTBOUND_ALLOWED = ["10.0.0.0/8", "other.home.example"]
    with pytest.raises(Refused):
        connect("calendar.home.example", inside.port, ports={443}, tls=False, resolver=resolver)


# --- HTTP -----------------------------------------------------------------------------------------


def test_it_fetches_and_says_what_came(inside: Inside, allowed: None) -> None:
    answer = fetch(f"http://127.0.0.1:{inside.port}/a%20b/ü?x=1&y=%2F#part", headers={"If-None-Match": '"0"'})
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"BEGIN:VCALENDAR", '"1"')
    assert inside.knocks == ["/a%20b/%C3%BC?x=1&y=%2F"]
    (asked,) = inside.headers
    assert (asked["host"], asked["if-none-match"]) == (f"127.0.0.1:{inside.port}", '"0"')
    assert asked["accept-encoding"] == "identity"


def test_a_redirect_to_this_machine_is_refused(inside: Inside, settings) -> None:
    """The first host is allowed by name; where it leads to is checked like any other."""
    secret = Inside()
    settings.OUTBOUND_ALLOWED = ["calendar.home.example"]
    for place in (f"http://127.0.0.1:{secret.port}/", f"https://127.0.0.1:{secret.port}/", "http://[::1]:25/"):
        inside.answer = lambda request, place=place: say(request, 302, b"", {"Location": place})
        with pytest.raises(Refused):
            fetch(f"http://calendar.home.example:{inside.port}/", resolver=_by_name(inside))
    assert secret.knocks == []
    secret.close()


def _by_name(inside: Inside) -> outbound.Resolver:
    """The system’s resolver, which knows one more name."""

    def resolve(host: str, port: int, **wish: int) -> list[outbound.Found]:
        if host == "calendar.home.example":
            return at("127.0.0.1")(host, port)
        return socket.getaddrinfo(host, port, **wish)  # type: ignore[arg-type]

    return resolve


def test_redirects_are_followed_three_times_and_headers_stay_with_the_first_host(inside: Inside, allowed: None) -> None:
    other = Inside()

    def lead_on(request: BaseHTTPRequestHandler) -> None:
        number = int(request.path[1:])
        place = f"/{number - 1}" if number > 1 else f"http://127.0.0.1:{other.port}/end"
        say(request, 307, b"", {"Location": place})

    inside.answer = lead_on
    here = f"http://127.0.0.1:{inside.port}"
    assert fetch(f"{here}/3", headers={"If-None-Match": "x"}).status == 200
    assert inside.knocks == ["/3", "/2", "/1"]
    assert other.knocks == ["/end"]
    assert [("if-none-match" in asked) for asked in (*inside.headers, *other.headers)] == [True, True, True, False]
    with pytest.raises(Unreachable, match="without an end"):
        fetch(f"{here}/4")
    other.close()


def test_there_is_an_end_to_what_is_read(inside: Inside, allowed: None) -> None:
    inside.answer = lambda request: say(request, 200, b"x" * 1_001, {})
    address = f"http://127.0.0.1:{inside.port}/"
    with pytest.raises(Unreachable, match="larger than"):
        fetch(address, most_bytes=1_000)
    assert len(fetch(address, most_bytes=1_001).body) == 1_001


@pytest.mark.parametrize("part", ["headers", "body"])
def test_whoever_sends_a_byte_now_and_then_is_cut_off(inside: Inside, allowed: None, part: str) -> None:
    over = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        if part == "body":
            request.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while not over.wait(0.05):
            request.wfile.write(b"x")
            request.wfile.flush()

    inside.answer = drip
    began = time.monotonic()
    with pytest.raises(Unreachable, match="took too long"):
        fetch(f"http://127.0.0.1:{inside.port}/", seconds=0.6)
    assert time.monotonic() - began < 5
    over.set()


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.0 200 OK\r\n" + b"A: b\r\n" * 500])
def test_what_is_no_http_is_no_answer(allowed: None, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            client, _ = server.accept()
            with client:
                client.recv(10_000)
                client.sendall(answer)

        threading.Thread(target=talk, daemon=True).start()
        with pytest.raises(Unreachable, match="no answer we understand"):
            fetch(f"http://127.0.0.1:{server.getsockname()[1]}/")


def test_errors_quote_nothing_of_the_address(settings) -> None:
    secret = "s3cr3t-path"
    for url in (f"https://localhost/{secret}", f"https://user:{secret}@a.example/", f"http://a.example/{secret}"):
        with pytest.raises((Refused, Unreachable)) as caught:
            fetch(url)
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value.__cause__)


# --- TLS ------------------------------------------------------------------------------------------


def certificate_for(name: str, path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = builder.sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.mark.parametrize(
    ("name", "trusted", "works"),
    [
        ("calendar.home.example", True, True),
        ("other.home.example", True, False),
        ("calendar.home.example", False, False),
    ],
)
def test_the_certificate_is_asked_for_the_name_not_the_address(
    tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool, works: bool
) -> None:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    certificate = certificate_for(name, tmp_path / "server.pem")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = Inside(certificate=certificate)
    url = f"https://calendar.home.example:{server.port}/"
    if works:
        assert fetch(url, resolver=at("127.0.0.1")).status == 200
        assert server.headers[0]["host"] == f"calendar.home.example:{server.port}"
    else:
        with pytest.raises(Unreachable, match="certificate"):
            fetch(url, resolver=at("127.0.0.1"))
        assert server.knocks == []
    server.close()


# --- Several requests to one host -----------------------------------------------------------------


@pytest.fixture
def fake(allowed: None) -> Iterator[FakeProvider]:
    with running(Echo()) as server:
        yield server


class Echo(FakeProvider):
    """Says what it was asked."""

    def answer(self, asked: Asked) -> None:
        self.asked.append(asked)
        for path, waiting in self.meanwhile.items():
            if asked.path.startswith(path) and waiting:
                return waiting.pop(0)(asked)  # type: ignore[return-value]
        return asked.say(200, f"{asked.method} {asked.path} {asked.body.decode()}".encode())


def connections(fake: FakeProvider) -> int:
    return len({one.handler.client_address for one in fake.asked})


def test_a_host_is_asked_over_one_connection(fake: FakeProvider) -> None:
    host = Host(fake.url)
    for number in range(3):
        assert host.request("GET", f"{fake.url}/{number}").body == f"GET /{number} ".encode()
    assert connections(fake) == 1
    host.close()
    assert host.request("GET", f"{fake.url}/again").status == 200
    assert connections(fake) == 2
    host.close()


def test_a_body_goes_with_it_over_a_connection_of_its_own(fake: FakeProvider) -> None:
    host = Host(fake.url)
    host.request("GET", f"{fake.url}/")
    answer = host.request("POST", f"{fake.url}/a", body=b"x=1", headers={"Content-Type": "text/plain"}, last=True)
    assert answer.body == b"POST /a x=1"
    assert (fake.asked[1].headers["content-length"], fake.asked[1].headers["connection"]) == ("3", "close")
    assert connections(fake) == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_what_changes_nothing_is_asked_again(fake: FakeProvider, method: str) -> None:
    """After the first answer, the other side closes a connection that is kept."""
    host = Host(fake.url)
    host.request("GET", f"{fake.url}/")
    fake.next("/x", dies)
    if method == "GET":
        assert host.request("GET", f"{fake.url}/x").status == 200
    else:
        with pytest.raises(NoAnswer):
            host.request("POST", f"{fake.url}/x", body=b"x")
    assert sum(one.path == "/x" for one in fake.asked) == (2 if method == "GET" else 1)
    host.close()


def test_a_request_that_was_sent_whole_and_had_no_answer_is_told_from_one_that_wasnt(fake: FakeProvider) -> None:
    for happens in (dies, half):
        fake.next("/x", happens)
        with pytest.raises(NoAnswer):
            Host(fake.url).request("POST", f"{fake.url}/x", body=b"x")
    fake.close()
    with pytest.raises(Unreachable) as raised:
        Host(fake.url).request("POST", f"{fake.url}/x", body=b"x")
    assert not isinstance(raised.value, NoAnswer)


def test_an_answer_that_was_cut_off_is_none(fake: FakeProvider) -> None:
    fake.next("/x", half)
    with pytest.raises(Unreachable, match="cut off"):
        fetch(f"{fake.url}/x")


def test_an_answer_that_is_too_large_is_told_from_others(fake: FakeProvider) -> None:
    host = Host(fake.url)
    fake.next("/x", status(200, b"x" * 1_001), status(200, b"x" * 1_000))
    with pytest.raises(TooLarge):
        host.request("GET", f"{fake.url}/x", most_bytes=1_000)
    assert len(host.request("GET", f"{fake.url}/x", most_bytes=1_000).body) == 1_000
    host.close()


def test_a_host_is_asked_for_nothing_of_another(fake: FakeProvider, inside: Inside) -> None:
    host = Host(fake.url)
    for url in (f"http://127.0.0.1:{inside.port}/", "https://example.org/", f"{fake.url.replace('http', 'https')}/"):
        with pytest.raises(Refused, match="another host"):
            host.request("GET", url)
    assert (inside.knocks, fake.asked) == ([], [])


def test_a_host_is_not_redirected(fake: FakeProvider) -> None:
    fake.next("/x", status(302, Location=f"{fake.url}/elsewhere"))
    assert Host(fake.url).request("GET", f"{fake.url}/x", last=True).status == 302
    assert len(fake.asked) == 1


def test_a_host_of_this_machine_is_refused_unless_allowed(fake: FakeProvider, settings) -> None:
    settings.OUTBOUND_ALLOWED = []
    with pytest.raises(Refused):
        Host(fake.url)
    settings.OUTBOUND_ALLOWED = ["other.example"]
    host = Host("https://rebinding.example", resolver=at("127.0.0.1"))
    with pytest.raises(Refused, match="private network"):
        host.request("POST", "https://rebinding.example/", body=b"x")
    assert fake.asked == []


def test_a_host_that_trickles_is_waited_for_only_so_long(fake: FakeProvider) -> None:
    for happens in (fake.trickles, fake.hangs):
        fake.next("/x", happens)
        with pytest.raises(NoAnswer, match="too long"):
            Host(fake.url).request("GET", f"{fake.url}/x", seconds=0.5, last=True)
