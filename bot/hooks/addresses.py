"""Where webhooks may go: to addresses on the open internet, and to what the operator names inside the company.

Whoever may name an address could else let Agora speak to what only Agora reaches (server-side request forgery). A name
proves nothing, since it may lead elsewhere a moment later: what counts is the address that is connected to
(``bot.hooks.client``). See
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from yarl import URL

from models.base import Refusal

IP = IPv4Address | IPv6Address
LONGEST = 2000
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INSIDE = (".localhost", ".local", ".localdomain", ".internal", ".intranet", ".home.arpa", ".lan")
_CARRIES_IPV4 = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""NAT64 (RFC 6052, 8215), 6to4 (RFC 3056) and Teredo (RFC 4380): what they lead to is another address."""
_OF_CLOUDS = frozenset(map(ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
"""Where machines in clouds ask who they are, and get their keys; never the place of a webhook."""
_named: frozenset[str] = frozenset()


def allow(hosts: Iterable[str]) -> None:
    """The hosts inside the company's network that the operator named, in lower case."""
    global _named
    _named = frozenset(hosts)


def checked(text: str) -> str:
    """An address for an outgoing webhook, as it is called from now on. ``Refusal``."""
    try:
        url = URL(text.strip())
        host, port = (url.raw_host or "").rstrip("."), url.port
    except ValueError:
        raise Refusal("hook_address", field="url") from None
    if len(text) > LONGEST or not host or port is None or url.user or url.password or url.fragment:
        raise Refusal("hook_address", field="url")
    if url.scheme != "https" and not (url.scheme == "http" and host in _named and _is_this_machine(host)):
        raise Refusal("hook_address_open", field="url")
    if not may_be(host):
        raise Refusal("hook_address_inside", field="url")
    return str(url)


def may_be(host: str) -> bool:
    """Whether a webhook may be called there, by what can be told of the name alone."""
    address = as_address(host)
    if address is not None:
        return reachable(host, address)
    labels = host.split(".")
    if _NUMERIC.fullmatch(labels[-1]) or len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return False  # 127.1 and 0x7f000001 are addresses for some
    return host in _named or (len(labels) > 1 and not f".{host}".endswith(_INSIDE))


def reachable(host: str, address: IP) -> bool:
    """Whether ``host`` may be called at this address."""
    address = _real(address)
    if address in _OF_CLOUDS or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return host in _named or is_public(address)


def is_public(address: IP) -> bool:
    """Whether an address belongs to the open internet."""
    address = _real(address)
    if isinstance(address, IPv6Address) and any(address in network for network in _CARRIES_IPV4):
        return False
    odd = address.is_private or address.is_reserved or address.is_multicast or address.is_unspecified
    return address.is_global and not odd and not address.is_loopback and not address.is_link_local


def as_address(host: str) -> IP | None:
    """The address that a host is written as; ``None`` for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _real(address: IP) -> IP:
    """The address that is meant: of IPv4 written as IPv6, that of IPv4 (RFC 4291, 2.5.5.2)."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_this_machine(host: str) -> bool:
    address = as_address(host)
    return host == "localhost" if address is None else address.is_loopback
