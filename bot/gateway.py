"""What a platform is to the rest: it hands events to the inbox, and it delivers what the outbox gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from bot.cards import Card
from bot.inbound import Inbound
from bot.pacing import Pace
from bot.previews import Preview
from bot.texts import Reader

if TYPE_CHECKING:
    from bot.turn import Turn

POST, EDIT, DELETE = "post", "edit", "delete"
HOME, UNFURL = "home", "unfurl"  # of platforms that have them


@dataclass(frozen=True)
class Delivery:
    """One thing to do on a platform. ``only_for`` is the account that alone may see it; ``reference`` the platform's
    id of the message to edit or delete; ``person_id`` whose chat or eyes it is for, to open pages as them.

    ``mask`` is the chat of the mask behind which it is delivered, if it is.

    ``home`` shows ``card`` as the home of ``only_for``; ``unfurl`` shows it under ``link`` in message ``reference``.
    ``data`` is what a program is told, which reads no cards.
    """

    outbox_id: int
    installation: str
    conversation: str
    operation: str
    card: Card | None
    reader: Reader
    thread: str | None = None
    reference: str | None = None
    only_for: str | None = None
    person_id: int | None = None
    link: str | None = None
    mask: str | None = None
    data: dict[str, Any] | None = None


class Throttled(Exception):
    """The platform asks to wait ``seconds`` before anything more of this conversation, or of everything that counts
    under ``key`` (``Gateway.paces``)."""

    def __init__(self, seconds: float, key: str | None = None) -> None:
        super().__init__(f"throttled for {seconds} s")
        self.seconds = seconds
        self.key = key


class Undeliverable(Exception):
    """The platform will never take it; the text says why. ``closed``: since the place is not there any more, or takes
    nothing from Agora: whom it concerns is told elsewhere."""

    def __init__(self, reason: str, closed: bool = False) -> None:
        super().__init__(reason)
        self.closed = closed


class Uncertain(Exception):
    """No answer came: it may have arrived or not."""


class Gateway(Protocol):
    """One platform. Whoever implements it inherits it, for what few platforms need."""

    name: str
    patience: float | None = None
    """Seconds after which who wrote is told, by a message that their answer replaces, that Agora is at it; ``None``
    where nobody is: ``bot.patience``."""
    home_in_chat: bool = False
    """Whether homes are messages in people's own chats, since the platform has no other place for them."""

    def routes(self) -> list[web.AbstractRouteDef]:
        """What it serves over HTTP."""
        return []

    async def start(self) -> None:
        """Begin what runs beside the web server, in its process; must not wait for the platform."""
        return

    async def close(self) -> None:
        """End it, and what is open."""
        return

    def fetch(self, inbound: Inbound) -> Inbound:
        """Get ``inbound.attachments`` and give back the event with their ``files``. Outside any transaction, in a
        thread; called again when the event is tried again."""
        return inbound

    def introduce(self, inbound: Inbound) -> bool:
        """Agora does not know who did this, or where: ask the platform and write it down; whether that may have helped.
        Outside any transaction, in a thread. ``Throttled`` or ``Uncertain``: the event is tried again later."""
        return False

    def absorb(self, turn: Turn) -> None:
        """Write down what changed in the platform's directory, in the turn's transaction: kind ``directory``."""
        return

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """A captured payload as the one shape; ``ValueError`` where it is none of this platform's."""

    def paces(self, delivery: Delivery) -> Sequence[Pace]:
        """The platform's limits that this counts against, the narrowest first."""
        return ()

    def allows(self, installation: str, operation: str) -> Pace | None:
        """The last of ``paces`` of whatever is to be done of this kind in this installation."""
        return None

    async def prepare(self, delivery: Delivery) -> None:
        """Do what takes time and tells the platform nothing, such as rendering: its slot comes in a moment."""
        return

    def preview(self, card: Card, reader: Reader) -> Preview | None:
        """How ``card`` would look to ``reader``; ``None`` where it looks as it is."""
        return None

    async def deliver(self, delivery: Delivery) -> str:
        """Do it, and return the platform's id of the message; raises the three exceptions of this module."""

    async def stream(self, delivery: Delivery, before: Card) -> float | None:
        """Show ``delivery.card`` for a moment in place of ``before``, where that still stands: what is final is
        delivered. Seconds until more may be shown; ``None`` where this was not, and nothing more will be."""
        return None

    async def reconcile(self, delivery: Delivery) -> str | None:
        """The id of the message if an earlier, uncertain delivery did arrive, ``None`` if it did not; ``Uncertain``
        where the platform cannot tell."""
