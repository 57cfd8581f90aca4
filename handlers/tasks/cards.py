"""What people see of a task: the asker and everybody who was asked in their own chats, all in the thread."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.cards import Card, Words
from models.people import Person
from models.tasks.tables import Task


def task(session: Session, task: Task, reader: Person, note: Words | None = None) -> Card:
    """A task as ``reader`` sees it in their own chat, with what they may do; ``note`` stands above it, and is what
    their notification says. Post it with ``about=task.about_for(reader.id)``: then it changes with the task."""
    raise NotImplementedError


def public(session: Session, task: Task) -> Card:
    """The one card in the thread: for all who are there, with buttons that refuse who may not press them."""
    raise NotImplementedError


def path(task: Task) -> str:
    """Its page."""
    return f"/tasks/{task.id}"
