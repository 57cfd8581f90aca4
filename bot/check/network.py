"""Whether Agora can listen, and who could reach the playground."""

from __future__ import annotations

import errno
import http.client
import ipaddress
import json
import socket
from urllib.parse import urlsplit

from bot.check.found import Check
from bot.config import Settings
from bot.health import ALIVE

WAIT = 2.0  # seconds


def check_port(settings: Settings) -> Check:
    """Whether HOST and PORT can be listened on; that an Agora listens there already is no fault."""
    where = f"{settings.host} port {settings.port}"
    try:
        _listen(settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_agora(settings):
            return Check("port", True, f"{where}: an Agora is running there")
        return Check("port", False, f"{where}: {error.strerror or error}", _fix_of_port(error, settings.port))
    return Check("port", True, f"{where} is free")


def _listen(host: str, port: int) -> None:
    """As the server will."""
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
            probe.listen(1)


def _fix_of_port(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Stop the program that listens there, or set PORT to another, such as {port % 65535 + 1}."
    if error.errno == errno.EACCES:
        return "Ports below 1024 are for root: set PORT to a higher one, and put a reverse proxy in front."
    return "Set HOST to an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them."


def _is_agora(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared only
    connection = http.client.HTTPConnection(host, settings.port, timeout=WAIT)
    try:
        connection.request("GET", "/healthz")
        return bool(json.loads(connection.getresponse().read(200)) == ALIVE)
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check_playground(settings: Settings) -> Check:
    """Whether the playground, where anybody can be anybody, looks as if it were meant for others."""
    if not settings.playground:
        return Check("playground", True, "off")
    public = urlsplit(settings.public_url).hostname or ""
    for name, host in (("HOST", settings.host), ("PUBLIC_URL", public)):
        if not _is_loopback(host):
            found = f"on, and {name} names {host}: others get only the status page"
            return Check("playground", True, found, "Where real people are, unset AGORA_PLAYGROUND.")
    return Check("playground", True, "on, for this machine alone")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
