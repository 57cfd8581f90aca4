"""What monitors ask over HTTP: is the process alive, is it ready for work, and what does it count.

``/healthz`` and ``/readyz`` are the two probes of an orchestrator. Alive never looks at the database: a restart of this
process would not mend that one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import structlog
from aiohttp import web
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from models import migrate
from models.base import engine

log = structlog.get_logger(__name__)
DEADLINE = 2.0
ALIVE = {"agora": "alive"}
_FRESH = {"Cache-Control": "no-store"}
Found = TypeVar("Found")


class Probe(Generic[Found]):
    """Blocking work in a thread of its own. Whoever asks while it runs gets the same result: so a database that hangs
    costs one thread, and many askers make one connection."""

    def __init__(self, name: str, work: Callable[[], Found]) -> None:
        self._work = work
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: Future[Found] | None = None

    async def result(self) -> Found:
        """What the work found; ``TimeoutError`` after ``DEADLINE`` seconds."""
        if self._running is None or self._running.done():
            self._running = self._executor.submit(self._work)
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._running)), DEADLINE)


def routes() -> list[web.RouteDef]:
    """The pages for monitors. They ask the database that this process is connected to."""
    ready = Probe("readyz", not_ready)
    counted = Probe("metrics", metrics.render)

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response(ALIVE, headers=_FRESH)

    async def readyz(request: web.Request) -> web.Response:
        try:
            reasons = await ready.result()
        except TimeoutError:
            reasons = [f"the database did not answer within {DEADLINE:g} s"]
        return web.json_response(
            {"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200, headers=_FRESH
        )

    async def metrics_page(request: web.Request) -> web.Response:
        try:
            body, kind = await counted.result()
        except TimeoutError:
            body, kind = metrics.render(with_queues=False)
        return web.Response(body=body, headers={**_FRESH, "Content-Type": kind})

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics_page)]


def not_ready() -> list[str]:
    """Why work cannot be taken; empty where it can. Without details of the database: anybody may ask."""
    try:
        current = migrate.current(_patient(engine().url))
    except SQLAlchemyError as error:
        log.warning("database not reached", error=error)
        return ["the database cannot be reached"]
    wanted = migrate.head()
    if current != wanted:
        return [f"the database is at migration {current or 'none'}, and this Agora needs {wanted}"]
    return []


def _patient(url: URL) -> str:
    """With an end to waiting for a connection, which is the system's otherwise: minutes."""
    limit = {"connect_timeout": str(int(DEADLINE))}
    return url.update_query_dict({**limit, **url.query}).render_as_string(hide_password=False)
