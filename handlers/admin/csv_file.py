"""A CSV file as records with line numbers. What is no such file is refused with a reason, before anything is done."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST = 64 * 1024 * 1024  # bytes; a hundred thousand people take about 25 MB
LONGEST = 100_000  # characters of a line
DELIMITERS = (",", ";", "\t")
_SAVE_AS = "Save it as “CSV UTF-8” in the spreadsheet program"
_MAGIC = {
    b"PK\x03\x04": "It is a zip archive or an Excel workbook, not a CSV file.",
    b"\xd0\xcf\x11\xe0": "It is an old Excel workbook, not a CSV file.",
    b"\xff\xfe": "It is written in UTF-16, not in UTF-8.",
    b"\xfe\xff": "It is written in UTF-16, not in UTF-8.",
    b"%PDF": "It is a PDF, not a CSV file.",
}


class FileRefused(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Record:
    """One record: the line on which it begins, and its cells by column. Not ``whole``: the number of cells is wrong."""

    line: int
    cells: dict[str, str]
    counted: int
    whole: bool = True


@dataclass(frozen=True)
class Table:
    """What a file says: its known columns, its records, and the columns that nobody reads, with a hint for each."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]
    not_read: tuple[str, ...]
    width: int


def read(path: Path, columns: Collection[str], key: str) -> Table:
    """The table in the file at ``path``; ``columns`` are the known ones and ``key`` the one that must be there.

    Raises ``FileRefused``.
    """
    text = _text(_bytes(path))
    reader = csv.reader(_lines(text), delimiter=_delimiter(text), strict=True)
    try:
        return _table(reader, columns, key)
    except csv.Error as error:
        hint = 'Is a quote (") opened before and never closed, or does one stand inside a cell undoubled?'
        raise FileRefused(f"Line {reader.line_num}: this is not CSV ({error}). {hint}") from None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise FileRefused(f"{path} cannot be read: {error.strerror}.") from None
    if len(raw) > LARGEST:
        raise FileRefused(f"{path} is larger than {LARGEST >> 20} MB: no list of people is. Is it the right file?")
    return raw


def _text(raw: bytes) -> str:
    for magic, what in _MAGIC.items():
        if raw.startswith(magic):
            raise FileRefused(f"{what} {_SAVE_AS}.")
    if b"\0" in raw:
        at = _line_of(raw, raw.index(b"\0"))
        raise FileRefused(f"Line {at}: a NUL byte: it is not a text file. {_SAVE_AS}.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _line_of(raw, error.start)
        raise FileRefused(f"Line {at}: the byte 0x{raw[error.start]:02X} is not UTF-8. {_SAVE_AS}.") from None


def _line_of(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > LONGEST:
            raise FileRefused(f"Line {number} is longer than {LONGEST:,} characters: it is no list of people.")
        yield line


def _delimiter(text: str) -> str:
    """The one that stands most often in the header, outside quotes."""
    header = re.sub(r'"[^"]*"', "", text[:LONGEST].lstrip("\r\n").partition("\n")[0].partition("\r")[0])
    return max(DELIMITERS, key=header.count)


def _table(reader: Iterator[list[str]], columns: Collection[str], key: str) -> Table:
    records: list[Record] = []
    names: list[str | None] = []
    not_read: tuple[str, ...] = ()
    width = 0
    line = 1
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            pass
        elif not width:
            names, not_read, width = *_header(cells, columns, key), len(cells)
        else:
            records.append(_record(line, cells, names))
        line = reader.line_num + 1  # type: ignore[attr-defined]
    if not width:
        raise FileRefused("The file is empty. Its first line names the columns: " + ", ".join(columns) + ".")
    return Table(tuple(name for name in names if name), tuple(records), not_read, width)


def _record(line: int, cells: list[str], names: list[str | None]) -> Record:
    named = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    extra = any(cell.strip() for cell in cells[len(names) :])
    return Record(line, named, len(cells), len(cells) >= len(names) and not extra)


def _header(cells: list[str], columns: Collection[str], key: str) -> tuple[list[str | None], tuple[str, ...]]:
    known = {_folded(name): name for name in columns}
    names = [known.get(_folded(cell)) for cell in cells]
    if key not in names:
        found = ", ".join(f"“{_shown(cell)}”" for cell in cells[:10])
        raise FileRefused(f"Line 1: no column “{key}”. Found: {found}. The columns are: {', '.join(columns)}.")
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise FileRefused(f"Line 1: the column “{min(twice)}” stands there twice. Remove one.")
    return names, tuple(_hint(cell, known) for cell, name in zip(cells, names, strict=True) if not name)


def _hint(cell: str, known: dict[str, str]) -> str:
    close = difflib.get_close_matches(_folded(cell), known, 1, cutoff=0.75)
    return f"“{_shown(cell)}”" + (f" (did you mean {known[close[0]]}?)" if close else "")


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _shown(cell: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in cell.strip()[:40])
