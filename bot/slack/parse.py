"""From what Slack sends to the one shape, and to what it is kept by."""

from __future__ import annotations

from typing import Any

from bot.inbound import Inbound
from bot.inbox import Event
from bot.router import Router
from bot.slack.events import heard_event, key_of_event
from bot.slack.interactions import heard_command, heard_interaction, key_of_interaction, opens_form
from bot.slack.reading import NOTHING_KNOWN, Around, Payload, digest, part


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
    """What may be kept: what proves who sent it, and the token that a workflow's step comes with, may not."""
    kept = {name: value for name, value in payload.items() if name not in ("token", "bot_access_token")}
    event = part(payload, "event")
    if "bot_access_token" in event:
        kept["event"] = {name: value for name, value in event.items() if name != "bot_access_token"}
    return kept


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
