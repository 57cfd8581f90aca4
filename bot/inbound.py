"""One shape for whatever reaches Agora, from any platform and from Agora itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SYSTEM = "system"


@dataclass(frozen=True)
class Inbound:
    """An event. ``kind`` is ``message``, ``command``, ``button``, ``form``, ``shortcut``, ``timer`` or ``result``,
    and ``message_changed`` or ``message_deleted`` where its author did that to a message.

    ``actor`` is the platform's id of the person (none: Agora itself). ``route`` and ``id`` say what was pressed,
    submitted or is due. ``message`` is the platform's id of the message that this is, or was pressed on, or is taken
    from; ``thread`` the one it stands in. ``files`` are the numbers of the files that went along.
    """

    platform: str
    installation: str
    conversation: str
    kind: str
    actor: str | None = None
    text: str = ""
    mentioned: bool = False
    thread: str | None = None
    message: str | None = None
    route: str | None = None
    id: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    attempt: int = 1
    files: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As kept in an inbox payload."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Inbound:
        """What ``to_json`` wrote."""
        return cls(**{**data, "files": tuple(data.get("files", ()))})
