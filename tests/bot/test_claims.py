"""Claims: a row is in one pair of hands, and within a lane one comes after the other."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.claims import claim
from bot.inbox import insert_events
from bot.worker import _CLAIM, by_lane
from models import base
from models.base import now, transaction
from models.mail import lane_of
from tests.bot.queues import event, inbox, run_sql

LEASE = timedelta(seconds=30)
_DONE = """update inbox set state = 'done' where id = :id and holder = :holder and attempts = :attempts
  and state = 'held' returning 1"""


def waiting(*events: tuple[str, str]) -> None:
    """Rows by (key, conversation), in this order."""
    with transaction() as session:
        insert_events(session, [event(key, conversation) for key, conversation in events], "test")


def claims(holder: str, most: int = 100) -> list[Any]:
    with transaction() as session:
        return claim(session, "inbox", _CLAIM, holder, most, LEASE)


def keys(rows: list[Any]) -> list[str]:
    known = {row.id: row.key for row in inbox()}
    return [known[row.id] for row in rows]


def finish(row: Any, holder: str) -> bool:
    return bool(run_sql(_DONE, id=row.id, holder=holder, attempts=row.attempts))


def passes(**time: float) -> None:
    moment = now() + timedelta(**time)
    base.set_clock(lambda: moment)


def test_a_lane_is_in_one_pair_of_hands(db: str) -> None:
    waiting(("1", "a"), ("2", "a"), ("3", "b"))
    assert keys(first := claims("one", most=1)) == ["1"]
    assert keys(claims("two")) == ["3"]
    assert finish(first[0], "one")
    assert keys(claims("two")) == ["2"]


def test_who_claims_gets_the_oldest_first(db: str) -> None:
    waiting(("1", "a"), ("2", "b"), ("3", "a"), ("4", "c"))
    assert keys(claims("one", most=3)) == ["1", "2", "3"]
    assert keys(claims("two")) == ["4"]


def test_what_waits_for_its_time_keeps_its_lane_waiting_and_no_other(db: str) -> None:
    waiting(("1", "a"), ("2", "a"), ("3", "b"))
    run_sql("update inbox set not_before = :later where key = '1'", later=now() + timedelta(seconds=9))
    assert keys(claims("one")) == ["3"]
    passes(seconds=10)
    assert keys(claims("one")) == ["1", "2"]


def test_when_a_lease_has_ended_another_takes_over_and_the_first_can_record_nothing(db: str) -> None:
    waiting(("1", "a"), ("2", "a"))
    mine = claims("one")
    passes(seconds=29)
    assert claims("two") == []
    passes(seconds=2)
    theirs = claims("two")
    assert [(row.was, row.attempts) for row in theirs] == [("held", 2), ("held", 2)]
    assert not finish(mine[0], "one")
    assert finish(theirs[0], "two")


def test_a_process_that_lost_a_row_to_itself_cannot_record_it_twice(db: str) -> None:
    waiting(("1", "a"))
    (mine,) = claims("one")
    passes(seconds=31)
    (again,) = claims("one")
    assert not finish(mine, "one")
    assert finish(again, "one")


def test_what_was_set_aside_holds_nobody_up(db: str) -> None:
    waiting(("1", "a"), ("2", "a"))
    run_sql("update inbox set state = 'failed' where key = '1'")
    assert keys(claims("one")) == ["2"]


def test_thousands_that_wait_behind_one_starve_nobody(db: str) -> None:
    waiting(*[(str(n), "stuck") for n in range(5000)], ("last", "free"))
    claims("one", most=1)
    began = time.monotonic()
    assert keys(claims("two", most=10)) == ["last"]
    assert time.monotonic() - began < 2


def test_a_row_that_is_committed_late_waits_for_those_in_hand(db: str) -> None:
    """Numbers are given before the commit: a later row may be seen, and claimed, before an earlier one."""
    url = base.engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as slow:
        slow.execute("insert into inbox (lane, platform, installation, conversation, kind, key, state, attempts, "
                     "not_before, received_at, correlation) values (%s, 'test', 'here', 'a', 'message', 'early', "
                     "'new', 0, now() - interval '1 minute', now(), 'x')", [lane_of("test", "here", "a")])  # fmt: skip
        waiting(("late", "a"))
        (late,) = claims("one")
        slow.commit()
    assert claims("two") == []
    assert finish(late, "one")
    assert keys(claims("two")) == ["early"]


class Office:
    """Holders that claim, finish, put off and vanish at random. Like a worker, they go through each lane that they
    claimed in order, and leave the rest of it where one was lost or put off."""

    def __init__(self, luck: random.Random) -> None:
        self.luck = luck
        self.hands: list[tuple[str, list[Any]]] = []
        self.done: list[int] = []

    def claims(self) -> None:
        holder = f"h{self.luck.randrange(4)}"
        self.hands += [(holder, lane) for lane in by_lane(claims(holder, most=self.luck.randrange(1, 6)))]
        held = {(row.lane, row.holder) for row in inbox() if row.state == "held" and (row.lease_until or now()) > now()}
        assert len(held) == len({lane for lane, _ in held}), "a lane in two pairs of hands"

    def finishes(self) -> None:
        for holder, rows in self.hands:
            if rows and finish(row := rows.pop(0), holder):
                self.done.append(row.id)
            else:
                rows.clear()

    def puts_off(self) -> None:
        for holder, rows in self.hands:
            if rows:
                run_sql("update inbox set state = 'new', holder = null, not_before = :later where id = :id and "
                        "holder = :holder and attempts = :attempts and state = 'held'", id=rows[0].id,
                        later=now() + timedelta(seconds=5), holder=holder, attempts=rows[0].attempts)  # fmt: skip
                rows.clear()

    def vanishes(self) -> None:
        self.hands.clear()

    def time_passes(self) -> None:
        passes(seconds=self.luck.randrange(40))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_within_a_lane_one_comes_after_the_other_whatever_happens(db: str, seed: int) -> None:
    luck = random.Random(seed)
    run_sql("delete from inbox")
    waiting(*[(str(n), f"c{luck.randrange(3)}") for n in range(12)])
    office = Office(luck)
    often = [office.claims, office.finishes] * 3 + [office.puts_off, office.vanishes, office.time_passes]
    for _ in range(40):
        luck.choice(often)()
    while len(office.done) < 12:
        passes(seconds=31)
        office.claims()
        office.finishes()
    lanes = {row.id: row.lane for row in inbox()}
    for lane in set(lanes.values()):
        assert (ended := [id for id in office.done if lanes[id] == lane]) == sorted(ended)
