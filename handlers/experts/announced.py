"""Questions about an announcement that its author has, before others are asked: one step after another, each in
time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.turn import Turn
from handlers.experts import offering
from models import steps
from models.announcements.questions import leads
from models.base import now
from models.experts import absences_of
from models.hours import add_working, hours_a_day
from models.questions import Question

_THEN_DAYS = 2  # working days that the author has after the reminder
_LONGEST = timedelta(days=6)
_BEHIND = timedelta(days=1)  # until it is looked again whether the first of those that ask the same is answered


def remind_author(turn: Turn, question: Question) -> None:
    """They have had it for a day: they hear of it once more, together with all that is asked."""
    author = question.asked_of
    if author is None or not author.active:
        leave_author(turn, question)
        return
    hours = _THEN_DAYS * hours_a_day(author)
    until = add_working(author, now(), hours, absences_of(turn.session, author))
    question.plan(steps.LEAVE_AUTHOR, min(until, now() + _LONGEST))
    turn.emit("question.author_due", question)


def leave_author(turn: Turn, question: Question) -> None:
    """They did not answer: others are asked, by the first of those that ask the same. The answer reaches them all."""
    turn.session.flush()
    if leads(turn.session, question):
        offering.seek(turn, question)
    else:
        question.plan(steps.LEAVE_AUTHOR, now() + _BEHIND)


STEPS: dict[str, Callable[[Turn, Question], None]] = {
    steps.REMIND_AUTHOR: remind_author,
    steps.LEAVE_AUTHOR: leave_author,
}
