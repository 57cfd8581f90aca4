"""The files of a folder. Links, devices and pipes are refused, whatever they lead to."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from handlers.imports.files import Budget, File, Limits, Skip, check_path, megabytes, printable
from handlers.imports.outcome import NotTaken, Refused, Skipped

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""No link is followed and no pipe waited for, even if it took a file's place after it was listed."""


def walk(root: Path, skip: Skip, limits: Limits) -> Iterator[File | NotTaken]:
    """The wanted files below `root`, ordered by path, and what was not taken."""
    budget = Budget(limits)
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        found = waiting.pop()
        path = printable(os.path.relpath(found, root).replace(os.sep, "/"))
        try:
            if found == root or _is_folder(found, path, seen, limits):
                waiting += _listed(found, path, limits)
                continue
            budget.count(path)
            if why := skip(path):
                raise Skipped(path, why)
            yield _read(found, path, budget)
        except NotTaken as left:
            yield left
            if budget.exhausted:
                return


def _is_folder(found: Path, path: str, seen: set[str], limits: Limits) -> bool:
    """Whether to go into it. Raises NotTaken if it is neither a folder nor a file to read."""
    check_path(path, limits)
    if path in seen:
        raise Refused(path, "another file's name reads the same")
    seen.add(path)
    try:
        kind = found.lstat().st_mode
    except OSError as error:
        raise Refused(path, f"cannot be read: {error.strerror}") from error
    if stat.S_ISLNK(kind):
        raise Refused(path, "a symbolic link: not followed")
    if not stat.S_ISDIR(kind) and not stat.S_ISREG(kind):
        raise Refused(path, "not an ordinary file (a device, pipe or socket)")
    return stat.S_ISDIR(kind)


def _listed(folder: Path, path: str, limits: Limits) -> list[Path]:
    """What is in a folder, last first. Raises Refused for more than may be read anyway, before it fills the memory."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, limits.files + 1)]
    except OSError as error:
        raise Refused(path, f"cannot be read: {error.strerror}") from error
    if len(names) > limits.files:
        raise Refused(path, f"holds more than {limits.files:,} files: not looked at")
    return [folder / name for name in sorted(names, reverse=True)]


def _read(found: Path, path: str, budget: Budget) -> File:
    try:
        descriptor = os.open(found, _OPEN)
    except OSError as error:
        raise Refused(path, f"cannot be read: {error.strerror}") from error
    with open(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise Refused(path, "not an ordinary file (a device, pipe or socket)")
        room = budget.room(path)
        if facts.st_size > room:
            raise Refused(path, f"over {megabytes(room)} ({megabytes(facts.st_size)})")
        try:
            data = budget.spend(path, file.read(room + 1), room)
        except OSError as error:
            raise Refused(path, f"cannot be read: {error.strerror}") from error
    return File(path, data, _time(facts.st_mtime))


def _time(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # a file system may hold any number
        return None
