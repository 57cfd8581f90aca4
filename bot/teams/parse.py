"""What was captured of an activity, as the one shape that the rest of Agora knows.

``kind`` stands beside the activity in what is captured (``bot.teams.events``): one activity may be several events.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

import orjson

from bot.inbound import Inbound
from bot.teams import wire
from bot.teams.activity import (
    Activity,
    actor,
    conversation,
    identifier,
    is_bot,
    kind,
    objects,
    part,
    tenant,
    text,
    thread,
)
from bot.teams.files import attached
from bot.teams.store import PERSONAL
from bot.teams.words import is_mentioned, plain_or_html, said

PLATFORM = "teams"
HOME = "home"
"""What is written to see one's home: Teams has no other place for it."""
_MOST_VALUES = 50
_LONGEST_VALUE = 40_000  # characters
_REACTIONS = {"like": "+1", "dislike": "-1"}  # as Slack calls them; the others go by Teams' names


def inbound(payload: dict[str, Any], commands: Container[str] = ()) -> Inbound:
    """The event; ``ValueError`` where this was never captured. ``commands`` may be written as messages."""
    activity = payload.get("activity")
    parser = _PARSERS.get(str(payload.get("kind")))
    number = payload.get("number", 0)
    if parser is None or not isinstance(activity, dict) or conversation(activity) is None:
        raise ValueError("not an event of Teams")
    return parser(activity, number if isinstance(number, int) else 0, commands)


def _event(activity: Activity, kind_: str, message: str | None = None, **about: Any) -> Inbound:
    return Inbound(PLATFORM, tenant(activity), conversation(activity) or "", kind_, actor(activity),
                   message=message, thread=thread(activity, message), **about)  # fmt: skip


def _message(activity: Activity, _: int, commands: Container[str]) -> Inbound:
    words, message = said(activity), identifier(activity, "id")
    name, _space, rest = words.removeprefix("/").partition(" ")
    name = name.casefold()  # phones begin with a capital
    if words.startswith("/") or (not rest and _is_called(activity)):
        if name == HOME and not rest:
            return _event(activity, "home", message)
        if name in commands:
            return _event(activity, "command", message, text=rest.strip(), route=name)
    return _spoken(activity, "message", words)


def _spoken(activity: Activity, kind_: str, words: str) -> Inbound:
    called = _is_called(activity)
    return _event(activity, kind_, identifier(activity, "id"), text=words, mentioned=called,
                  attachments=tuple(attached(activity)) if called else ())  # fmt: skip


def _is_called(activity: Activity) -> bool:
    """Whether Agora is spoken to. In channels it may hear what people say to each other, too."""
    return kind(activity) == PERSONAL or is_mentioned(activity)


def _changed(activity: Activity, _: int, __: Container[str]) -> Inbound:
    return _spoken(activity, "message_changed", said(activity))


def _deleted(activity: Activity, _: int, __: Container[str]) -> Inbound:
    return _event(activity, "message_deleted", identifier(activity, "id"))


def _reaction(activity: Activity, number: int, _: Container[str]) -> Inbound:
    added, removed = reactions(activity)
    if not 0 <= number < len(added) + len(removed):
        raise ValueError("no reaction")
    name, values = (added + removed)[number], {"added": number < len(added)}
    return _event(activity, "reaction", identifier(activity, "replyToId"), text=_REACTIONS.get(name, name),
                  values=values)  # fmt: skip


def reactions(activity: Activity) -> tuple[list[str], list[str]]:
    """The names of the reactions that were added, and of those that were taken back."""
    both = (objects(activity, "reactionsAdded"), objects(activity, "reactionsRemoved"))
    added, removed = ([name for each in some if (name := text(each, "type"))] for some in both)
    return added, removed


def _read(activity: Activity, _: int, __: Container[str]) -> Inbound:
    """Their own chat was read up to a message."""
    return _event(activity, "read", identifier(activity, "value", "lastReadMessageId"))


def _feedback(activity: Activity, _: int, __: Container[str]) -> Inbound:
    """What was pressed below an answer, and said beside it: a reaction."""
    given = part(activity, "value", "actionValue")
    name = text(given, "reaction") or ""
    values = {"added": True, "feedback": _words(text(given, "feedback") or "")[:_LONGEST_VALUE]}
    return _event(activity, "reaction", identifier(activity, "replyToId"), text=_REACTIONS.get(name, name),
                  values=values)  # fmt: skip


def _words(feedback: str) -> str:
    """What was written beside a thumb: Teams' own form sends it as JSON within the JSON."""
    try:
        found = orjson.loads(feedback)
    except orjson.JSONDecodeError:
        return feedback
    return (text(found, "feedbackText") or "") if isinstance(found, dict) else feedback


def _joined(activity: Activity, _: int, __: Container[str]) -> Inbound:
    return _event(activity, "joined", None)


def _directory(activity: Activity, _: int, __: Container[str]) -> Inbound:
    """A change of who and what there is. Nobody acts: whoever did it need not be known."""
    own = [is_bot(activity, each) for each in _members(activity)]
    values = {
        "change": text(activity, "action") or text(activity, "channelData", "eventType") or _what(activity),
        "agora": text(activity, "type") == "installationUpdate" or any(own),
        "members": [each for each, is_own in zip(_members(activity), own, strict=True) if not is_own],
        "by": part(activity, "from"),
        "team": part(activity, "channelData", "team"),
        "channel": part(activity, "channelData", "channel"),
        "kind": kind(activity),
        "name": text(activity, "topicName") or text(activity, "conversation", "name"),
    }
    return Inbound(PLATFORM, tenant(activity), conversation(activity) or "", "directory", values=values)


def _members(activity: Activity) -> list[dict[str, Any]]:
    return objects(activity, "membersAdded") + objects(activity, "membersRemoved")


def _what(activity: Activity) -> str:
    for name in ("membersAdded", "membersRemoved", "topicName"):
        if part(activity, name):
            return name
    return "other"


def _button(activity: Activity, _: int, __: Container[str]) -> Inbound:
    """A press: in an invoke, or (of clients that cannot) in a message without words."""
    value = part(activity, "value")
    pressed = wire.executed(part(value, "action")) or wire.submitted(part(value, "data")) or wire.submitted(value)
    if pressed is None:
        raise ValueError("no button")
    return _event(activity, "button", route=pressed.route, id=pressed.id,
                  **_where(pressed, identifier(activity, "replyToId") or pressed.message))  # fmt: skip


def _form(activity: Activity, _: int, __: Container[str]) -> Inbound:
    pressed = wire.submitted(part(activity, "value", "data"))
    if pressed is None:
        raise ValueError("no form")
    message = pressed.message or identifier(activity, "replyToId")
    values = _values(pressed.values)
    for each in pressed.form.inputs if pressed.form is not None else ():
        if each.kind == "files" and each.name in values:  # a choice of several comes with commas
            values[each.name] = values[each.name].replace(",", " ")
    return _event(activity, "form", route=pressed.route, id=pressed.id, values=values, **_where(pressed, message))


def _where(pressed: wire.Pressed, message: str | None) -> dict[str, Any]:
    """The message on which it was pressed; none where that is somebody's home."""
    return {"message": None, "surface": "home"} if pressed.home else {"message": message}


def _values(given: dict[str, Any]) -> dict[str, str]:
    """What was filled in, as texts."""
    plain = {name: value for name, value in given.items() if isinstance(value, str | int | float) and len(name) < 100}
    return {name: str(value)[:_LONGEST_VALUE] for name, value in list(plain.items())[:_MOST_VALUES]}


def _shortcut(activity: Activity, _: int, __: Container[str]) -> Inbound:
    """Something done with a message."""
    command, message = identifier(activity, "value", "commandId"), part(activity, "value", "messagePayload")
    if command is None:
        raise ValueError("no command")
    author = identifier(message, "from", "user", "id")
    return _event(activity, "shortcut", identifier(message, "id"), route=command,
                  text=plain_or_html(part(message, "body")),
                  values={"author": author.lower()} if author else {})  # fmt: skip


_Parser = Callable[[Activity, int, Container[str]], Inbound]
_PARSERS: dict[str, _Parser] = {
    "message": _message,
    "message_changed": _changed,
    "message_deleted": _deleted,
    "reaction": _reaction,
    "read": _read,
    "feedback": _feedback,
    "joined": _joined,
    "directory": _directory,
    "button": _button,
    "form": _form,
    "shortcut": _shortcut,
}
