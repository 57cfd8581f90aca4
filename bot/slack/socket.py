"""Socket Mode: Agora connects to Slack, and needs no public address.
https://docs.slack.dev/apis/events-api/using-socket-mode

The connection is Agora's own, since an envelope must be acknowledged only after its commit, and since Slack's client,
once it could not connect, tries the same address for ever, which is good for half a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import Any

import aiohttp
import orjson
import psycopg
import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.clients import Clients
from bot.slack.decoding import decoded
from bot.slack.inlet import Inlet

log = structlog.get_logger(__name__)
HEARTBEAT = 10.0  # seconds without a sign of life after which a connection is given up
STEADY = 5.0  # seconds that a good connection lasts at least
SOONEST, LATEST = 0.5, 60.0  # seconds until it is tried again


class Socket:
    """A connection to Slack, and the next one when that ends."""

    def __init__(self, inlet: Inlet, clients: Clients, app_token: str) -> None:
        self._inlet = inlet
        self._clients = clients
        self._token = app_token
        self._running: asyncio.Task[None] | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self._taking: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to connect; waits for nothing."""
        self._running = asyncio.create_task(self._run(), name="slack socket")

    async def close(self) -> None:
        """End all connections, after what arrived was taken."""
        tasks = [task for task in (self._running, *self._reading) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._taking:
            await asyncio.wait(self._taking, timeout=5)

    async def _run(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._connected()
                failures = 0 if time.monotonic() - began > STEADY else failures + 1
            except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
                failures += 1
                log.warning("no connection to Slack", error=_name(error), attempt=failures)
            wait = min(LATEST, SOONEST * 2 ** min(failures - 1, 10)) if failures else 0.0
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311

    async def _connected(self) -> None:
        """Connect, and return when another connection is wanted; this one is read until Slack closes it."""
        client = self._clients.with_token(self._token)
        opened = await client.apps_connections_open(app_token=self._token)
        socket = await self._clients.session.ws_connect(str(opened["url"]), heartbeat=HEARTBEAT, max_msg_size=2**23)
        log.info("connected to Slack")
        wanted = asyncio.Event()
        task = asyncio.create_task(self._read(socket, wanted), name="slack connection")
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
        await wanted.wait()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, wanted: asyncio.Event) -> None:
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._heard(socket, message.data.encode("utf-8", "replace"), wanted)
        finally:
            wanted.set()
            await socket.close()

    def _heard(self, socket: aiohttp.ClientWebSocketResponse, text: bytes, wanted: asyncio.Event) -> None:
        try:
            envelope = decoded("application/json", text)
        except ValueError:
            log.warning("not understood", type="envelope")
            return
        if envelope.get("type") == "disconnect":  # soon: what is under way still arrives here
            wanted.set()
        elif "envelope_id" in envelope:
            task = asyncio.create_task(self._take(socket, envelope))
            self._taking.add(task)
            task.add_done_callback(self._taking.discard)

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, envelope: dict[str, Any]) -> None:
        """Acknowledge what is kept; what could not be is sent again."""
        payload = envelope.get("payload")
        try:
            answer = await self._inlet.take(payload) if isinstance(payload, dict) else None
        except (psycopg.DataError, TypeError) as error:
            log.error("cannot be kept", error=type(error).__name__)
            answer = None
        except psycopg.Error as error:
            log.warning("not captured", error=type(error).__name__)
            return
        reply = {"envelope_id": envelope["envelope_id"], **({"payload": answer} if answer else {})}
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):  # it comes again, and is known then
            await socket.send_str(orjson.dumps(reply).decode())


def _name(error: Exception) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
