"""The embedded server as several processes share it, and as crashes and strange folders leave it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from models.embedded import EmbeddedDatabaseError, EmbeddedServer, data_home
from tests.homes import new_home

ROOT = Path(__file__).resolve().parents[2]
# A process that joins, says so, and leaves when it is told; or is killed before.
MEMBER = """
import sys
from pathlib import Path
from models.embedded import EmbeddedServer
server = EmbeddedServer.join(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
server.leave()
"""


class Member:
    """Another process of the same Agora."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(home)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        line: str = self.process.stdout.readline()
        return line.strip()

    def leaves(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def is_killed(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder
        for running in folder.rglob("postmaster.pid"):  # of a test that failed
            EmbeddedServer.join(running.parents[1]).leave()


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def postmaster(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def is_up(home: Path) -> bool:
    return (home / "postgres" / "postmaster.pid").exists()


def test_the_last_to_leave_stops_the_server(home: Path) -> None:
    first = EmbeddedServer.join(home)
    second = Member(home)
    assert second.url() == first.url
    first.leave()
    assert is_up(home)
    second.leaves()
    assert not is_up(home)


def test_two_that_start_in_the_same_instant_share_one_server(home: Path) -> None:
    members = [Member(home) for _ in range(3)]
    assert len({member.url() for member in members}) == 1
    members[0].leaves()
    assert is_up(home)
    for member in members[1:]:
        member.leaves()
    assert not is_up(home)


def test_a_killed_process_loses_nothing_and_is_not_counted_any_more(home: Path) -> None:
    member = Member(home)
    url = member.url()
    query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    member.is_killed()
    with EmbeddedServer.join(home) as server:
        assert query(server.url, "SELECT answer FROM kept") == [(42,)]
    assert not is_up(home)


def test_a_killed_server_recovers_even_if_its_process_id_was_given_to_another(home: Path) -> None:
    with EmbeddedServer.join(home) as server:
        query(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        postmaster(home).kill()
    pid_file = home / "postgres" / "postmaster.pid"
    _, _, rest = pid_file.read_text().partition("\n")
    account = pid_file.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "100"], user=account) as other:  # alive, the same account's, and no database
        for stale in (pid_file, home / "postgres" / ".s.PGSQL.5432.lock"):
            stale.write_text(f"{other.pid}\n{rest}")
        with EmbeddedServer.join(home) as server:
            assert query(server.url, "SELECT answer FROM kept") == [(42,)]
            assert other.poll() is None
        other.kill()


def test_joining_waits_for_a_server_that_is_on_its_way_down(home: Path) -> None:
    server = EmbeddedServer.join(home)
    url = server.url
    with psycopg.connect(url.replace("+psycopg", "")) as busy:
        postmaster(home).send_signal(signal.SIGTERM)  # "smart": waits for the connection, takes no new ones
        member = Member(home)
        busy.execute("SELECT 1")
    assert member.url() == url
    member.leaves()
    server.leave()


def test_an_interrupted_first_start_is_begun_again(home: Path) -> None:
    (home / "postgres.unfinished").mkdir()
    (home / "postgres.unfinished" / "PG_VERSION").write_text("18")
    with EmbeddedServer.join(home) as server:
        assert query(server.url, "SELECT 1") == [(1,)]


def test_a_folder_that_is_no_database_is_refused_and_left_alone(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "notes.txt").write_text("mine")
    with pytest.raises(EmbeddedDatabaseError, match="cannot use"):
        EmbeddedServer.join(home)
    assert (home / "postgres" / "notes.txt").read_text() == "mine"


def test_data_of_another_version_are_refused_and_left_alone(home: Path) -> None:
    EmbeddedServer.join(home).leave()
    version = home / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(EmbeddedDatabaseError, match="written by PostgreSQL 16"):
        EmbeddedServer.join(home)
    version.write_text("18\n")


def test_the_database_compares_text_alike_everywhere(home: Path) -> None:
    with EmbeddedServer.join(home) as server:
        assert query(
            server.url, "SELECT pg_encoding_to_char(encoding), datlocale FROM pg_database WHERE datname = 'agora'"
        ) == [("UTF8", "C.UTF-8")]
        assert query(server.url, "SHOW fsync") == [("on",)]
        assert query(server.url, "SELECT to_tsvector('simple', 'كلمة المرور؟')") == [("'المرور':2 'كلمة':1",)]


def test_only_its_own_account_can_connect(home: Path) -> None:
    with EmbeddedServer.join(home):
        assert (home / "postgres").stat().st_mode & 0o077 == 0
        assert (home / "postgres" / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0


def test_what_failed_statements_said_is_not_in_the_log(home: Path) -> None:
    with EmbeddedServer.join(home) as server:
        query(server.url, "CREATE TABLE person (mail text UNIQUE)")
        query(server.url, "INSERT INTO person VALUES ('mona@example.com')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            query(server.url, "INSERT INTO person VALUES ('mona@example.com')")
    log = (home / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "mona" not in log


@pytest.mark.parametrize("name", ['it\'s "my" $HOME `id` éà مرحبا', "a,b", "x" * 120])
def test_any_folder_will_do(home: Path, name: str) -> None:
    folder = data_home(home / name)
    with EmbeddedServer.join(folder) as server:
        query(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedServer.join(folder) as server:
        assert query(server.url, "SELECT answer FROM kept") == [(42,)]
    assert not is_up(folder)


def test_a_copy_of_a_database_is_of_its_own(server: EmbeddedServer) -> None:
    first = server.create_database("copied")
    query(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    second = server.create_database("copy", "copied")
    query(second, "DROP TABLE kept")
    assert query(first, "SELECT answer FROM kept") == [(42,)]
    server.drop_database("copy")
    server.drop_database("copied")
    with pytest.raises(psycopg.OperationalError):
        query(first, "SELECT 1")
