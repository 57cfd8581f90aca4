"""How queue rows are claimed, by whom, and for how long. The same for the inbox and the outbox.

A claim keeps lanes in order: a row is not given to anybody while another row of its lane is held by somebody, or an
earlier one waits for a retry. Claims of one table take turns (an advisory lock, for the few milliseconds that a claim
takes); what is done with the rows does not. ``(holder, attempts)`` fences: who lost a lease can record nothing.
"""

from __future__ import annotations

import asyncio
from collections import namedtuple
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from models.base import now
from models.rows import run

Row = TypeVar("Row")


def claim_statement(
    table: str,
    columns: Sequence[str],
    only: str = "true",
    behind: str = "b.id < q.id and b.not_before > %(now)s",
    busy: str = "true",
    order: str = "q.id",
) -> str:
    """The statement that claims rows of ``table`` and returns ``columns`` with state, attempts, lane and id.

    ``only`` says which rows ``q``; ``behind``, which other row ``b`` of its lane is to be over before; ``busy``, which
    held row of its lane keeps it waiting.
    """
    wanted = ", ".join(f"q.{name}" for name in columns)
    return f"""
with free as (
  select q.lane, q.id, q.state as was from {table} q
  where q.state in ('new', 'held') and q.not_before <= %(now)s and (q.state = 'new' or q.lease_until <= %(now)s)
    and {only} and not exists (
      select 1 from {table} b where b.lane = q.lane and b.state in ('new', 'held')
        and (({behind}) or (b.state = 'held' and b.lease_until > %(now)s and ({busy}))))
  order by {order} limit %(most)s
)
update {table} q set state = 'held', holder = %(holder)s, attempts = q.attempts + 1, lease_until = %(lease_until)s
from free where q.lane = free.lane and q.id = free.id
returning {wanted}, free.was, q.attempts, q.lane, q.id
"""  # noqa: S608 the names are our own, never input


# One claim of a table at a time. And whatever the statistics say, which are never true of a queue: rows are looked at
# from the oldest on, each with its lane, until there are enough. Any other plan looks at all that wait first.
_TURN = """
select pg_advisory_xact_lock(hashtext(%(table)s)), set_config('enable_sort', 'off', true),
  set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
  set_config('enable_material', 'off', true)
"""


def claim(
    session: Session, table: str, statement: str, holder: str, most: int, lease: timedelta, **more: Any
) -> list[Any]:
    """Claim up to ``most`` rows for ``holder`` until ``lease`` has passed; oldest first. ``was`` is the state before:
    ``held`` means that an earlier holder lost it and nobody knows how far they came."""
    run(session, _TURN, {"table": f"agora claim {table}"})
    moment = now()
    values = {"now": moment, "lease_until": moment + lease, "holder": holder, "most": most, **more}
    found = run(session, statement, values)
    row = _claimed(found.names)
    return sorted(map(row._make, found.fetchall()), key=lambda row: int(row.id))


async def claimed(claiming: Callable[[], list[Row]], give_back: Callable[[list[Row]], Awaitable[None]]) -> list[Row]:
    """What ``claiming`` claims, in a thread. Who is cancelled meanwhile gives it back: nobody else would know of it,
    and it would be held until the lease ends."""
    rows = asyncio.ensure_future(asyncio.to_thread(claiming))
    try:
        return await asyncio.shield(rows)
    except asyncio.CancelledError:
        await asyncio.wait([rows])
        if not rows.exception() and rows.result():
            await give_back(rows.result())
        raise


@cache
def _claimed(names: tuple[str, ...]) -> Any:
    """What holds a claimed row of these columns."""
    return namedtuple("Claimed", names)
