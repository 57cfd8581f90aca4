"""What the outbox gives, done in Teams."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import replace
from typing import Any

import structlog

from bot import showing
from bot.gateway import DELETE, EDIT, POST, Delivery, Throttled, Uncertain, Undeliverable
from bot.pacing import Pace
from bot.runtime import Runtime
from bot.teams import limits, store
from bot.teams.asking import asked
from bot.teams.connector import Busy, Conflict, Connector, Refused, activities
from bot.teams.install import install
from bot.teams.message import message
from bot.teams.patience import Patience
from bot.teams.reach import Target, alone, target, where
from bot.teams.render import render
from bot.teams.store import CHANNEL, PERSONAL, Reference
from bot.teams.tokens import GRAPH, Tokens
from models.base import transaction

log = structlog.get_logger(__name__)
_NOT_INSTALLED = frozenset({"BotNotInConversationRoster", "ForbiddenOperationException"})
_GONE = _NOT_INSTALLED | {
    "ConversationBlockedByUser", "MessageWritesBlocked", "BotDisabledByAdmin", "ConversationNotFound"
}  # fmt: skip
"""Codes that mean: nothing will arrive there until Agora is heard from again."""
_LACKS, _BLOCKED = "not_installed", "blocked"
_INSTALLED = 3.0  # seconds until an app that was installed can be written from
_MOST_AGAIN = 30  # times that one message is tried again because of a conflict
_LONGEST = 60.0  # seconds between two of them
_TOGETHER, _FEW = 1.0, 3  # so many conversations refused within a second: it is the tenant that is full
_REMEMBERED = 5000


class Deliverer:
    """Writes into Teams."""

    def __init__(self, runtime: Runtime, tokens: Tokens | None = None, graph: str = GRAPH) -> None:
        settings = runtime.settings
        showing.register(runtime.router)
        self._public_url = settings.public_url
        self._bot = f"28:{settings.teams_app_id}"
        self._catalog_app = settings.teams_catalog_app
        self._graph = graph
        self._tokens = tokens or Tokens(settings)
        self._connector = Connector(self._tokens)
        self.patience = Patience(self._connector)
        self._tried: OrderedDict[int, int] = OrderedDict()
        self._installed: set[tuple[str, str]] = set()
        self._full: deque[tuple[float, str]] = deque(maxlen=50)

    async def close(self) -> None:
        """Close what is open to Teams."""
        await self.patience.close()
        await self._connector.close()

    async def token(self) -> str | None:
        """The token that Teams wants from Agora; ``None`` in the playground. ``NoToken``."""
        return await self._tokens.get()

    def ask(self, service_url: str, path: str) -> dict[str, Any] | list[Any] | None:
        """What is at ``path`` (``v3/…``); ``None`` where Teams says that there is nothing, or nothing for Agora.
        ``Throttled`` or ``Uncertain`` where it may be had later. For threads."""
        return asked(self._tokens, service_url, path)

    def paces(self, delivery: Delivery) -> tuple[Pace, ...]:
        """The limits of the conversation, then those of the tenant."""
        tenant = self.allows(delivery.installation, delivery.operation)
        conversation = where(delivery)[0]
        return (Pace(f"{tenant.key}:{conversation}", limits.IN_A_CONVERSATION), tenant)

    def allows(self, installation: str, operation: str) -> Pace:
        """What the tenant takes, whatever it is."""
        return Pace(f"teams:{installation}", limits.IN_A_TENANT)

    async def deliver(self, delivery: Delivery) -> str:
        """See ``Gateway.deliver``."""
        if delivery.operation not in (POST, EDIT, DELETE):
            raise Undeliverable(f"there is no {delivery.operation} in Teams")
        to = await self.target(delivery)
        if to.unreachable is not None:
            raise Undeliverable(to.unreachable, closed=to.kind != PERSONAL)
        try:
            reference = await self._do(delivery, to)
        except Throttled as throttled:
            raise self._again(delivery, throttled) from throttled
        except Refused as refused:
            if await self._installed_now(to, refused):
                raise Throttled(_INSTALLED) from refused
            raise await self._undeliverable(delivery, to, refused) from refused
        self._tried.pop(delivery.outbox_id, None)
        return reference

    async def target(self, delivery: Delivery) -> Target:
        """Where it goes."""
        return await asyncio.to_thread(target, delivery, self._public_url, self._bot)

    async def change(self, delivery: Delivery, to: Target) -> None:
        """Show ``to.card`` in place of what stands there; the exceptions of ``Connector.call``."""
        assert to.external is not None
        _, activity = where(delivery)
        path = activities(to.external, None, activity)
        await self._connector.call("PUT", to.service_url, path, {**self._message(delivery, to), "id": activity})

    async def reconcile(self, delivery: Delivery) -> str | None:
        """See ``Gateway.reconcile``."""
        raise Uncertain("a bot cannot read a conversation in Teams back")

    async def _do(self, delivery: Delivery, to: Target) -> str:
        if to.external is None:
            if delivery.operation != POST:
                raise Undeliverable("what it would change stands in no conversation")
            to = await self._begun(to)
        assert to.external is not None
        if delivery.operation == POST:
            return await self._post(delivery, to, to.external)
        if delivery.operation == DELETE:
            await self._delete(to, activities(to.external, None, where(delivery)[1]))
        else:
            await self.change(delivery, to)
        return str(delivery.reference)

    async def _post(self, delivery: Delivery, to: Target, external: str) -> str:
        thread = delivery.thread if to.kind == CHANNEL and to.conversation == delivery.conversation else None
        path = activities(external, thread)
        answer = await self._connector.call("POST", to.service_url, path, self._message(delivery, to))
        id = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(id, str) or not id:
            raise Uncertain("Teams did not say as what it arrived")
        return id if to.conversation == delivery.conversation else alone(id, to.conversation)

    async def _delete(self, to: Target, path: str) -> None:
        try:
            await self._connector.call("DELETE", to.service_url, path)
        except Refused as refused:
            if refused.status != 404:  # it is gone already
                raise

    def _message(self, delivery: Delivery, to: Target) -> dict[str, Any]:
        if to.card is None:
            raise Undeliverable("there is nothing to say")
        rendered = render(to.card, delivery.reader, to.scene)
        return message(to.card, rendered, delivery.reader, to.scene.link)

    async def _begun(self, to: Target) -> Target:
        """Begin somebody's own chat, and remember it. Done twice it is the same chat."""
        body = {
            "bot": {"id": to.bot},
            "members": [{"id": to.member or to.conversation}],
            "tenantId": to.installation,
            "channelData": {"tenant": {"id": to.installation}},
            "isGroup": False,
        }
        try:
            answer = await self._connector.call("POST", to.service_url, "v3/conversations", body)
        except Uncertain as error:
            raise Throttled(limits.AGAIN_AFTER) from error
        external = str(answer.get("id", ""))
        if not external:
            raise Throttled(limits.AGAIN_AFTER)
        await asyncio.to_thread(_remember, replace(to, external=external))
        return replace(to, external=external)

    async def _installed_now(self, to: Target, refused: Refused) -> bool:
        """Install Agora for who has not, once: who removed it is not written to. Teams says that it is missing when a
        chat is begun, or of one that is already. ``False`` where it is not that, not allowed, or did not help."""
        who = (to.installation, to.conversation)
        missing = refused.status in (403, 404) and (to.external is None or refused.code in _NOT_INSTALLED)
        if to.kind != PERSONAL or not missing or self._catalog_app is None or who in self._installed:
            return False
        try:
            await install(self._connector, self._catalog_app, *who, self._graph)
        except Undeliverable as reason:
            await asyncio.to_thread(_lose, to, str(reason), _LACKS)
            raise
        self._installed.add(who)
        return True

    def _again(self, delivery: Delivery, throttled: Throttled) -> Exception:
        """When it is tried again: as Teams says, or later each time, however long Teams is away. Where many are refused
        at once, none is sent."""
        tried = self._tried.pop(delivery.outbox_id, 0) + 1
        if tried > _MOST_AGAIN and isinstance(throttled, Conflict):
            return Undeliverable("Teams could not take it, again and again")
        self._tried[delivery.outbox_id] = tried
        while len(self._tried) > _REMEMBERED:
            self._tried.popitem(last=False)
        more = 1.5 ** min(tried - 1, 20) if isinstance(throttled, Busy) else 1.0
        seconds = max(throttled.seconds, min(_LONGEST, throttled.seconds * more))
        conversation, tenant = (pace.key for pace in self.paces(delivery))
        return Throttled(seconds, tenant if self._is_full(tenant, conversation) else conversation)

    def _is_full(self, tenant: str, conversation: str) -> bool:
        moment = asyncio.get_running_loop().time()
        self._full.append((moment, conversation))
        return len({key for at, key in self._full if at > moment - _TOGETHER and key.startswith(tenant)}) >= _FEW

    async def _undeliverable(self, delivery: Delivery, to: Target, refused: Refused) -> Undeliverable:
        """Why it will never be taken. Who blocked Agora, or never had it, is not tried again until heard from."""
        begun, personal = to.external is not None, to.kind == PERSONAL
        gone = refused.code in _GONE and (refused.status == 403 or (personal and refused.status == 404))
        if (begun and gone) or (not begun and personal):
            reason = f"{'blocked or removed' if begun else 'not installed'} ({refused})"
            await asyncio.to_thread(_lose, to, reason, _BLOCKED if begun else _LACKS)
            log.info("unreachable", code=refused.code, status=refused.status)
            return Undeliverable(reason, closed=not personal)
        closed = refused.status == 404 and refused.code in _GONE
        return Undeliverable(str(refused), closed=closed and not personal)


def _remember(to: Target) -> None:
    with transaction() as session:
        store.refresh(session, _reference(to))


def _lose(to: Target, reason: str, word: str) -> None:
    with transaction() as session:
        store.refresh(session, _reference(to), heard_there=False)
        session.flush()
        store.lost(session, to.installation, to.conversation, reason, word)


def _reference(to: Target) -> Reference:
    return Reference(to.installation, to.conversation, to.kind, to.external, to.member, to.service_url, to.bot)
