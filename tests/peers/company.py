"""The company that talks to programs which we did not write: one topic, who knows about it, and how it is in Teams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import time
from pathlib import Path

from sqlalchemy import select

from models import base
from models.base import reading, transaction
from models.knowledge import Topic
from models.people import Person
from tests.homes import new_home
from tests.peers.playground import Playground, playground
from tests.peers.process import agora, free_port

KEYS = "How do I rotate the signing keys?"
ANSWER = "Run the rotate job in the vault, then restart the gateway."


def settle_in(*others: str) -> None:
    """People of the list of people, whom nobody has met yet; Omar knows about security, at any hour."""
    always = {"work_days": [0, 1, 2, 3, 4, 5, 6], "work_from": time(0), "work_to": time(23, 59)}
    with transaction() as session:
        people = [Person(handle=name, name=f"{name.title()} Acme", email=f"{name}@acme.example", department="IT",
                         **always) for name in ("omar", *others)]  # fmt: skip
        session.add_all(people)
        session.flush()
        session.add(Topic(key="security", names={"en": "Security"}, owner_id=people[0].id))


def topic() -> str:
    """Its topic, as a form names it."""
    with reading() as session:
        return str(session.scalars(select(Topic.id)).one())


@asynccontextmanager
async def in_teams(
    database: str, folder: Path, settle: Callable[[], None], **settings: str
) -> AsyncIterator[Playground]:
    """A playground, and a real Agora behind it on ``database``, in which there is what ``settle`` puts there."""
    base.connect(database, pool=2)
    settle()
    ours, theirs = free_port(), free_port()
    with new_home() as home:
        async with (
            agora(database, ours, home, TEAMS_LOCAL="1", **settings),
            playground(folder, theirs, ours) as found,
        ):
            yield found
    base.disconnect()
