"""Colleagues on a Monday morning: what tests of who is asked have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from models import base
from models.people import Account, Person

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@contextmanager
def on_monday(database: str, pool: int = 2) -> Iterator[Session]:
    """A session on ``database``, on Monday at ten."""
    base.set_clock(lambda: MONDAY)
    with Session(base.connect(database, pool=pool), expire_on_commit=False) as session:
        yield session
    base.set_clock(None)
    base.disconnect()


def somebody(session: Session, handle: str, **about: Any) -> Person:
    """A person with a chat of their own."""
    person = Person(handle=handle, name=handle.title(), **about)
    person.accounts = [Account(platform="slack", installation="here", external=handle, private=f"dm:{handle}")]
    session.add(person)
    session.flush()
    return person
