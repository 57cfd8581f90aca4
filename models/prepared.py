"""Plain SQL in the driver's form (``%(name)s``), prepared on a connection when it is run there first.

It speaks to libpq itself (``psycopg.pq``) and lets psycopg convert the values: a cursor of psycopg, which makes itself,
its query and its loaders anew each time, takes twice the CPU. psycopg prepares nothing on these connections by itself
(``prepare_threshold``), since after each rollback it would let go of all that is prepared.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, NamedTuple

import psycopg
from psycopg import errors
from psycopg.abc import Transformer as Loads
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Row = tuple[Any, ...]
_MOST = 200  # per connection; PostgreSQL keeps the plan of each
_VALUE = re.compile(r"%(?:\((\w+)\)s|%)")


class Found(NamedTuple):
    """What a statement found: its rows, what their columns are called, and how many rows it touched."""

    rows: Sequence[Row]
    names: Sequence[str]
    rowcount: int

    def fetchall(self) -> Sequence[Row]:
        """Every row."""
        return self.rows

    def fetchone(self) -> Row | None:
        """The first row, or ``None``."""
        return self.rows[0] if self.rows else None


@dataclass
class _Statement:
    """A prepared statement: ``loads`` makes Python's values of its columns, once it has seen what they are."""

    name: bytes
    loads: Loads
    names: tuple[str, ...] | None = None


class Statements:
    """The statements that are prepared on one connection. Whoever holds the connection runs one at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._dumps = Transformer(connection)
        self._kept: OrderedDict[tuple[str, tuple[int, ...]], _Statement] = OrderedDict()
        self._numbers = count()

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> Found:
        """Run ``statement`` in the connection's transaction, which it begins where there is none. Raises
        ``psycopg.Error``."""
        pgconn = self._connection.pgconn
        if pgconn.transaction_status == TransactionStatus.IDLE:
            _answered(pgconn.exec_(b"begin read only" if self._connection.read_only else b"begin"))
        text, wanted = _translated(statement) if values is not None else (statement.encode(), ())
        given = [values[name] for name in wanted] if values is not None else []
        dumped = self._dumps.dump_sequence(given, [PyFormat.AUTO] * len(given))
        types, formats = self._dumps.types or (), self._dumps.formats
        prepared = self._prepared(pgconn, statement, text, types)
        result = pgconn.exec_prepared(prepared.name, dumped, formats)  # type: ignore[arg-type]  # None is a null
        try:
            return _found(prepared, _answered(result))
        except errors.FeatureNotSupported:  # a migration changed what it finds; prepared anew it finds it
            del self._kept[statement, types]
            raise

    def _prepared(self, pgconn: PGconn, statement: str, text: bytes, types: tuple[int, ...]) -> _Statement:
        """As psycopg does, one for each choice of types: of a number it takes the smallest that holds it."""
        kept = self._kept.get((statement, types))
        if kept is not None:
            self._kept.move_to_end((statement, types))
            return kept
        if len(self._kept) >= _MOST:
            _, oldest = self._kept.popitem(last=False)
            _answered(pgconn.exec_(b"deallocate " + oldest.name))
        prepared = _Statement(b"agora%d" % next(self._numbers), Transformer(self._connection))
        _answered(pgconn.prepare(prepared.name, text, types))
        self._kept[statement, types] = prepared
        return prepared


@cache
def _translated(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement in PostgreSQL's form (``$1``), and the names of its values in that order."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _VALUE.sub(place, statement).encode(), tuple(names)


def _answered(result: PGresult) -> PGresult:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise errors.error_from_result(result)
    return result


def _found(prepared: _Statement, result: PGresult) -> Found:
    if prepared.names is None:
        names = (result.fname(column) for column in range(result.nfields))
        prepared.names = tuple((name or b"").decode() for name in names)
        prepared.loads.set_pgresult(result)
    else:
        prepared.loads.set_pgresult(result, set_loaders=False)
    rows = prepared.loads.load_rows(0, result.ntuples, tuple) if result.ntuples else []
    return Found(rows, prepared.names, result.command_tuples or 0)
