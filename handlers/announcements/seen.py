"""Who has seen an announcement, where the platform tells how far somebody has read their own chat."""

from __future__ import annotations

from bot.router import Router
from bot.turn import Turn
from handlers.announcements import desk
from models.announcements import reading
from models.announcements.tables import Announcement

router = Router()


@router.read
def read(turn: Turn) -> bool:
    """They have read it up to a message. Nothing is said, and nothing more is kept of it."""
    heard = turn.inbound
    where = (heard.platform, heard.installation, heard.conversation)
    numbers = reading.seen(turn.session, turn.actor, *where, heard.message or "")
    for number in numbers:
        desk.plan(turn, turn.session.get_one(Announcement, number))
    return bool(numbers)
