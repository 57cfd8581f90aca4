"""The files of a .zip archive, unpacked in memory one at a time. Archives inside it are not opened."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from handlers.imports.files import Budget, File, Limits, Skip, check_path, megabytes, printable
from handlers.imports.outcome import NotTaken, Refused, Skipped

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""What every zip program writes. The others cannot be unpacked up to a limit with Python's zipfile."""

_ENCRYPTED, _UTF8 = 0x1, 0x800
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OverflowError,
    OSError,
    RuntimeError,
    struct.error,
)
_LISTING_PER_FILE = 500
"""Bytes of the archive's listing that one file may need: 46 and its name."""


def walk(archive: Path, skip: Skip, limits: Limits) -> Iterator[File | NotTaken]:
    """The wanted files of an archive, ordered by path, and what was not taken. Raises Refused if it is not a zip."""
    try:
        if _listing_size(archive) > limits.files * _LISTING_PER_FILE:
            raise Refused(archive.name, f"the archive lists more than {limits.files:,} files: not opened")
        opened = zipfile.ZipFile(archive)
    except _DAMAGED as error:
        raise Refused(archive.name, "not a .zip archive, or a damaged one") from error
    return _members(opened, skip, limits)


def _members(opened: zipfile.ZipFile, skip: Skip, limits: Limits) -> Iterator[File | NotTaken]:
    budget = Budget(limits)
    seen: set[str] = set()
    with opened:
        for path, member in sorted(
            ((_path(each), each) for each in opened.infolist()), key=lambda pair: pair[0].split("/")
        ):
            if path.endswith("/"):
                continue
            try:
                budget.count(path)
                _check(path, member, seen, limits)
                if why := skip(path):
                    raise Skipped(path, why)
                yield File(path, _read(opened, path, member, budget, limits), _time(member))
            except NotTaken as left:
                if left.path == path or left.path not in seen:  # a hidden folder is reported once
                    yield left
                seen.add(left.path)
                if budget.exhausted:
                    return


def _path(member: zipfile.ZipInfo) -> str:
    """The member's name. Old programs write UTF-8 without saying so, and Windows programs write backslashes."""
    name = member.orig_filename.replace("\\", "/")
    if not member.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    while name.startswith("./"):
        name = name[2:]
    return printable(name)


def _check(path: str, member: zipfile.ZipInfo, seen: set[str], limits: Limits) -> None:
    check_path(path, limits)
    if "\0" in member.orig_filename:
        raise Refused(path, "the name holds a NUL byte")
    if path in seen:
        raise Refused(path, "the archive holds this name twice")
    seen.add(path)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise Refused(path, "a symbolic link: not followed")
    if kind not in (0, stat.S_IFREG):
        raise Refused(path, "not an ordinary file")


def _read(opened: zipfile.ZipFile, path: str, member: zipfile.ZipInfo, budget: Budget, limits: Limits) -> bytes:
    room = budget.room(path)
    if member.flag_bits & _ENCRYPTED:
        raise Refused(path, "encrypted")
    if member.compress_type not in _METHODS:
        raise Refused(path, "packed with a method other than deflate")
    if member.file_size > room:
        raise Refused(path, f"over {megabytes(room)} ({megabytes(member.file_size)})")
    if member.file_size > max(limits.ratio_from, limits.ratio * member.compress_size):
        raise Refused(path, f"expands more than {limits.ratio} times: it looks like a zip bomb")
    try:
        with opened.open(member) as packed:  # never past `room`, whatever size the archive declares
            return budget.spend(path, packed.read(room + 1), room)
    except _DAMAGED as error:
        raise Refused(path, "damaged in the archive") from error


def _time(member: zipfile.ZipInfo) -> datetime | None:
    """When the member was changed. A zip knows no time zone: UTC is assumed, at most a day off."""
    try:
        return datetime(*member.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _listing_size(archive: Path) -> int:
    """Bytes of the central directory, which zipfile reads whole into memory: checked before it does.

    From the end-of-central-directory record of the zip format (APPNOTE 6.3, 4.3.14 to 4.3.16), or its 64-bit form.
    """
    with archive.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557 - 20))
        tail = file.read()
        at = tail.rfind(b"PK\5\6")
        if at < 0:
            raise zipfile.BadZipFile
        listing: int = struct.unpack_from("<I", tail, at + 12)[0]
        if listing == 0xFFFFFFFF and tail[at - 20 : at - 16] == b"PK\6\7":
            file.seek(struct.unpack_from("<Q", tail, at - 12)[0])
            listing = struct.unpack_from("<Q", file.read(56), 40)[0]
    return listing
