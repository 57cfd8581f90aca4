"""The pane in which somebody talks to Agora beside what they do: beginnings to choose from, a sign that it works when
that takes a while, and the button that stops it.

All of it only decorates: nothing of it is kept, and what fails is tried no second time.

See https://docs.slack.dev/ai/agent-sessions and https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_sdk.errors import SlackClientError

from bot import patience
from bot.gateway import Throttled, Uncertain, Undeliverable
from bot.held import look
from bot.inbound import Inbound
from bot.inbox import Captured
from bot.router import Router
from bot.slack.clients import Clients
from bot.slack.events import installation_of
from bot.slack.reading import Payload, id_in, maybe_id, part
from bot.texts import Reader, say
from models.base import reading
from models.joining import find_account
from models.mail import DONE, FAILED
from models.people import Person

log = structlog.get_logger(__name__)
PLATFORM = "slack"
PATIENCE = 0.7  # seconds: what is answered sooner needs no sign
LONGEST = 60.0  # seconds for which the sign stays
MOST_PROMPTS = 4
_MOST_WATCHED = 20  # under load there are better things to do
_LOOK = 0.5  # seconds
_FAULTS = (SlackClientError, OSError, TimeoutError, ValueError, Throttled, Uncertain, Undeliverable)


class Agent:
    """What Slack shows around a conversation with Agora."""

    def __init__(self, clients: Clients, router: Router) -> None:
        self._clients, self._router = clients, router
        self._watched = 0

    def concerns(self, payload: Payload) -> bool:
        """Whether ``hear`` has something to do with it."""
        event = part(payload, "event")
        opened = event.get("type") == "app_home_opened" and event.get("tab") == "messages"
        return opened or event.get("type") == "agent_session_stopped"

    def is_told(self, payload: Payload, heard: Inbound) -> bool:
        """Whether ``watch`` has something to do with it."""
        return heard.kind == "message" and str(part(payload, "event").get("channel") or "").startswith("D")

    async def hear(self, payload: Payload) -> None:
        """Somebody opened the pane, or pressed Stop."""
        try:
            event, installation = part(payload, "event"), installation_of(payload)
            if event.get("type") == "agent_session_stopped":
                await self._status(installation, id_in(event, "channel"), maybe_id(event, "thread_ts"), "active")
            else:
                await self._suggest(installation, id_in(event, "channel"), id_in(event, "user"))
        except _FAULTS as error:
            log.info("not decorated", error=type(error).__name__)

    async def watch(self, payload: Payload, captured: Captured) -> None:
        """Show that Agora works on what was written in the pane, as long as it does."""
        event = part(payload, "event")
        if self._watched >= _MOST_WATCHED:
            return
        self._watched += 1
        try:
            await self._while_working(installation_of(payload), event, captured)
        except _FAULTS as error:
            log.info("not decorated", error=type(error).__name__)
        finally:
            self._watched -= 1

    async def _while_working(self, installation: str, event: Payload, captured: Captured) -> None:
        await asyncio.sleep(PATIENCE)
        if not await asyncio.to_thread(patience.take_over, captured.lane, captured.id):
            return
        channel, thread = id_in(event, "channel"), maybe_id(event, "thread_ts") or maybe_id(event, "ts")
        try:
            await self._status(installation, channel, thread, "processing")
            async with asyncio.timeout(LONGEST):
                while not await asyncio.to_thread(_is_over, captured):
                    await asyncio.sleep(_LOOK)
        finally:  # who still waits then is told by a message
            await asyncio.to_thread(patience.leave, captured.lane, captured.id)
            await self._status(installation, channel, thread, "active")

    async def _status(self, installation: str, channel: str, thread: str | None, status: str) -> None:
        client = await self._clients.of(installation)
        said = {"channel_id": channel, "thread_ts": thread, "status": status}
        await client.api_call("agents.sessions.setStatus", json=said)

    async def _suggest(self, installation: str, channel: str, user: str) -> None:
        reader = await asyncio.to_thread(_reader, installation, user)
        prompts: list[dict[str, str]] = [
            {"title": say(label, reader), "message": say(says, reader)}
            for label, says in self._router.prompts[:MOST_PROMPTS]
        ]
        client = await self._clients.of(installation)
        said: dict[str, Any] = {"channel_id": channel, "prompts": prompts}
        await client.api_call("assistant.threads.setSuggestedPrompts", json=said)


def _reader(installation: str, user: str) -> Reader:
    """In what language somebody reads; English where Agora has not met them."""
    with reading() as session:
        account = find_account(session, PLATFORM, installation, user)
        person = session.get(Person, account.person_id) if account is not None else None
    return Reader(person.locale, person.timezone) if person is not None else Reader()


def _is_over(captured: Captured) -> bool:
    with reading() as session:
        return look(session, captured).state in (DONE, FAILED)
