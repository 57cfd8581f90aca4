"""One shape for whatever reaches Agora, from any platform and from Agora itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SYSTEM = "system"


@dataclass(frozen=True)
class Inbound:
    """An event. ``kind`` is ``message``, ``command``, ``button``, ``form``, ``shortcut``, ``timer`` or ``result``,
    and ``message_changed`` or ``message_deleted`` where its author did that to a message. Where platforms have them:
    ``reaction`` (``text`` names it, ``values["added"]`` is false when it is taken back), ``unfurl`` (of ``message``:
    ``values["links"]`` are pairs of a link and the path of its page), ``home`` (somebody looks at theirs), ``joined``
    (Agora was added to ``conversation``), ``read`` (its owner has read their own chat up to ``message``), and
    ``directory`` (who and what there is changed: ``Gateway.absorb``).

    ``actor`` is the platform's id of the person (none: Agora itself). ``route`` and ``id`` say what was pressed,
    submitted or is due. ``message`` is the platform's id of the message that this is, or was pressed on, or is taken
    from; ``thread`` the one it stands in. ``files`` are the numbers of the files that went along, ``attachments`` what
    the platform says of those that are still to be fetched. ``surface`` is ``home`` where a button stood on somebody's
    home, which is shown anew then.
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
    attachments: tuple[dict[str, Any], ...] = ()
    surface: str = "message"

    def to_json(self) -> dict[str, Any]:
        """As kept in an inbox payload."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Inbound:
        """What ``to_json`` wrote."""
        return cls(**{**data, **{name: tuple(data.get(name, ())) for name in ("files", "attachments")}})
