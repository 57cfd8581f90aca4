"""What people see of the tasks of somebody who left, or is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Form, Heading, Input, Moment, T, Text, User, Words, simple
from bot.mentions import mention, named
from handlers.tasks import buttons, cards, saying
from handlers.tasks.lists import grouped
from models.people import Person
from models.tasks import lists
from models.tasks.tables import Assignment, Task

_SHOWN, _WHO = 10, 200


def about(person: Person) -> str:
    """What the card of whoever decides is about."""
    return f"leaving:{person.id}"


def about_return(person: Person) -> str:
    """What the card of whoever comes back is about."""
    return f"returned:{person.id}"


def deciding(person: Person, parts: Sequence[Assignment], until: datetime | None, n: int = 0) -> Card:
    """To the manager: who gets them, each or all? ``n``: of all of which these are the first."""
    if not parts:
        return simple(T("Nothing is left to decide of the tasks of {name}.", name=named(person)))
    name = mention(person)
    words = T("{name} is not there any more and had {n} task. Who gets it?",
              "{name} is not there any more and had {n} tasks. Who gets them?", n=n, name=name)  # fmt: skip
    if until is not None:
        words = T("{name} is away until {until}, and {n} task is due meanwhile. Who gets it?",
                  "{name} is away until {until}, and {n} tasks are due meanwhile. Who gets them?",
                  n=n, name=name, until=Moment(until))  # fmt: skip
    shown: list[Element] = [Text(words)]
    for part in parts[:_SHOWN]:
        shown += [Heading(User(part.task.title)), Text(_line(part), subtle=True), Actions(_each(part))]
    if n > _SHOWN:
        shown.append(Text(T("And {n} more.", "And {n} more.", n=n - _SHOWN), subtle=True))
    hint = T("If you decide nothing, they go back to those who asked for them.")
    return Card(words, (*shown, Text(hint, subtle=True), Actions(_all(person, until is not None))))


def nobody(session: Session, part: Assignment) -> Card:
    """To whoever asked: nobody does it now."""
    task, title, name = part.task, saying.title(part.task), named(part.person)
    words = T("{name} cannot do “{title}” any more, so nobody does it now.", name=name, title=title)
    card = cards.task(session, task, task.asker, words)
    return replace(card, elements=(*card.elements, Actions((buttons.ask_else(part),))))


def deciding_now(session: Session, person: Person, tasks: Sequence[Task], asker: Person) -> Card:
    """To whoever decides from now on what somebody who left asked of others."""
    words = T("{name} is not there any more. What they asked of others is yours to decide on: {n} task.",
              "{name} is not there any more. What they asked of others is yours to decide on: {n} tasks.",
              n=len(tasks), name=named(person))  # fmt: skip
    return Card(words, (Text(words), *grouped(lists.lines(session, tasks[:_SHOWN]), asker)))


def back(person: Person, parts: Sequence[Assignment]) -> Card:
    """To whoever is back: what went to others, to be taken back."""
    if not parts:
        return simple(T("Everything else stays as it is."))
    words = T("Welcome back. {n} of your tasks went to somebody else while you were away.",
              "Welcome back. {n} of your tasks went to others while you were away.", n=len(parts))  # fmt: skip
    shown: list[Element] = [Text(words)]
    for part in parts[:_SHOWN]:
        take = Button(T("Take it back"), "tasks.take_back", part.task_id)
        standing = Text(saying.standing(part, reasons=False), subtle=True)
        shown += [Heading(User(part.task.title)), standing, Actions((take,))]
    return Card(words, tuple(shown))


def give(route: str, id: int, person: Person) -> Form:
    """Who gets it, or all of it?"""
    who = Input("who", T("Who gets it?"), limit=_WHO, hint=T("A name, @handle or e-mail address."))
    intro = (Text(T("They are asked whether they do it instead of {name}.", name=named(person)), subtle=True),)
    return Form(T("Give it to somebody"), route, id, (who,), T("Ask them"), intro)


def _line(part: Assignment) -> Words:
    task = part.task
    if task.due_at is None:
        return T("for {name}", name=named(task.asker))
    return T("for {name}, due {moment}", name=named(task.asker), moment=Moment(task.due_at))


def _each(part: Assignment) -> tuple[Button, ...]:
    back_to = Button(T("Back to {name}", name=named(part.task.asker)), "tasks.give_back", part.id)
    own = part.task.asker_id == part.person_id
    return (Button(T("Give to…"), "tasks.give", part.id, opens="form"), *(() if own else (back_to,)))


def _all(person: Person, away: bool) -> tuple[Button, ...]:
    all_back = Button(T("All back to those who asked"), "tasks.give_back_all", person.id)
    wait = (Button(T("Leave them as they are"), "tasks.leave_all", person.id),) if away else ()
    return (Button(T("Give all to…"), "tasks.give_all", person.id, opens="form"), all_back, *wait)
