"""The law of where webhooks may go: which URLs are taken, and which network addresses are connected to.

What is said of a URL is for people, who learn of a mistake early. What decides is the address that its host has in the
moment of connecting: names are resolved once, every answer is judged, and the connection goes to a judged address.

Source: the special-purpose address registries of IANA (RFC 6890 and its updates), as of 2025.
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from domain.kernel.refusals import Invalid

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

LONGEST_URL = 2000
PORTS = {"https": 443, "http": 80}
LOWEST_OTHER_PORT = 1024
SPECIAL: Networks = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        ),
    )
)  # fmt: skip
"""What is no place of the public internet: private, loopback, link-local, shared, reserved, of documentation, of
tunnels that lead elsewhere, multicast, and the address at which Azure answers its machines."""
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IPv6 has of public addresses; what lies outside is loopback, local, mapped, translated or not assigned."""
NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as networks write them that speak IPv6 alone (RFC 6052)."""
NEVER: Networks = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16", "192.0.0.192/32", "224.0.0.0/4",
            "255.255.255.255/32", "::/128", "fd00:ec2::254/128", "fe80::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
"""What no setting opens: where clouds keep the secrets of their machines, and what is nobody's address, or everybody's.
"""
_PLAIN = re.compile(r"[!-~]+")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LOCAL = ("localhost", "local", "internal", "localdomain", "home.arpa", "lan")


class Place(NamedTuple):
    """Where a request goes: taken apart once, so that nobody else reads the URL in another way."""

    scheme: str
    host: str
    port: int
    target: str


def read_networks(text: str) -> Networks:
    """This will read networks that stand in a text with commas. Raises ValueError where one is none."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def may_connect(address: str, private: Networks = ()) -> bool:
    """This will say whether an address may be connected to: a public one, or one of the private networks given."""
    try:
        found = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if _is_in(found, NEVER):
        return False
    return _is_public(found) or is_private(address, private)


def is_private(address: str, private: Networks) -> bool:
    """This will say whether an address is of the private networks given."""
    return _is_in(_unwrapped(ip_address(address.partition("%")[0])), private)


def check_url(url: str, private: Networks, *field: str) -> str:
    """This will return the URL of an endpoint as it is stored: in plain ASCII, its host in small letters.

    It may lead to private networks, and without TLS, only where there are such that are allowed. Raises Invalid.
    """
    if len(url) > LONGEST_URL or not _PLAIN.fullmatch(url) or "\\" in url:
        raise Invalid(
            f"{{field}} must be a URL of at most {LONGEST_URL} characters, in ASCII and without spaces or backslashes; "
            "write other characters as %-escapes, and other hosts as `xn--…`.",
            *field,
        )
    place = take_apart(url)
    if place is None or (place.scheme == "http" and not private):
        raise Invalid("{field} must begin with https:// and name a host, without user, password or fragment.", *field)
    if place.port != PORTS[place.scheme] and place.port < LOWEST_OTHER_PORT:
        raise Invalid(
            f"{{field}} must lead to port {PORTS[place.scheme]}, or to one from {LOWEST_OTHER_PORT} on.", *field
        )
    _check_host(place.host, private, *field)
    return put_together(place)


def take_apart(url: str) -> Place | None:
    """This will take a URL apart; None where it is not of a kind that we send to."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    odd = parts.scheme not in PORTS or not host or "@" in parts.netloc or "#" in url or "%" in host or port == 0
    if odd or not (_is_ipv6(host) if "[" in parts.netloc else _is_name(host)):
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port or PORTS[parts.scheme], target)


def put_together(place: Place) -> str:
    """This will write the URL of a place."""
    return f"{origin_of(place)}{place.target}"


def origin_of(place: Place) -> str:
    """This will write what of a URL is told in the log: scheme, host and port, for the rest may be a secret."""
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{place.scheme}://{host}" + ("" if place.port == PORTS[place.scheme] else f":{place.port}")


def _check_host(host: str, private: Networks, *field: str) -> None:
    address = _as_address(host)
    if address is not None and str(address) != host:
        raise Invalid("{field} must write an address of its host in the usual way, or better, name the host.", *field)
    is_local = address is None and (_is_in_domain(host, _LOCAL) or "." not in host.rstrip("."))
    if (is_local and not private) or (address is not None and not may_connect(host, private)):
        raise Invalid("{field} must lead to a host on the public internet.", *field)


def _as_address(host: str) -> Address | None:
    """The address that a host is, in any way in which resolvers read one: 2130706433, 0x7f.1, 127.1."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _is_ipv6(host: str) -> bool:
    try:
        return bool(IPv6Address(host))
    except ValueError:
        return False


def _is_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def _is_in_domain(host: str, domains: Sequence[str]) -> bool:
    return f".{host.rstrip('.')}".endswith(tuple(f".{domain}" for domain in domains))


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it is one that networks translate."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not _is_in(address, SPECIAL)


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address.version == network.version and address in network for network in networks)
