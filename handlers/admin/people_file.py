"""A file of people brought into the list of people: ``plan`` only reads, ``Plan.write`` writes what was planned."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers.admin import csv_file, leaving, people_rows
from handlers.admin.csv_file import Table
from handlers.admin.people_columns import COLUMNS
from handlers.admin.people_rows import Problem, Row, key
from models.facts import Fact
from models.people import ROLES, Person


class DemoCompany(RuntimeError):
    """The database holds the demo company: real people are not mixed with it."""


@dataclass(frozen=True)
class Plan:
    """What a file would do: ``rows`` are the good ones; every refused row has at least one problem."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    not_read: tuple[str, ...]
    known: tuple[Person, ...]

    @property
    def added(self) -> list[Row]:
        """Rows of people who are new."""
        return [row for row in self.rows if row.person is None]

    @property
    def changed(self) -> list[Row]:
        """Rows that differ from what is known."""
        return [row for row in self.rows if row.person is not None and row.changed]

    @property
    def unchanged(self) -> int:
        """How many rows say what is known already."""
        return len(self.rows) - len(self.added) - len(self.changed)

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return len({problem.line for problem in self.problems})

    def write(self, session: Session) -> None:
        """Add and change people as planned, with a fact for every change of power."""
        people = {key(person): person for person in self.known}
        before = {row.email: _power(row.person) for row in self.rows}
        for row in self.added:
            people[row.email] = Person(email=row.email)
            session.add(people[row.email])
        for row in self.rows:
            _fill(people[row.email], row)
        session.flush()
        for row in self.rows:
            if "manager" in row.changed:  # last: managers may be new themselves
                manager = row.wanted["manager"]
                people[row.email].manager_id = people[manager].id if manager else None
        correlation = secrets.token_hex(6)
        for row in self.rows:
            person, (roles, was_active) = people[row.email], before[row.email]
            _tell(session, person, (roles, was_active), correlation)
            if row.person is not None and was_active and not person.active:
                leaving.announce(session, person, correlation)


def read(path: Path) -> Table:
    """The file at ``path``; ``FileRefused`` where it is no file of people."""
    return csv_file.read(path, tuple(COLUMNS), "email")


def plan(session: Session, table: Table) -> Plan:
    """What ``table`` would change; waits for another run to end. ``DemoCompany`` where that is loaded."""
    session.execute(text("select pg_advisory_xact_lock(hashtext('agora people'))"))
    known = tuple(session.scalars(select(Person).order_by(Person.id)))
    if any(person.demo for person in known):
        raise DemoCompany
    by_email = {person.email.casefold(): person for person in known if person.email}
    problems: list[Problem] = []
    rows = [row for record in table.records if (row := people_rows.of_record(record, table, problems)) is not None]
    rows = people_rows.once(rows, "email", problems)
    for row in rows:
        row.person = by_email.get(row.email)
    rows = people_rows.complete(rows, problems)
    rows = people_rows.with_handles(rows, known, problems)
    rows = people_rows.with_managers(rows, known, problems)
    rows = people_rows.with_an_admin(rows, known, problems)
    rows = people_rows.with_managers(rows, known, problems)  # again: whose row was refused keeps their manager
    _compare(rows, known)
    return Plan(tuple(rows), tuple(sorted(problems, key=lambda each: each.line)), table.not_read, known)


def _compare(rows: Sequence[Row], known: Sequence[Person]) -> None:
    boss = people_rows.bosses(known)
    for row in rows:
        there = {} if row.person is None else _as_columns(row.person, boss[row.email])
        row.changed = tuple(name for name in COLUMNS if name in row.wanted and row.wanted[name] != there.get(name))


def _as_columns(person: Person, manager: str | None) -> dict[str, Any]:
    """A person as a row of the file would say it."""
    same = {name: getattr(person, name) for name in COLUMNS if name not in ("email", "work_hours", "manager")}
    hours = (person.work_from, person.work_to)
    roles = [role for role in ROLES if role in person.roles]
    return {**same, "email": key(person), "roles": roles, "work_days": sorted(person.work_days),
            "work_hours": hours, "manager": manager}  # fmt: skip


def _fill(person: Person, row: Row) -> None:
    for name in row.changed:
        if name == "work_hours":
            person.work_from, person.work_to = row.wanted[name]
        elif name not in ("email", "manager"):
            setattr(person, name, row.wanted[name])


def _power(person: Person | None) -> tuple[list[str], bool]:
    """The roles that somebody holds, and whether they count: who is not active has none of their power."""
    return ([], True) if person is None else (sorted(person.roles), person.active)


def _tell(session: Session, person: Person, before: tuple[list[str], bool], correlation: str) -> None:
    after = _power(person)
    if before == after or not (before[0] or after[0]):
        return
    said = {"before": before[0], "after": after[0], "was_active": before[1], "active": after[1],
            "source": "command line"}  # fmt: skip
    session.add(
        Fact(verb="person.roles_changed", entity="person", entity_id=person.id, data=said, correlation=correlation)
    )
