"""How a task that somebody writes is understood, shown to them alone before it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    Fields,
    Heading,
    Markdown,
    T,
    Text,
    User,
    Words,
)
from bot.filled import Errors
from bot.shorten import shortened
from bot.weekdays import with_weekday
from handlers.tasks import forms, misread, repeats, saying
from models.people import Person
from models.places import PRIVATE, Place
from models.tasks.forms import TaskForm
from models.tasks.tables import ANYONE, NORMAL, Task

_SHOWN = 600  # characters of details
_TITLE = 80


def about(form: TaskForm) -> str:
    """What the card is about."""
    return f"task-form:{form.id}"


def card(session: Session, form: TaskForm, person: Person) -> Card:
    """What a form is understood as, with the way to say that it is right."""
    meant: Mapping[str, Any] = form.meant or {}
    title = User(shortened(str(meant["title"]), _TITLE))
    said = form.filled or {}
    elements: list[Element] = [Heading(User(str(meant["title"])))]
    if meant["details"]:
        elements.append(Markdown(shortened(meant["details"], _SHOWN), meant["language"]))
    elements.append(Fields(tuple(_pairs(session, form, meant, person))))
    if until := said.get("until") or said.get("often"):
        elements.append(Text(T("You wrote “{words}”.", words=User(until)), subtle=True))
    changes = form.version > 0
    alone = not changes and meant["people"]["ids"] == [person.id]
    label = T("Save it so") if changes else T("Make the task") if alone else T("Ask them")
    elements.append(Actions((Button(label, "tasks.confirm", form.id, "primary"), *_others(form))))
    return Card(T("Is this right? {title}", title=title), tuple(elements))


def problem(form: TaskForm, errors: Errors) -> Card:
    """What cannot be taken of it, and the way to change that: nothing of it is lost."""
    title = (form.filled or {}).get("title", "")
    shown = (Heading(User(title)),) if title else ()
    lines = tuple(Text(misread.said(each)) for each in errors.values())
    intro = T("I cannot make a task of this yet.")
    return Card(intro, (*shown, Text(intro), *lines, Actions(_others(form))))


def _others(form: TaskForm) -> tuple[Button, ...]:
    return (
        Button(T("Change…"), "tasks.rewrite", form.id, opens="form"),
        Button(T("Discard"), "tasks.discard", form.id),
    )


def _until(meant: Mapping[str, Any], person: Person) -> Words:
    at = meant["due_at"]
    return with_weekday(datetime.fromisoformat(at), person.zone) if at else T("No date")


def _pairs(session: Session, form: TaskForm, meant: Mapping[str, Any], person: Person) -> list[tuple[Words, Words]]:
    pairs: list[tuple[Words, Words]] = []
    if "people" in meant:
        pairs.append((T("Who does it"), _who(session, meant["people"])))
    pairs.append((T("Until when"), _until(meant, person)))
    if meant["repeat"]:
        pairs.append((T("Repeats"), repeats.said(meant["repeat"])))
    if meant["priority"] != NORMAL:
        pairs.append((T("Priority"), forms.PRIORITY[meant["priority"]]))
    if meant["checklist"]:
        pairs.append((T("Checklist"), T("{n} item", "{n} items", n=len(meant["checklist"]))))
    if meant["needs"]:
        pairs.append((T("What must be done first"), _needs(session, meant["needs"])))
    place = session.get(Place, form.place_id) if form.place_id else None
    if place is not None and place.kind != PRIVATE:
        pairs.append((T("Who sees it"), forms.SEEN[forms.ALONE if meant["private"] else forms.THREAD]))
    return pairs


def _who(session: Session, asked: Mapping[str, Any]) -> Words:
    people = [found for number in asked["ids"] if (found := session.get(Person, number)) is not None]
    names = saying.people(people)
    return T("Whoever of them accepts first: {names}", names=names) if asked["mode"] == ANYONE else names


def _needs(session: Session, numbers: list[int]) -> Words:
    titles = [found.title for number in numbers if (found := session.get(Task, number)) is not None]
    return User(shortened("; ".join(titles), 200))
