"""Everything that leads to one person made to lead to another, and back: which rows is remembered by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, any_, func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from models.base import Base
from models.people import Person

_SECRETS = frozenset({"joining", "link", "web_session", "seal"})  # and what masks lead to
_COUNTED = frozenset({"answered", "unlearned"})  # what the database counts follows by itself
_BY_NUMBER = frozenset({"posted_card.person_id"})  # leads to a person without saying so
_KEYED = ("question", "entry", "passage")  # whose audience may name a person
_AT_ONCE = 1000  # rows in one statement

Moved = dict[str, Any]


def give(session: Session, giver: Person, taker: Person) -> Moved:
    """Let the taker have what the giver has, except where they have the same already; which rows those are."""
    rows = {f"{column.table.name}.{column.name}": _give(session, column, giver, taker) for column in _columns()}
    return {
        "rows": {name: keys for name, keys in rows.items() if keys},
        "keys": {name: numbers for name in _KEYED if (numbers := _rename(session, name, giver, taker))},
    }


def give_back(session: Session, giver: Person, taker: Person, moved: Moved) -> None:
    """Let the taker have again what ``give`` moved, as far as the giver still has it."""
    for name, keys in moved.get("rows", {}).items():
        table, column = name.split(".")
        for some in _batches(keys):
            _give(session, Base.metadata.tables[table].c[column], giver, taker, some)
    for name, numbers in moved.get("keys", {}).items():
        for some in _batches(numbers):
            _rename(session, name, giver, taker, some)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[at : at + _AT_ONCE] for at in range(0, len(items), _AT_ONCE))


def _columns() -> Iterator[Column[Any]]:
    """Every column by which a row belongs to a person. The playground's own rows stay with its accounts."""
    for table in Base.metadata.sorted_tables:
        if table.name in _SECRETS | _COUNTED or table.name.startswith("web_"):
            continue
        for column in table.columns:
            leads = any(key.column.table.name == "person" for key in column.foreign_keys)
            if leads or f"{table.name}.{column.name}" in _BY_NUMBER:
                yield column


def _give(
    session: Session, column: Column[Any], giver: Person, taker: Person, only: Sequence[Any] | None = None
) -> list[list[Any]]:
    """The keys of the rows that lead to the taker now: what tells them from others, whoever they belong to. Of a table
    with one row a person that is nothing more."""
    keys = [key for key in column.table.primary_key if key is not column]
    which = [column == giver.id, *(_has_none(column, others, taker) for others in _once(column))]
    if only is not None and keys:
        which.append(tuple_(*keys).in_([tuple(key) for key in only]))
    moved = session.execute(update(column.table).where(*which).values({column.name: taker.id}).returning(column, *keys))
    return [list(row[1:]) for row in moved]


def _once(column: Column[Any]) -> Iterator[list[Column[Any]]]:
    """The other columns of everything that may be there once for a person."""
    table: Table = column.table
    unique = [list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique += [list(each.columns) for each in table.indexes if each.unique]
    for columns in (list(table.primary_key), *unique):
        if column in columns:
            yield [each for each in columns if each is not column]


def _has_none(column: Column[Any], others: Sequence[Column[Any]], taker: Person) -> Any:
    theirs = column.table.alias()
    same = [theirs.c[each.name] == each for each in others]
    return ~select(1).select_from(theirs).where(theirs.c[column.name] == taker.id, *same).exists()


def _rename(session: Session, name: str, giver: Person, taker: Person, only: Sequence[int] | None = None) -> list[int]:
    """What was meant for the giver is meant for the taker; the numbers of those rows."""
    table = Base.metadata.tables[name]
    before, after = literal(f"person:{giver.id}"), literal(f"person:{taker.id}")
    which = [before == any_(table.c.audience), ~(after == any_(table.c.audience))]
    if only is not None:
        which.append(table.c.id.in_(only))
    values = {"audience": func.array_replace(table.c.audience, before, after)}
    return list(session.scalars(update(table).where(*which).values(values).returning(table.c.id)))
