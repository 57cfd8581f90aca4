"""The index of this process follows PostgreSQL: exactly, whatever commits when, and without anybody waiting.

Triggers note every change with its transaction. A look asks for what the snapshot of the look before did not see: so a
transaction that was long in committing is not missed. A question lets the index catch up, in one statement, where
something is newer; what is much is left to a thread, and words are answered by what is there until then.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from itertools import accumulate, islice
from pathlib import Path
from typing import get_args
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import base
from models.search import documents
from models.search.block import Block
from models.search.collection import Collection as Documents
from models.search.disk import Disk
from models.search.documents import Change
from models.search.index import Index
from models.search.kept import Folder, State
from models.search.merge import merge
from models.search.pool import Kind

log = structlog.get_logger(__name__)
SMALL = 2_000
"""So much is read while a question waits, in a second or two; more is left to a thread."""
LARGE = 2_000
"""So many documents are kept in memory, where every one that has a word is looked at; then they go to the disk."""
_PAGE = 250
_PAUSE = 0.001
"""Seconds between two steps: a lock that is taken again at once is never given to who waits for it."""
AT_ONCE = 20_000
"""While an index is built, so many go to the disk together."""
_TIMES = 3
"""A block is so many times as long as all shorter ones together, or becomes one with them."""
_KINDS: tuple[Kind, ...] = get_args(Kind)


class Follower:
    """The index of one database, and how far it is."""

    def __init__(
        self, home: Path | None = None, small: int = SMALL, large: int = LARGE, at_once: int = AT_ONCE
    ) -> None:
        self.index = Index()
        self._home, self._small, self._large, self._at_once = home, small, large, at_once
        self._pool = base.engine().pool
        self._state: State | None = None
        self._waiting: set[Change] = set()
        self._looking = threading.Lock()
        self._folder: Folder | None = None
        self._identity = ""
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def complete(self) -> bool:
        """Whether all that there is can be found."""
        return self._state is not None and self._state.complete and not self._waiting

    @property
    def seen(self) -> str | None:
        """The snapshot up to which the index is true, for who asks afterwards whether anything is newer; none where it
        has to catch up first."""
        seen = self._state.seen if self._state is not None else None
        return seen if self.complete else None  # in this order: what waits is noted before the snapshot that saw it

    def catch_up(self, session: Session) -> None:
        """See what was committed until now. What is much goes on in a thread: then ``complete`` is not true yet."""
        session.flush()  # it may wait for a row of somebody who waits for the lock
        with self._looking:
            if self._state is None:
                self._state = self._begin(session)
            self._look(session, self._state)
            if self._state.complete and len(self._waiting) <= self._small:
                self._read(session, len(self._waiting))
            if not self._state.complete or self._waiting or self._too_large():
                self._work()

    def wait(self) -> None:
        """Until the thread has nothing to do; for tests and benchmarks."""
        while (thread := self._thread) is not None and thread.is_alive():
            thread.join()

    def close(self) -> None:
        """End the thread after its step, and leave the folder to others."""
        self._stopping.set()
        self.wait()
        if self._folder is not None:
            self._folder.close()

    # -- what changed

    def _begin(self, session: Session) -> State:
        """The first look: what was kept on the disk, or all that there is where that is little."""
        if documents.count(session, self._small) > self._small:
            return self._resumed(session) or State(documents.snapshot(session))
        state = State(documents.snapshot(session), complete=True)
        with base.reading() as fresh:  # what the session itself wrote may yet be taken back
            for kind in _KINDS:
                self.index.put(documents.page(fresh, kind, 0, self._small))
        return state

    def _resumed(self, session: Session) -> State | None:
        self._identity = documents.identity(session)
        self._folder = Folder(self._home)
        kept = self._folder.read(self._identity)
        if kept is None or documents.is_ahead(session, kept[0].seen):
            return None
        state, blocks = kept
        with self.index.lock:
            for kind in _KINDS:
                self.index.of(kind).blocks[:] = blocks.get(kind, [])
        self._waiting = set(state.waiting)
        return state

    def _look(self, session: Session, state: State) -> None:
        found = documents.look(session, state.seen)
        for kind, id in found.changes:
            if kind != "question" or found.own:
                self._waiting.add((kind, id))
            elif id not in found.questions:
                self.index.remove("question", [id])
        self.index.put(found.questions.values())
        state.seen = found.snapshot
        if found.own and len(self._waiting) <= self._small:
            with base.reading() as fresh:
                self._read(fresh, len(self._waiting))

    def _read(self, session: Session, most: int) -> None:
        """Read what changed anew, ``most`` of it."""
        some = set(islice(self._waiting, most))
        if not some:
            return
        entries = {id for kind, id in some if kind in ("entry", "title")}
        parts = {id for kind, id in some if kind == "passage"} | set(documents.passages_of(session, entries))
        self._replace(session, "passage", parts)
        self._replace(session, "question", {id for kind, id in some if kind == "question"})
        self._waiting -= some

    def _replace(self, session: Session, kind: Kind, ids: Collection[int]) -> None:
        there = documents.by_id(session, kind, ids)
        self.index.put(there)
        self.index.remove(kind, set(ids) - {document.id for document in there})

    # -- what takes long

    def _work(self) -> None:
        if (self._thread is None or not self._thread.is_alive()) and not self._stopping.is_set():
            self._thread = threading.Thread(target=self._all, name="search", daemon=True)
            self._thread.start()

    def _all(self) -> None:
        """Step by step until nothing is left to do."""
        try:
            while not self._stopping.is_set() and self._step():
                self._stopping.wait(_PAUSE)
        except (SQLAlchemyError, RuntimeError) as error:  # the next question begins again where this one stood
            log.warning("search index interrupted", error=type(error).__name__)
        except Exception as error:
            log.error("search index cannot be built", exc_info=error)

    def _step(self) -> bool:
        """Some of what is to be done; whether there may be more."""
        state = self._state
        assert state is not None
        with self._looking, base.reading() as session:
            if base.engine().pool is not self._pool:
                return False  # the process has turned to another database
            self._look(session, state)
            if self._waiting:
                self._read(session, _PAGE)
            elif not state.complete:
                self._page(session, state)
        if state.complete and not self._waiting and not self._crowded() and not self._too_large():
            return False
        if self._too_large() or (state.complete and not self._waiting):
            self._put_away(state)
        return True

    def _page(self, session: Session, state: State) -> None:
        """The next documents of a build."""
        for kind in _KINDS:
            found = documents.page(session, kind, state.cursors.get(kind, 0), _PAGE)
            if found:
                self.index.put(found)
                state.cursors[kind] = found[-1].id
                return
        state.complete = True

    def _too_large(self) -> bool:
        building = self._state is not None and not self._state.complete
        most = self._at_once if building else self._large
        return any(len(self.index.of(kind).memory) >= most for kind in _KINDS)

    def _crowded(self) -> bool:
        return any(_to_merge(self.index.of(kind)) for kind in _KINDS)

    def _put_away(self, state: State) -> None:
        """What is in memory goes to the disk, and many blocks become one. The index answers meanwhile."""
        with self._looking:
            kept = State(state.seen, dict(state.cursors), state.complete, sorted(self._waiting))
            if self._folder is None:
                with base.reading() as session:
                    self._identity = documents.identity(session)
                self._folder = Folder(self._home)
            with self.index.lock:
                fresh = {kind: self.index.of(kind).turn_over() for kind in _KINDS if len(self.index.of(kind).memory)}
        for kind, block in fresh.items():
            self._merge(kind, [block])
        for kind in _KINDS:
            if kept.complete and (several := _to_merge(self.index.of(kind))):
                self._merge(kind, several)
        with self.index.lock:
            blocks = {kind: [one for one in self.index.of(kind).blocks if isinstance(one, Disk)] for kind in _KINDS}
        self._folder.write(kept, self._identity, blocks)

    def _merge(self, kind: Kind, blocks: list[Block]) -> None:
        assert self._folder is not None
        new = merge(blocks, self._folder.new(kind)) if any(block.alive.any() for block in blocks) else None
        with self.index.lock:
            self.index.of(kind).replace(blocks, new)


def _to_merge(documents: Documents) -> list[Block]:
    """Blocks that had better be one, since each is searched by itself: those of similar length, and of which much went
    away."""
    blocks = sorted(documents.blocks, key=len)
    lengths = list(accumulate(map(len, blocks)))
    similar = [at for at in range(1, len(blocks)) if len(blocks[at]) < _TIMES * lengths[at - 1]]
    if similar:
        return blocks[: similar[-1] + 1]
    return [block for block in blocks if 3 * int(block.alive.sum()) < 2 * len(block)]


_followers: WeakKeyDictionary[Engine, Follower] = WeakKeyDictionary()
_guard = threading.Lock()
_home: Path | None = None


def keep_in(home: Path | None) -> None:
    """Where the followers of this process keep what is large; in a temporary folder where none is named."""
    global _home
    _home = home


def follower() -> Follower:
    """The follower of the database that this process is connected to."""
    with _guard:
        engine = base.engine()
        if engine not in _followers:
            _followers[engine] = Follower(_home)
        return _followers[engine]
