"""The bare baseline of ``handling``: the rows that transactions left behind, written again with plain psycopg.

PostgreSQL notes in each row which transaction wrote it (``xmin``), so what a handler wrote is found without knowing
what it does: whatever features write tomorrow is in the baseline, too.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import psycopg
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from models.base import Base

Values = tuple[object, ...]
Key = tuple[str, Values]
_TRIES = 20


@dataclass(frozen=True)
class Write:
    """One statement with its values."""

    statement: str
    values: Values


Waiting = tuple[Sequence[Write], int]
"""The writes of a transaction, and how often more they are tried where they come too early."""


class _AsText(Loader):
    """JSON goes back as it came."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class Replay:
    """Follows the rows of one database, to write them into others that began as its copies."""

    def __init__(self, source: str) -> None:
        self._source = _plain(source)
        self._seen: set[Key] = set()
        self._upto = 0
        self.look()

    def look(self) -> list[list[Write]]:
        """What each transaction since the last look left behind, in the order in which they began."""
        with psycopg.connect(self._source) as connection:
            for name in ("json", "jsonb"):
                connection.adapters.register_loader(name, _AsText)
            now = connection.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
            assert now is not None
            wrote: dict[int, list[Write]] = {}
            for table in Base.metadata.sorted_tables:
                if table.name == "search_change":
                    continue  # a trigger writes it, there too
                for transaction, write in self._new_rows(connection, table.name, [c.name for c in table.columns],
                                                         [c.name for c in table.primary_key]):  # fmt: skip
                    wrote.setdefault(transaction, []).append(write)
            self._upto = int(now[0])
        return [wrote[transaction] for transaction in sorted(wrote)]

    def _new_rows(
        self, connection: psycopg.Connection, table: str, columns: Sequence[str], key: Sequence[str]
    ) -> Iterable[tuple[int, Write]]:
        rows = connection.execute(
            sql.SQL("select xmin::text::bigint, {} from {} where xmin::text::bigint >= {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table), self._upto
            )
        )
        insert, update = _insert(table, columns), _update(table, columns, key)
        for transaction, *values in rows:
            by_name = dict(zip(columns, values, strict=True))
            identity = tuple(by_name[name] for name in key)
            known = (table, identity) in self._seen
            self._seen.add((table, identity))
            rest = tuple(by_name[name] for name in columns if name not in key)
            yield transaction, Write(update, (*rest, *identity)) if known else Write(insert, tuple(values))


def write(target: str, transactions: Sequence[Sequence[Write]], threads: int) -> float:
    """Write them into ``target``, a transaction each, over so many connections at once; the seconds it took."""
    connections = [psycopg.connect(_plain(target)) for _ in range(threads)]
    try:
        with ThreadPoolExecutor(threads) as pool:
            waiting: SimpleQueue[Waiting] = SimpleQueue()
            for writes in transactions:
                waiting.put((writes, _TRIES))
            started = time.perf_counter()
            for done in [pool.submit(_write_all, connection, waiting) for connection in connections]:
                done.result()
            return time.perf_counter() - started
    finally:
        for connection in connections:
            connection.close()


def _write_all(connection: psycopg.Connection, waiting: SimpleQueue[Waiting]) -> None:
    while True:
        try:
            writes, tries = waiting.get_nowait()
        except Empty:
            return
        try:
            for one in writes:
                connection.execute(one.statement, one.values)
            connection.commit()
        except psycopg.errors.ForeignKeyViolation:  # what it refers to is being written by another connection
            connection.rollback()
            if tries == 0:
                raise
            waiting.put((writes, tries - 1))


def _insert(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f'insert into "{table}" ({names}) values ({", ".join(["%s"] * len(columns))})'


def _update(table: str, columns: Sequence[str], key: Sequence[str]) -> str:
    changes = ", ".join(f'"{name}" = %s' for name in columns if name not in key)
    which = " and ".join(f'"{name}" = %s' for name in key)
    return f'update "{table}" set {changes} where {which}'


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
