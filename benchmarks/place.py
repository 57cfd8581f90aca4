"""A place to measure in: an embedded PostgreSQL of the benchmark's own, as durable as in production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models import base
from models.embedded import EmbeddedServer
from models.migrate import upgrade
from tests.homes import new_home, sweep

WORKERS = 6  # the default of AGORA_WORKERS
COMPANY = "company"


@contextmanager
def fresh_server() -> Iterator[EmbeddedServer]:
    """A new server with the settings that people get: what is committed is on the disk."""
    sweep()
    with new_home() as home, EmbeddedServer.join(home) as server:
        yield server


@contextmanager
def connected(url: str) -> Iterator[None]:
    """This process's connections, as many as a running Agora has."""
    base.connect(url, pool=WORKERS + 8)
    try:
        yield
    finally:
        base.disconnect()


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of a migrated, empty database on a server of its own, and this process connected to it."""
    with fresh_server() as server:
        upgrade(server.url)
        with connected(server.url):
            yield server.url
