"""A task as one line of a list: what it is, when it is due, and whose it is to do something now."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Element, Link, Moment, T, Text, User, Words
from bot.mentions import named
from bot.words import in_a_row
from handlers.tasks import cards, saying
from models.people import Person
from models.tasks.lists import OVERDUE, Days, Line
from models.tasks.tables import ACCEPTED, ASKED, DECLINED, DONE, DROPPED, FINISHED, HIGH, PROPOSED, Assignment, Task

IMPORTANT = T("important")
_FEW = 3  # names in a line


def line(one: Line, person: Person, around: Days) -> list[Element]:
    """One in a message, with what its reader may do at once."""
    said: list[Words] = [*([IMPORTANT] if one.task.priority == HIGH else []), *about(one, person, around)]
    shown: list[Element] = [Link(saying.title(one.task), cards.path(one.task))]
    if said:
        shown.append(Text(in_a_row(said), subtle=True))
    return [*shown, Actions(_buttons(one, person))]


def about(one: Line, person: Person, around: Days) -> list[Words]:
    """What is to be known of it at a glance."""
    task, mine = one.task, one.of(person)
    said = [*_due(task, around)]
    if task.state in (DONE, DROPPED):
        return [*said, *_over(task)]
    if task.asker_id != person.id:
        said.append(T("asked by {name}", name=named(task.asker)))
    if mine is not None and mine.state in (ASKED, PROPOSED, ACCEPTED):
        said += _of_mine(mine)
    others = [each for each in one.doers if each.person_id != person.id]
    if others and (mine is None or task.asker_id == person.id):  # what colleagues do is for whoever asked
        said += _of_others(others, task.asker_id == person.id)
    elif not others and (mine is None or mine.state == DECLINED):
        said.append(T("nobody does it"))
    if one.needs:
        said.append(T("waits for {n} other task", "waits for {n} other tasks", n=one.needs))
    return [*said, *([T("it repeats")] if task.repeat else [])]


def _due(task: Task, around: Days) -> list[Words]:
    if task.due_at is None or task.state in (DONE, DROPPED):
        return []
    moment = Moment(task.due_at)
    late = around.of(task.due_at) == OVERDUE
    return [T("was due {moment}", moment=moment) if late else T("due {moment}", moment=moment)]


def _over(task: Task) -> list[Words]:
    if task.state == DROPPED:
        return [T("dropped")]
    return [T("done on {day}", day=Moment(task.done_at, date_only=True))] if task.done_at else [T("done")]


def _of_mine(mine: Assignment) -> list[Words]:
    if mine.blocked_because is not None:
        return [T("you cannot go on: {reason}", reason=User(mine.blocked_because[:100]))]
    if mine.state == ASKED:
        return [T("waits for your answer")]
    return [T("your proposal waits for an answer")] if mine.state == PROPOSED else []


def _of_others(others: Sequence[Assignment], reasons: bool) -> list[Words]:
    """Who of them does what: by name where they are few, else how many are done."""
    live = [each for each in others if each.state in (ASKED, PROPOSED, ACCEPTED, FINISHED)] or list(others)
    if len(live) > _FEW:
        done = sum(each.state == FINISHED for each in live)
        return [T("{done} of {people} are done", done=done, people=len(live))]
    return [saying.standing(each, reasons) for each in live]


def _buttons(one: Line, person: Person) -> tuple[Button, ...]:
    task, mine = one.task, one.of(person)
    show = Button(T("Open"), "tasks.show", task.id)
    if mine is None or task.state in (DONE, DROPPED):
        return (show,)
    if mine.state == ASKED:
        return (Button(T("I will do it"), "tasks.list_accept", task.id), show)
    if mine.state == ACCEPTED:
        return (Button(T("Done"), "tasks.list_done", task.id), show)
    return (show,)
