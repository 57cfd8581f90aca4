"""What an announcement says, and the answers to what was asked about it, come and go with it as knowledge."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from bot.router import Router
from bot.turn import Turn
from models import learning
from models.announcements import knowledge
from models.announcements.tables import Announcement
from models.answers import Answer
from models.facts import Fact
from models.history import revisions
from models.knowledge import CURRENT, Entry
from models.learning import content_of

router = Router()


@router.fact("announcement.sent")
@router.fact("announcement.changed")
@router.fact("announcement.recalled")
def follow(turn: Turn, fact: Fact) -> None:
    """It went out, reads otherwise, ends another day, or was taken back."""
    announcement = turn.session.get(Announcement, fact.entity_id)
    if announcement is not None and announcement.sent_at is not None:
        knowledge.follow(turn.session, announcement)


@router.fact("answer.edited")
def edited(turn: Turn, fact: Fact) -> None:
    """Its author says it better: so it does under the announcement, unless somebody else has changed it there."""
    answer = turn.session.get(Answer, fact.entity_id)
    of = select(Entry).where(Entry.answer_id == fact.entity_id, Entry.state == CURRENT)
    entry = turn.session.scalars(of.where(Entry.announcement_id.is_not(None))).one_or_none()
    if answer is None or entry is None or not _untouched(turn, entry):
        return
    content = replace(content_of(entry), body=answer.text, language=answer.language)
    if learning.change(turn.session, entry, content, answer.author, "answer edited"):
        turn.emit("entry.changed", entry, revision=entry.revision, wrong=False)


@router.fact("entry.retired")
@router.fact("entry.withdrawn")
def gone(turn: Turn, fact: Fact) -> None:
    """An entry is not found any more: perhaps it was the last about its announcement."""
    entry = turn.session.get(Entry, fact.entity_id)
    about = turn.session.get(Announcement, entry.announcement_id) if entry and entry.announcement_id else None
    if about is not None:
        turn.session.flush()
        knowledge.forget(turn.session, about)


def _untouched(turn: Turn, entry: Entry) -> bool:
    return all(one.author_id == entry.author_id for one in revisions(turn.session, entry))
