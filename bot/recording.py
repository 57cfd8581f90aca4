"""Recording what became of the outbox's rows: whatever ended within the same few milliseconds, in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import text as sql

from bot.inbox import Event, from_system, insert_events
from models.base import is_away, now, transaction
from models.mail import HELD, NEW

log = structlog.get_logger(__name__)
_GATHER = 0.002
CLOSED = "outbox.closed"
LOST = "outbox.lost"
"""The result that tells of a message whose place takes nothing: the number of its row, and ``lane``."""
_RECORD = sql("""
with result as (
  select * from unnest(cast(:lane as int[]), cast(:id as bigint[]), cast(:attempts as int[]), cast(:state as text[]),
    cast(:reference as text[]), cast(:error as text[]), cast(:wait as float[]), cast(:counts as bool[]))
  as r(lane, id, attempts, state, reference, error, wait, counts)
), done as (
  update outbox o set state = result.state, reference = coalesce(result.reference, o.reference), error = result.error,
    holder = null, lease_until = case when result.state = 'held' then :now + result.wait * interval '1 second' end,
    attempts = o.attempts - (not result.counts)::int, not_before = :now + result.wait * interval '1 second',
    done_at = case when result.state in ('new', 'held') then null else :now end
  from result where o.lane = result.lane and o.id = result.id and o.state = 'held' and o.holder = :holder
    and o.attempts = result.attempts
  returning o.id
)
update posted_card p set reference = coalesce(result.reference, p.reference),
  state = case when done.id is null then p.state else result.state end,
  error = case when done.id is null then p.error else replace(result.error, '"', '') end,
  ended_at = case when done.id is null then p.ended_at else :now end
from result left join done using (id)
where p.outbox_id = result.id and result.state not in ('new', 'held') and (result.state = 'sent' or done.id is not null)
""")
"""What became of each row, and of the card that it posts. That a message arrived is noted of its card even by who lost
the row meanwhile: only so can it be changed."""


@dataclass(frozen=True)
class Outcome:
    """What came of a row: its new state, the platform's reference, what went wrong, how long to wait (seconds), and
    whether it was an attempt. ``held`` means that it may have arrived: it is asked about before it is sent again;
    ``paused`` that the wait is known to the pacing."""

    row: Any
    state: str
    reference: str | None = None
    error: str | None = None
    wait: float = 0.0
    counts: bool = True
    paused: bool = False
    told: tuple[str, ...] = ()
    """What hears of it: ``CLOSED`` where the place takes nothing from Agora, ``LOST`` where it was for one person's own
    chat and never gets there."""

    @property
    def over(self) -> bool:
        """Whether what comes after it in its lane may go on."""
        return self.state not in (NEW, HELD)


class Recorder:
    """Records outcomes for ``holder``."""

    def __init__(self, holder: str) -> None:
        super().__init__()
        self._holder = holder
        self._outcomes: asyncio.Queue[tuple[Outcome, asyncio.Future[None]]] = asyncio.Queue()

    async def _record(self, outcome: Outcome) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._outcomes.put((outcome, done))
        await done

    async def _record_forever(self) -> None:
        while True:
            batch = [await self._outcomes.get()]
            await asyncio.sleep(_GATHER)
            while not self._outcomes.empty():
                batch.append(self._outcomes.get_nowait())
            await self._record_batch([outcome for outcome, _ in batch])
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def _record_batch(self, outcomes: list[Outcome]) -> None:
        for pause in (0.1, 0.5, 2.0, 5.0):
            try:
                await asyncio.to_thread(self._write, outcomes)
                return
            except Exception as error:  # whatever it is, the others must not wait for ever
                log.warning("cannot record", error=type(error).__name__)
                if len(outcomes) > 1 and not is_away(error):
                    for outcome in outcomes:
                        await self._record_batch([outcome])
                    return
            await asyncio.sleep(pause)
        log.error("not recorded: the rows will be asked about when their lease ends", rows=len(outcomes))

    def _write(self, outcomes: list[Outcome]) -> None:
        values: dict[str, Any] = {
            name: [getattr(outcome.row, name) for outcome in outcomes] for name in ("lane", "id", "attempts")
        }
        values["wait"] = [float(outcome.wait) for outcome in outcomes]
        for name in ("state", "counts"):
            values[name] = [getattr(outcome, name) for outcome in outcomes]
        for name in ("reference", "error"):
            values[name] = [_storable(getattr(outcome, name)) for outcome in outcomes]
        with transaction() as session:
            session.execute(_RECORD, {**values, "now": now(), "holder": self._holder})
            if failed := [_failed(outcome.row, route) for outcome in outcomes for route in outcome.told]:
                insert_events(session, failed, self._holder)


def _failed(row: Any, route: str) -> Event:
    """That a message will never arrive, for whoever knows whom it concerns."""
    key = f"{route}:{row.id}:{row.attempts}"
    return from_system("result", f"outbox:{row.lane}", key, route, row.id, {"lane": row.lane})


def _storable(said: str | None) -> str | None:
    """What a platform said, without what PostgreSQL cannot keep: no answer may stop the recording."""
    return said and said.replace("\0", "").encode("utf-8", "replace").decode()[:2000]
