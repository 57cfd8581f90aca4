"""The company that talks to programs which we did not write: one topic, and who knows about it."""

from __future__ import annotations

from datetime import time

from sqlalchemy import select

from models.base import reading, transaction
from models.knowledge import Topic
from models.people import Person

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
