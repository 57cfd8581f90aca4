"""From what Slack sends to the one shape, and to what it is kept by."""

from __future__ import annotations

from typing import Any

from bot.inbound import Inbound
from bot.inbox import Event
from bot.router import Router
from bot.slack.events import heard_event, key_of_event
from bot.slack.interactions import heard_command, heard_interaction, key_of_interaction, opens_form
from bot.slack.reading import NOTHING_KNOWN, Around, Payload, digest, part

_TOKENS = ("token", "bot_access_token", "trigger_id", "response_urls")


def parse(payload: Payload, around: Around = NOTHING_KNOWN) -> Inbound:
    """The event. ``NotOurs`` where nothing follows from it, ``ValueError`` where it cannot be read."""
    if payload.get("type") == "event_callback":
        return heard_event(payload, around)
    if "command" in payload and "type" not in payload:
        return heard_command(payload, around)
    return heard_interaction(payload, around)


def event_of(payload: dict[str, Any], heard: Inbound, now: bool) -> Event:
    """What is captured. A second delivery of the same, and the second event of the same message, have the same key."""
    key = key_of_event(payload, heard) if payload.get("type") == "event_callback" else key_of_interaction(payload)
    return Event(
        heard.platform,
        heard.installation,
        heard.conversation,
        heard.kind,
        key or digest(payload),
        without_tokens(payload),
        now,
    )


def without_tokens(payload: Payload) -> dict[str, Any]:
    """What may be kept: what proves who sent it, opens a view or speaks for Agora may not. An address that takes
    changes is kept for half an hour's use where nothing else does: of a message that only one person sees."""
    kept = {name: value for name, value in payload.items() if name not in _TOKENS}
    if "response_url" in kept and not part(payload, "container").get("is_ephemeral"):
        del kept["response_url"]
    event = part(payload, "event")
    if "bot_access_token" in event:
        kept["event"] = {name: value for name, value in event.items() if name != "bot_access_token"}
        kept["event"]["inputs"] = {name: _bare(value) for name, value in part(event, "inputs").items()}
    return kept


def _bare(value: Any) -> Any:
    """Without the secret by which Slack knows a person again that it named itself."""
    if isinstance(value, dict) and "secret" in value:
        return {name: each for name, each in value.items() if name != "secret"}
    return value


def opens(payload: Payload, heard: Inbound, router: Router) -> bool:
    """Whether it answers with a form, which Slack lets an app open for three seconds only."""
    match heard.kind, heard.route or "":
        case "command", name:
            return name in router.commands and router.commands[name].opens_form(heard.text)
        case "shortcut", name:
            return name in router.shortcuts and router.shortcuts[name].opens == "form"
        case "button", _ if payload.get("type") != "event_callback":
            return payload.get("type") == "shortcut" or opens_form(payload)
        case _:
            return False
