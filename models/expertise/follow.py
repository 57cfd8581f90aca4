"""The ranker of this process follows PostgreSQL: what was answered a moment ago counts for the next question.

It is a cache, built of the answers and thrown away with the process; nobody trains it. A question lets it catch up
first, which is one short statement. What is much (the first look at a large company) is left to a thread, and people
are ranked by what is known until then. What was learned of the newest questions is learned anew by each process. Whose
answers do not hold as they were known, is forgotten and read anew.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import numpy as np
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import base
from models.base import now
from models.expertise import signals
from models.expertise.history import Asked
from models.expertise.ranker import Ranker
from models.expertise.signals import Given, Good
from models.expertise.tables import KEPT

log = structlog.get_logger(__name__)
SMALL = 2_000
"""So many answers are read while a question waits; more are left to a thread."""
LESSONS = 1_000
"""Of so many of the newest answers it learns what counts: older ones are remembered, and teach nothing."""
EARLIER = 2
"""Who answered so often might have answered a question, and is compared with who did."""
ACCEPTED, VOTED = 0.5, 0.25
"""So much of another answer it counts that one was accepted, or found helpful by one more."""
_PAGE = 500
_LATE = 200
"""So many numbers back it looks again: a transaction may commit after others that began later."""
_LATE_TIME = timedelta(minutes=2)
_LONG_AGO = timedelta(days=365)


class Follower:
    """The ranker of one database, and how far it is."""

    def __init__(self, small: int = SMALL) -> None:
        self.ranker = Ranker()
        self.languages: dict[int, set[str]] = {}
        """In which languages each person answered."""
        self.lock = threading.RLock()
        """Held while the ranker is read or taught."""
        self._small = small
        self._pool = base.engine().pool
        self._thread: threading.Thread | None = None
        self._begin()

    def _begin(self) -> None:
        """Know nothing."""
        self.ranker, self.languages = Ranker(), {}
        self._newest, self._last, self._learns_after, self._unlearned = 0, -1, 0, 0
        self._seen: set[int] = set()
        self._forgotten: set[int] = set()
        self._questions: dict[int, int] = {}
        self._credited: set[tuple[str, int, int]] = set()
        self._looked_at: datetime | None = None

    def catch_up(self, session: Session) -> None:
        """Know what was committed until now; what is much goes on in a thread."""
        session.flush()  # it may wait for a row of somebody who waits for the lock
        with self.lock:
            if self._looked_at is not None and self._looked_at < now() - KEPT / 2:
                self._begin()  # what did not hold meanwhile may be remembered no more
            if self._last < 0:
                self._last, self._unlearned = signals.newest(session)
                self._learns_after = self._last - LESSONS
            if self._last - self._newest > self._small:
                self._work()
            else:
                self._look(session)

    def wait(self) -> None:
        """Until the thread has nothing to do; for tests and benchmarks."""
        while (thread := self._thread) is not None and thread.is_alive():
            thread.join()

    def _work(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._all, name="expertise", daemon=True)
            self._thread.start()

    def _all(self) -> None:
        """Page by page until nothing is left; a question may come between two pages."""
        try:
            more = True
            while more and base.engine().pool is self._pool:
                with base.reading() as session, self.lock:
                    more = self._page(session)
        except (SQLAlchemyError, RuntimeError) as error:  # the next question begins again where this one stood
            log.warning("expertise interrupted", error=type(error).__name__)

    def _look(self, session: Session) -> None:
        """Read all that is new."""
        until = now()
        since = until - _LONG_AGO if self._looked_at is None else self._looked_at - _LATE_TIME
        unlearned = max(0, self._unlearned - _LATE)
        found = signals.news(session, max(0, self._newest - _LATE), _PAGE + _LATE, since, unlearned)
        more = self._read(session, found.answers)
        while more:
            more = self._page(session)
        for one in found.good:
            self._credit(one, until)
        fresh = {id: person for id, person in found.unlearned.items() if id not in self._forgotten}
        for person in set(fresh.values()):
            self._learn_anew(session, person)
        self._unlearned = max([self._unlearned, *fresh])
        self._forgotten = {id for id in self._forgotten.union(fresh) if id > self._unlearned - 2 * _LATE}
        self._looked_at = until

    def _page(self, session: Session) -> bool:
        """Read some more; whether there may be more than that."""
        return self._read(session, signals.ids(session, max(0, self._newest - _LATE), _PAGE + _LATE))

    def _read(self, session: Session, found: list[int]) -> bool:
        fresh = [id for id in found if id not in self._seen]
        for given in signals.answers(session, fresh):
            self._take(given)
        self._newest = max([self._newest, *found])
        self._last = max(self._last, self._newest)
        self._seen = {id for id in self._seen.union(found) if id > self._newest - 2 * _LATE}
        return len(found) == _PAGE + _LATE

    def _take(self, given: Given) -> None:
        """One more answer: first what it teaches, then what it is."""
        history = self.ranker.history
        asked = Asked.of(given.asked, given.asked_at, given.topic)
        if given.question not in self._questions:
            if given.id > self._learns_after:
                self.ranker.learn(asked, [given.author], self._might(given.asker))
            history.ask(asked)
            self._questions[given.question] = history.questions
        history.answer(given.author, asked, given.text, min(given.at, now()))
        self.languages.setdefault(given.author, set()).add(given.language)

    def _learn_anew(self, session: Session, person: int) -> None:
        """Forget somebody, and read what they did as it is now."""
        history = self.ranker.history
        history.forget(person)
        self.languages.pop(person, None)
        numbers: dict[int, int] = {}
        for given in signals.given_by(session, person, self._newest):
            asked = Asked.of(given.asked, given.asked_at, given.topic)
            numbers[given.id] = self._questions.setdefault(given.question, history.questions)
            history.answer(person, asked, given.text, min(given.at, now()), numbers[given.id])
            self.languages.setdefault(person, set()).add(given.language)
        self._seen.update(numbers)
        self._credited = {key for key in self._credited if key[1] not in numbers}
        for one in signals.good_of(session, person, now() - _LONG_AGO):
            self._credit(one, now(), numbers.get(one.answer))

    def _might(self, asker: int) -> Collection[int]:
        history = self.ranker.history
        slots = np.flatnonzero(np.array(history.answered) >= EARLIER)
        return [slot for slot in slots.tolist() if history.people[slot] != asker]

    def _credit(self, one: Good, until: datetime, number: int | None = None) -> None:
        """Somebody found an answer good, the question being the ``number``-th."""
        key = (one.how, one.answer, one.by)
        if key not in self._credited:
            self._credited.add(key)
            weight = ACCEPTED if one.how == "accepted" else VOTED
            self.ranker.history.credit(one.author, min(one.at, until), weight, number)


_followers: WeakKeyDictionary[Engine, Follower] = WeakKeyDictionary()
_guard = threading.Lock()


def follower() -> Follower:
    """The follower of the database that this process is connected to."""
    with _guard:
        engine = base.engine()
        if engine not in _followers:
            _followers[engine] = Follower()
        return _followers[engine]
