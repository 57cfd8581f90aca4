"""The author of an announcement is reminded of what was asked: once for all questions, never once for each."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.cards import Card
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import cluster_cards as cards
from handlers.announcements import clusters
from models.announcements.questions import count_open
from models.announcements.tables import Announcement
from models.facts import Fact
from models.questions import Question

router = Router()
_AGAIN = timedelta(hours=20)  # a day, not by the minute: what comes due meanwhile is added to the same message
_REMINDED = "announcement.reminded"


@router.fact("question.author_due")
def remind(turn: Turn, fact: Fact) -> None:
    """A question waited for a day: its author hears of it, with all the others."""
    question = turn.session.get_one(Question, fact.entity_id)
    announcement = turn.session.get(Announcement, question.announcement_id) if question.announcement_id else None
    if announcement is None:
        return
    lately = (Fact.verb == _REMINDED) & (Fact.entity_id == announcement.id) & (Fact.at > turn.now - _AGAIN)
    if turn.session.scalar(select(func.count()).select_from(Fact).where(lately)):
        show(turn, announcement)
        return
    turn.withdraw(_about(announcement))
    turn.send(announcement.author, _card(turn, announcement), about=_about(announcement))
    turn.emit(_REMINDED, announcement)


@router.fact("announcement.answered")
@router.fact("announcement.sorted")
def changed(turn: Turn, fact: Fact) -> None:
    """The reminder says what is left."""
    announcement = turn.session.get(Announcement, fact.entity_id)
    if announcement is not None:
        show(turn, announcement)


def show(turn: Turn, announcement: Announcement) -> None:
    """Change the reminder, where there is one."""
    turn.session.flush()
    turn.edit(_about(announcement), _card(turn, announcement))


def _card(turn: Turn, announcement: Announcement) -> Card:
    groups, waiting = count_open(turn.session, announcement)
    if not groups:
        return cards.settled(announcement)
    return cards.reminder(announcement, waiting, clusters.on_desk(turn.session, announcement))


def _about(announcement: Announcement) -> str:
    return f"{announcement.desk}:reminder"
