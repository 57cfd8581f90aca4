"""The same few statements, again and again, on a connection of their own in the event loop: for capture, whose every
batch waits for them. It speaks libpq's language itself (``psycopg.pq``), which takes a third of the time that a cursor
takes, and listens all the time, since to begin and end that for every statement costs two calls of the system each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

Row = tuple[str | None, ...]


class Line:
    """A connection that nobody else uses, until ``close``."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._names: dict[str, bytes] = {}
        self._listening = -1
        self._result: PGresult | None = None
        self._answer: asyncio.Future[PGresult] | None = None

    @property
    def closed(self) -> bool:
        """Whether the connection is lost."""
        return self._connection.closed

    async def run(self, statement: str, *values: bytes) -> list[Row]:
        """Run ``statement`` (with ``$1``, ``$2``, …), prepared when it is run first; the rows as text. Raises
        ``psycopg.Error``: ``OperationalError`` where the connection is lost."""
        name = self._names.get(statement)
        if name is None:
            name = f"line{len(self._names)}".encode()
            prepared = name  # mypy: of its own for the closure
            await self._ask(lambda: self._pgconn.send_prepare(prepared, statement.encode()))
            self._names[statement] = name
        asked = name
        return _rows(await self._ask(lambda: self._pgconn.send_query_prepared(asked, values)))

    async def close(self) -> None:
        """Let the connection go."""
        self._deafen()
        await self._connection.close()

    async def _ask(self, send: Callable[[], None]) -> PGresult:
        loop = asyncio.get_running_loop()
        self._result, self._answer = None, loop.create_future()
        send()
        if self._listening < 0:
            self._listening = self._pgconn.socket
            loop.add_reader(self._listening, self._read)
        if self._pgconn.flush():
            loop.add_writer(self._listening, self._push, self._listening)
        return await self._answer

    def _deafen(self) -> None:
        if self._listening >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._listening)
            loop.remove_writer(self._listening)
            self._listening = -1

    def _push(self, socket: int) -> None:
        try:
            if not self._pgconn.flush():
                asyncio.get_running_loop().remove_writer(socket)
        except psycopg.Error as error:
            self._lose(error)

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
            self._lose(error)

    def _lose(self, error: psycopg.Error) -> None:
        """A connection that was lost would be ready to be read for ever."""
        self._deafen()
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
