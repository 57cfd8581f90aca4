"""What people see when a task is made, done, changed or dropped, or somebody writes about it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import T, User, Words
from bot.mentions import named
from bot.router import Router
from bot.shorten import shortened
from bot.turn import Turn
from handlers.tasks import saying, showing
from models.facts import Fact
from models.people import Person
from models.tasks import assignments, dependencies, reading
from models.tasks.tables import (
    ACCEPTED,
    FINISHED,
    LIVE,
    RELEASED,
    UNSETTLED,
    Task,
    TaskComment,
)

router = Router()
MOST_CARDS = 200  # tasks whose cards are changed at once: the newest


@router.fact("task.made")
def made(turn: Turn, fact: Fact) -> None:
    """Whoever is asked reads it; whoever asked sees how it stands; the thread has one card."""
    task = showing.task_of(turn, fact)
    showing.publish(turn, task)
    for person in reading.involved(turn.session, task):
        if "follows" not in fact.data or _asked(turn, task, person):  # whoever does all of a series knows
            showing.tell(turn, task, person)


@router.timer("tasks.begin")
def begin(turn: Turn, task_id: int) -> None:
    """One that was made where nobody could be told is told of now."""
    task = reading.locked(turn.session, task_id)
    if task is not None:
        turn.emit("task.made", task)


@router.fact("task.finished")
@router.fact("task.unfinished")
@router.fact("task.ticked")
@router.fact("task.listed")
def went_on(turn: Turn, fact: Fact) -> None:
    """Its cards show that."""
    showing.refresh(turn, showing.task_of(turn, fact))


@router.fact("task.commented")
def commented(turn: Turn, fact: Fact) -> None:
    """Whoever asked, and whoever does it, reads it once."""
    task = showing.task_of(turn, fact)
    comment = turn.session.get_one(TaskComment, fact.data["comment_id"])
    showing.refresh(turn, task)
    author = turn.session.get_one(Person, comment.author_id)
    note = T("{name} writes about “{title}”: {text}", name=named(author), title=saying.title(task),
             text=User(shortened(comment.text, saying.COMMENT)))  # fmt: skip
    showing.tell_all(turn, task, fact, reading.involved(turn.session, task), note)


@router.fact("task.done")
def done(turn: Turn, fact: Fact) -> None:
    """The thread hears it; without one, whoever asked does. What waited for it can go on."""
    task = showing.task_of(turn, fact)
    showing.refresh(turn, task)
    doers = [each.person for each in assignments.of(turn.session, task, FINISHED)]
    words = _done_by(task, doers)
    if showing.in_thread(task):
        showing.line(turn, task, words)
    else:
        showing.tell_asker(turn, task, fact, words)
    if fact.actor_id not in {each.id for each in doers}:  # somebody else says that their work is done
        showing.tell_all(turn, task, fact, doers, T("“{title}” is done.", title=saying.title(task)))
    _free(turn, task)


@router.fact("task.reopened")
def reopened(turn: Turn, fact: Fact) -> None:
    """It is to be done after all."""
    task = showing.task_of(turn, fact)
    showing.refresh(turn, task)
    words = T("“{title}” is to be done after all.", title=saying.title(task))
    showing.tell_all(turn, task, fact, reading.involved(turn.session, task), words)
    showing.line(turn, task, words)


@router.fact("task.dropped")
def dropped(turn: Turn, fact: Fact) -> None:
    """Whoever had it, or was asked, reads that."""
    task = showing.task_of(turn, fact)
    showing.refresh(turn, task)
    name, title = named(task.asker), saying.title(task)
    words = T("{name} does not need “{title}” any more.", name=name, title=title)
    note = words
    if task.dropped_because:
        note = T("{name} does not need “{title}” any more: {reason}", name=name, title=title,
                 reason=User(shortened(task.dropped_because, saying.REASON)))  # fmt: skip
    had = [each.person for each in assignments.of(turn.session, task, ACCEPTED, FINISHED, RELEASED)
           if each.state != RELEASED or each.answered_at == task.changed_at]  # fmt: skip
    showing.tell_all(turn, task, fact, had, note)
    showing.line(turn, task, words)
    _free(turn, task)


@router.fact("task.changed")
def changed(turn: Turn, fact: Fact) -> None:
    """Whoever does it reads what is different; the thread, if its date is."""
    task = showing.task_of(turn, fact)
    before = fact.data.get("before", {})
    if "private" in before and task.private:
        turn.withdraw(task.about)
    elif "private" in before:
        showing.publish(turn, task)
    showing.refresh(turn, task)
    if "due_at" in before:
        showing.tell_moved(turn, task, fact)
    elif before:
        words = T("{name} changed “{title}”.", name=named(task.asker), title=saying.title(task))
        showing.tell_all(turn, task, fact, reading.involved(turn.session, task), words)


@router.fact("person.erased")
def erased(turn: Turn, fact: Fact) -> None:
    """Their name, and what they wrote, stands on the cards of others no more."""
    for task in reading.of_person(turn.session, fact.entity_id, MOST_CARDS):
        showing.refresh(turn, task)


def _asked(turn: Turn, task: Task, person: Person) -> bool:
    part = assignments.own(turn.session, task, person)
    return part is not None and part.state in UNSETTLED


def _done_by(task: Task, doers: Sequence[Person]) -> Words:
    title = saying.title(task)
    if not doers:
        return T("“{title}” is done.", title=title)
    return T("{names} has done “{title}”.", "{names} have done “{title}”.", names=saying.people(doers), title=title,
             n=len(doers))  # fmt: skip


def _free(turn: Turn, task: Task) -> None:
    """What waited for it, and for nothing else, can go on."""
    for each in dependencies.freed(turn.session, task):
        showing.refresh(turn, each)
        words = T("Nothing else needs to be done before “{title}” any more.", title=saying.title(each))
        for one in assignments.of(turn.session, each, *LIVE):
            showing.tell(turn, each, one.person, words)
