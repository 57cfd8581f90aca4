"""Where a process keeps the large parts of its index, so that it need not build them anew when it starts.

A folder of this process's own below the one that it was given; all of it can be thrown away. ``kept.json`` says which
blocks there are, up to where the changes are in them, and how far a build came. It is replaced at once, after all that
it speaks of is on the disk (``fsync``), so that whoever dies, the machine included, leaves the last one that was whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import structlog

from models.base import now
from models.search import analysis, stopwords
from models.search.disk import Disk
from models.search.merge import synced
from models.search.pool import Kind
from models.search.tables import KEPT

log = structlog.get_logger(__name__)
_MARGIN = timedelta(hours=12)
_FORMAT = 4


@dataclass
class State:
    """How far an index is: ``seen`` is the snapshot whose changes are in its blocks but for ``waiting``; ``cursors``
    tell the last document of each kind that the build met, and whether it met all."""

    seen: str
    cursors: dict[str, int] = field(default_factory=dict)
    complete: bool = False
    waiting: list[tuple[str, int]] = field(default_factory=list)


class Folder:
    """A folder that no other process uses."""

    def __init__(self, home: Path | None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="agora-search-") if home is None else None
        home = Path(self._temporary.name) if self._temporary else Path(str(home))
        home.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            self._lock = (home / f"{number}.lock").open("w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                continue
            self.path = home / str(number)
            self.path.mkdir(exist_ok=True)
            break

    def close(self) -> None:
        """Leave it to others."""
        self._lock.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def new(self, kind: str) -> Path:
        """Where a block may be written."""
        return next(path for path in (self.path / f"{kind}-{number}" for number in count(1)) if not path.exists())

    def write(self, state: State, identity: str, blocks: Mapping[Kind, Collection[Disk]]) -> None:
        """Remember ``blocks``, and forget all others."""
        kept: dict[str, list[str]] = {}
        for kind, several in blocks.items():
            kept[kind] = [block.folder.name for block in several]
            for block in several:
                np.save(block.folder / "gone.tmp.npy", np.flatnonzero(~block.alive))
                synced(block.folder / "gone.tmp.npy")
                (block.folder / "gone.tmp.npy").rename(block.folder / "gone.npy")
                synced(block.folder)
        about = {"version": version(), "identity": identity, "at": now().isoformat(), "blocks": kept, **asdict(state)}
        (self.path / "kept.tmp").write_bytes(orjson.dumps(about))
        synced(self.path / "kept.tmp")
        (self.path / "kept.tmp").rename(self.path / "kept.json")
        synced(self.path)
        self._forget({name for names in kept.values() for name in names})

    def read(self, identity: str) -> tuple[State, dict[Kind, list[Disk]]] | None:
        """What was remembered of this database; ``None``, and an empty folder, where it is of no use any more."""
        about: dict[str, Any] = {}
        try:
            about = orjson.loads((self.path / "kept.json").read_bytes())
            if (about["version"], about["identity"]) == (version(), identity) and _fresh(about["at"]):
                blocks = {kind: [_opened(self.path / name) for name in of] for kind, of in about["blocks"].items()}
                waiting = [(str(kind), int(id)) for kind, id in about["waiting"]]
                return State(about["seen"], about["cursors"], about["complete"], waiting), blocks
        except Exception as error:  # written by half, or by another version: whatever it is, it is built anew
            if (self.path / "kept.json").exists():
                log.warning("the index that was kept is of no use", error=f"{type(error).__name__}: {error}")
        self._forget(())
        return None

    def _forget(self, but: Collection[str]) -> None:
        for path in self.path.iterdir():
            if path.is_dir() and path.name not in but:
                shutil.rmtree(path, ignore_errors=True)


def _opened(folder: Path) -> Disk:
    block = Disk(folder)
    if (folder / "gone.npy").exists():
        block.bury(block.ids[np.load(folder / "gone.npy")])
    return block


def _fresh(at: str) -> bool:
    """Whether all changes since then are still told."""
    return datetime.fromisoformat(at) > now() - KEPT + _MARGIN


def version() -> str:
    """Of what blocks are: another analysis makes other words."""
    sources = [Path(str(module.__file__)).read_bytes() for module in (analysis, stopwords)]
    return f"{_FORMAT}:{hashlib.sha256(b''.join(sources)).hexdigest()[:16]}"
