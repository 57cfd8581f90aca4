"""Slack's Web API, with the token of a workspace: for the event loop and for threads.

Neither repeats a request by itself: whoever calls knows what may be said twice.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import aiohttp
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.gateway import Undeliverable
from bot.slack.keeper import Keeper

WAIT = 10  # seconds for one request
FRESH = 60.0  # seconds for which a token is believed


class NotInstalled(Undeliverable):
    """The app has no token for this workspace."""


@dataclass(frozen=True)
class _Known:
    token: str
    until: float


class Clients:
    """The clients of one process."""

    def __init__(self, keeper: Keeper, api_url: str) -> None:
        self._keeper = keeper
        self._url = api_url.rstrip("/") + "/"
        self._known: dict[str, _Known] = {}
        self._session: aiohttp.ClientSession | None = None

    async def of(self, installation: str) -> AsyncWebClient:
        """For the event loop, with the token of workspace ``installation``; ``NotInstalled``."""
        known = self._known.get(installation)
        if known is not None and known.until > time.monotonic():
            return self.with_token(known.token)
        return self.with_token(await asyncio.to_thread(self._token, installation))

    def sync_of(self, installation: str) -> WebClient:
        """The same for threads; opens a transaction where the token is not known yet."""
        known = self._known.get(installation)
        fresh = known is not None and known.until > time.monotonic()
        token = known.token if known is not None and fresh else self._token(installation)
        return WebClient(token, base_url=self._url, timeout=WAIT, retry_handlers=[])

    def with_token(self, token: str) -> AsyncWebClient:
        """For the event loop, with a token of the caller's."""
        return AsyncWebClient(token, base_url=self._url, timeout=WAIT, session=self.session, retry_handlers=[])

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections of this process to Slack: kept, since each costs more than most requests."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WAIT), connector=connector)
        return self._session

    def trusts(self, installation: str, organisation: str | None = None) -> bool:
        """Whether this workspace is the company's own. Reads the database: for threads."""
        return self._keeper.trusts(installation, organisation)

    def forget(self, installation: str | None = None) -> None:
        """Believe no token any more that was found before."""
        if installation is None:
            self._known.clear()
        else:
            self._known.pop(installation, None)

    async def close(self) -> None:
        """End what is open."""
        if self._session is not None:
            await self._session.close()

    def _token(self, installation: str) -> str:
        token = self._keeper.token(installation)
        if token is None:
            raise NotInstalled(f"Agora is not installed in {installation}")
        self._known[installation] = _Known(token, time.monotonic() + FRESH)
        return token
