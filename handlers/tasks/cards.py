"""What people see of a task: the asker and everybody who was asked in their own chats, all in the thread."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.cards import Actions, Card, Element, Fields, Heading, Link, Markdown, T, Text, User, Words
from bot.mentions import named
from bot.shorten import shortened
from bot.translating import offered, offered_to
from handlers.tasks import buttons, choices, saying
from models import access, readers
from models.people import Person
from models.places import PRIVATE
from models.tasks import assignments, checklist, comments, dependencies
from models.tasks.tables import (
    ACCEPTED,
    ANYONE,
    ASKED,
    FINISHED,
    HIGH,
    LIVE,
    LOW,
    OPEN,
    PROPOSED,
    RELEASED,
    Assignment,
    ChecklistItem,
    Task,
    TaskComment,
)

_DETAILS = 1_500  # characters
_ITEMS, _COMMENTS, _PEOPLE, _NEEDS = 10, 2, 10, 3
_PRIORITIES = {LOW: T("Low"), HIGH: T("High")}  # the usual one is not said


def task(session: Session, task: Task, reader: Person, note: Words | None = None) -> Card:
    """A task as ``reader`` sees it in their own chat, with what they may do; ``note`` stands above it, and is what
    their notification says. Post it with ``about=task.about_for(reader.id)``: then it changes with the task."""
    found = assignments.of(session, task)
    mine = next((each for each in found if each.person_id == reader.id), None)
    words = _headline(session, task, reader, mine, found)
    elements: list[Element] = [Text(note)] if note is not None else []
    elements += [Text(words), Heading(User(task.title))]
    if not _theirs(task, reader, mine):
        if access.may(session, reader, "read", task):
            elements.append(Link(T("Open the task"), path(task)))
        return Card(note or _summary(task, words), tuple(elements))
    if task.details:
        elements.append(Markdown(shortened(task.details, _DETAILS), task.language))
    elements += _facts(task)
    elements += _people(task, reader, found)
    concerned = _concerned(task, reader, mine)
    elements += [*_needs(session, task, reader), *_checklist(session, task, concerned)]
    elements += _said(session, task, None if concerned else reader)
    elements += offered_to(session, "task", task, reader)
    elements.append(Link(T("All about this task"), path(task)))
    elements += [*buttons.proposals(task, reader, found), *choices.waiting(session, task, reader, found)]
    elements.append(Actions(buttons.own(task, reader, mine)))
    return Card(note or _summary(task, words), tuple(elements))


def public(session: Session, task: Task) -> Card:
    """The one card in the thread: for all who are there, with buttons that refuse who may not press them."""
    found = assignments.of(session, task)
    words = saying.to_all(task, found)
    lines: list[Element] = [Text(words), Heading(User(task.title))]
    if task.due_at is not None and task.state == OPEN:
        lines.append(Text(T("Until {moment}", moment=saying.due(task, task.zone))))
    if task.state == OPEN:
        lines += _people(task, None, found)
        lines += _progress(checklist.items(session, task))
        lines += _translation(session, task)
        lines.append(Actions(buttons.public(task, found)))
    return Card(_summary(task, words), tuple(lines))


def _translation(session: Session, task: Task) -> tuple[Actions, ...]:
    """Where somebody who sees it in its thread reads another language than its title's."""
    button = offered("task", task.id, task.language)
    return button if button and readers.task_read_otherwise(session, task) else ()


def path(task: Task) -> str:
    """Its page."""
    return f"/tasks/{task.id}"


def _headline(
    session: Session, task: Task, reader: Person, mine: Assignment | None, found: Sequence[Assignment]
) -> Words:
    if mine is not None and not (mine.state == RELEASED and task.asker_id == reader.id):
        via = session.get(Person, mine.via_id) if mine.via_id else None
        return saying.to_assignee(task, mine, found, via)
    return saying.to_asker(task, found) if task.asker_id == reader.id else saying.to_all(task, found)


def _summary(task: Task, words: Words) -> Words:
    return T("{words} {title}", words=words, title=saying.title(task))


def _theirs(task: Task, reader: Person, mine: Assignment | None) -> bool:
    """Whether there is more to see for them than that it is over, or somebody else's."""
    return mine is None or _concerned(task, reader, mine)


def _concerned(task: Task, reader: Person, mine: Assignment | None) -> bool:
    """Whether it is, or was, theirs to do or to decide on: what is said about it is for them."""
    return task.asker_id == reader.id or (mine is not None and mine.state in (*LIVE, FINISHED))


def _facts(task: Task) -> list[Element]:
    until = [(T("Until"), saying.due(task))] if task.due_at is not None else []
    pairs = (*until, *facts(task))
    return [Fields(pairs)] if pairs else []


def facts(task: Task) -> list[tuple[Words, Words]]:
    """What is to be known of it beside its date, as far as it is not the usual."""
    pairs: list[tuple[Words, Words]] = []
    if task.priority in _PRIORITIES:
        pairs.append((T("Priority"), _PRIORITIES[task.priority]))
    if task.repeat:
        pairs.append((T("Repeats"), saying.repeats(task)))
    if task.place is not None and task.place.kind != PRIVATE:
        pairs.append((T("Agreed in"), User(task.place.name)))
    if task.hook is not None:
        pairs.append((T("Brought in by"), User(task.hook.name)))
    if task.private:
        pairs.append((T("Seen by"), T("only whoever asked and whoever does it")))
    return pairs


def _people(task: Task, reader: Person | None, found: Sequence[Assignment]) -> list[Element]:
    """How far each is, where there is more to say than the first line does. Reasons are for whoever asked."""
    reasons = reader is not None and reader.id == task.asker_id
    told = [each for each in found if each.state != RELEASED and (reader is None or each.person_id != reader.id)]
    if task.mode == ANYONE and reader is not None and reader.id != task.asker_id:
        told = [each for each in told if each.state not in LIVE]
    if reasons:  # what they propose stands with what can be decided
        told = [each for each in told if each.state != PROPOSED]
    if task.state != OPEN or (len(found) == 1 and _is_said(told)):
        return []
    lines: list[Element] = [Text(saying.standing(each, reasons), subtle=True) for each in told[:_PEOPLE]]
    if len(told) > _PEOPLE:
        more = len(told) - _PEOPLE
        lines.append(Text(T("and {n} more", "and {n} more", n=more), subtle=True))
    return lines


def _is_said(told: Sequence[Assignment]) -> bool:
    """Whether the first line says it all."""
    return all(each.state in (ASKED, ACCEPTED) and each.blocked_because is None for each in told)


def _needs(session: Session, task: Task, reader: Person) -> list[Element]:
    """What must be done before, by name as far as its reader may know of it."""
    found = dependencies.open_needs(session, task) if task.state == OPEN else []
    seen = [each for each in found if access.may(session, reader, "read", each)]
    if found and not seen:
        return [Text(T("waits for {n} other task", "waits for {n} other tasks", n=len(found)))]
    return [Text(T("First this must be done: “{title}”", title=saying.title(each))) for each in seen[:_NEEDS]]


def _checklist(session: Session, task: Task, works: bool) -> list[Element]:
    items = checklist.items(session, task)
    if not items:
        return []
    ticking = works and task.state == OPEN
    pressed = {each.id for each in buttons.whole(items)} if ticking else set()
    shown = [each for each in items if each.id not in pressed]
    if len(items) > _ITEMS:
        shown = [each for each in shown if each.done_at is None][:_ITEMS]
    lines: list[Element] = _progress(items)
    lines += [Text(item(each)) for each in shown]
    if ticking:
        lines.append(Actions(buttons.ticks(items)))
    return lines


def item(one: ChecklistItem) -> Words:
    """An item of the checklist in a line."""
    words = User(one.words)
    return T("☑ {item}", item=words) if one.done_at is not None else T("☐ {item}", item=words)


def _progress(items: Sequence[ChecklistItem]) -> list[Element]:
    done = sum(each.done_at is not None for each in items)
    words = T("Checklist: {done} of {n} is done", "Checklist: {done} of {n} are done", done=done, n=len(items))
    return [Text(words, subtle=True)] if items else []


def _said(session: Session, task: Task, author: Person | None) -> list[Element]:
    """The last of what was said about it, or of what ``author`` said."""
    found = comments.of(session, task, _COMMENTS, author)
    return [Text(comment_line(session, each), subtle=True) for each in found]


def comment_line(session: Session, comment: TaskComment) -> Words:
    """A comment in a line."""
    author = session.get_one(Person, comment.author_id)
    return T("{name}: {text}", name=named(author), text=User(shortened(comment.text, saying.COMMENT)))
