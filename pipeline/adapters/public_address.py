"""Which internet addresses we contact when somebody else names them.

In: an address, or a host with a way to resolve it. Out: the addresses, all of them allowed, or `LinkRefused`
that says which range forbids one. It opens no connection.
"""

from __future__ import annotations

import re
import socket
import threading
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from pipeline.errors import LinkRefused, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from ipaddress import IPv4Network

    Address = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network
    Resolver = Callable[[str, float], tuple[str, ...]]
    """(host, seconds it may take) -> addresses as text; raises NoAnswer."""


def _networks(told: dict[str, str]) -> Mapping[Network, str]:
    return {ip_network(network): name for network, name in told.items()}


# Source: IANA special-purpose address registries for IPv4 and IPv6. Deviations: relay and translation ranges
# are refused whole, since each can carry a private IPv4 address; so is all IPv6 outside 2000::/3.
PRIVATE = _networks(
    {
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a carrier",
        "127.0.0.0/8": "loopback",
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private",
        "192.168.0.0/16": "private",
        "::1/128": "loopback",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
    }
)
"""Ranges of one's own network: contacted only where the settings allow it."""

NEVER = _networks(
    {
        "0.0.0.0/8": "this network",
        "192.0.0.0/24": "protocol assignments",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "6to4 relays",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
        "::/128": "unspecified",
        "::ffff:0:0/96": "IPv4 in IPv6",
        "64:ff9b::/96": "NAT64",
        "64:ff9b:1::/48": "NAT64",
        "2001::/23": "protocol assignments",
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4",
        "3fff::/20": "documentation",
        "ff00::/8": "multicast",
    }
)
"""Ranges where no receiver of ours can be."""

GLOBAL_UNICAST = IPv6Network("2000::/3")

# An IPv4 address in one number, in fewer than four, in octal or in hex: programs disagree on what it means.
ODD_NUMBER = re.compile(r"(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$", re.IGNORECASE)


def why_refused(address: str, *, allow_private: bool) -> str | None:
    """Return the name of the range that forbids `address`; None where it may be contacted."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "no plain address"
    if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
        return "bound to one interface"
    private, never = _range(parsed, PRIVATE), _range(parsed, NEVER)
    if never is not None or private is not None:
        return None if never is None and allow_private else (never or private)
    outside = isinstance(parsed, IPv6Address) and parsed not in GLOBAL_UNICAST
    return "outside global unicast" if outside else None


def _range(address: Address, ranges: Mapping[Network, str]) -> str | None:
    return next((name for network, name in ranges.items() if address in network), None)


def allowed_addresses(
    host: str, resolve: Resolver, *, limit_s: float, allow_private: bool
) -> tuple[str, ...]:
    """Resolve `host` once and return its addresses, every one of them allowed.

    Raises:
        LinkRefused: One of the addresses must not be contacted, or the host is an odd spelling of one.
        NoAnswer: The name does not resolve.
    """
    found = (host,) if _is_address(host) else resolve(_name(host), limit_s)
    if not found:
        raise NoAnswer(f"{host} has no address; check its spelling and its DNS")
    for address in found:
        why = why_refused(address, allow_private=allow_private)
        if why is not None:
            named = host if host == address else f"{host} leads to {address}, which"
            raise LinkRefused(f"{named} is refused ({why}); name a host that the internet reaches")
    return found


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    if ODD_NUMBER.search(host) or "%" in host or not host:
        raise LinkRefused(f"{host!r} is no host name; write a name, or an address as four plain numbers")
    return host


def system_resolver(host: str, limit_s: float) -> tuple[str, ...]:
    """Ask the system for the addresses of `host`, for so long.

    Raises:
        NoAnswer: There are none, or the answer takes too long.
    """
    found: list[str] = []
    trouble: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            told = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(one[4][0]) for one in told))
        except (OSError, UnicodeError) as error:
            trouble.append(error)

    # getaddrinfo knows no time limit; a thread that it holds up ends when the system gives up.
    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(limit_s)
    if not found:
        why = trouble[0] if trouble else f"no answer within {limit_s:.1f} s"
        raise NoAnswer(f"{host} does not resolve ({why}); check its spelling and its DNS")
    return tuple(found)
