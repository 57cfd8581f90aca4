"""How to read what Slack sends: ids that look like ids, and whose they are. ``ValueError`` where something does not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.slack.mrkdwn import Names, nameless

Payload = Mapping[str, Any]
_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


class NotOurs(ValueError):
    """This does not concern Agora: a bot's message, an event that nothing follows from."""


@dataclass(frozen=True)
class Around:
    """What is known beyond a payload: names, which user Agora itself is in a workspace, and its own address."""

    names: Callable[[str], Names] = field(default=lambda installation: nameless)
    bots: Mapping[str, str] = field(default_factory=dict)
    public_url: str = ""

    def path_of(self, url: str) -> str | None:
        """The path of one of Agora's own pages; ``None`` for other addresses."""
        path = url.removeprefix(self.public_url)
        return path.partition("?")[0].partition("#")[0] if self.public_url and path != url and path[:1] == "/" else None


NOTHING_KNOWN = Around()


def id_in(payload: Payload, *path: str) -> str:
    """The id at ``path``."""
    found = maybe_id(payload, *path)
    if found is None:
        raise ValueError(f"no {'.'.join(path)}")
    return found


def maybe_id(payload: Payload, *path: str) -> str | None:
    """The id at ``path``, if there is one."""
    found: Any = payload
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if found is None or found == "":
        return None
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise ValueError(f"{'.'.join(path)} is no id")
    return found


def text_in(payload: Payload, name: str) -> str:
    """The text called ``name``; empty where there is none."""
    found = payload.get(name)
    if found is not None and not isinstance(found, str):
        raise ValueError(f"{name} is no text")
    return found or ""


def part(payload: Payload, name: str) -> Payload:
    """The object called ``name``; empty where there is none."""
    found = payload.get(name)
    return found if isinstance(found, Mapping) else {}


def parts(payload: Payload, name: str) -> tuple[Payload, ...]:
    """The objects in the list called ``name``."""
    found = payload.get(name)
    return tuple(each for each in found if isinstance(each, Mapping)) if isinstance(found, list | tuple) else ()


def place(channel: str, user: str | None) -> str:
    """The key of a conversation: of a direct message the id of whom Agora talks with there."""
    return user if channel.startswith("D") and user else channel


def thread_of(message: Payload) -> str | None:
    """The message above the thread in which this one stands."""
    thread = maybe_id(message, "thread_ts")
    return thread if thread != message.get("ts") else None


def whole(found: Any) -> str | None:
    """What Slack tells one delivery from another by, if it is there."""
    return found if isinstance(found, str) and 0 < len(found) <= 200 else None


def digest(payload: Payload) -> str:
    """What a payload is known by that has no id of its own."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()[:40]


def files_in(message: Payload, field: str | None = None) -> tuple[dict[str, Any], ...]:
    """What is needed to fetch the files of a message, or of a form's field. Files that Slack only links to are none."""
    found = []
    for file in parts(message, "files"):
        if file.get("mode") in ("tombstone", "hidden_by_limit") or file.get("is_external") is True:
            continue
        url = file.get("url_private_download") or file.get("url_private")
        size = file.get("size")
        about = {
            "id": maybe_id(file, "id"),
            "name": str(file.get("name") or file.get("title") or ""),
            "url": url if isinstance(url, str) else None,
            "size": size if isinstance(size, int) else 0,
        }
        found.append(about if field is None else {**about, "field": field})
    return tuple(found)
