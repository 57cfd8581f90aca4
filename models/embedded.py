"""The embedded PostgreSQL: the processes of one Agora share a server, and the last to leave stops it.

Who is in holds a shared lock on a file. The kernel frees it however a process ends, so that a killed process never
keeps the server up for good, nor takes it away from others. Starting and stopping take turns by a second file.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from models.data_home import EmbeddedDatabaseError, data_home, open_own, server_account
from models.postgres import START_LIMIT, SUPERUSER, Postgres, StillInUse
from models.postgres_places import PORT

__all__ = ["DATABASE", "EmbeddedDatabaseError", "EmbeddedServer", "data_home"]

DATABASE = "agora"
POLL = 0.05  # seconds


class EmbeddedServer:
    """This process's share in the embedded server. Leave it when done: `with EmbeddedServer.join(home) as server`."""

    def __init__(self, home: Path, postgres: Postgres, presence: int) -> None:
        self._home = home
        self._postgres = postgres
        self._presence: int | None = presence
        self._socket_folder = postgres.socket_folder

    @classmethod
    def join(cls, home: Path, settings: Mapping[str, str] | None = None) -> Self:
        """Find the server of the data in `home`, or start it (with more PostgreSQL settings), and stay in.

        A server that crashed, or whose starter was killed, is recovered. Raises EmbeddedDatabaseError.
        """
        home = home.resolve()
        with _turn(home):
            postgres = Postgres(home, server_account(home))
            presence = _lock(home / "database.users", fcntl.LOCK_SH)
            try:
                postgres.initialise()
                _make_ready(postgres, settings or {})
                server = cls(home, postgres, presence)
                server._ensure_database()
            except BaseException as error:
                os.close(presence)
                if isinstance(error, OSError):
                    raise EmbeddedDatabaseError(f"The embedded database cannot use {home}: {error}") from error
                raise
        return server

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of Agora's database, over the server's socket."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The SQLAlchemy URL of another database of the server."""
        where = f"host={quote(str(self._socket_folder), safe='')}&port={PORT}"
        return f"postgresql+psycopg://{SUPERUSER}@/{quote(database)}?{where}"

    def leave(self) -> None:
        """Leave the server; the last process to leave stops it. Leaving twice does nothing."""
        if self._presence is None:
            return
        with _turn(self._home):
            os.close(self._presence)
            self._presence = None
            try:
                alone = _lock(self._home / "database.users", fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            try:
                self._postgres.stop()
            finally:
                os.close(alone)

    def create_database(self, name: str, template: str = "template0") -> str:
        """Create a database as a copy of `template`, to which nobody may be connected. Returns its URL."""
        with _connect(self._postgres) as connection:
            statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"  # half the time of WAL_LOG, measured
            connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(template)))
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the connections to it; a missing one is no error."""
        with _connect(self._postgres) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _ensure_database(self) -> None:
        with _connect(self._postgres) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            self.create_database(DATABASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.leave()


def _make_ready(postgres: Postgres, settings: Mapping[str, str]) -> None:
    """Wait for a server that takes connections, starting it where there is none.

    One that is there may still be starting or already stopping: its starter or stopper may have been killed.
    """
    deadline = time.monotonic() + START_LIMIT
    while True:
        try:
            if not postgres.is_alive():
                postgres.start(settings)
            _connect(postgres).close()
            return
        except (psycopg.OperationalError, StillInUse) as error:
            if time.monotonic() > deadline:
                raise EmbeddedDatabaseError(f"The embedded database does not answer: {error}") from error
            time.sleep(POLL)


def _connect(postgres: Postgres) -> psycopg.Connection:
    return psycopg.connect(
        host=str(postgres.socket_folder),
        port=PORT,
        user=SUPERUSER,
        dbname="postgres",
        connect_timeout=10,
        autocommit=True,
    )


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    """One process at a time starts, stops, joins or leaves."""
    mine = _lock(home / "database.turn", fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(mine)


def _lock(path: Path, how: int) -> int:
    """Open the file and lock it; closing it, or the end of the process, frees it."""
    try:
        file = open_own(path, os.O_RDWR)
    except OSError as error:
        raise EmbeddedDatabaseError(f"The data in {path.parent} cannot be used by this account: {error}") from error
    try:
        fcntl.flock(file, how)
    except BaseException:
        os.close(file)
        raise
    return file
