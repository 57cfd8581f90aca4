"""When an announcement goes out, and what follows: timers that look again whether they still hold, and jobs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.cards import T, Text, User, simple
from bot.recording import LOST
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import reminders, work
from handlers.announcements.refusals import said
from models.announcements import life, reach, series, timing
from models.announcements.tables import OUT, SCHEDULED, SENDING, Announcement
from models.base import Refusal
from models.mail import PostedCard
from models.rows import rows_of

router = Router()
router.include(work.router)
router.include(reminders.router)
_DUE, _HELD, _LOOK, _LOST = (
    "announcements.due", "announcements.held", "announcements.look", "announcements.lost"
)  # fmt: skip
_GATHER = timedelta(seconds=30)  # those who cannot be reached come one by one: they are looked after together
_HOUR = timedelta(hours=1)


def release(turn: Turn, announcement: Announcement) -> None:
    """Let it go out: at its time, or at once where that has come or none was set."""
    if announcement.send_at is None or timing.begins_at(announcement) <= turn.now:
        life.send_now(turn.session, announcement)
        started(turn, announcement)
        return
    life.schedule(turn.session, announcement)
    plan(turn, announcement)
    turn.emit("announcement.scheduled", announcement)


def plan(turn: Turn, announcement: Announcement) -> None:
    """Wake what is scheduled when the first of its readers are to get it."""
    at = max(timing.begins_at(announcement), turn.now)
    turn.later(at, _DUE, f"announcement:{announcement.id}", announcement_id=announcement.id)


def send(turn: Turn, announcement: Announcement) -> None:
    """Let it go out at once, whatever its time."""
    if announcement.state == SCHEDULED:
        life.begin(announcement)
    elif announcement.state != SENDING:
        life.send_now(turn.session, announcement)
    started(turn, announcement)


def started(turn: Turn, announcement: Announcement) -> None:
    """It is going out: whom it reaches is looked up, and what comes later is planned."""
    turn.emit("announcement.sent", announcement)
    turn.job(work.DELIVER, announcement_id=announcement.id, add=True)
    reminders.plan(turn, announcement)
    _look_later(turn)
    following = series.follow(turn.session, announcement)
    if following is not None:
        plan(turn, following)
        turn.emit("announcement.scheduled", following)


def recall(turn: Turn, announcement: Announcement) -> None:
    """Take it back from everybody: who has it sees that, and who has it not gets nothing."""
    life.recall(announcement)
    reach.let_go(turn.session, announcement)
    turn.emit("announcement.recalled", announcement)
    turn.job(work.CHANGE, announcement_id=announcement.id, revision=announcement.revision)


def edited(turn: Turn, announcement: Announcement, before: Mapping[str, Any]) -> None:
    """It was changed after it went out: every copy is, and so are the reminders."""
    if not before:
        return
    turn.emit("announcement.changed", announcement, before=dict(before))
    turn.job(work.CHANGE, announcement_id=announcement.id, revision=announcement.revision)
    reminders.plan(turn, announcement)


@router.timer(_DUE)
def due(turn: Turn, announcement_id: int) -> None:
    """Its time has come. Whether it may go out is looked at again: where not, it is its author's draft."""
    announcement = rows_of(Announcement).locked(turn.session, announcement_id)
    if announcement is None or announcement.state != SCHEDULED or timing.begins_at(announcement) > turn.now:
        return
    try:
        life.check(turn.session, announcement, late=True)
        life.allowed(turn.session, announcement)
    except Refusal as refusal:
        _kept_back(turn, announcement, refusal)
        return
    life.begin(announcement)
    started(turn, announcement)


def _kept_back(turn: Turn, announcement: Announcement, refusal: Refusal) -> None:
    life.take_back(announcement)
    words = T("“{title}” was not sent. It is a draft again.", title=User(announcement.title))
    turn.emit("announcement.refused", announcement, code=refusal.code)
    turn.send(announcement.author, simple(words, Text(said(refusal))))


@router.result(work.DELIVER)
def delivered(turn: Turn, job_id: int, result: dict[str, Any]) -> None:
    """Everything that could be brought is with the outbox: the rest is planned."""
    announcement = rows_of(Announcement).locked(turn.session, int(result["announcement_id"]))
    if announcement is None or announcement.state not in OUT:
        return
    at = reach.next_due(turn.session, announcement)
    if at is None and announcement.state == SENDING:
        life.sent(announcement)
        turn.emit("announcement.delivered", announcement)
    elif at is not None:
        turn.later(max(at, turn.now), _HELD, f"announcement-held:{announcement.id}", announcement_id=announcement.id)


@router.timer(_HELD)
def held(turn: Turn, announcement_id: int) -> None:
    """The hour of some readers has come."""
    _deliver(turn, announcement_id)


@router.result(LOST)
def undeliverable(turn: Turn, outbox_id: int, values: dict[str, Any]) -> None:
    """A copy cannot be delivered: soon, together with others, another way is looked for."""
    about = turn.session.scalar(select(PostedCard.about).where(PostedCard.outbox_id == outbox_id))
    number = re.fullmatch(r"announcement:(\d+)", about or "")
    if number:
        at = _rounded_up(turn.now, _GATHER)
        turn.later(at, _LOST, f"announcement-lost:{number[1]}", announcement_id=int(number[1]))


@router.timer(_LOST)
def lost(turn: Turn, announcement_id: int) -> None:
    """Some copies could not be delivered where they were sent to."""
    _deliver(turn, announcement_id)


@router.timer(_LOOK)
def look(turn: Turn) -> None:
    """Every hour, as long as anything is out: who has joined its audience, and who can be reached again."""
    open_now = reach.out(turn.session)
    for announcement in open_now:
        stuck = announcement.state == SENDING and reach.next_due(turn.session, announcement) is None
        turn.job(work.DELIVER, announcement_id=announcement.id, add=True, newcomers=not stuck)
    if open_now:
        _look_later(turn)


def _deliver(turn: Turn, announcement_id: int) -> None:
    announcement = turn.session.get(Announcement, announcement_id)
    if announcement is not None and announcement.state in OUT:
        turn.job(work.DELIVER, announcement_id=announcement.id)


def _look_later(turn: Turn) -> None:
    turn.later(_rounded_up(turn.now, _HOUR), _LOOK, "announcements-look")


def _rounded_up(moment: datetime, step: timedelta) -> datetime:
    """The next moment that is a whole number of steps, so that what is planned often happens once."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp((moment.timestamp() // seconds + 1) * seconds, moment.tzinfo)
