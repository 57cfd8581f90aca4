"""Folders for the data of a test's embedded server, which runs as another account if the tests run as root."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.embedded import EmbeddedDatabaseError, EmbeddedServer

PREFIX = "agora-test-"
FORSAKEN = 3600  # seconds


@contextmanager
def new_home() -> Iterator[Path]:
    """A folder that the server's account can reach; pytest's own are closed to others."""
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_parent()))
    if os.geteuid() == 0:
        home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home)


def sweep() -> None:
    """Stop the servers of test sessions that were killed, and remove what they left."""
    for folder in _parent().glob(f"{PREFIX}*"):
        with suppress(OSError, EmbeddedDatabaseError):  # another session's sweep may be at it
            homes = [users.parent for users in folder.rglob("database.users")]
            if folder.stat().st_mtime < time.time() - FORSAKEN and not any(map(_in_use, homes)):
                for home in homes:
                    EmbeddedServer.join(home).leave()
                shutil.rmtree(folder)


def _parent() -> Path:
    return Path("/tmp" if os.geteuid() == 0 else tempfile.gettempdir())


def _in_use(home: Path) -> bool:
    with (home / "database.users").open("rb") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
