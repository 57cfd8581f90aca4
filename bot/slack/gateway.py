"""Slack: what its parts make together. ``bot.gateway.Gateway`` says what each method is for."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import showing
from bot.cards import Card, Reply
from bot.gateway import Delivery, Gateway
from bot.homes import Refresher
from bot.inbound import Inbound
from bot.pacing import Pace
from bot.previews import Preview
from bot.runtime import Runtime
from bot.slack import beginning, parse
from bot.slack.agent import Agent
from bot.slack.clients import Clients
from bot.slack.delivery import Deliverer
from bot.slack.directory import Directory, schedule
from bot.slack.events import PLATFORM
from bot.slack.fetching import Fetcher, left_out
from bot.slack.forms import Forms
from bot.slack.http import Receiver
from bot.slack.inlet import Inlet
from bot.slack.install import Installing
from bot.slack.keeper import Keeper
from bot.slack.names import Register
from bot.slack.preview import preview
from bot.slack.reading import Around
from bot.slack.socket import Socket
from bot.slack.steps import DONE, FAILED, Steps
from bot.texts import Reader
from bot.turn import Turn
from models.base import Refusal

log = structlog.get_logger(__name__)
_GONE = ("app_uninstalled", "tokens_revoked")


class SlackGateway(Gateway):
    """``bot.gateway.Gateway`` for Slack."""

    name = PLATFORM
    patience = 1.5

    def __init__(self, runtime: Runtime, keys: Sequence[str]) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self.keeper = Keeper(settings, keys)
        self.clients = Clients(self.keeper, settings.slack_api_url)
        self.directory = Directory(self.clients, runtime.router)
        self.steps = Steps(self.clients, runtime.router, settings.public_url)
        showing.register(runtime.router)
        self.deliverer = Deliverer(self.clients, settings.public_url)
        self.around = Around(Register().of, {}, settings.public_url)
        self.inlet = Inlet(
            runtime, Forms(runtime, self.clients, self.keeper), replace(self.around, names=Around().names),
            Agent(self.clients, runtime.router),
        )  # fmt: skip
        self._fetcher = Fetcher(settings.slack_api_url)
        self._socket = _socket(runtime, self.inlet, self.clients)
        self._homes = Refresher(runtime.router, PLATFORM)
        self._running: list[asyncio.Task[None]] = []

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where Slack sends to, and where the app is installed."""
        settings, found = self._runtime.settings, list[web.AbstractRouteDef]()
        if settings.slack_signing_secret is not None:
            found += Receiver(self.inlet, settings.slack_signing_secret.get_secret_value()).routes()
        if settings.slack_client_id is not None:
            found += Installing(self._runtime, self.keeper, self.clients).routes()
            if not settings.slack_workspaces:
                log.warning("any workspace may install Agora, and the first is the company's: set SLACK_WORKSPACES")
        return found

    async def start(self) -> None:
        """Connect, and look whether the tokens are good for what is needed; waits for neither."""
        bots: dict[str, str] = self.around.bots  # type: ignore[assignment]
        begin = beginning.look(self.keeper, self.clients, self._runtime.settings, bots)
        self._running = [asyncio.create_task(each) for each in (begin, self._homes.run(), _scheduled())]
        if self._socket is not None:
            self._socket.start()

    async def close(self) -> None:
        """End what is open, and let what is under way come to its end."""
        for task in self._running:
            task.cancel()
        if self._socket is not None:
            await self._socket.close()
        await self.inlet.close()
        await self.clients.close()

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """What was captured, with the names that it mentions."""
        heard = parse.parse(payload, self.around)
        self.keeper.learn(payload, heard.installation)
        return heard

    def fetch(self, inbound: Inbound) -> Inbound:
        """Download what was posted. Of files that are not to be had the person is told."""
        client = self.clients.sync_of(inbound.installation)
        try:
            found, missing = self._fetcher.fetch(inbound, client)
        except Refusal:
            if not self.introduce(inbound):
                return inbound
            found, missing = self._fetcher.fetch(inbound, client)
        if missing:
            self._runtime.dispatcher.tell(inbound, secrets.token_hex(6), Reply(notice=left_out(missing)))
        return found

    def introduce(self, inbound: Inbound) -> bool:
        """Ask Slack who did this, and where."""
        return self.directory.introduce(inbound) or self.steps.refuse(inbound)

    def absorb(self, turn: Turn) -> None:
        """Write down who and what there is, or that the app was removed."""
        event = turn.inbound.values
        if event.get("type") not in _GONE:
            self.directory.absorb(turn)
        elif event["type"] == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
            self.keeper.withdraw(turn.session, turn.inbound.installation, float(event.get("event_time") or 0))
            self.clients.forget()

    def paces(self, delivery: Delivery) -> Sequence[Pace]:
        """What Slack lets through."""
        return self.deliverer.paces(delivery)

    def allows(self, installation: str, operation: str) -> Pace | None:
        """What a workspace lets through."""
        return self.deliverer.allows(installation, operation)

    async def prepare(self, delivery: Delivery) -> None:
        """Render it."""
        await self.deliverer.prepare(delivery)

    def preview(self, card: Card, reader: Reader) -> Preview:
        """What Slack would be given."""
        return preview(card, reader)

    async def deliver(self, delivery: Delivery) -> str:
        """Do it."""
        if delivery.operation in (DONE, FAILED):
            return await self.steps.deliver(delivery)
        return await self.deliverer.deliver(delivery)

    async def stream(self, delivery: Delivery, before: Card) -> float | None:
        """In somebody's own chat."""
        return await self.deliverer.stream(delivery)

    async def reconcile(self, delivery: Delivery) -> str | None:
        """Whether it arrived."""
        return await self.deliverer.reconcile(delivery)


async def _scheduled() -> None:
    try:
        await asyncio.to_thread(schedule)
    except SQLAlchemyError as error:  # the next start sees to it
        log.warning("no refresh of the channels is scheduled", error=type(error).__name__)


def _socket(runtime: Runtime, inlet: Inlet, clients: Clients) -> Socket | None:
    token = runtime.settings.slack_app_token
    return Socket(inlet, clients, token.get_secret_value()) if token is not None else None
