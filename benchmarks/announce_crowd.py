"""The crowd of ``announce``: people with an account each, and the card that all of them get."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text as sql

from benchmarks.outbox import _card
from bot.broadcast import STEP, broadcast
from models.base import transaction
from models.mail import BULK

_PEOPLE = sql("""
insert into person (handle, name, kind, roles, locale, timezone, skills, work_days, work_from, work_to, quota, digest,
  digest_at, active, demo, created_at)
select 'crowd' || n, 'Somebody', 'employee', '{}', (array['en', 'it', 'ar', 'he'])[1 + n % 4], 'UTC', '{}', '{0}',
  '09:00', '17:00', 3, 'off', '09:00', true, false, now()
from generate_series(1, :people) as n returning id
""")
_ACCOUNTS = sql("""
insert into account (person_id, platform, installation, external, private)
select * from unnest(cast(:people as bigint[]), cast(:platforms as text[]), cast(:installations as text[]),
  cast(:names as text[]), cast(:names as text[]))
""")
_EMPTY = sql("truncate outbox, posted_card, shared_card, sender, allowance")
_LEAVE = sql("delete from account where external like 'U%crowd'")
_ANALYZE = sql("analyze person, account")


class Place(NamedTuple):
    """An installation, and how many parts of the crowd are there."""

    platform: str
    installation: str
    parts: int


class Crowd:
    """So many people."""

    ABOUT = "announcement:1"

    def __init__(self, people: int) -> None:
        with transaction() as session:
            self.people = list(session.scalars(_PEOPLE, {"people": people}))
        self.counts: Counter[Place] = Counter()

    def move_into(self, places: Sequence[Place]) -> None:
        """All of them have their account in one of these from now on; nothing is on its way to them."""
        turns = [place for place in places for _ in range(place.parts)]
        turns = [turns[n * 7 % len(turns)] for n in range(len(turns))] if len(turns) % 7 else turns
        where = list(itertools.islice(itertools.cycle(turns), len(self.people)))
        self.counts = Counter(where)
        with transaction() as session:
            for statement in (_EMPTY, _LEAVE):
                session.execute(statement)
            session.execute(_ACCOUNTS, {
                "people": self.people, "platforms": [place.platform for place in where],
                "installations": [place.installation for place in where],
                "names": [f"U{person}crowd" for person in self.people],
            })  # fmt: skip
            session.execute(_ANALYZE)


def enqueue(people: Sequence[int]) -> float:
    """Announce it to all of them, in steps as a job does; the seconds that took."""
    began = time.perf_counter()
    card = _card()
    for first in range(0, len(people), STEP):
        with transaction() as session:
            readers = [(person, "en") for person in people[first : first + STEP]]
            done = broadcast(session, {"en": card}, readers, Crowd.ABOUT, "benchmark", BULK)
            if len(done.posted) != len(readers):
                raise RuntimeError(f"unreachable: {Counter(done.unreachable.values())}")
    return time.perf_counter() - began
