"""The desk of an announcement: one card in its author's own chat that tells how far it is, and is changed where it
stands.

It is counted anew at points of time that all who answer share, a few seconds apart, so that a flood of answers changes
it no more often than a few; and on and on as long as copies are on their way, ever more seldom where nothing moves.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from math import ceil

import orjson
from sqlalchemy import delete, exists, select

from bot.cards import Actions, Button, Card, Fields, Heading, Link, T, Text, User, to_json
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import cards, clusters, overview
from models.announcements import progress
from models.announcements.figures import Figures
from models.announcements.progress import LATEST, Progress
from models.announcements.tables import OUT, RECALLED, SENDING, Announcement
from models.base import now
from models.facts import Fact
from models.mail import Timer
from models.pending import standing_about

router = Router()
ROUTE = "announcements.desk"
_MARGIN = timedelta(seconds=1)  # whatever is happening now is written by then
_LIVELY = timedelta(days=3)  # in which it is seen, and anonymous votes come, of which nobody says so
_KEPT = timedelta(hours=1)
_AFTER = timedelta(seconds=5)  # copies that wait for an hour are sent a little after it


@router.fact("announcement.sent")
def begins(turn: Turn, fact: Fact) -> None:
    """It goes out: whoever wrote it can watch."""
    announcement = turn.session.get_one(Announcement, fact.entity_id)
    if not standing_about(turn.session, announcement.desk):
        row, _ = progress.count(turn.session, announcement)
        turn.send(announcement.author, _card(turn, announcement, row), announcement.desk)
    plan(turn, announcement)


@router.fact("announcement.acknowledged")
@router.fact("announcement.asked")
@router.fact("announcement.objected")
@router.fact("announcement.unobjected")
@router.fact("announcement.replied")
@router.fact("announcement.sorted")
@router.fact("announcement.voted")
@router.fact("announcement.answered")
@router.fact("announcement.changed")
@router.fact("announcement.delivered")
@router.fact("announcement.recalled")
def changes(turn: Turn, fact: Fact) -> None:
    """Something that stands on it is not so any more."""
    plan(turn, turn.session.get_one(Announcement, fact.entity_id))


def plan(turn: Turn, announcement: Announcement) -> None:
    """Let it be counted again soon."""
    known = progress.known(turn.session, announcement)
    _at(turn, announcement, _next(known.every if known else progress.SOONEST))


@router.timer(ROUTE)
def due(turn: Turn, announcement_id: int) -> None:
    """Count, and change the card where it would look different."""
    announcement = turn.session.get(Announcement, announcement_id)
    if announcement is None or announcement.state not in (*OUT, RECALLED):
        return
    row, found = progress.count(turn.session, announcement)
    card = _card(turn, announcement, row)
    digest = hashlib.sha256(orjson.dumps(to_json(card), option=orjson.OPT_SORT_KEYS)).digest()
    moved = digest != row.digest
    if moved:
        row.digest = digest
        turn.edit(announcement.desk, card)
    _forget(turn, announcement)
    again = _again(announcement, row, found, moved)
    if again is not None:
        _at(turn, announcement, again)


def _again(announcement: Announcement, row: Progress, found: Figures, moved: bool) -> datetime | None:
    """When to look again although nobody says that anything happened: what happened a moment ago may not be written
    yet, and of copies nobody says that they arrived."""
    if moved:
        return _next(row.every)
    if announcement.state == RECALLED:
        return None
    recent = announcement.sent_at is not None and now() - announcement.sent_at < _LIVELY
    if found.on_their_way or announcement.state == SENDING or recent:
        quiet = (now() - row.changed_at).total_seconds()
        return _next(min(max(row.every, quiet), LATEST))
    return found.next_at + _AFTER if found.next_at else None


def _card(turn: Turn, announcement: Announcement, row: Progress) -> Card:
    found = row.counted
    words = overview.state(announcement, found, row.left)
    summary = T("“{title}”: {state}", title=User(announcement.title), state=words)
    pairs = overview.pairs(announcement, found)
    page = Link(T("See who has it, and what they ask"), cards.path(announcement))
    give = Actions((Button(T("Give me that as a file"), "announcements.export", announcement.id),
                    cards.task(announcement)))  # fmt: skip
    parts = (
        Heading(User(announcement.title)),
        Text(words),
        *((Fields(pairs),) if pairs else ()),
        *clusters.on_desk(turn.session, announcement),
        page,
        give,
        *(cards.manage(announcement) if announcement.state in OUT else ()),
    )
    return Card(summary, parts)


def _next(every: float) -> datetime:
    """The first of the points of time that are ``every`` seconds apart at which all that happens now is written."""
    seconds = ceil((now() + _MARGIN).timestamp() / every) * every
    return datetime.fromtimestamp(seconds, UTC)


def _forget(turn: Turn, announcement: Announcement) -> None:
    """What was planned and done long before: there are hundreds of them a day."""
    done = (Timer.schedule == announcement.desk) & (Timer.fired_at < now() - _KEPT)
    turn.session.execute(delete(Timer).where(done))


def _at(turn: Turn, announcement: Announcement, due_at: datetime) -> None:
    """Plan it, unless that is done: whoever answers finds it planned by who answered before."""
    waits = (Timer.schedule == announcement.desk) & Timer.fired_at.is_(None)
    soon = Timer.due_at.between(now() + _MARGIN, due_at)
    if not turn.session.scalar(select(exists().where(waits, soon))):
        turn.later(due_at, ROUTE, announcement.desk, announcement_id=announcement.id)
