"""The people of a CSV file: one a line, by handle or address, in its first column or the one that is called so."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.base import Refusal
from models.people import Person

LARGEST = 10 * 1024 * 1024  # bytes
_CALLED = ("email", "e-mail", "mail", "address", "handle", "user", "username", "person", "people")
_AT_ONCE = 5000


class Listed(NamedTuple):
    """Whom a file names: those who are known, by number, and what is not."""

    people: list[int]
    unknown: list[str]


def listed(session: Session, content: bytes) -> Listed:
    """The active people that a CSV file names, each once. ``Refusal("not_a_list")`` where it is no such file."""
    names = _names(content)
    known: dict[str, int] = {}
    for at in range(0, len(names), _AT_ONCE):
        some = names[at : at + _AT_ONCE]
        found = select(Person.id, Person.handle, Person.email).where(
            or_(Person.handle.in_(some), Person.email.in_(some)), Person.active
        )
        for id, handle, email in session.execute(found):
            known |= {handle: id} | ({email: id} if email else {})
    people = dict.fromkeys(known[name] for name in names if name in known)
    return Listed(list(people), [name for name in names if name not in known])


def _names(content: bytes) -> list[str]:
    """What stands in the column of people, as handles and addresses are kept."""
    if len(content) > LARGEST or b"\0" in content or content.startswith((b"PK\x03\x04", b"%PDF")):
        raise Refusal("not_a_list")
    try:
        text = content.decode("utf-8-sig")
        rows = [row for row in csv.reader(text.splitlines(), delimiter=_delimiter(text), strict=True) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal("not_a_list") from error
    column, rows = _column(rows)
    cells = (row[column] for row in rows if len(row) > column)
    return list(dict.fromkeys(name for cell in cells if (name := cell.strip().lstrip("@").casefold())))


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _column(rows: Sequence[list[str]]) -> tuple[int, list[list[str]]]:
    """Which column names people, and the rows below its heading."""
    heading = [cell.strip().casefold() for cell in rows[0]] if rows else []
    for name in _CALLED:
        if name in heading:
            return heading.index(name), list(rows[1:])
    return 0, list(rows)
