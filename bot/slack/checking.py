"""What Slack says of the tokens, for ``app.py check``."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.check.found import Check
from bot.config import Settings
from bot.slack.beginning import granted
from bot.slack.install import INSTALL
from bot.slack.manifest import lacking
from bot.slack.scopes import SCOPES, missing

WAIT = 5  # seconds
_REACH = "Look at this machine's way out, and at SLACK_API_URL. Agora starts without Slack, and tries again."


def look(settings: Settings) -> Iterator[Check]:
    """Everything that can be found out without doing anything there."""
    if settings.slack_bot_token is not None:
        yield from _token(settings, settings.slack_bot_token.get_secret_value())
    if settings.slack_client_id is not None:
        yield _installing(settings)
    if settings.slack_app_token is not None:
        yield _socket(settings, settings.slack_app_token.get_secret_value())
    if settings.slack_signing_secret is not None:
        yield _over_http(settings)
    yield _manifest()


def _ask(settings: Settings, method: str, token: str) -> Any:
    client = WebClient(token, base_url=f"{settings.slack_api_url}/", timeout=WAIT, retry_handlers=[])
    return client.api_call(method)


def _token(settings: Settings, token: str) -> Iterator[Check]:
    try:
        answer = _ask(settings, "auth.test", token)
    except (SlackApiError, OSError, http.client.HTTPException) as error:
        fix = "Copy the token anew from the page OAuth & Permissions of your Slack app."
        yield _trouble("Slack", "SLACK_BOT_TOKEN", error, fix)
        return
    yield Check("Slack", True, f"{answer.get('team')}: Agora is {answer.get('user')}")
    unmet = missing(granted(answer.headers))
    said = "; ".join(f"{scope} is missing, {why}" for scope, why in unmet.items())
    fix = "Add them on the page OAuth & Permissions of your Slack app, or with manifest.yml, and install it again."
    yield Check("Slack scopes", not unmet, said or f"all {len(SCOPES)}", fix if unmet else "")


def _socket(settings: Settings, token: str) -> Check:
    try:
        _ask(settings, "apps.connections.open", token)
    except (SlackApiError, OSError, http.client.HTTPException) as error:
        fix = "Make an app-level token with connections:write on the page Basic Information, and turn on Socket Mode."
        return _trouble("Slack socket", "SLACK_APP_TOKEN", error, fix)
    return Check("Slack socket", True, "Socket Mode: no public address is needed")


def _trouble(name: str, setting: str, error: Exception, fix: str) -> Check:
    if not isinstance(error, SlackApiError):
        return Check(name, False, f"Slack cannot be reached: {type(error).__name__}", _REACH)
    if error.response.status_code == 429 or error.response.status_code >= 500:
        return Check(name, False, f"Slack is in trouble: {error.response.status_code}", _REACH)
    return Check(name, False, f"Slack refuses {setting}: {error.response.get('error')}", fix)


def _over_http(settings: Settings) -> Check:
    where = f"{settings.public_url}/slack/events"
    if urlsplit(settings.public_url).scheme == "https":
        return Check("Slack over HTTP", True, where)
    if settings.slack_app_token is not None:
        return Check("Slack over HTTP", True, f"{where}, beside the socket")
    fix = "Set PUBLIC_URL to an https address that reaches this machine, or SLACK_APP_TOKEN for Socket Mode."
    return Check("Slack over HTTP", False, f"{where} is nothing that Slack can reach", fix)


def _installing(settings: Settings) -> Check:
    where = settings.public_url + INSTALL
    if urlsplit(settings.public_url).scheme != "https":
        return Check("Slack installation", False, where, "Slack leads back to https addresses only: set PUBLIC_URL.")
    fix = (
        "" if settings.slack_workspaces else "Name the company's own in SLACK_WORKSPACES: others could install it, too."
    )
    return Check("Slack installation", True, where, fix)


def _manifest() -> Check:
    """The manifest that goes along with the code: whoever made the app from another one lacks something."""
    try:
        lacks = lacking()
    except (OSError, ValueError, yaml.YAMLError, LookupError, TypeError) as error:
        return Check("Slack manifest", False, f"it cannot be read: {type(error).__name__}", "Make it: app.py manifest")
    fix = "Make it anew with python app.py manifest, and give it to Slack." if lacks else ""
    return Check("Slack manifest", not lacks, f"it lacks {', '.join(lacks)}" if lacks else "as the code needs it", fix)
