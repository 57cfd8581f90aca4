"""What is kept of an activity: which events it is, each once, and by what they are known when they come again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import structlog

from bot.inbox import Event
from bot.teams import wire
from bot.teams.activity import Activity, actor, conversation, digest, identifier, is_bot, objects, part, tenant, text
from bot.teams.activity import kind as kind_of
from bot.teams.parse import PLATFORM, reactions
from bot.teams.store import PERSONAL

log = structlog.get_logger(__name__)
Kinds = Iterator[tuple[str, str]]
_MOST_REACTIONS = 20
READ = "application/vnd.microsoft.readReceipt"
_UNIMPORTANT = ("typing", "endOfConversation", "event", "trace", "contactRelationUpdate")


def events(activity: Activity) -> list[Event]:
    """The events that nobody waits for; none for what Agora does not listen to."""
    found = _KINDS.get(text(activity, "type") or "")
    kinds = list(found(activity)) if found is not None and conversation(activity) is not None else []
    if not kinds:
        _note(activity)
    return [event(activity, kind, key, number) for number, (kind, key) in enumerate(kinds)]


def event(activity: Activity, kind: str, key: str, number: int = 0, now: bool = False) -> Event:
    """As it is captured. ``actor`` leads to what somebody said, when they ask for it or want it erased."""
    payload = {"kind": kind, "number": number, "actor": actor(activity), "activity": activity}
    return Event(PLATFORM, tenant(activity), conversation(activity) or "", kind, key, payload, now)


def key_of(activity: Activity) -> str:
    """What an activity is known by; it is the same when Teams sends it again."""
    return identifier(activity, "id") or digest(activity)


def _message(activity: Activity) -> Kinds:
    if actor(activity) is None:
        return
    pressed = not text(activity, "text") and wire.submitted(part(activity, "value")) is not None
    yield "button" if pressed else "message", key_of(activity)


def _update(activity: Activity) -> Kinds:
    """A message whose author changed it, or put it back. Teams sends links that it shows a picture of as changes too:
    those say no such thing."""
    if actor(activity) and text(activity, "channelData", "eventType") in ("editMessage", "undeleteMessage", None):
        yield "message_changed", f"{key_of(activity)}:{_moment(activity)}"


def _delete(activity: Activity) -> Kinds:
    if actor(activity) and text(activity, "channelData", "eventType") in ("softDeleteMessage", None):
        yield "message_deleted", f"{key_of(activity)}:{_moment(activity)}"


def _moment(activity: Activity) -> str:
    return identifier(activity, "timestamp") or identifier(activity, "localTimestamp") or digest(activity)


def _reactions(activity: Activity) -> Kinds:
    added, removed = reactions(activity)
    if actor(activity) is None or not identifier(activity, "replyToId"):
        return
    for number in range(min(_MOST_REACTIONS, len(added) + len(removed))):
        yield "reaction", f"{key_of(activity)}:{_moment(activity)}:{number}"


def _read(activity: Activity) -> Kinds:
    """Somebody has read their own chat up to a message; other events are not for Agora. See
    https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages"""
    upto = identifier(activity, "value", "lastReadMessageId")
    if text(activity, "name") == READ and kind_of(activity) == PERSONAL and actor(activity) and upto:
        yield "read", upto


def _installation(activity: Activity) -> Kinds:
    yield "directory", f"installation:{key_of(activity)}:{_moment(activity)}"
    if text(activity, "action") == "add":
        yield "joined", key_of(activity)


def _conversation(activity: Activity) -> Kinds:
    yield "directory", f"conversation:{key_of(activity)}:{_moment(activity)}"
    if any(is_bot(activity, each) for each in objects(activity, "membersAdded")):
        yield "joined", key_of(activity)


_KINDS: dict[str, Callable[[Activity], Kinds]] = {
    "message": _message,
    "messageUpdate": _update,
    "messageDelete": _delete,
    "messageReaction": _reactions,
    "event": _read,
    "installationUpdate": _installation,
    "conversationUpdate": _conversation,
}


def _note(activity: Activity) -> None:
    """What is passed over, for whoever wonders."""
    kind = text(activity, "type") or ""
    say = log.debug if kind in _UNIMPORTANT or kind in _KINDS else log.info
    about: dict[str, Any] = {"type": kind[:40], "name": (text(activity, "name") or "")[:80]}
    say("passed over", platform=PLATFORM, **about)
