"""The rows of a file of people: what each wants, and what stands against it alone or among the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.admin.csv_file import Record, Table
from handlers.admin.people_columns import COLUMNS, Wrong, clean, handle_from
from models.people import EMPLOYEE, Person


@dataclass(frozen=True)
class Problem:
    """Why a row is refused, and what to do about it."""

    line: int
    column: str
    what: str
    fix: str


@dataclass(eq=False)
class Row:
    """A good row so far: what it wants by column, of whom if they are known already, and what that would change."""

    line: int
    email: str
    wanted: dict[str, Any]
    person: Person | None = None
    changed: tuple[str, ...] = ()


def of_record(record: Record, table: Table, problems: list[Problem]) -> Row | None:
    """The row of a record; ``None``, with everything that is wrong in ``problems``, where it cannot be taken."""
    if not record.whole:
        what = f"{record.counted} cells, where the header has {table.width}"
        problems.append(Problem(record.line, "", what, "put cells that contain the separator between quotes"))
        return None
    wanted: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name, cell in record.cells.items():
        try:
            _read(name, cell, wanted)
        except Wrong as error:
            wrong.append(Problem(record.line, name, f"“{shown(cell)}” {error.what}", error.fix))
    if not record.cells["email"].strip():
        wrong.append(Problem(record.line, "email", "is missing", "every person is known by an e-mail address"))
    problems += wrong
    return None if wrong else Row(record.line, wanted["email"], wanted)


def _read(name: str, cell: str, wanted: dict[str, Any]) -> None:
    column, text = COLUMNS[name], clean(cell)
    if text:
        wanted[name] = column.read(text)
    elif column.empty is not None:
        wanted[name] = column.empty()


def shown(cell: str) -> str:
    """The beginning of a cell, safe to print."""
    return "".join(char if char.isprintable() else "�" for char in cell.strip()[:40])


def once(rows: list[Row], column: str, problems: list[Problem]) -> list[Row]:
    """The rows whose ``column`` no other row repeats. Which of two is meant cannot be told: neither is taken."""
    lines: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if column in row.wanted:
            lines[row.wanted[column]].append(row.line)
    again = {value for value, on in lines.items() if len(on) > 1}
    for row in rows:
        if (value := row.wanted.get(column)) in again:
            others = ", ".join(str(line) for line in lines[value][:5] if line != row.line)
            problems.append(Problem(row.line, column, f"“{value}” stands on line {others} too", "keep one of them"))
    return [row for row in rows if row.wanted.get(column) not in again]


def complete(rows: list[Row], problems: list[Problem]) -> list[Row]:
    """The rows that say enough: somebody new needs a name."""
    enough = [row for row in rows if row.person is not None or "name" in row.wanted]
    nameless = sorted({row.line for row in rows} - {row.line for row in enough})
    problems += [Problem(line, "name", "is missing", "a new person needs a name") for line in nameless]
    return enough


def with_handles(rows: list[Row], known: Iterable[Person], problems: list[Problem]) -> list[Row]:
    """The rows whose handle is free; who is new and has none gets one made of the e-mail address."""
    owners = {person.handle: person for person in known}
    kept = []
    for row in once(rows, "handle", problems):
        owner = owners.get(row.wanted.get("handle", ""))
        if owner is None or owner is row.person:
            kept.append(row)
        else:
            what = f"“{owner.handle}” belongs to {shown(owner.email or owner.name)}"
            problems.append(Problem(row.line, "handle", what, "choose another, or leave the cell empty"))
    taken = {*owners, *(row.wanted["handle"] for row in kept if "handle" in row.wanted)}
    tried: Counter[str] = Counter()
    for row in kept:
        if row.person is None and "handle" not in row.wanted:
            row.wanted["handle"] = _free(handle_from(row.email), taken, tried)
    return kept


def _free(base: str, taken: set[str], tried: Counter[str]) -> str:
    found = base
    while found in taken:
        tried[base] += 1
        found = f"{base}-{tried[base] + 1}"
    taken.add(found)
    return found


def with_an_admin(rows: list[Row], known: Iterable[Person], problems: list[Problem]) -> list[Row]:
    """The rows without those that take the last administrator away: whoever asks first would become the next."""
    before = {key(person) for person in known if person.has("admin")}
    mine = {row.email: row for row in rows}
    if not before or any(_is_admin(row) for row in rows) or before - set(mine):
        return rows
    wrong = [mine[email] for email in sorted(before)]
    what, fix = "the last administrator would be gone", "make somebody else one in the same file, or first"
    problems += [
        Problem(row.line, "active" if row.wanted.get("active") is False else "roles", what, fix) for row in wrong
    ]
    return [row for row in rows if row not in wrong]


def _is_admin(row: Row) -> bool:
    there = row.person
    roles = row.wanted.get("roles", there.roles if there else [])
    employed = row.wanted.get("kind", there.kind if there else EMPLOYEE) == EMPLOYEE
    return "admin" in roles and employed and bool(row.wanted.get("active", there.active if there else True))


def with_managers(rows: list[Row], known: Iterable[Person], problems: list[Problem]) -> list[Row]:
    """The rows whose manager is somebody, and who do not manage themselves, directly or by others.

    A refused row leaves its person as they are: so the rest is looked at again until all agree.
    """
    current = bosses(known)
    while True:
        wrong = _cyclic(rows, current)
        if not wrong:
            wrong = _orphaned(rows, current, problems)
        if not wrong:
            return rows
        problems += wrong.values()
        rows = [row for row in rows if row.email not in wrong]


def key(person: Person) -> str:
    """What a person is known by here: the e-mail address in small letters."""
    return person.email.casefold() if person.email else f"#{person.id}"


def bosses(known: Iterable[Person]) -> dict[str, str | None]:
    """Everybody's manager, by key."""
    keys = {person.id: key(person) for person in known}
    return {key(person): keys.get(person.manager_id or 0) for person in known}


def _cyclic(rows: list[Row], current: Mapping[str, str | None]) -> dict[str, Problem]:
    boss = {**current, **{row.email: row.wanted["manager"] for row in rows if "manager" in row.wanted}}
    looped = _in_loops(boss)
    found = {}
    for row in rows:
        if row.email in looped and "manager" in row.wanted:
            chain = [row.email]
            while len(chain) < 5 and (chain[-1] != row.email or len(chain) == 1):
                chain.append(str(boss[chain[-1]]))
            what = "is their own manager by " + " → ".join(chain) + (" …" if chain[-1] != row.email else "")
            found[row.email] = Problem(row.line, "manager", what, "let the chain end with somebody without a manager")
    return found


def _in_loops(boss: Mapping[str, str | None]) -> set[str]:
    """Everybody who is above themselves."""
    done: set[str] = set()
    looped: set[str] = set()
    for start in boss:
        path: dict[str, int] = {}
        at: str | None = start
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = boss.get(at)
        if at in path:
            looped.update(list(path)[path[at] :])
        done.update(path)
    return looped


def _orphaned(rows: list[Row], current: Mapping[str, str | None], problems: list[Problem]) -> dict[str, Problem]:
    there = _will_be_there(rows, set(current))
    refused = {problem.line for problem in problems}
    found = {}
    for row in rows:
        manager = row.wanted.get("manager")
        if manager and manager not in there:
            what = f"“{manager}” is nobody known here, and no good row of this file"
            fix = "add a row for them, or mend theirs" if refused else "add a row for them"
            found[row.email] = Problem(row.line, "manager", what, fix)
    return found


def _will_be_there(rows: list[Row], there: set[str]) -> set[str]:
    """Who is known, and who is new with a manager who will be there."""
    waiting: dict[str, list[str]] = defaultdict(list)
    ready = []
    for row in rows:
        manager = row.wanted.get("manager")
        if manager is None or manager in there:
            ready.append(row.email)
        else:
            waiting[manager].append(row.email)
    while ready:
        there.add(arrived := ready.pop())
        ready.extend(waiting.pop(arrived, ()))
    return there
