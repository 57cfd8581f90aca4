"""What people see when something happened to a task: every card of it changes where it stands, whoever must know is
told in their own chat, and the thread gets one line where it matters to all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from bot.cards import T, User, Words, simple
from bot.mentions import mention, named
from bot.router import Router
from bot.shorten import shortened
from bot.turn import Turn
from handlers.tasks import cards, saying
from models.facts import Fact
from models.mail import PostedCard
from models.pending import standing_about
from models.people import Person
from models.places import CHANNEL, PRIVATE
from models.tasks import assignments, dependencies, reading
from models.tasks.tables import (
    ACCEPTED,
    FINISHED,
    LIVE,
    RELEASED,
    UNSETTLED,
    Assignment,
    Task,
    TaskComment,
)

router = Router()


# -- how it is shown


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


# -- what happened


@router.fact("task.made")
def made(turn: Turn, fact: Fact) -> None:
    """Whoever is asked reads it; whoever asked sees how it stands; the thread has one card."""
    task = _task(turn, fact)
    _publish(turn, task)
    for person in reading.involved(turn.session, task):
        if "follows" not in fact.data or _asked(turn, task, person):  # whoever does all of a series knows
            tell(turn, task, person)


@router.timer("tasks.begin")
def begin(turn: Turn, task_id: int) -> None:
    """One that was made where nobody could be told is told of now."""
    task = reading.locked(turn.session, task_id)
    if task is not None:
        turn.emit("task.made", task)


@router.fact("task.accepted")
def accepted(turn: Turn, fact: Fact) -> None:
    """The thread hears once nobody is to answer any more; without one, whoever asked does."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    if not in_thread(task):
        words = T("{name} does “{title}”.", name=named(theirs.person), title=saying.title(task))
        _tell_asker(turn, task, fact, words)
    elif not assignments.of(turn.session, task, *UNSETTLED):
        doers = reading.holders(turn.session, task)
        line(turn, task, T("{names} does “{title}”.", "{names} do “{title}”.", names=saying.people(doers),
                           title=saying.title(task), n=len(doers)))  # fmt: skip


@router.fact("task.declined")
def declined(turn: Turn, fact: Fact) -> None:
    """Whoever asked decides how it goes on; why is for them alone."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    name, title = named(theirs.person), saying.title(task)
    _tell_asker(turn, task, fact, T("{name} declined “{title}”: {reason}", name=name, title=title,
                                    reason=User(shortened(theirs.reason or "", saying.REASON))))  # fmt: skip
    line(turn, task, T("{name} cannot do “{title}”. {asker} decides how it goes on.", name=name, title=title,
                       asker=named(task.asker)))  # fmt: skip


@router.fact("task.proposed")
def proposed(turn: Turn, fact: Fact) -> None:
    """Whoever asked decides."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    _tell_asker(turn, task, fact, T("{name} proposes something else for “{title}”.", name=named(theirs.person),
                                    title=saying.title(task)))  # fmt: skip


@router.fact("task.agreed")
def agreed(turn: Turn, fact: Fact) -> None:
    """The date is another one: whoever does it, and the thread, read that. Where somebody else is asked, they do."""
    task = _task(turn, fact)
    refresh(turn, task)
    if "before" in fact.data:
        _moved(turn, task, fact)


@router.fact("task.insisted")
def insisted(turn: Turn, fact: Fact) -> None:
    """Whoever proposed something is asked again."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    tell(turn, task, theirs.person, T("{name} would like to keep it as it was. Can you do it?",
                                      name=mention(task.asker)))  # fmt: skip


@router.fact("task.released")
def released(turn: Turn, fact: Fact) -> None:
    """It is not with them any more."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    tell_all(
        turn, task, fact, [theirs.person], T("You do not need to do “{title}” any more.", title=saying.title(task))
    )


@router.fact("task.handed_over")
def handed_over(turn: Turn, fact: Fact) -> None:
    """Somebody else is asked: they read it, and so does whoever asked, and whoever had it."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    tell(turn, task, theirs.person)
    before = turn.session.get(Person, fact.data.get("from_id") or 0)
    if before is None:
        return
    said = {"name": named(before), "other": named(theirs.person), "title": saying.title(task)}
    others = {task.asker_id: task.asker, before.id: before}
    tell_all(turn, task, fact, [each for each in others.values() if each.id != theirs.person_id],
             T("{other} is asked to do “{title}” instead of {name}.", **said))  # fmt: skip


@router.fact("task.blocked")
def blocked(turn: Turn, fact: Fact) -> None:
    """Whoever asked reads what is in the way."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    why = User(shortened(theirs.blocked_because or "", saying.REASON))
    _tell_asker(turn, task, fact, T("{name} cannot go on with “{title}”: {reason}", name=named(theirs.person),
                                    title=saying.title(task), reason=why))  # fmt: skip


@router.fact("task.unblocked")
def unblocked(turn: Turn, fact: Fact) -> None:
    """Nothing is in the way any more."""
    task, theirs = _task(turn, fact), _part(turn, fact)
    refresh(turn, task)
    _tell_asker(turn, task, fact, T("{name} goes on with “{title}”.", name=named(theirs.person),
                                    title=saying.title(task)))  # fmt: skip


@router.fact("task.finished")
@router.fact("task.unfinished")
@router.fact("task.ticked")
@router.fact("task.listed")
def went_on(turn: Turn, fact: Fact) -> None:
    """Its cards show that."""
    refresh(turn, _task(turn, fact))


@router.fact("task.commented")
def commented(turn: Turn, fact: Fact) -> None:
    """Whoever asked, and whoever does it, reads it once."""
    task = _task(turn, fact)
    comment = turn.session.get_one(TaskComment, fact.data["comment_id"])
    refresh(turn, task)
    author = turn.session.get_one(Person, comment.author_id)
    note = T("{name} writes about “{title}”: {text}", name=named(author), title=saying.title(task),
             text=User(shortened(comment.text, saying.COMMENT)))  # fmt: skip
    tell_all(turn, task, fact, reading.involved(turn.session, task), note)


@router.fact("task.done")
def done(turn: Turn, fact: Fact) -> None:
    """The thread hears it; without one, whoever asked does. What waited for it can go on."""
    task = _task(turn, fact)
    refresh(turn, task)
    doers = [each.person for each in assignments.of(turn.session, task, FINISHED)]
    words = _done_by(task, doers)
    if in_thread(task):
        line(turn, task, words)
    else:
        _tell_asker(turn, task, fact, words)
    if fact.actor_id not in {each.id for each in doers}:  # somebody else says that their work is done
        tell_all(turn, task, fact, doers, T("“{title}” is done.", title=saying.title(task)))
    _free(turn, task)


@router.fact("task.reopened")
def reopened(turn: Turn, fact: Fact) -> None:
    """It is to be done after all."""
    task = _task(turn, fact)
    refresh(turn, task)
    words = T("“{title}” is to be done after all.", title=saying.title(task))
    tell_all(turn, task, fact, reading.involved(turn.session, task), words)
    line(turn, task, words)


@router.fact("task.dropped")
def dropped(turn: Turn, fact: Fact) -> None:
    """Whoever had it, or was asked, reads that."""
    task = _task(turn, fact)
    refresh(turn, task)
    name, title = named(task.asker), saying.title(task)
    words = T("{name} does not need “{title}” any more.", name=name, title=title)
    note = words
    if task.dropped_because:
        note = T("{name} does not need “{title}” any more: {reason}", name=name, title=title,
                 reason=User(shortened(task.dropped_because, saying.REASON)))  # fmt: skip
    had = [each.person for each in assignments.of(turn.session, task, ACCEPTED, FINISHED, RELEASED)
           if each.state != RELEASED or each.answered_at == task.changed_at]  # fmt: skip
    tell_all(turn, task, fact, had, note)
    line(turn, task, words)
    _free(turn, task)


@router.fact("task.changed")
def changed(turn: Turn, fact: Fact) -> None:
    """Whoever does it reads what is different; the thread, if its date is."""
    task = _task(turn, fact)
    before = fact.data.get("before", {})
    if "private" in before and task.private:
        turn.withdraw(task.about)
    elif "private" in before:
        _publish(turn, task)
    refresh(turn, task)
    if "due_at" in before:
        _moved(turn, task, fact)
    elif before:
        words = T("{name} changed “{title}”.", name=named(task.asker), title=saying.title(task))
        tell_all(turn, task, fact, reading.involved(turn.session, task), words)


# -- what several of them do


def _asked(turn: Turn, task: Task, person: Person) -> bool:
    part = assignments.own(turn.session, task, person)
    return part is not None and part.state in UNSETTLED


def _publish(turn: Turn, task: Task) -> None:
    if task.place is not None and in_thread(task):
        turn.post(task.place, cards.public(turn.session, task), about=task.about, thread=task.thread)


def _moved(turn: Turn, task: Task, fact: Fact) -> None:
    stood = fact.data.get("before", {}).get("due_at")
    before = datetime.fromisoformat(stood) if stood else None
    tell_all(turn, task, fact, reading.involved(turn.session, task), saying.moved(task, before))
    line(turn, task, saying.moved(task, before, task.zone))


def _tell_asker(turn: Turn, task: Task, fact: Fact, note: Words) -> None:
    """Unless they did it themselves."""
    if fact.actor_id != task.asker_id:
        tell(turn, task, task.asker, note)


def _done_by(task: Task, doers: Sequence[Person]) -> Words:
    title = saying.title(task)
    if not doers:
        return T("“{title}” is done.", title=title)
    return T("{names} has done “{title}”.", "{names} have done “{title}”.", names=saying.people(doers), title=title,
             n=len(doers))  # fmt: skip


def _free(turn: Turn, task: Task) -> None:
    """What waited for it, and for nothing else, can go on."""
    for each in dependencies.freed(turn.session, task):
        refresh(turn, each)
        words = T("Nothing else needs to be done before “{title}” any more.", title=saying.title(each))
        for one in assignments.of(turn.session, each, *LIVE):
            tell(turn, each, one.person, words)


def _task(turn: Turn, fact: Fact) -> Task:
    return turn.session.get_one(Task, fact.entity_id)


def _part(turn: Turn, fact: Fact) -> Assignment:
    return turn.session.get_one(Assignment, fact.data["assignment_id"])
