"""What a walk over a folder or an archive yields, how much it reads, and which paths it takes."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handlers.imports.outcome import Refused, Skipped


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read at most. Sizes are in bytes."""

    file: int = 10 * 1024**2
    total: int = 2 * 1024**3
    files: int = 100_000
    depth: int = 50
    ratio: int = 200
    """Unpacked over packed size of an archive member. Text rarely passes 20; a zip bomb has 1,000."""
    ratio_from: int = 1024**2
    """Smaller members may have any ratio: they cannot hurt."""


@dataclass(frozen=True, slots=True)
class File:
    """One file. `path` is relative to what is imported, with `/` between its parts; `modified` is in UTC, if known."""

    path: str
    data: bytes
    modified: datetime | None = None


STANDARD = Limits()

Skip = Callable[[str], str | None]
"""Says of a path why a file is not wanted, before it is read; None if it is."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, the marks that turn text around, and what no encoding could decode."""

_LONGEST_PATH = 1_000
_NOT_PAGES = {"node_modules", "__MACOSX", "__pycache__"}


def printable(name: str) -> str:
    """A name that is safe to show and store: composed (NFC), with a replacement mark for what cannot be shown."""
    return _UNPRINTABLE.sub("\ufffd", unicodedata.normalize("NFC", name))


def check_path(path: str, limits: Limits) -> None:
    """Raises Refused if a relative path is not one, or Skipped if it lies in a hidden or technical folder."""
    parts = path.split("/")
    if path.startswith("/") or re.match(r"[A-Za-z]:/", path):
        raise Refused(path, "the name is absolute")
    if ".." in parts:
        raise Refused(path, "the name leads out of the folder (..)")
    if len(path) > _LONGEST_PATH or len(parts) > limits.depth:
        raise Refused(path[:100] + "…", f"the path is too long or more than {limits.depth} folders deep")
    for depth, part in enumerate(parts):
        if part.startswith(".") or part in _NOT_PAGES:
            raise Skipped("/".join(parts[: depth + 1]), "hidden or technical")


class Budget:
    """What a walk may still read; shared by all its files."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files = 0
        self._bytes = 0
        self.exhausted = False

    def count(self, path: str) -> None:
        """One more file was met. Raises Refused once there are too many."""
        self._files += 1
        self.exhausted = self._files > self._limits.files
        if self.exhausted:
            raise Refused(
                path, f"there are more than {self._limits.files:,} files: this and the rest were not looked at"
            )

    def room(self, path: str) -> int:
        """How many bytes the next file may have. Raises Refused once the total is spent."""
        if self._bytes >= self._limits.total:
            raise Refused(path, f"the files before it together have {megabytes(self._limits.total)} or more: not read")
        return self._limits.file

    def spend(self, path: str, data: bytes, room: int) -> bytes:
        """Counts what was read. Raises Refused if it is more than there was `room` for."""
        self._bytes += len(data)
        if len(data) > room:
            raise Refused(path, f"over {megabytes(room)}")
        return data


def megabytes(size: int) -> str:
    """A size in bytes for people."""
    return f"{size / 1024**2:,.0f} MB" if size >= 1024**2 else f"{size:,} bytes"
