"""What an announcement says, and the answers to what was asked about it, come and go with it as knowledge."""

from __future__ import annotations

from bot.router import Router
from bot.turn import Turn
from models.announcements import knowledge
from models.announcements.tables import Announcement
from models.facts import Fact
from models.knowledge import Entry

router = Router()


@router.fact("announcement.sent")
@router.fact("announcement.changed")
@router.fact("announcement.recalled")
def follow(turn: Turn, fact: Fact) -> None:
    """It went out, reads otherwise, ends another day, or was taken back."""
    announcement = turn.session.get(Announcement, fact.entity_id)
    if announcement is not None and announcement.sent_at is not None:
        knowledge.follow(turn.session, announcement)


@router.fact("entry.retired")
@router.fact("entry.withdrawn")
def gone(turn: Turn, fact: Fact) -> None:
    """An entry is not found any more: perhaps it was the last about its announcement."""
    entry = turn.session.get(Entry, fact.entity_id)
    about = turn.session.get(Announcement, entry.announcement_id) if entry and entry.announcement_id else None
    if about is not None:
        turn.session.flush()
        knowledge.forget(turn.session, about)
