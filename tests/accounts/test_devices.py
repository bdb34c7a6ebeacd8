"""Device and network in words, from what real browsers send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import devices

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/129.0 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/129.0 Safari/537.36 Edg/129.0", "Edge on Windows"),
        (f"Mozilla/5.0 (X11; CrOS x86_64) {WEBKIT} Chrome/129.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/129.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/26.0 Chrome/122.0 Safari/537.36",
         "Samsung Internet on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.6 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) Version/17.6 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) CriOS/129.0 Mobile Safari/604.1", "Chrome on iPad"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("curl/8.5.0", "A device we don’t recognise"),
        ("", "A device we don’t recognise"),
    ],
)  # fmt: skip
def test_device_is_said_in_words(agent: str, words: str) -> None:
    assert devices.device(agent) == words


@pytest.mark.parametrize(
    ("ip", "words"),
    [
        ("82.13.4.77", "82.13.4.x"),
        ("::ffff:82.13.4.77", "82.13.4.x"),
        ("2001:db8:7:1:2:3:4:5", "2001:db8:7:x"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_network_is_told_roughly(ip: str, words: str) -> None:
    assert devices.network(devices.rough(ip)) == words


@given(st.ip_addresses())
def test_nobodys_whole_address_is_kept(ip: object) -> None:
    rough = devices.rough(str(ip))
    assert devices.rough(rough) == rough
    assert rough.endswith((".0", ":")) or "." in rough
