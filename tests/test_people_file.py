"""A file of people, brought into the list of people: good rows, refused rows, hostile files, and the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from handlers.admin.people_file import DemoCompany, Plan, plan, read
from handlers.admin.people_report import show
from models import base
from models.base import reading, transaction
from models.facts import Fact
from models.people import Person
from tests.chat import Chat

ROOT = Path(__file__).resolve().parents[1]
TWO = "email,name,roles\nada@x.example,Ada,admin;expert\nbo@x.example,Bo,\n"
Bring = Callable[..., Plan]


@pytest.fixture
def bring(database: str, tmp_path: Path) -> Iterator[Bring]:
    """Plan a file's text (or bytes), and write the plan if every row is good or ``skip`` says so."""
    base.connect(database, pool=2)

    def work(content: str | bytes, skip: bool = False) -> Plan:
        file = tmp_path / "people.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        with transaction() as session:
            found = plan(session, read(file))
            if skip or not found.problems:
                found.write(session)
        return found

    yield work
    base.disconnect()


def people() -> dict[str, Person]:
    with reading() as session:
        return {str(person.email): person for person in session.scalars(select(Person))}


def facts() -> list[Fact]:
    with reading() as session:
        return list(session.scalars(select(Fact).order_by(Fact.id)))


def said(found: Plan) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in found.problems]


def test_every_column_is_read(bring: Bring) -> None:
    found = bring(
        "\ufeffE-Mail;Name;Latin name;Handle;KIND;Organisation;Roles;Locale;Time Zone;Title;Department;Location;Skills;"
        "Work days;work_hours;Manager;Active\r\n"
        'Noa.Barak@X.example;נועה ברק;Noa Barak;noa;employee;;"expert;admin";he-IL;asia/jerusalem;Director;engineering;'
        'tel-aviv;"vpn; keys,VPN";sun-thu;9:00–17:30;;yes\r\n'
        "guest@y.example;Ugo;;;Guest;Ypsilon;;it;Europe/Rome;;;;;mon,wed;22:00-06:00;noa.barak@x.example;no\r\n"
    )
    assert said(found) == [] and len(found.added) == 2
    noa, guest = people()["noa.barak@x.example"], people()["guest@y.example"]
    assert (noa.name, noa.handle, noa.roles, noa.locale) == ("נועה ברק", "noa", ["admin", "expert"], "he")
    assert (noa.timezone, noa.title, noa.department) == ("Asia/Jerusalem", "Director", "engineering")
    assert noa.work_days == [0, 1, 2, 3, 6] and (noa.work_from, noa.work_to) == (time(9), time(17, 30))
    assert noa.skills == ["vpn", "keys", "VPN"] and noa.active and not noa.demo
    assert (guest.kind, guest.organisation, guest.handle, guest.active) == ("guest", "Ypsilon", "guest", False)
    assert (noa.latin_name, guest.latin_name) == ("Noa Barak", None)
    assert guest.manager_id == noa.id and guest.work_days == [0, 2] and guest.work_to == time(6)


def test_a_second_run_changes_nothing(bring: Bring) -> None:
    bring(TWO)
    before, facts_before = people(), len(facts())
    again = bring(TWO)
    assert (again.unchanged, again.added, again.changed, again.problems) == (2, [], [], ())
    assert {email: one.id for email, one in people().items()} == {email: one.id for email, one in before.items()}
    assert len(facts()) == facts_before


def test_only_what_differs_is_changed(bring: Bring) -> None:
    bring("email,name,title,work_hours\nada@x.example,Ada,Engineer,08:00-16:00\n")
    found = bring("email,name,title,work_hours,manager\nADA@x.example,Ada,Lead,,\n")
    assert [row.changed for row in found.changed] == [("title",)]
    ada = people()["ada@x.example"]
    assert ada.title == "Lead" and ada.work_from == time(8)


def test_an_empty_cell_empties_what_may_be_empty_and_a_missing_column_nothing(bring: Bring) -> None:
    bring("email,name,title,roles,locale\nada@x.example,Ada,Engineer,expert,it\n")
    bring("email,name,roles,locale\nada@x.example,,,\n")
    ada = people()["ada@x.example"]
    assert (ada.name, ada.title, ada.roles, ada.locale) == ("Ada", "Engineer", [], "it")


def test_every_change_of_power_is_a_fact(bring: Bring) -> None:
    bring(TWO)
    ada = people()["ada@x.example"]
    assert [(f.verb, f.entity_id, f.actor_id) for f in facts()] == [("person.roles_changed", ada.id, None)]
    assert facts()[0].data["after"] == ["admin", "expert"] and facts()[0].data["source"] == "command line"
    bring("email,roles\nada@x.example,admin\nbo@x.example,admin\n")
    assert (facts()[1].data["before"], facts()[1].data["after"]) == (["admin", "expert"], ["admin"])
    bring("email,active,title\nada@x.example,no,\nbo@x.example,,Lead\n")
    assert len(facts()) == 4 and (facts()[3].entity_id, facts()[3].data["active"]) == (ada.id, False)


def test_whoever_left_is_announced_to_every_feature(bring: Bring) -> None:
    bring("email,name,active\nada@x.example,Ada,yes\nbo@x.example,Bo,no\n")
    bring("email,active\nada@x.example,no\nbo@x.example,no\n")
    Chat().passes(seconds=1)
    base.set_clock(None)
    assert [(f.verb, f.entity_id) for f in facts()] == [("person.left", people()["ada@x.example"].id)]


def test_the_last_administrator_stays(bring: Bring) -> None:
    bring(TWO)
    assert said(bring("email,roles\nada@x.example,expert\n")) == [(2, "roles")]
    assert said(bring("email,active\nada@x.example,no\n")) == [(2, "active")]
    assert said(bring("email,kind\nada@x.example,guest\n")) == [(2, "roles")]
    assert said(bring("email,roles\nada@x.example,\nbo@x.example,admin\n")) == []


def test_one_bad_row_and_nothing_is_written(bring: Bring) -> None:
    found = bring(TWO + "cy@x.example,Cy,boss\n")
    assert said(found) == [(4, "roles")] and people() == {} and facts() == []


def test_errors_can_be_skipped(bring: Bring) -> None:
    found = bring(TWO + "cy@x.example,Cy,boss\n", skip=True)
    assert found.refused == 1 and set(people()) == {"ada@x.example", "bo@x.example"}


BAD = [
    ("email", "ada"), ("email", "ada@localhost"), ("email", "a b@x.example"), ("email", ""), ("name", ""),
    ("name", "=HYPERLINK(1)"), ("name", "@SUM(1)"), ("name", "Ada \u202egpj"), ("name", "a" * 201),
    ("name", "A\x07da"), ("handle", "a da"), ("handle", "a/b"), ("kind", "boss"), ("roles", "admin;root"),
    ("locale", "fr"), ("timezone", "Mars/Base"), ("timezone", "../../etc/passwd"), ("work_days", "mon-fry"),
    ("work_days", ";"), ("work_days", "m"), ("work_hours", "9-17"), ("work_hours", "09:00-09:00"),
    ("work_hours", "09:00-24:00"), ("manager", "nobody@x.example"), ("active", "maybe"),
    ("latin_name", "נועה"),
]  # fmt: skip


def test_bad_cells_are_told_by_line_and_column_with_a_fix(bring: Bring) -> None:
    names = ("email", "name", "handle", "kind", "roles", "locale", "timezone", "work_days", "work_hours", "manager",
             "active", "latin_name")  # fmt: skip
    rows = [{"email": f"p{n}@x.example", "name": "P"} | {column: cell} for n, (column, cell) in enumerate(BAD)]
    found = bring("\n".join("\t".join(row.get(name, "") for name in names) for row in ({n: n for n in names}, *rows)))
    assert said(found) == [(line, column) for line, (column, _) in enumerate(BAD, 2)]
    assert all(problem.what and problem.fix for problem in found.problems) and people() == {}


def test_lines_are_those_of_the_file(bring: Bring) -> None:
    found = bring('email,name,title\n\nada@x.example,Ada,"two\nlines"\nbo@x.example,=1,\n')
    assert said(found) == [(5, "name")]


def test_a_row_of_another_width_is_refused(bring: Bring) -> None:
    assert said(bring("email,name\na@x.example,B, A\nb@x.example\nc@x.example,Cy,,\n")) == [(2, ""), (3, "")]


def test_duplicates_are_refused_on_every_line(bring: Bring) -> None:
    found = bring("email,name,handle\nada@x.example,Ada,\nADA@x.example,Ada,\nbo@x.example,Bo,b\ncy@x.example,Cy,B\n")
    assert said(found) == [(2, "email"), (3, "email"), (4, "handle"), (5, "handle")]


def test_handles_come_from_addresses_and_never_collide(bring: Bring) -> None:
    bring("email,name,handle\nada@x.example,Ada,\nada@y.example,Ada,\nda.@z.example,Da,ada-3\nada@w.example,Ada,\n")
    handles = {email: one.handle for email, one in people().items()}
    assert handles["ada@x.example"] == "ada" and handles["ada@y.example"] == "ada-2"
    assert handles["ada@w.example"] not in ("ada", "ada-2", "ada-3")
    assert said(bring("email,name,handle\nnew@x.example,New,ada\n")) == [(2, "handle")]


def test_a_manager_may_be_new_or_known_and_anywhere_in_the_file(bring: Bring) -> None:
    bring("email,name,manager\nada@x.example,Ada,bo@x.example\nbo@x.example,Bo,\n")
    bring("email,name,manager\ncy@x.example,Cy,ada@x.example\n")
    known = people()
    assert known["ada@x.example"].manager_id == known["bo@x.example"].id
    assert known["cy@x.example"].manager_id == known["ada@x.example"].id


def test_nobody_manages_themselves_even_by_others(bring: Bring) -> None:
    assert said(bring("email,name,manager\nada@x.example,Ada,ada@x.example\n")) == [(2, "manager")]
    bring("email,name,manager\nada@x.example,Ada,bo@x.example\nbo@x.example,Bo,\n")
    found = bring("email,manager\nbo@x.example,ada@x.example\n")
    assert said(found) == [(2, "manager")] and "bo@x.example → ada@x.example → bo@x.example" in found.problems[0].what
    assert said(bring("email,manager\nbo@x.example,\nada@x.example,bo@x.example\n")) == []


def test_who_reports_to_a_refused_newcomer_is_refused_too(bring: Bring) -> None:
    rows = "a@x.example,A,\nb@x.example,=B,a@x.example\nc@x.example,C,b@x.example\nd@x.example,D,c@x.example\n"
    found = bring("email,name,manager\n" + rows, skip=True)
    assert said(found) == [(3, "name"), (4, "manager"), (5, "manager")] and set(people()) == {"a@x.example"}


def test_a_long_chain_and_many_rows_are_quick(bring: Bring) -> None:
    count = 3_000
    rows = [f"p{n}@x.example,P{n},p{n + 1}@x.example" for n in range(count)]
    found = bring("\n".join(["email,name,manager", *rows]))
    assert found.refused == count  # the last one's manager is nobody
    found = bring("\n".join(["email,name,manager", *rows, f"p{count}@x.example,Last,"]))
    assert len(found.added) == count + 1 == len(people())


def test_columns_that_nobody_reads_are_named(bring: Bring) -> None:
    found = bring("email,name,Role,Desk\nada@x.example,Ada,admin,4\n")
    assert found.not_read == ("“Role” (did you mean roles?)", "“Desk”")


def test_the_demo_company_is_left_alone(bring: Bring) -> None:
    with transaction() as session:
        session.add(Person(handle="mona", name="Mona", email="mona@x.example", demo=True))
    with pytest.raises(DemoCompany):
        bring(TWO)


def test_the_report_shows_text_as_text(bring: Bring) -> None:
    console = Console(width=120, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    found = bring("email,name\n[red]\x1b[31m@x,Ada\nbo@x.example,Bo\n")
    show(found, written=False, dry_run=False, console=console)
    shown = console.export_text()
    assert "[red]�[31m@x" in shown and "Nothing was written" in shown and "\x1b" not in shown


def run(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": database, "COLUMNS": "160"}
    return subprocess.run(
        [sys.executable, "app.py", "people", *arguments], cwd=ROOT, env=environment, text=True, capture_output=True
    )


def test_the_command(database: str, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(TWO + "cy@x.example,Cy,boss\n")
    refused = run(database, str(file))
    assert refused.returncode == 1 and "Nothing was written" in refused.stdout and "roles" in refused.stdout
    trial = run(database, str(file), "--dry-run", "--skip-errors")
    assert trial.returncode == 0 and "A dry run" in trial.stdout
    written = run(database, str(file), "--skip-errors")
    assert written.returncode == 0 and "Written, without the refused rows." in written.stdout
    file.write_bytes(b"\0")
    broken = run(database, str(file))
    assert broken.returncode == 1 and "NUL" in broken.stderr and "Traceback" not in broken.stderr
