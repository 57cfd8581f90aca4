"""Tasks that repeat: the next one is made when one is done, or when its date passes, whichever comes first."""

from __future__ import annotations

from bot.cards import T, Words
from bot.router import Router
from bot.turn import Turn
from handlers.tasks import cards, saying
from models.facts import Fact
from models.tasks import reading, series
from models.tasks.tables import OPEN, Task

router = Router()


@router.fact("task.made")
@router.fact("task.changed")
@router.fact("task.agreed")
@router.fact("task.reopened")
def dated(turn: Turn, fact: Fact) -> None:
    """Look at it when its date passes; where that was moved, an earlier timer does nothing."""
    task = turn.session.get(Task, fact.entity_id)
    if task is not None and task.state == OPEN and task.repeat is not None and task.due_at is not None:
        turn.later(max(task.due_at, turn.now), series.ROUTE, series.schedule(task.id), task_id=task.id)


@router.fact("task.done")
def done(turn: Turn, fact: Fact) -> None:
    """The next one can be made."""
    task = reading.locked(turn.session, fact.entity_id)
    if task is not None:
        _follow(turn, task)


@router.timer(series.ROUTE)
def passed(turn: Turn, task_id: int) -> None:
    """Its date is over: the next one is made at the latest now, unless nobody does them any more."""
    task = reading.locked(turn.session, task_id)
    if task is None or task.state != OPEN or task.due_at is None or task.due_at > turn.now:
        return
    if not series.rests(turn.session, task):
        _follow(turn, task)
    elif series.next_at(task) is not None:
        words = T("“{title}” was not done {n} times, so I make no more of it until it is done.", n=series.MOST_OPEN,
                  title=saying.title(task))  # fmt: skip
        _tell_asker(turn, task, words)


def _follow(turn: Turn, task: Task) -> None:
    copy = series.follow(turn.session, task)
    if copy is not None:
        turn.emit("task.made", copy, follows=task.id)


def _tell_asker(turn: Turn, task: Task, words: Words) -> None:
    turn.send(task.asker, cards.task(turn.session, task, task.asker, words), about=task.about_for(task.asker_id))
