"""The way between the workers of ``announce`` and its platforms: lines of JSON through a socket, as far apart as
platforms are."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import sys
import time
from collections import Counter
from typing import Any

import orjson

from benchmarks.announce_platforms import LOST, REFUSED, Platforms, paces
from bot.gateway import POST, Delivery, Gateway, Throttled, Uncertain
from bot.inbound import Inbound
from bot.pacing import Pace

FAR = (0.02, 0.08)
"""Seconds that a message takes there, and its answer back."""
TOLD = 0.05
"""Seconds of ours after which another process must know of a pause."""


class Server:
    """``Platforms`` behind a socket, in time that goes ``scale`` times faster."""

    def __init__(self, scale: float, throttled: float, lost: float, seed: int, hidden: int | None) -> None:
        self._scale = scale
        self.platforms = Platforms(lambda: time.monotonic() * scale, throttled, lost, seed, hidden)
        self._chance = random.Random(seed + 1)
        self._pauses: dict[str, tuple[int, float, float]] = {}
        self._answers: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._asked: Counter[str] = Counter()

    async def serve(self, path: str) -> None:
        """Until cancelled."""
        async with await asyncio.start_unix_server(self._client, path) as server:
            await server.serve_forever()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):  # clients are killed
            while line := await reader.readline():
                said = orjson.loads(line)
                if said["kind"] == POST:
                    loop.call_later(self._far(), self._post, said, writer)
                else:
                    _answer(writer, said, self._tell(said))
        writer.close()

    def _far(self) -> float:
        return self._chance.uniform(*FAR) / self._scale

    def _post(self, said: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self._judge(said)
        answer = self.platforms.ask(said["platform"], said["installation"], said["conversation"], said["outbox"])
        if said["thread"] and self.platforms.posted[said["outbox"]]:
            counts = paces(said["platform"], said["installation"], said["conversation"])
            self._answers.setdefault(said["thread"], (time.monotonic(), tuple(pace.key for pace in counts)))
        back = self._far()
        if answer.kind == REFUSED:
            heard = time.monotonic() + back
            self._pauses[answer.key] = (said["process"], heard, heard + answer.seconds / self._scale)
        done = {"kind": answer.kind, "key": answer.key, "seconds": answer.seconds / self._scale}
        asyncio.get_running_loop().call_later(back, _answer, writer, said, done)

    def _judge(self, said: dict[str, Any]) -> None:
        """Whether it was sent although its sender, or for a while another process, had been asked to wait."""
        early = said["early"]
        for pace in paces(said["platform"], said["installation"], said["conversation"]):
            process, heard, until = self._pauses.get(pace.key, (0, 0.0, 0.0))
            early = early or (process != said["process"] and heard + TOLD < said["at"] < until - 0.001)
        self.platforms.early += early

    def _tell(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["kind"] == "find":
            return {"found": self.platforms.posted[said["outbox"]] > 0}
        if said["kind"] == "twice":
            return {"twice": [id for id, count in self.platforms.posted.items() if count > 1]}
        if said["kind"] == "answered":
            return self._answered(said["thread"], said["since"])
        if said["kind"] == "posted":
            return {"posted": list(self.platforms.posted)}
        return {"count": self.platforms.posted.total(), "refused": self.platforms.refused,
                "early": self.platforms.early, "at": time.monotonic()}  # fmt: skip

    def _answered(self, thread: str, since: float) -> dict[str, Any]:
        """When, and for how long nothing was taken there meanwhile."""
        at, keys = self._answers.get(thread, (None, ()))
        if at is None:
            return {"at": None}
        paused = self.platforms.paused(keys, since * self._scale, at * self._scale)
        return {"at": at, "paused": paused / self._scale}


def _answer(writer: asyncio.StreamWriter, said: dict[str, Any], done: dict[str, Any]) -> None:
    if not writer.is_closing():
        writer.write(orjson.dumps({"number": said["number"], **done}) + b"\n")


class Wire:
    """A client's side."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, **said: Any) -> dict[str, Any]:
        """The answer."""
        if self._writer is None:
            reader, self._writer = await asyncio.open_unix_connection(self._path, limit=2**26)
            self._reading = asyncio.create_task(self._read(reader))
        number = next(self._numbers)
        done = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(orjson.dumps({"number": number, **said}) + b"\n")
        return await done

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            said = orjson.loads(line)
            if not (waiting := self._waiting.pop(said["number"])).done():
                waiting.set_result(said)


class Simulated(Gateway):
    """A platform at the other end of a ``Wire``."""

    def __init__(self, name: str, wire: Wire) -> None:
        self.name = name
        self._wire = wire
        self._heard: dict[str, float] = {}

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """Events are kept in the one shape."""
        return Inbound.from_json(payload)

    def paces(self, delivery: Delivery) -> tuple[Pace, ...]:
        """The real ones."""
        return paces(self.name, delivery.installation, delivery.conversation)

    def allows(self, installation: str, operation: str) -> Pace:
        """The real one."""
        return paces(self.name, installation, "")[1]

    async def deliver(self, delivery: Delivery) -> str:
        """There and back."""
        assert delivery.card is not None
        moment = time.monotonic()
        early = any(self._heard.get(pace.key, 0.0) - 0.001 > moment for pace in self.paces(delivery))
        done = await self._wire.ask(kind=POST, platform=self.name, installation=delivery.installation,
                                    conversation=delivery.conversation, outbox=delivery.outbox_id, at=moment,
                                    thread=delivery.thread, process=os.getpid(), early=early)  # fmt: skip
        if done["kind"] == LOST:
            raise Uncertain("no answer")
        if done["kind"] == REFUSED:
            if len(self._heard) > 5000:
                self._heard = {key: until for key, until in self._heard.items() if until > moment}
            self._heard[done["key"]] = time.monotonic() + done["seconds"]
            raise Throttled(done["seconds"], done["key"])
        return f"m{delivery.outbox_id}"

    async def reconcile(self, delivery: Delivery) -> str | None:
        """Slack can be read back, Teams cannot."""
        if self.name != "slack":
            raise Uncertain("a bot cannot read a conversation in Teams back")
        found = (await self._wire.ask(kind="find", outbox=delivery.outbox_id))["found"]
        return f"m{delivery.outbox_id}" if found else None


if __name__ == "__main__":
    _path, _scale, _throttled, _lost, _seed, _hidden = sys.argv[1:]
    _server = Server(float(_scale), float(_throttled), float(_lost), int(_seed), int(_hidden) or None)
    asyncio.run(_server.serve(_path))
