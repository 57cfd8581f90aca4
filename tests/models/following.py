"""A follower of an index, and what it knows."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from models.base import reading, transaction
from models.knowledge import Entry, Part, Passage, store_parts
from models.questions import Question
from models.search.follow import Follower
from models.search.pool import Kind, Query

HELD = ["everyone"]


def entry(session: Session, text: str, *audience: str) -> Entry:
    """An entry of one passage."""
    found = Entry(title=text, body=text, language="en", audience=list(audience or HELD))
    session.add(found)
    session.flush()
    store_parts(session, found, [Part("", "", text)])
    return found


def entries(count: int, words: str = "canary") -> None:
    """Several, committed."""
    with transaction() as session:
        for number in range(count):
            entry(session, f"{words} number{number}x")


def caught_up(one: Follower) -> Follower:
    """The follower when all its work is done."""
    while not one.complete:
        with reading() as session:
            one.catch_up(session)
        one.wait()
    one.wait()
    return one


def known(one: Follower, text: str = "canary", held: list[str] = HELD) -> set[int]:
    """The entries that it finds."""
    return set(one.index.pool(Query(text, "en"), held).parents.tolist())


def exact(one: Follower) -> None:
    """The index knows what the database has, no more and no less."""
    with reading() as session:
        one.catch_up(session)
        tables_of: dict[Kind, type[Passage] | type[Question]] = {"passage": Passage, "question": Question}
        there = {kind: list(session.execute(select(of.id, of.audience))) for kind, of in tables_of.items()}
    for kind in tables_of:
        collection = one.index.of(kind)
        found = [
            (int(block.ids[row]), block.groups.all[block.group[row]][1])
            for block in (*collection.blocks, collection.memory)
            for row in range(len(block))
            if block.alive[row]
        ]
        assert sorted(found) == sorted((id, tuple(audience)) for id, audience in there[kind])


def hidden(session: Session, found: Entry) -> None:
    """Let nobody but admins read it."""
    found.audience = ["role:admin"]
    session.flush()
    session.execute(sql("update passage set audience = '{role:admin}' where entry_id = :id"), {"id": found.id})
