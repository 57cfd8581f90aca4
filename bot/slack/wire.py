"""What Agora writes into Slack's fields to read it back later: what a button calls, what a modal was opened for, what a
message was posted for, and what somebody typed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.cards import Button

METADATA = 3000
"""The most characters of a view's ``private_metadata``."""
OUTBOX = "agora_outbox"
"""The ``event_type`` of the metadata of every message that Agora posts."""
LINK = "link"
"""How the ``action_id`` of what only opens an address begins: it wants to be acknowledged, and nothing else."""
_EPHEMERAL = "e:"
_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_PIECE = re.compile(r"(.*)~(\d+)(p|l|w|)$", re.DOTALL)
_JOINERS = {"p": "\n\n", "l": "\n", "w": " ", "": ""}


@dataclass(frozen=True)
class Pressed:
    """What a button calls. ``opens`` is ``form`` where a form is to be opened at once."""

    route: str
    id: int
    opens: str | None = None


def action_id(button: Button, number: int = 0) -> str:
    """The ``action_id`` of a button; ``number`` tells it from others of its message that do the same."""
    return f"{button.route}:{button.id}:{button.opens or ''}:{number}"


def read_action(action_id: str) -> Pressed | None:
    """What ``action_id`` wrote; ``None`` where there is nothing to be done. ``ValueError`` where it is not ours."""
    if action_id.startswith(f"{LINK}:"):
        return None
    route, id, opens, _ = action_id.rsplit(":", 3)
    return Pressed(route, int(id), opens or None)


@dataclass(frozen=True)
class Origin:
    """What a modal is about, and where it was opened: its ``private_metadata``."""

    route: str = ""
    id: int = 0
    conversation: str = ""
    thread: str | None = None
    message: str | None = None
    surface: str = "message"

    def pack(self) -> str:
        """As ``private_metadata``. ``ValueError`` where it is too long, which no ids of Slack's are."""
        short = {name: value for name, value in asdict(self).items() if value != getattr(_NOWHERE, name)}
        packed = json.dumps(short, separators=(",", ":"))
        if len(packed) > METADATA:
            raise ValueError(f"{len(packed)} characters are too many for the metadata of a view")
        return packed

    @classmethod
    def unpack(cls, metadata: str) -> Origin:
        """What ``pack`` wrote; ``ValueError`` where it did not."""
        try:
            return cls(**json.loads(metadata or "{}"))
        except TypeError as error:
            raise ValueError("not the metadata of a view of Agora's") from error


_NOWHERE = Origin()


@dataclass(frozen=True)
class Submitted:
    """What stands in a view: ``values`` by the name of the input, and what Slack says of ``files`` by the name."""

    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)


def submitted(view: Mapping[str, Any]) -> Submitted:
    """What somebody typed and chose; each input is a block, named by its ``block_id``."""
    found = Submitted()
    pieces: list[tuple[str, int, str, str]] = []
    for block_id, actions in ((view.get("state") or {}).get("values") or {}).items():
        for given in actions.values():
            piece = _PIECE.match(block_id)
            if given.get("type") == "file_input":
                found.files[block_id] = tuple(given.get("files") or ())
            elif piece is not None:
                pieces.append((piece[1], int(piece[2]), piece[3], _said(given)))
            else:
                found.values[block_id] = _said(given)
    for name, _, joiner, said in sorted(pieces):
        before = found.values.get(name, "")
        found.values[name] = before + (_JOINERS[joiner] if before and said else "") + said
    return found


def _said(given: Mapping[str, Any]) -> str:
    chosen = given.get("selected_option")
    return str((chosen or {}).get("value") if chosen else given.get("value") or "")


def piece_id(name: str, number: int, joiner: str) -> str:
    """The ``block_id`` of a further field for a text that is too long for one. ``joiner`` says what stood between:
    ``p`` an empty line, ``l`` the end of one, ``w`` a space, or nothing."""
    return f"{name}~{number}{joiner}"


def is_user(id: str) -> bool:
    """Whether this is the id of a user, who can be mentioned, and whose own chat with Agora is known by it."""
    return _USER.fullmatch(id) is not None


def ephemeral(ts: str) -> str:
    """The reference of a message that only one person sees."""
    return _EPHEMERAL + ts


def is_ephemeral(reference: str | None) -> bool:
    """Whether only one person sees the message, which Slack keeps nowhere."""
    return bool(reference) and str(reference).startswith(_EPHEMERAL)


def outbox_metadata(outbox_id: int) -> dict[str, Any]:
    """The metadata by which a message is recognised as the delivery of this row of the outbox."""
    return {"event_type": OUTBOX, "event_payload": {"id": outbox_id}}


def outbox_id_of(message: Mapping[str, Any]) -> int | None:
    """Which row of the outbox posted ``message``; ``None`` where it was not one of ours."""
    metadata = message.get("metadata") or {}
    id = (metadata.get("event_payload") or {}).get("id") if metadata.get("event_type") == OUTBOX else None
    return id if isinstance(id, int) else None
