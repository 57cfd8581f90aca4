"""What somebody wrote in Slack, as plain text: https://docs.slack.dev/messaging/formatting-message-text#retrieving."""

from __future__ import annotations

import re
from collections.abc import Callable, Container

Names = Callable[[str], str | None]
"""From the id of a user, a channel or a group to its name, if it is known."""

_MENTION = re.compile(r"[ \t]*<@(\w+)(?:\|[^<>]*)?>")
_ENTITY = re.compile(r"<([^<>]*)>")
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ESCAPE = re.compile("&(?:lt|gt|amp);")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)


def nameless(_: str) -> None:
    """``Names`` where nobody looks at them."""


def mentions(text: str, users: Container[str]) -> bool:
    """Whether one of ``users`` is mentioned."""
    return any(_user(found) in users for found in _ENTITY.findall(text))


def addressed(text: str, users: Container[str]) -> str:
    """``text`` without the mentions of ``users``: "Hey <@U1>, why?" was "Hey, why?" for whom it was written."""
    left_out = _MENTION.sub(lambda found: "" if found[1] in users else found[0], text)
    return text if left_out == text else left_out.lstrip(" \t\n,:")


def plain(text: str, names: Names = nameless) -> str:
    """``text`` as people read it, with names instead of ids."""
    said = _ENTITY.sub(lambda found: _said(found[1], names), text)
    return _ESCAPE.sub(lambda found: _ESCAPED[found[0]], said).strip()


def _user(entity: str) -> str:
    return entity[1:].partition("|")[0] if entity.startswith("@") else ""


def _said(entity: str, names: Names) -> str:
    what, _, label = entity.partition("|")
    kind, id = what[:1], what[1:]
    if kind == "@":
        return "@" + (names(id) or label.lstrip("@") or id)
    if kind == "#":
        return "#" + (label or names(id) or id)
    if kind == "!":
        return _special(id, label, names)
    return _link(what, label)


def _special(id: str, label: str, names: Names) -> str:
    """``<!here>``, ``<!subteam^S1|@group>``, ``<!date^…|what to show>``."""
    name, _, rest = id.partition("^")
    if name == "subteam":
        return "@" + (label.lstrip("@") or names(rest) or rest)
    if name == "date":
        return label
    return "@" + (label.lstrip("@") or name)


def _link(url: str, label: str) -> str:
    if not label or label == url or _SCHEME.sub("", url).rstrip("/") == _SCHEME.sub("", label).rstrip("/"):
        return _SCHEME.sub("", url) if url.lower().startswith(("mailto:", "tel:")) else url
    return f"{label} ({url})"
