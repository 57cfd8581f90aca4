"""One statement, again and again, on a connection of its own in the event loop: for capture, whose every batch waits
for it. It speaks libpq's language itself (``psycopg.pq``), which takes a third of the time that a cursor takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

_NAME = b"line"
Row = tuple[str | None, ...]


class Line:
    """``statement`` (with ``$1``, ``$2``, …), prepared on ``connection``, which nobody else uses meanwhile."""

    def __init__(self, connection: psycopg.AsyncConnection, statement: str) -> None:
        self._pgconn = connection.pgconn
        self._statement = statement.encode()
        self._prepared = False
        self._result: PGresult | None = None
        self._answer: asyncio.Future[PGresult] | None = None

    async def run(self, *values: bytes) -> list[Row]:
        """Run the statement; the rows as text. Raises ``psycopg.Error``: ``OperationalError`` where the connection is
        lost."""
        if not self._prepared:
            await self._ask(lambda: self._pgconn.send_prepare(_NAME, self._statement))
            self._prepared = True
        return _rows(await self._ask(lambda: self._pgconn.send_query_prepared(_NAME, values)))

    async def _ask(self, send: Callable[[], None]) -> PGresult:
        loop = asyncio.get_running_loop()
        socket = self._pgconn.socket
        self._result, self._answer = None, loop.create_future()
        send()
        loop.add_reader(socket, self._read)
        if self._pgconn.flush():
            loop.add_writer(socket, self._push, socket)
        try:
            return await self._answer
        finally:
            loop.remove_reader(socket)
            loop.remove_writer(socket)

    def _push(self, socket: int) -> None:
        try:
            if not self._pgconn.flush():
                asyncio.get_running_loop().remove_writer(socket)
        except psycopg.Error as error:
            self._fail(error)

    def _read(self) -> None:
        """A query is answered by a result, and then by nothing: only then may the next one be asked."""
        try:
            self._pgconn.consume_input()
            while not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None:
                    self._end()
                    return
                self._result = result
        except psycopg.Error as error:
            self._fail(error)

    def _end(self) -> None:
        if self._result is None or self._result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            none = psycopg.OperationalError("no answer")
            self._fail(none if self._result is None else errors.error_from_result(self._result))
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(self._result)

    def _fail(self, error: psycopg.Error) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def _rows(result: PGresult) -> list[Row]:
    columns: Sequence[int] = range(result.nfields)
    return [tuple(_text(result.get_value(row, column)) for column in columns) for row in range(result.ntuples)]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
