"""The platform of webhooks: each of them is a conversation, named by its number.

What it is told is delivered by the outbox as anything else, in order. A delivery that may have arrived is made again:
whoever receives it knows it by its id, which is the outbox row's. One that is not taken is made again for about a day,
later each time, and keeps the following ones waiting; then the webhook is turned off, and the administrators are told.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import orjson
import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.gateway import Delivery, Gateway, Throttled, Undeliverable
from bot.hooks import addresses, client, signing
from bot.hooks.endpoint import Endpoint
from bot.inbound import Inbound
from bot.inbox import from_system, insert_events
from bot.runtime import Runtime
from models.base import now, reading, transaction
from models.hooks import life, telling
from models.hooks.tables import Hook

log = structlog.get_logger(__name__)
TURNED_OFF = "hooks.turned_off"
"""The result that tells of a webhook that was turned off since nothing could be delivered, or signed: its number."""
_GONE = 410
_NEVER = frozenset({400, 413, 414, 415, 422})
"""The other side understood, and will never take this one."""


class _Target(NamedTuple):
    """Where it goes, and with what it is signed: nothing, where no key opens its secret any more."""

    url: str
    keys: list[bytes]


class HookGateway(Gateway):
    """``bot.gateway.Gateway`` for webhooks, in both directions."""

    name = life.PLATFORM

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._endpoint = Endpoint(runtime)
        addresses.allow(runtime.settings.webhook_hosts)

    async def start(self) -> None:
        """Let older keys be retired. What none of them opens is of no use: it is turned off, which is said once."""
        await asyncio.to_thread(_reseal)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where programs ask for something."""
        return self._endpoint.routes()

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """What the endpoint captured."""
        return Inbound.from_json(payload)

    async def deliver(self, delivery: Delivery) -> str:
        """Tell a program; the id under which it was told."""
        number = int(delivery.conversation)
        target = await asyncio.to_thread(_target, number)
        if target is None or delivery.data is None:
            raise Undeliverable("the webhook is turned off")
        if not target.keys:
            return await self._failed(number, telling.UNREADABLE, gone=True)
        id, body = f"msg_{delivery.outbox_id}", self._body(delivery)
        try:
            headers = signing.signed(target.keys, id, int(now().timestamp()), body)
            answer = await client.post(target.url, headers, body)
        except client.NotAllowed:
            return await self._failed(number, client.INSIDE)
        except client.Unreached as reason:
            return await self._failed(number, str(reason))
        if 200 <= answer.status < 300:
            await asyncio.to_thread(_delivered, number)
            return id
        return await self._refused(number, answer)

    async def reconcile(self, delivery: Delivery) -> str | None:
        """Nobody can tell, and nobody need: what arrives twice is done once."""
        return None

    def _body(self, delivery: Delivery) -> bytes:
        message = delivery.data or {}
        if delivery.link:
            message = {**message, "data": {**message["data"], "url": self._runtime.settings.public_url + delivery.link}}
        return orjson.dumps(message)

    async def _refused(self, number: int, answer: client.Answer) -> str:
        why = str(answer.status)
        if answer.status in _NEVER:
            await asyncio.to_thread(_failed, number, why, False)
            raise Undeliverable(f"the webhook answered {why}")
        return await self._failed(number, why, gone=answer.status == _GONE, wait=answer.wait or 0.0)

    async def _failed(self, number: int, why: str, gone: bool = False, wait: float = 0.0) -> str:
        """Raise what lets the outbox wait, or give up."""
        seconds = await asyncio.to_thread(_failed, number, why, gone)
        log.warning("webhook failed", hook=number, reason=why)
        if seconds is None:
            raise Undeliverable(f"the webhook was turned off: {why}")
        raise Throttled(max(seconds, wait))


def _reseal() -> None:
    try:
        with transaction() as session:
            for hook in life.reseal(session):
                log.error("no key opens the secret of a webhook", hook=hook.id)
                telling.failed(session, hook, telling.UNREADABLE, gone=True)
                _say_off(session, hook)
    except SQLAlchemyError as error:  # the next start does it
        log.warning("secrets of webhooks not encrypted anew", error=type(error).__name__)


def _target(number: int) -> _Target | None:
    with reading() as session:
        hook = session.get(Hook, number)
        if hook is None or not hook.active or hook.url is None:
            return None
        return _Target(hook.url, life.keys(hook))


def _delivered(number: int) -> None:
    with transaction() as session:
        if (hook := session.get(Hook, number, with_for_update=True)) is not None:
            telling.delivered(hook)


def _failed(number: int, why: str, gone: bool) -> float | None:
    """Seconds to wait; ``None`` where the webhook is off. Whoever turns it off says so, once."""
    with transaction() as session:
        hook = session.get(Hook, number, with_for_update=True)
        if hook is None or not hook.active:
            return None
        wait = telling.failed(session, hook, why, gone=gone)
        if wait is not None:
            return wait.total_seconds()
        _say_off(session, hook)
        return None


def _say_off(session: Session, hook: Hook) -> None:
    key = f"{hook.id}:{now().isoformat()}"
    insert_events(session, [from_system("result", hook.about, key, TURNED_OFF, hook.id, {})], "hooks")
