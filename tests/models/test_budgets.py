"""How much models may be asked: counted by everybody in the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from models import base
from models.base import transaction
from models.budgets import ALL, Limits, ModelUse, purge, reserve, settle

LIMITS = Limits(calls_per_person=2, tokens_per_day=1000, tokens_per_month=1500)


@pytest.fixture(autouse=True)
def db(database: str) -> Iterator[None]:
    base.connect(database, pool=6)
    yield
    base.set_clock(None)
    base.disconnect()


def on(day: int) -> None:
    base.set_clock(lambda: datetime(2026, 3, day, 12, tzinfo=UTC))


def asks(person: int, tokens: int = 100) -> bool:
    with transaction() as session:
        return reserve(session, LIMITS, person, "answer", tokens) is not None


def used(person: int) -> tuple[int, int]:
    with transaction() as session:
        rows = session.query(ModelUse).filter_by(person_id=person).all()
        return sum(row.calls for row in rows), sum(row.tokens for row in rows)


def test_a_person_has_so_many_calls_a_day():
    on(2)
    assert [asks(7) for _ in range(3)] == [True, True, False]
    assert asks(8), "others have theirs"
    on(3)
    assert asks(7)


def test_the_company_has_so_many_tokens_a_day_and_a_month():
    on(2)
    assert asks(1, 900) and not asks(2, 200) and asks(3, 100)
    on(3)
    assert asks(1, 400) and not asks(2, 200), "the month is used up before the day"


def test_what_it_really_took_counts():
    on(2)
    with transaction() as session:
        day = reserve(session, LIMITS, 7, "answer", 900)
        assert day is not None
        settle(session, day, 7, "answer", 120 - 900)
    assert used(7) == used(ALL) == (1, 120) and asks(8, 800)


def test_many_at_once_take_no_more_than_there_is():
    on(2)
    with ThreadPoolExecutor(6) as threads:
        given = list(threads.map(lambda person: asks(person, 300), range(1, 13)))
    assert sum(given) == 3 and used(ALL) == (3, 900)


def test_what_no_budget_looks_at_is_forgotten():
    base.set_clock(lambda: datetime(2025, 1, 1, tzinfo=UTC))
    asks(7)
    on(2)
    with transaction() as session:
        purge(session)
    assert used(7) == (0, 0)
