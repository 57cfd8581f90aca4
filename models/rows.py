"""Statements and rows without the ORM's machinery, for what every event asks: the same objects in a fifth of the time.

A statement is plain SQL in the driver's form (``models.prepared``). It runs on the session's own connection, in its
transaction, after what the session has to write. Rows that are written go as JSON, one parameter: that costs a tenth of
what a parameter a column costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

import orjson
import psycopg
from sqlalchemy import Column, exc, inspect
from sqlalchemy.orm import Session, configure_mappers, make_transient, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from models.base import Base, hold
from models.prepared import Found, Statements

Entity = TypeVar("Entity", bound=Base)


def run(session: Session, statement: str, values: Mapping[str, Any] | None = None) -> Found:
    """Run ``statement`` in the session's transaction; raises what a session would (``DBAPIError``)."""
    session.flush()
    try:
        return _statements(session).run(statement, values)
    except psycopg.Error as error:
        raise _as_of_session(session, statement, error) from error


def _statements(session: Session) -> Statements:
    """What is prepared on the connection that the session's transaction runs on."""
    transaction = session.get_transaction()
    kept: tuple[object, Statements] | None = session.info.get("statements")
    if kept is not None and kept[0] is transaction:
        return kept[1]
    connection: Any = session.connection().connection
    if "statements" not in connection.info:
        connection.info["statements"] = Statements(connection.driver_connection)
    statements: Statements = connection.info["statements"]
    session.info["statements"] = session.get_transaction(), statements
    return statements


def _as_of_session(session: Session, statement: str, error: psycopg.Error) -> exc.StatementError:
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    lost = driver.closed
    if lost:
        connection.invalidate(error)
    return exc.DBAPIError.instance(
        statement, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost
    )


def plan_once(session: Session) -> None:
    """Let statements keep one plan from here to the end of the transaction. To plan some takes longer than to run them,
    and where PostgreSQL takes the plan for these very values to be the cheaper one it plans them anew each time."""
    if session.info.get("planned once") is not session.get_transaction():
        run(session, "set local plan_cache_mode = force_generic_plan")
        session.info["planned once"] = session.get_transaction()


class Rows(Generic[Entity]):
    """The rows of a table as objects of a session. ``without`` names columns that are loaded when they are asked
    for."""

    def __init__(self, kind: type[Entity], without: Sequence[str] = ()) -> None:
        self._mapper = inspect(kind)
        table: Any = self._mapper.local_table
        self._kind = kind
        self._without = without
        self._new: Callable[[], Entity] = inspect(kind).class_manager.new_instance  # type: ignore[assignment]
        self._table = f'"{kind.__tablename__}"'
        self._names = tuple(column.key for column in table.columns if column.key not in without)
        self._key = tuple(self._names.index(column.key) for column in table.primary_key)
        self._given = {column.key: _default(column) for column in table.columns if column.identity is None}
        names = ", ".join(f'"{name}"' for name in self._given)
        from_json = f"jsonb_populate_recordset(null::{self._table}, %(rows)s::jsonb)"
        self._insert = f"insert into {self._table} ({names}) select {names} from {from_json}"  # noqa: S608
        self._lock = f"select {self.columns('t')} from {self._table} t where id = %(id)s for update"  # noqa: S608

    def __len__(self) -> int:
        return len(self._names)

    def columns(self, alias: str) -> str:
        """The columns, to stand in a statement: ``select {PEOPLE.columns("p")} from person p``."""
        return ", ".join(f'{alias}."{name}"' for name in self._names)

    def at(self, name: str) -> int:
        """Where a column stands in a row."""
        return self._names.index(name)

    # -- reading

    def of(self, session: Session, row: Sequence[Any]) -> Entity:
        """The object of a row that begins with these columns; the one that the session knows already where it does."""
        known = self._known(session, row)
        if known is not None:
            return known
        if not self._mapper.configured:  # a session would have seen to it; nothing else has used one yet
            configure_mappers()
        entity: Entity = self._new()
        entity.__dict__.update(zip(self._names, row, strict=False))
        state = inspect(entity)  # what ``session.add`` does of a detached object, without looking for others behind it
        state.key = (self._kind, tuple(row[at] for at in self._key), None)
        state.session_id = session.hash_key
        session.identity_map.add(state)
        if self._without:
            session.expire(entity, self._without)
        hold(session, entity)
        return entity

    def maybe(self, session: Session, row: Sequence[Any]) -> Entity | None:
        """The same, of a row that an outer join may have left empty."""
        return None if row[self._key[0]] is None else self.of(session, row)

    def all(self, session: Session, statement: str, values: Mapping[str, Any] | None = None) -> list[Entity]:
        """The objects that a statement finds, whose rows begin with these columns."""
        return [self.of(session, row) for row in run(session, statement, values).fetchall()]

    def first(self, session: Session, statement: str, values: Mapping[str, Any] | None = None) -> Entity | None:
        """The first of them, or ``None``."""
        row = run(session, statement, values).fetchone()
        return None if row is None else self.of(session, row)

    def locked(self, session: Session, id: int) -> Entity | None:
        """The object with this number as it is now, locked until the end of the transaction."""
        row = run(session, self._lock, {"id": id}).fetchone()
        if row is None:
            return None
        known = self._known(session, row)
        if known is None:
            return self.of(session, row)
        for name, value in zip(self._names, row, strict=True):
            set_committed_value(known, name, value)
        session.expire(known, inspect(self._kind).relationships.keys())
        return known

    def _known(self, session: Session, row: Sequence[Any]) -> Entity | None:
        key = (self._kind, tuple(row[at] for at in self._key), None)
        return session.identity_map.get(key)

    # -- writing

    def insert(self, session: Session, entity: Entity, after: str = "select id from added") -> None:
        """Insert a new object. ``after`` goes on from the row ``added``, and returns its number."""
        values = self._values(entity)
        statement = f"with added as ({self._insert} returning *) {after}"
        row = run(session, statement, {"rows": _dumps([values])}).fetchone()
        assert row is not None
        entity.__dict__.update(values, id=row[0])
        _kept(session, entity)

    def insert_all(self, session: Session, entities: Sequence[Entity]) -> None:
        """Insert new objects of which nothing more is asked."""
        run(session, self._insert, {"rows": _dumps([self._values(entity) for entity in entities])})

    def update(self, session: Session, entity: Entity, after: str = "select 1 from changed") -> None:
        """Write what was changed of an object. ``after`` goes on from the row ``changed``."""
        changed = inspect(entity).committed_state
        values = {name: entity.__dict__[name] for name in self._given if name in changed}
        make_transient(entity)  # or else it would be flushed first
        run(session, _update(self._table, tuple(values), after), {"row": _dumps(values), "id": entity.id})  # type: ignore[attr-defined]
        _kept(session, entity)

    def _values(self, entity: Entity) -> dict[str, Any]:
        given = entity.__dict__
        return {name: given[name] if name in given else default() for name, default in self._given.items()}


def rows_of(kind: type[Entity]) -> Rows[Entity]:
    """The rows of the table of ``kind``, all columns."""
    if kind not in _rows:
        _rows[kind] = Rows(kind)
    return _rows[kind]


_rows: dict[type[Base], Rows[Any]] = {}


@cache
def _update(table: str, names: tuple[str, ...], after: str) -> str:
    columns = ", ".join(f't."{name}"' for name in names)
    changes = ", ".join(f'"{name}" = n."{name}"' for name in names)
    return f"""
with changed as (
  update {table} t set {changes} from (select {columns} from jsonb_populate_record(null::{table}, %(row)s::jsonb) t) n
  where t.id = %(id)s returning t.*
) {after}"""  # noqa: S608 the names are our own, never input


def _kept(session: Session, entity: Entity) -> Entity:
    """It is in the session, as the database has it."""
    make_transient_to_detached(entity)
    session.add(entity)
    hold(session, entity)
    return entity


def _default(column: Column[Any]) -> Callable[[], Any]:
    """What stands in a column that was not given."""
    default: Any = column.default
    if default is None:
        return lambda: None
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
