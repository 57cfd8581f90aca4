"""The manifest of the Slack app, from what Agora offers and hears: what its administrators give Slack to make the app.

See https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from bot.cards import T
from bot.router import Command, Router
from bot.slack import steps
from bot.slack.scopes import EVENTS, SCOPES
from bot.texts import Reader, say

FILE = Path(__file__).resolve().parents[2] / "manifest.yml"
EXAMPLE = "https://agora.example.com"
"""The address in the manifest that goes along with the code."""
CREATE = "https://api.slack.com/apps?new_app=1&manifest_yaml="
_NAME, _SHORTCUT, _MOST_PROMPTS = "Agora", 24, 4
_SHORTER = {"questions.from_message": "Ask the experts about it"}
"""Shortcuts whose labels are longer than Slack takes."""
_HEAD = """\
# The Slack app. Made by `python app.py manifest` from what Agora offers: change that, not this.
# docs/slack.md says what to do with it, and what each scope is for.
"""


def manifest(router: Router, public_url: str = EXAMPLE, over_http: bool = False) -> dict[str, Any]:
    """The manifest for an Agora at ``public_url``: connecting by itself (Socket Mode), or called ``over_http``."""
    events = {"request_url": f"{public_url}/slack/events"} if over_http else {}
    oauth: dict[str, Any] = {"redirect_urls": [f"{public_url}/slack/oauth"]} if over_http else {}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": _NAME,
            "description": "Questions find their answer or their expert",
            "long_description": "Ask in a channel, in a message to Agora or with /ask. Agora answers from what the "
            "company has written down, with its source, as far as you may read it. What nobody has written down goes "
            "to somebody who knows, with a deadline; their answer becomes knowledge for the next who asks.",
            "background_color": "#1d4e5f",
        },
        "features": {**_features(router, public_url, over_http)},
        "oauth_config": {**oauth, "scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**events, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **events},
            "org_deploy_enabled": True,
            "socket_mode_enabled": not over_http,
            "token_rotation_enabled": False,
            "function_runtime": "remote",
        },
        "functions": {steps.CALLBACK: _step()},
    }


def lacking() -> list[str]:
    """The scopes and events that the code needs, and ``manifest.yml`` beside it lacks. ``OSError``, or what is wrong
    with it: ``ValueError``, ``LookupError``, ``TypeError`` or ``yaml.YAMLError``."""
    given = yaml.safe_load(FILE.read_text("utf-8"))
    scopes = set(given["oauth_config"]["scopes"]["bot"])
    events = set(given["settings"]["event_subscriptions"]["bot_events"])
    return sorted((set(SCOPES) - scopes) | (set(EVENTS) - events))


def written(made: dict[str, Any]) -> str:
    """As YAML, each scope with its reason."""
    text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=1000)
    for scope, why in SCOPES.items():
        text = re.sub(rf"^( *- {re.escape(scope)})$", rf"\1  # {why}", text, flags=re.MULTILINE)
    return _HEAD + text


def link(made: dict[str, Any]) -> str:
    """The address that opens Slack's page with the manifest filled in: on one line, which is shorter."""
    written = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=1_000_000, default_flow_style=True)
    return CREATE + quote(written)


def _features(router: Router, public_url: str, over_http: bool) -> dict[str, Any]:
    shortcuts = [_shortcut(route, each.label) for route, each in router.shortcuts.items()]
    asking = {"name": "Ask a question", "type": "global", "callback_id": "/ask",
              "description": "Agora answers in its own chat with you"}  # fmt: skip
    prompts = [{"title": _said(label), "message": _said(says)} for label, says in router.prompts[:_MOST_PROMPTS]]
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": _NAME, "always_online": True},
        "agent_view": {
            "agent_description": "Answers from what the company has written down, and takes what nobody has written "
            "to somebody who knows.",
            "suggested_prompts": prompts,
        },
        "shortcuts": [asking, *shortcuts],
        "slash_commands": [_command(each, public_url, over_http) for each in router.commands.values()],
        "unfurl_domains": _domains(public_url),
    }


def _command(command: Command, public_url: str, over_http: bool) -> dict[str, Any]:
    """``/ask your question: what it does`` says how it is used before the colon, and what it does behind it."""
    usage = _said(command.usage)
    before, _, after = usage.partition(": ")
    hint, description = (before, after) if after else (usage, usage)
    hint = hint.replace(f"/{command.name}", "").replace("  ", " ").strip()
    return {
        "command": f"/{command.name}",
        **({"url": f"{public_url}/slack/events"} if over_http else {}),
        "description": description[:1].upper() + description[1:],
        **({"usage_hint": hint} if hint else {}),
        "should_escape": True,
    }


def _shortcut(route: str, label: T) -> dict[str, str]:
    said = _said(label)
    name = said if len(said) <= _SHORTCUT else _SHORTER[route]
    return {"name": name, "type": "message", "callback_id": route, "description": said}


def _domains(public_url: str) -> list[str]:
    """Slack shows no links to a machine that has no name."""
    host = urlsplit(public_url).hostname or ""
    return [host] if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}", host) else [urlsplit(EXAMPLE).netloc]


def _step() -> dict[str, Any]:
    def parameter(name: str, type: str, title: str, description: str) -> dict[str, Any]:
        return {name: {"type": type, "name": name, "title": title, "description": description}}

    asked = {
        **parameter(steps.QUESTION, "string", "Question", "What Agora is asked"),
        **parameter(steps.ASKER, "slack#/types/user_context", "Asker", "Whoever set the workflow off"),
    }
    given = {
        **parameter(steps.ANSWER, "string", "Answer", "What the company knows, or what somebody answered"),
        **parameter(steps.LINK, "string", "Link", "Where the whole of it stands"),
    }
    return {
        "title": "Ask Agora",
        "description": "Asks a question, and goes on when it is answered",
        "input_parameters": {"properties": asked, "required": list(asked)},
        "output_parameters": {"properties": given, "required": list(given)},
    }


def _said(words: T) -> str:
    return say(words, Reader())
