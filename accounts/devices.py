"""Device and network of a session in words a person recognises: "Firefox on Windows", "82.13.4.x"."""

from __future__ import annotations

import ipaddress

# The first that a user agent contains. Others claim to be Chrome, and Chrome claims to be Safari, so the order counts.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
UNKNOWN = "0.0.0.0"  # noqa: S104 - stands for a network we don't know


def device(user_agent: str) -> str:
    """ "Firefox on Windows"; what is not known is left out."""
    browser = next((word for sign, word in BROWSERS if sign in user_agent), "")
    system = next((word for sign, word in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A device we don’t recognise"


def rough(ip: str) -> str:
    """The address without its last part (IPv4) or with its first three (IPv6), so that it names no household."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    network = ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False)
    return str(network.network_address)


def network(rough_ip: str) -> str:
    """A rough address for people: "82.13.4.x", "2001:db8:7:x"; empty if it is not known."""
    if rough_ip == UNKNOWN:
        return ""
    if ":" in rough_ip:
        return f"{rough_ip.removesuffix(':')}x"
    return f"{rough_ip.rpartition('.')[0]}.x"
