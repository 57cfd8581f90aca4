"""The form in which a task is written, and how what it sends is understood: each field that cannot be taken has its own
error, and nothing of the others is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Element, Form, Input, Option, T, Text
from bot.filled import Errors, taken, text
from handlers.tasks import repeats, words
from models import access, people_named
from models.base import Refusal
from models.people import Person
from models.places import PRIVATE, Place
from models.search.language import detect
from models.tasks import assignments, checklist, dependencies, life
from models.tasks.forms import TaskForm
from models.tasks.tables import ANYONE, EACH, HIGH, LOW, NORMAL, OPEN, PRIORITIES, Task

WHO, UNTIL, ROOM, NEEDS = 1_000, 100, 40_000, 300
"""Characters; what is too long comes back whole."""
NO, THREAD, ALONE = "no", "thread", "alone"
PRIORITY = {LOW: T("Low"), NORMAL: T("Normal"), HIGH: T("High")}
SEEN = {THREAD: T("Everybody who reads this conversation"), ALONE: T("You and whom you ask")}
FIELDS = {"due_at": "until", "private": "seen", "people": "who", "repeat": "often"}
"""The fields of what is called otherwise in ``TaskForm.meant``."""
_FOUND = 3  # tasks that are listed where words fit several


def write(
    form: TaskForm, values: Mapping[str, str], place: Place | None, task: Task | None = None,
    notes: Sequence[Element] = (),
) -> Form:  # fmt: skip
    """The form that writes a task, or changes ``task``."""
    title = T("Change the task") if task is not None else T("Make a task")
    submit = T("Save") if task is not None else T("Continue")
    intro = () if task is not None else (Text(T("Nobody is asked before you have seen how I understand this."), True),)
    who = () if task is not None else (_who(values),)
    until = Input("until", T("Until when"), value=values.get("until", ""), limit=UNTIL, required=False,
                  hint=T("For example: tomorrow 9:00 · by Friday 10 · end of the month · in two weeks"))  # fmt: skip
    inputs = (
        Input("title", T("What is to be done"), value=values.get("title", ""), limit=life.TITLE),
        *who,
        until,
        _priority(values),
        *(() if place is None or place.kind == PRIVATE else (_seen(values, place),)),
        *_more(values),
    )
    return Form(title, "tasks.write", form.id, inputs, submit, (*intro, *notes))


def _who(values: Mapping[str, str]) -> Input:
    hint = T("For example: @mona, Tom Rossi · anyone of @it-helpdesk · me. Empty: you do it yourself.")
    return Input("who", T("Who does it"), value=values.get("who", ""), limit=WHO, required=False, hint=hint)


def _priority(values: Mapping[str, str]) -> Input:
    options = tuple(Option(key, label) for key, label in PRIORITY.items())
    return Input("priority", T("Priority"), "select", values.get("priority", NORMAL), options=options)


def _seen(values: Mapping[str, str], place: Place) -> Input:
    options = tuple(Option(key, label) for key, label in SEEN.items())
    return Input("seen", T("Who sees it"), "select", values.get("seen", THREAD), options=options)


def _more(values: Mapping[str, str]) -> tuple[Input, ...]:
    rule = values.get("repeat") or NO
    usual = {NO: T("No"), **repeats.USUAL}
    options = tuple(Option(key, label) for key, label in usual.items())
    if rule not in usual:
        options += (Option(rule, repeats.said(rule)),)
    return (
        Input("details", T("Details"), "text", values.get("details", ""), limit=ROOM, required=False),
        Input("checklist", T("Checklist"), "text", values.get("checklist", ""), limit=ROOM, required=False,
              hint=T("One item a line, at most {most}.", most=checklist.MOST)),
        Input("repeat", T("Is it to be done again?"), "select", rule, options=options),
        Input("often", T("Or how often in your words"), value=values.get("often", ""), limit=UNTIL, required=False,
              hint=T("For example: every Monday · every 2 weeks · on the 15th of every month")),
        Input("needs", T("What must be done first"), value=values.get("needs", ""), limit=NEEDS, required=False,
              hint=T("Numbers of tasks, or words of their titles, with commas between.")),
    )  # fmt: skip


def values_of(session: Session, task: Task, person: Person) -> dict[str, str]:
    """What stands in the form that changes ``task``, for ``person``, who reads times on their own clock."""
    until = _written(task.due_at, person) if task.due_at else ""
    needs = ", ".join(str(each.id) for each in dependencies.needed_by(session, task))
    return {
        "title": task.title, "details": task.details, "until": until, "priority": task.priority,
        "repeat": task.repeat or NO, "seen": ALONE if task.private else THREAD, "needs": needs,
        "checklist": "\n".join(each.words for each in checklist.items(session, task)),
    }  # fmt: skip


def read(
    session: Session, person: Person, values: Mapping[str, Any], task: Task | None = None
) -> tuple[dict[str, Any], Errors]:
    """What the form sent, as ``TaskForm.meant`` keeps it, and why some of it cannot be taken."""
    readers: dict[str, Callable[[], Any]] = {
        "title": lambda: " ".join(text(values, "title", life.TITLE).split()),
        "details": lambda: text(values, "details", life.DETAILS, required=False),
        "due_at": lambda: _until(person, values, task),
        "priority": lambda: _one_of(values, "priority", PRIORITIES, NORMAL),
        "private": lambda: _one_of(values, "seen", tuple(SEEN), THREAD) == ALONE,
        "checklist": lambda: checklist.lines_of(text(values, "checklist", ROOM, required=False)),
        "repeat": lambda: _repeat(person, values, task),
        "needs": lambda: _needs(session, person, text(values, "needs", NEEDS, required=False), task),
    }
    if task is None:
        readers["people"] = lambda: _people(session, person, text(values, "who", ROOM, required=False))
    meant, errors = taken(readers, FIELDS)
    if not errors:
        errors = _fitted(person, meant, task)
    found = detect(f"{meant.get('title', '')}\n{meant.get('details', '')}", person.locale)
    return {**meant, "language": found}, errors


def _fitted(person: Person, meant: dict[str, Any], task: Task | None) -> Errors:
    """What repeats is first due when its rule says so."""
    rule = meant["repeat"]
    due = datetime.fromisoformat(meant["due_at"]) if meant["due_at"] else None
    if rule is not None and (task is None or task.repeat != rule or due is None):
        try:
            meant["due_at"] = words.first_of(person, rule, due).isoformat()
        except Refusal as refusal:
            return {"often": refusal}
    return {}


def _one_of(values: Mapping[str, Any], name: str, known: Sequence[str], otherwise: str) -> str:
    value = str(values.get(name) or otherwise)
    if value not in known:
        raise Refusal("choose_one")
    return value


def _until(person: Person, values: Mapping[str, Any], task: Task | None) -> str | None:
    """A moment to come. One that stood there may have passed meanwhile, as long as nobody touches it."""
    said = text(values, "until", UNTIL, required=False)
    stood = task.due_at if task is not None else None
    if stood is not None and said == _written(stood, person):
        return stood.isoformat()
    return words.moment(person, said).isoformat() if said else None


def _written(moment: datetime, person: Person) -> str:
    """As it stands in the form."""
    return moment.astimezone(person.zone).strftime("%Y-%m-%d %H:%M")


def _repeat(person: Person, values: Mapping[str, Any], task: Task | None) -> str | None:
    if said := text(values, "often", UNTIL, required=False):
        return words.rule(person, said)
    rule = str(values.get("repeat") or NO)
    if rule == NO:
        return None
    if rule not in repeats.USUAL and (task is None or rule != task.repeat):
        raise Refusal("no_rule")
    return rule


def _people(session: Session, person: Person, said: str) -> dict[str, Any]:
    found = people_named.resolve(session, person, said) if said else people_named.Named([person])
    for each in found.people:
        assignments.check_person(each)
    others = [each.id for each in found.people if not (found.anyone and each.id == person.id)]
    return {"ids": others or [person.id], "mode": ANYONE if found.anyone and len(others) > 1 else EACH}


def _needs(session: Session, person: Person, said: str, task: Task | None) -> list[int]:
    """The tasks that are named by their numbers, or by words of which one open task has all."""
    found: dict[int, Task] = {}
    for part in (each.strip().lstrip("#") for each in said.replace("،", ",").replace(";", ",").split(",")):
        if part:
            needed = _needed(session, person, part)
            if task is None or needed.id != task.id:
                found[needed.id] = needed
    if len(found) > dependencies.MOST:
        raise Refusal("too_many_needs", most=dependencies.MOST)
    return list(found)


def _needed(session: Session, person: Person, part: str) -> Task:
    if part.isascii() and part.isdecimal():
        one = session.get(Task, int(part)) if len(part) < 18 else None
        if one is None or not access.may(session, person, "read", one):
            raise Refusal("unknown_task", number=part)
        return one
    like = [Task.title.icontains(word, autoescape=True) for word in part.split()]
    query = select(Task).where(Task.state == OPEN, *like).order_by(Task.id.desc()).limit(50)
    seen = [each for each in session.scalars(query) if access.may(session, person, "read", each)]
    if len(seen) != 1:
        known = "; ".join(f"{each.id}: {each.title}" for each in seen[:_FOUND])
        raise Refusal("which_task" if seen else "no_such_task", part=part, known=known)
    return seen[0]
