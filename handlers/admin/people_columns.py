"""The columns of a file of people: what each cell may say, and what it means."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from models.people import EMPLOYEE, GUEST, LOCALES, OUTSIDER, ROLES

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST = 200
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_YES, _NO = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0"})


class Wrong(ValueError):
    """A cell that cannot be taken: what is wrong with it, and how to mend it."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


@dataclass(frozen=True)
class Column:
    """How a cell is read. ``empty`` is what an empty cell means; where it is ``None``, it leaves things as they are."""

    read: Callable[[str], Any]
    empty: Callable[[], Any] | None = None


def clean(cell: str) -> str:
    """The cell on one line, in one Unicode form. ``Wrong`` for formulas and characters that hide something."""
    text = unicodedata.normalize("NFC", " ".join(cell.split()))
    if text[:1] in ("=", "+", "-", "@"):
        raise Wrong("looks like a spreadsheet formula", "write the value itself, not beginning with = + - or @")
    if any(unicodedata.category(char) == "Cc" or char in _OVERRIDES for char in text):
        raise Wrong("has control characters", "type the cell anew")
    if len(text) > LONGEST:
        raise Wrong(f"is longer than {LONGEST} characters", "shorten it")
    return text


def email(text: str) -> str:
    """An e-mail address in small letters."""
    if not _EMAIL.fullmatch(text):
        raise Wrong("is not an e-mail address", "write it like name@example.com")
    return text.casefold()


def handle(text: str) -> str:
    """A handle without its ``@``, in small letters."""
    if not _HANDLE.fullmatch(text.casefold()):
        raise Wrong("is not a handle", "use up to 64 letters a to z, digits, dots, hyphens and underscores")
    return text.casefold()


def handle_from(address: str) -> str:
    """The handle that an e-mail address suggests."""
    ascii_only = unicodedata.normalize("NFKD", address.partition("@")[0]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9._-]+", "-", ascii_only.casefold()).strip("._-")[:60] or "person"


def words(text: str) -> list[str]:
    """What is listed with ``;`` or ``,`` between, each once."""
    return list(dict.fromkeys(part.strip() for part in re.split("[;,]", text) if part.strip()))


def roles(text: str) -> list[str]:
    """Roles in the order in which Agora names them."""
    wanted = {role.casefold() for role in words(text)}
    for role in sorted(wanted - set(ROLES)):
        raise Wrong(f"has a role that is not known, “{role}”", f"the roles are {', '.join(ROLES)}; separate them by ;")
    return [role for role in ROLES if role in wanted]


def latin(text: str) -> str:
    """A name in Latin letters, for who does not read the others."""
    if any(char.isalpha() and not unicodedata.name(char, "").startswith(("LATIN ", "MODIFIER ")) for char in text):
        raise Wrong("is not in Latin letters", "write it as in a passport, or leave it empty")
    return text


def one_of(*known: str) -> Callable[[str], str]:
    """A reader of cells that hold one of the known words."""

    def read(text: str) -> str:
        if text.casefold() not in known:
            raise Wrong(f"is none of {', '.join(known)}", f"write one of {', '.join(known)}")
        return text.casefold()

    return read


def locale(text: str) -> str:
    """A language of Agora's; a region behind it (``en-GB``) says no more."""
    return one_of(*LOCALES)(re.split("[-_]", text)[0])


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def timezone(text: str) -> str:
    """A zone of the tz database, however its letters are cased."""
    found = _zones().get(text.replace(" ", "_").casefold())
    if found is None:
        near = difflib.get_close_matches(text.casefold(), _zones(), 1)
        such = _zones()[near[0]] if near else "Europe/Rome"
        raise Wrong("is not a time zone", f"write a name of the tz database, such as {such}")
    return found


def work_days(text: str) -> list[int]:
    """Days of the week, Monday being 0: ``mon-fri``, ``sun-thu``, ``mon,tue``."""
    found: set[int] = set()
    for part in words(text.replace("–", "-")):
        first, _, last = part.partition("-")
        start, end = _day(first), _day(last or first)
        found.update((start + n) % 7 for n in range((end - start) % 7 + 1))
    return sorted(found) or [_day(text)]


def _day(text: str) -> int:
    name = text.strip().casefold()
    if len(name) >= 3:
        for number, day in enumerate(DAYS):
            if day.startswith(name):
                return number
    raise Wrong("is not a list of days", "write them like mon-fri, sun-thu or mon,tue,thu")


def work_hours(text: str) -> tuple[time, time]:
    """From and to; where "to" is earlier, it is on the next day."""
    if match := _HOURS.fullmatch(text):
        numbers = [int(number) for number in match.groups()]
        with suppress(ValueError):
            start, end = time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
            if start != end:
                return start, end
    raise Wrong("is not a span of hours", "write it like 09:00-17:30")


def yes_no(text: str) -> bool:
    """Yes or no."""
    if text.casefold() not in _YES | _NO:
        raise Wrong("is neither yes nor no", "write yes or no")
    return text.casefold() in _YES


def _nothing() -> None:
    return None


COLUMNS: dict[str, Column] = {
    "email": Column(email),
    "name": Column(str),
    "latin_name": Column(latin, _nothing),
    "handle": Column(handle),
    "kind": Column(one_of(EMPLOYEE, GUEST, OUTSIDER)),
    "organisation": Column(str, _nothing),
    "roles": Column(roles, list),
    "locale": Column(locale),
    "timezone": Column(timezone),
    "title": Column(str, _nothing),
    "department": Column(str, _nothing),
    "location": Column(str, _nothing),
    "skills": Column(words, list),
    "work_days": Column(work_days),
    "work_hours": Column(work_hours),
    "manager": Column(email, _nothing),
    "active": Column(yes_no),
}
