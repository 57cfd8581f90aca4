"""At start, and when asked: whether the tokens are good for what Agora does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import aiohttp
import structlog
import yaml
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.slack.clients import Clients
from bot.slack.keeper import Keeper
from bot.slack.manifest import lacking
from bot.slack.scopes import missing

log = structlog.get_logger(__name__)
AGAIN = 60.0  # seconds until Slack is asked again, where it was not to be reached


async def look(keeper: Keeper, clients: Clients, settings: Settings, bots: MutableMapping[str, str]) -> None:
    """Encrypt with the newest key; find out who Agora is in its workspaces, and say in the log what it may not do."""
    await asyncio.to_thread(_look_at_manifest)
    try:
        await asyncio.to_thread(keeper.rotate)
        bots.update(await asyncio.to_thread(keeper.bots))
        for installation, given in (await asyncio.to_thread(keeper.granted)).items():
            _say_what_is_missing(given, installation)
    except SQLAlchemyError as error:
        log.warning("tokens not looked at", error=error)
    if settings.slack_bot_token is None:
        return
    token = settings.slack_bot_token.get_secret_value()
    while True:
        try:
            answer = await clients.with_token(token).auth_test()
        except SlackApiError as error:
            log.error("Slack refuses SLACK_BOT_TOKEN", error=str(error.response.get("error")))
            return
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Slack cannot be reached", error=type(error).__name__)
            await asyncio.sleep(AGAIN)
        else:
            bots[str(answer["team_id"])] = str(answer["user_id"])
            _say_what_is_missing(granted(answer.headers), str(answer["team_id"]))
            return


def _say_what_is_missing(given: Iterable[str], installation: str) -> None:
    for scope, why in missing(given).items():
        log.warning("a scope is missing", installation=installation, scope=scope, wanted=why)


def _look_at_manifest() -> None:
    try:
        if lacks := lacking():
            log.warning("manifest.yml lacks what the code needs: make it anew", lacks=", ".join(lacks))
    except (OSError, ValueError, yaml.YAMLError, LookupError, TypeError) as error:
        log.warning("manifest.yml cannot be read", error=type(error).__name__)


def granted(headers: Mapping[str, Any]) -> list[str]:
    """The scopes of a token, which Slack names in every answer."""
    found = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
    return [scope.strip() for scope in str(found).split(",") if scope.strip()]
