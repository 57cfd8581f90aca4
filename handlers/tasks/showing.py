"""How people see what happened to a task: every card of it changes where it stands, whoever must know is told in their
own chat, and the thread gets one line where it matters to all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from bot.cards import Words, simple
from bot.turn import Turn
from handlers.tasks import cards, saying
from models.facts import Fact
from models.mail import PostedCard
from models.pending import standing_about
from models.people import Person
from models.places import CHANNEL, PRIVATE
from models.tasks import reading
from models.tasks.tables import (
    Assignment,
    Task,
)


def refresh(turn: Turn, task: Task) -> None:
    """Change every card of it, for each as they stand to it."""
    turn.session.flush()
    readers = {task.about_for(each.id): each for each in reading.ever_involved(turn.session, task)}
    standing = {posted.about for posted in standing_about(turn.session, task.about, *readers)}
    shown = {about: cards.task(turn.session, task, readers[about]) for about in standing if about in readers}
    if task.about in standing:
        shown[task.about] = cards.public(turn.session, task)
    turn.edit_all(shown)


def tell(turn: Turn, task: Task, person: Person, note: Words | None = None) -> None:
    """Show the task to ``person`` in their own chat, with what happened above it; whoever left is told no more."""
    if person.active:
        turn.send(person, cards.task(turn.session, task, person, note), about=task.about_for(person.id))


def tell_all(turn: Turn, task: Task, fact: Fact, people: Iterable[Person], note: Words) -> None:
    """The same to several, but for whoever did it."""
    for person in {each.id: each for each in people}.values():
        if person.id != fact.actor_id:
            tell(turn, task, person, note)


def in_thread(task: Task) -> bool:
    """Whether a thread knows of it."""
    return task.place is not None and not task.private and task.place.kind != PRIVATE


def line(turn: Turn, task: Task, words: Words) -> None:
    """One line in the thread, for all who are there."""
    if task.place is not None and in_thread(task):
        turn.post(task.place, simple(words), thread=task.thread or _below_its_card(turn, task))


def _below_its_card(turn: Turn, task: Task) -> str | None:
    """Where a channel has no thread of it yet, its card begins one."""
    if task.place is None or task.place.kind != CHANNEL:
        return None
    here = (PostedCard.platform == task.place.platform) & (PostedCard.conversation == task.place.key)
    standing = here & (PostedCard.about == task.about) & PostedCard.reference.is_not(None)
    return turn.session.scalars(select(PostedCard.reference).where(standing).order_by(PostedCard.id)).first()


def publish(turn: Turn, task: Task) -> None:
    """Let its thread have its card."""
    if task.place is not None and in_thread(task):
        turn.post(task.place, cards.public(turn.session, task), about=task.about, thread=task.thread)


def tell_moved(turn: Turn, task: Task, fact: Fact) -> None:
    """Whoever does it reads its new date, and so does the thread."""
    stood = fact.data.get("before", {}).get("due_at")
    before = datetime.fromisoformat(stood) if stood else None
    tell_all(turn, task, fact, reading.involved(turn.session, task), saying.moved(task, before))
    line(turn, task, saying.moved(task, before, task.zone))


def tell_asker(turn: Turn, task: Task, fact: Fact, note: Words) -> None:
    """Unless they did it themselves."""
    if fact.actor_id != task.asker_id:
        tell(turn, task, task.asker, note)


def task_of(turn: Turn, fact: Fact) -> Task:
    """What happened to which task."""
    return turn.session.get_one(Task, fact.entity_id)


def part_of(turn: Turn, fact: Fact) -> Assignment:
    """Whose part of it."""
    return turn.session.get_one(Assignment, fact.data["assignment_id"])
