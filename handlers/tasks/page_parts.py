"""Everything about one task, as its page and the preview of a link to it show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.browsing import Browsing, Item, Items, Lines
from bot.cards import Card, Element, Fields, Heading, Link, Markdown, Moment, Names, T, Text, User, Words
from bot.mentions import named
from bot.translating import on_page_of
from handlers.tasks import cards, saying
from models import access
from models.facts import Fact
from models.people import Person
from models.tasks import assignments, checklist, comments, dependencies
from models.tasks.tables import DONE, DROPPED, OPEN, Assignment, Task, TaskComment, assigned

_HISTORY, _COMMENTS = 100, 200
_AGORA = Names({"en": "Agora"})
_WHO, _CHECKLIST, _HAPPENED_SO_FAR = T("Who was asked"), T("Checklist"), T("What happened")


def elements(session: Session, person: Person, task: Task) -> list[Element | Browsing]:
    """The whole page. What people said to one another about it is for those whom it concerns."""
    found = assignments.of(session, task)
    asker = task.asker_id == person.id
    involved = asker or assigned(session, task.id, person.id)
    shown: list[Element | Browsing] = [Text(saying.to_all(task, found)), Fields(tuple(_facts(task, involved)))]
    shown += on_page_of(session, "task", task, person)
    if task.details:
        shown.append(Markdown(task.details, task.language))
    asked = tuple(saying.standing(each, reasons=asker or each.person_id == person.id) for each in found)
    shown += [Heading(_WHO), Lines(_WHO, asked)]
    shown += _checklist(session, task)
    shown += _related(session, person, task)
    shown += _comments(session, comments.shown_to(session, person, task, _COMMENTS))
    return [*shown, *_history(session, task), Link(T("All tasks"), "/tasks")]


def preview(task: Task, found: Sequence[Assignment]) -> Card:
    """A task below a link to it, with who was asked (``found``): nothing can be pressed there."""
    words = saying.to_all(task, found)
    shown: list[Element] = [Heading(User(task.title)), Text(words)]
    if task.due_at is not None and task.state == OPEN:
        shown.append(Text(T("Until {moment}", moment=saying.due(task, task.zone)), subtle=True))
    return Card(T("{words} {title}", words=words, title=saying.title(task)), tuple(shown))


def _facts(task: Task, involved: bool) -> list[tuple[Words, Words]]:
    pairs: list[tuple[Words, Words]] = [(T("State"), _short(task)), (T("Until"), saying.due(task))]
    pairs += [(T("Asked by"), named(task.asker)), *cards.facts(task)]
    if task.dropped_because and involved:
        pairs.append((T("Dropped because"), User(task.dropped_because)))
    return [*pairs, (T("Made on"), Moment(task.created_at))]


def _checklist(session: Session, task: Task) -> list[Element | Browsing]:
    items = checklist.items(session, task)
    if not items:
        return []
    done = sum(item.done_at is not None for item in items)
    words = T("{done} of {items} done", done=done, items=len(items))
    return [Heading(_CHECKLIST), Text(words, subtle=True), Lines(_CHECKLIST, tuple(cards.item(each) for each in items))]


def _related(session: Session, person: Person, task: Task) -> list[Element | Browsing]:
    """What must be done before, and what waits for it, as far as ``person`` may read that."""
    shown: list[Element | Browsing] = []
    for title, others in ((T("First this must be done"), dependencies.needed_by(session, task)),
                          (T("These wait for it"), dependencies.waiting_for(session, task))):  # fmt: skip
        may = [each for each in others if access.may(session, person, "read", each)]
        items = tuple(Item(Link(saying.title(each), cards.path(each)), (_short(each),)) for each in may)
        shown += [Heading(title), Items(title, items)] if items else []
    return shown


def _short(task: Task) -> Words:
    return {OPEN: T("still open"), DONE: T("done"), DROPPED: T("dropped")}[task.state]


def _comments(session: Session, said: Sequence[TaskComment]) -> list[Element]:
    if not said:
        return []
    shown: list[Element] = [Heading(T("Comments"))]
    for each in said:
        author = session.get_one(Person, each.author_id)
        words = T("{name} on {moment}:", name=named(author), moment=Moment(each.at))
        shown += [Text(words, subtle=True), Markdown(each.text, each.language)]
    return shown


def _history(session: Session, task: Task) -> list[Element | Browsing]:
    """What happened to it, the last first."""
    query = select(Fact).where(Fact.entity == "task", Fact.entity_id == task.id, Fact.verb.in_(_HAPPENED))
    found = session.scalars(query.order_by(Fact.id.desc()).limit(_HISTORY)).all()
    people = _people(session, found)
    lines = tuple(_line(fact, people) for fact in found)
    return [Heading(_HAPPENED_SO_FAR), Lines(_HAPPENED_SO_FAR, lines)] if lines else []


def _people(session: Session, facts: Sequence[Fact]) -> Mapping[int, Person]:
    numbers = {number for fact in facts for number in (fact.actor_id, fact.data.get("person_id")) if number}
    return {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(numbers)))}


def _line(fact: Fact, people: Mapping[int, Person]) -> Words:
    actor = people.get(fact.actor_id or 0)
    whose = people.get(int(fact.data.get("person_id") or 0)) or actor
    what = _HAPPENED[fact.verb](_name(actor), _name(whose), fact.data)
    return T("{moment}: {words}", moment=Moment(fact.at), words=what)


def _name(person: Person | None) -> Words:
    return named(person) if person is not None else _AGORA


_HAPPENED: Mapping[str, Callable[[Words, Words, Mapping[str, Any]], T]] = {
    "task.made": lambda actor, whose, data: T("{name} made this task.", name=actor),
    "task.accepted": lambda actor, whose, data: T("{name} accepted.", name=whose),
    "task.declined": lambda actor, whose, data: T("{name} declined.", name=whose),
    "task.proposed": lambda actor, whose, data: T("{name} proposed something else.", name=whose),
    "task.agreed": lambda actor, whose, data: T("{name} agreed to what was proposed.", name=actor),
    "task.insisted": lambda actor, whose, data: T("{name} kept it as it was.", name=actor),
    "task.released": lambda actor, whose, data: T("{name} need not do it any more.", name=whose),
    "task.handed_over": lambda actor, whose, data: T("{name} handed it over.", name=actor),
    "task.blocked": lambda actor, whose, data: T("{name} could not go on.", name=whose),
    "task.unblocked": lambda actor, whose, data: T("{name} could go on.", name=whose),
    "task.changed": lambda actor, whose, data: T("{name} changed it.", name=actor),
    "task.commented": lambda actor, whose, data: T("{name} commented.", name=actor),
    "task.finished": lambda actor, whose, data: T("{name} was done with their part.", name=whose),
    "task.unfinished": lambda actor, whose, data: T("{name} was not done after all.", name=whose),
    "task.listed": lambda actor, whose, data: T("{name} changed the checklist.", name=actor),
    "task.overdue": lambda actor, whose, data: T("It was not done in time."),
    "task.done": lambda actor, whose, data: T("It was done."),
    "task.reopened": lambda actor, whose, data: T("{name} opened it again.", name=actor),
    "task.dropped": lambda actor, whose, data: T("{name} dropped it.", name=actor),
}
"""What is said of each fact: by whom, whose part it was about, and its data."""
