"""Where Agora keeps its data, and which operating system account owns it.

PostgreSQL refuses to run as root. Started by root, it runs as an account of its own, which must be able to
reach the data. Folders that are closed to others stay closed: the data then go to a place made for them.
"""

import hashlib
import os
import pwd
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

PROJECT = Path(__file__).resolve().parent.parent
SYSTEM_HOME = Path("/var/lib/agora")
ACCOUNT = "agora-db"
NOBODY_YET = -1


class EmbeddedDatabaseError(RuntimeError):
    """The embedded database cannot be used here; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """The operating system account that the database server runs as."""

    uid: int
    gid: int


def _log(note: str) -> None:
    structlog.get_logger("agora.data_home").info("data_home", note=note)


def data_home(configured: Path | None, announce: Callable[[str], object] = _log) -> Path:
    """The folder for Agora's data, made if it is not there: `configured` (AGORA_HOME) or `.agora` of the project.

    For root, a folder that others cannot enter is left as it is, and one below /var/lib/agora is taken and
    announced. Raises EmbeddedDatabaseError where no data can be kept.
    """
    wanted = Path(os.path.realpath((configured or PROJECT / ".agora").expanduser()))
    _refuse_unusable_name(wanted)
    home = wanted
    if os.geteuid() == 0 and not _reachable(wanted):
        home = SYSTEM_HOME / _system_name(wanted)
        announce(
            f"{wanted} is closed to other accounts, and the database does not run as root: data are kept in {home}"
        )
    if os.path.exists(home) and not os.access(home, os.W_OK):
        _refuse_other_owner(home, _owner(home))
    make_folder(home)
    return home


def database_folder(home: Path) -> Path:
    """PostgreSQL's own folder within the data."""
    return home / "postgres"


def server_account(home: Path) -> Account | None:
    """Who the database server has to run as: None for "as ourselves", otherwise (for root) another account.

    Data that an ordinary user began stay that user's. Raises EmbeddedDatabaseError for somebody else's data.
    """
    owner = _owner(database_folder(home))
    if os.geteuid() != 0:
        _refuse_other_owner(home, owner)
        return None
    if owner is not None and owner.uid != 0:
        return owner
    return _own_account()


def may_pass(path: Path, account: Account) -> bool:
    """Whether the account can enter every existing folder on the way to `path`, by their permission bits."""
    return all(_may_enter(folder.stat(), account) for folder in path.parents if os.path.isdir(folder))


def make_folder(folder: Path) -> None:
    """Make the folder and the missing ones above it; root's can be passed, but not listed, by others."""
    missing = [each for each in (folder, *folder.parents) if not os.path.exists(each)]
    try:
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            each.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not os.access(folder, os.W_OK | os.X_OK) or not folder.is_dir():
            raise PermissionError(f"{folder} is not a folder that this account may write to")
    except OSError as error:
        advice = "Set AGORA_HOME to a folder that this account may write to, or DATABASE_URL to a database."
        raise EmbeddedDatabaseError(f"No data can be kept in {folder}: {error}. {advice}") from error


def open_own(path: Path, flags: int) -> int:
    """Open a file of the data, making it if need be; it belongs to the folder's owner, even if root came first."""
    try:
        file = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # never given away by root: it may be a link to something else
        return os.open(path, flags | os.O_NOFOLLOW)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def _reachable(home: Path) -> bool:
    owner = _owner(database_folder(home))
    account = owner if owner is not None and owner.uid != 0 else Account(NOBODY_YET, NOBODY_YET)
    return may_pass(home / "within", account)


def _may_enter(stat: os.stat_result, account: Account) -> bool:
    if stat.st_uid == account.uid:
        return bool(stat.st_mode & 0o100)
    if stat.st_gid == account.gid:
        return bool(stat.st_mode & 0o010)
    return bool(stat.st_mode & 0o001)


def _system_name(wanted: Path) -> str:
    """A name for people, and a digest because two projects may be called alike."""
    word = re.sub(r"[^A-Za-z0-9]+", "-", wanted.parent.name).strip("-")[:40] or "data"
    return f"{word}-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:8]}"


def _refuse_unusable_name(folder: Path) -> None:
    # PostgreSQL keeps paths as lines of a file, and a URL has to carry them.
    if any(ord(char) < 32 or 0xD800 <= ord(char) <= 0xDFFF for char in str(folder)):
        raise EmbeddedDatabaseError(
            f"The folder name {str(folder)!r} has characters that cannot be used. Set AGORA_HOME."
        )


def _owner(folder: Path) -> Account | None:
    try:
        stat = folder.stat()
    except OSError:
        return None
    return Account(stat.st_uid, stat.st_gid)


def _refuse_other_owner(home: Path, owner: Account | None) -> None:
    if owner is None or owner.uid == os.geteuid():
        return
    try:
        name = pwd.getpwuid(owner.uid).pw_name
    except KeyError:
        name = f"user {owner.uid}"
    raise EmbeddedDatabaseError(
        f"The data in {home} belong to {name}. Run Agora as {name}, or set AGORA_HOME to a folder of your own."
    )


def _own_account() -> Account:
    """The account made for the database, added to the system the first time."""
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        if not _known(ACCOUNT):
            subprocess.run(
                [*command, "--shell", "/usr/sbin/nologin", ACCOUNT], check=True, capture_output=True, text=True
            )
    except (OSError, subprocess.CalledProcessError) as error:
        if not _known(ACCOUNT):  # another process may have added it in the same instant
            reason = getattr(error, "stderr", None) or error
            advice = "Run Agora as an ordinary user, or set DATABASE_URL."
            raise EmbeddedDatabaseError(f"No account for the database could be added: {reason}. {advice}") from error
    entry = pwd.getpwnam(ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid)


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
