"""Microsoft Teams: what its parts make together. ``bot.gateway.Gateway`` says what each method is for."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.cards import Card, Reply
from bot.check.teams import warnings
from bot.gateway import Delivery, Gateway
from bot.homes import Refresher
from bot.inbound import Inbound
from bot.pacing import Pace
from bot.previews import Preview
from bot.runtime import Runtime
from bot.teams import ends, files, parse, wire
from bot.teams.auth import Verifier
from bot.teams.delivery import Deliverer
from bot.teams.directory import Directory
from bot.teams.endpoint import PATH, Endpoint
from bot.teams.invokes import Invokes
from bot.teams.keys import KeyRing
from bot.teams.preview import preview
from bot.teams.references import References
from bot.teams.streaming import Streams
from bot.texts import Reader
from bot.turn import Turn
from models.base import Refusal

log = structlog.get_logger(__name__)


class TeamsGateway(Gateway):
    """``bot.gateway.Gateway`` for Microsoft Teams."""

    name = parse.PLATFORM
    home_in_chat = True

    def __init__(self, runtime: Runtime, keys: Sequence[str] = ()) -> None:
        self._runtime = runtime
        if keys:
            wire.use_keys(keys)
        self.keys = KeyRing(runtime.settings.teams_openid_metadata_url)
        self.deliverer = Deliverer(runtime)
        self._streams = Streams(self.deliverer)
        self.directory = Directory(runtime, self.deliverer)
        self.invokes = Invokes(runtime, self.directory)
        app_id = runtime.settings.teams_app_id
        verifier = Verifier(app_id, self.keys) if app_id is not None else None
        self._references = References()
        self._homes = Refresher(runtime.router, self.name, in_chat=True)
        self._refreshing: asyncio.Task[None] | None = None
        self._endpoint = Endpoint(runtime, verifier, self.invokes, self._references, self.deliverer.patience)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where Teams sends what happens."""
        return [web.post(PATH, self._endpoint.receive)]

    async def start(self) -> None:
        """Fetch the keys, and say what will not work, or soon not any more."""
        for line in warnings(self._runtime.settings):
            log.warning("teams", what=line)
        if self._runtime.settings.teams_app_id is not None:
            self.keys.start()
            try:
                await asyncio.to_thread(ends.plan, self._runtime.settings)
            except SQLAlchemyError as error:  # the next start sees to it
                log.warning("not planned", error=type(error).__name__)
        self._refreshing = asyncio.create_task(self._homes.run(), name="teams homes")

    async def close(self) -> None:
        """Close what is open to Teams."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
        await self.invokes.close()
        self._references.close()
        await self.keys.close()
        await self.deliverer.close()

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """What was captured."""
        return parse.inbound(payload, self._runtime.router.commands)

    def fetch(self, inbound: Inbound) -> Inbound:
        """Get the files of a message. Of those that do not reach Agora the person is told."""
        if files.OUT_OF_REACH not in inbound.attachments:
            return self._fetched(inbound)
        given = tuple(each for each in inbound.attachments if each != files.OUT_OF_REACH)
        found = self._fetched(replace(inbound, attachments=given)) if given else replace(inbound, attachments=())
        self._runtime.dispatcher.tell(inbound, secrets.token_hex(6), Reply(notice=files.OUT_OF_REACH_SAID))
        return found

    def _fetched(self, inbound: Inbound) -> Inbound:
        local = self._runtime.settings.teams_app_id is None
        try:
            return files.fetch(inbound, self.deliverer.token, local)
        except Refusal as refusal:
            if refusal.code != "unknown_person" or not self.introduce(inbound):
                raise
        return files.fetch(inbound, self.deliverer.token, local)

    def introduce(self, inbound: Inbound) -> bool:
        """Ask Teams who did this, and where."""
        return self.directory.introduce(inbound)

    def absorb(self, turn: Turn) -> None:
        """Write down who and what there is."""
        self.directory.absorb(turn)

    def paces(self, delivery: Delivery) -> Sequence[Pace]:
        """The limits of the conversation and of the tenant."""
        return self.deliverer.paces(delivery)

    def preview(self, card: Card, reader: Reader) -> Preview:
        """What Teams would be given."""
        return preview(card, reader)

    def allows(self, installation: str, operation: str) -> Pace | None:
        """The limit of the tenant."""
        return self.deliverer.allows(installation, operation)

    async def deliver(self, delivery: Delivery) -> str:
        """Do it."""
        return await self.deliverer.deliver(delivery)

    async def stream(self, delivery: Delivery, before: Card) -> float | None:
        """In somebody's own chat."""
        return await self._streams.show(delivery)

    async def reconcile(self, delivery: Delivery) -> str | None:
        """Whether it arrived."""
        return await self.deliverer.reconcile(delivery)
