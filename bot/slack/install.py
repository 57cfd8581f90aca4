"""Installing the app in workspaces, and in whole organisations: OAuth by Bolt's flow, with our own stores and pages.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from bot.cards import T
from bot.config import Settings
from bot.runtime import Runtime
from bot.slack.clients import Clients
from bot.slack.keeper import Keeper
from bot.slack.parse import event_of, parse
from bot.slack.scopes import SCOPES
from bot.slack.store import SlackInstallation, SlackState, Tokens, digest_of
from bot.web.browser import speech_of
from bot.web.render import page
from models.base import now, transaction

log = structlog.get_logger(__name__)
INSTALL, BACK = "/slack/install", "/slack/oauth"
STATE_LIFE = 600  # seconds
_INSTALLED = (T("Agora is in Slack now"), T("You can close this page. Agora has written to you there."))
_NOT_INSTALLED = T("Agora was not installed")
_REASONS = {
    "access_denied": T("You chose not to. Nothing was changed."),
    "storage_error": T("This workspace is not among those that may install Agora here. Ask whoever runs it."),
    "unreachable": T("Something could not be reached. Please begin anew in a minute."),
}
_AGAIN = T("The way here took too long, or began in another browser. Please begin anew.")


class Stranger(BoltError):
    """A workspace that may not install the app."""


class Installations(AsyncInstallationStore):
    """Where Bolt's flow puts what Slack gave it."""

    def __init__(self, runtime: Runtime, keeper: Keeper, clients: Clients) -> None:
        self._runtime = runtime
        self._keeper = keeper
        self._clients = clients

    async def async_save(self, installation: Installation) -> None:
        """Keep the tokens, and hear that Agora has come to whoever installed it. ``Stranger``."""
        allowed = self._runtime.settings.slack_workspaces
        ids = {installation.team_id, installation.enterprise_id} - {None}
        if allowed and not ids & set(allowed):
            log.warning("not among SLACK_WORKSPACES", installation=", ".join(sorted(map(str, ids))))
            raise Stranger("not among SLACK_WORKSPACES")
        row, tokens = _kept(installation)
        await asyncio.to_thread(self._keeper.install, row, tokens)
        self._clients.forget()
        log.info("installed", installation=row.key, whole_organisation=bool(installation.is_enterprise_install))
        await self._welcome(row, installation)

    async def _welcome(self, row: SlackInstallation, installation: Installation) -> None:
        if not installation.user_id:
            return
        event = {"type": "agora_installed", "user": installation.user_id}
        payload = {"type": "event_callback", "team_id": installation.team_id or row.key, "event": event,
                   "event_id": f"installed:{row.installed_at.timestamp()}"}  # fmt: skip
        await self._runtime.inbox.capture(event_of(payload, parse(payload), now=False))


class States(AsyncOAuthStateStore):
    """Installations that were begun, each to be ended once. To begin one writes nothing, since anybody may: a state
    proves by itself where and when it was made. Hashes of those that ended are kept as long as they would be good."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """A new one."""
        return self._keeper.stamp()

    async def async_consume(self, state: str) -> bool:
        """Whether it was begun here, a short while ago, and not ended yet."""
        return self._keeper.stamped(state, STATE_LIFE) and await asyncio.to_thread(_end, state)


class Installing:
    """Serves the beginning and the end of an installation."""

    def __init__(self, runtime: Runtime, keeper: Keeper, clients: Clients) -> None:
        self._clients = clients
        self._settings = _oauth(runtime.settings, Installations(runtime, keeper, clients), States(keeper))

    def routes(self) -> list[web.RouteDef]:
        """Two pages."""
        return [web.get(INSTALL, self.begin), web.get(BACK, self.end)]

    async def begin(self, request: web.Request) -> web.Response:
        """To Slack, which asks whether that is wanted."""
        return await to_aiohttp_response(await self._flow(request).handle_installation(await to_bolt_request(request)))

    async def end(self, request: web.Request) -> web.StreamResponse:
        """Back from Slack."""
        try:
            answer = await self._flow(request).handle_callback(await to_bolt_request(request))
        except (aiohttp.ClientError, TimeoutError, OSError, SQLAlchemyError) as error:
            log.warning("not reached", error=type(error).__name__)
            return _page(request, 503, _NOT_INSTALLED, _REASONS["unreachable"])
        title, words = (_NOT_INSTALLED, _REASONS.get(answer.body, _AGAIN)) if answer.body else _INSTALLED
        return _page(request, answer.status, title, words)

    def _flow(self, request: web.Request) -> AsyncOAuthFlow:
        return AsyncOAuthFlow(client=self._clients.with_token(""), settings=self._settings)


def _oauth(settings: Settings, store: Installations, states: States) -> AsyncOAuthSettings:
    secret = settings.slack_client_secret
    return AsyncOAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        scopes=list(SCOPES),
        user_scopes=[],
        redirect_uri=settings.public_url + BACK,
        install_path=INSTALL,
        redirect_uri_path=BACK,
        install_page_rendering_enabled=False,
        installation_store=store,
        state_store=states,
        state_expiration_seconds=STATE_LIFE,
        callback_options=AsyncCallbackOptions(success=_succeeded, failure=_failed),
    )


async def _succeeded(args: AsyncSuccessArgs) -> BoltResponse:
    return BoltResponse(status=200)


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    """Why: the page says it in the reader's language."""
    log.warning("not installed", reason=args.reason)
    return BoltResponse(status=args.suggested_status_code, body=args.reason)


def _page(request: web.Request, status: int, title: T, words: T) -> web.Response:
    return page("told.html", speech_of(request), status, title=title, words=words)


def _kept(given: Installation) -> tuple[SlackInstallation, Tokens]:
    whole = bool(given.is_enterprise_install)
    key = (given.enterprise_id if whole else given.team_id) or ""
    life = given.bot_token_expires_at
    row = SlackInstallation(
        key=key,
        name=(given.enterprise_name if whole else given.team_name) or key,
        bot_user=given.bot_user_id or "",
        scopes=sorted(given.bot_scopes or ()),
        expires_at=now() + timedelta(seconds=life - now().timestamp()) if life else None,
        installed_at=now(),
    )
    return row, Tokens(given.bot_token or "", given.bot_refresh_token)


def _end(state: str) -> bool:
    """Whether it had not ended yet."""
    row = insert(SlackState).values(digest=digest_of(state), expires_at=now() + timedelta(seconds=STATE_LIFE))
    with transaction() as session:
        session.execute(delete(SlackState).where(SlackState.expires_at < now()))
        return session.execute(row.on_conflict_do_nothing().returning(SlackState.digest)).first() is not None
