"""An inbox row in this process's hands: taken, and let go of as done, to be tried again, or set aside.

What is written is fenced by holder and attempts: who lost the lease writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot.cards import Reply
from bot.inbox import Captured
from models.base import now
from models.pending import WRITTEN
from models.pending import take as take_pending
from models.rows import run

_DONE = """done as (
  update inbox set state = 'done', reply = %(reply)s::jsonb, done_at = %(now)s, holder = null, lease_until = null,
    payload = case when %(unlinked)s then null else payload end
  where lane = %(lane)s and id = %(id)s and state = 'held' and holder = %(holder)s and attempts = %(attempts)s
  returning sign_id
) select count(*), max(sign_id), case when %(sent)s then pg_notify('agora_outbox', '') end from done"""
_FINISH = f"with {_DONE}"
_WRITE_AND_FINISH = f"with {WRITTEN}, {_DONE}"
_AGAIN = sql("""
update inbox set state = 'new', holder = null, lease_until = null, not_before = :not_before, error = :error
where lane = :lane and id = :id and state = 'held' and holder = :holder and attempts = :attempts
""")
_SET_ASIDE = sql("""
update inbox set state = 'failed', holder = null, lease_until = null, error = :error, done_at = :now,
  reply = cast(:reply as jsonb)
where lane = :lane and id = :id and state = 'held' and holder = :holder and attempts = :attempts
returning sign_id
""")
_TAKE = sql("""
update inbox set state = 'held', holder = :holder, attempts = attempts + 1, lease_until = :lease_until
where lane = :lane and id = :id and (state = 'new' or (state = 'held' and lease_until <= :now))
returning platform, payload, attempts, correlation
""")
_LOOK = sql(
    "select state, reply, platform, payload, attempts, holder, correlation from inbox where lane = :lane and id = :id"
)


class LostLease(Exception):
    """Somebody else took the row over: whatever was done here is rolled back."""


@dataclass(frozen=True)
class Held:
    """An inbox row in this process's hands."""

    lane: int
    id: int
    platform: str
    payload: dict[str, Any]
    attempts: int
    correlation: str
    holder: str

    @property
    def fence(self) -> dict[str, Any]:
        """What every statement about it is given."""
        return {"lane": self.lane, "id": self.id, "holder": self.holder, "attempts": self.attempts}

    def finish(self, session: Session, reply: Reply, *, sent: bool, unlinked: bool) -> int | None:
        """Done, with its reply for whoever asks again; of an ``unlinked`` one the payload is not kept. Writes what
        waits in the session, and wakes the outbox where something was ``sent``. The sign that Agora is at it, if there
        is one. ``LostLease``."""
        values = {**self.fence, "reply": _dumps(reply), "now": now(), "sent": sent, "unlinked": unlinked}
        session.flush()
        waiting = take_pending(session)
        if waiting is None:
            found = run(session, _FINISH, values).fetchone()
        else:
            found = run(session, _WRITE_AND_FINISH, {**values, **waiting.values}).fetchone()
        if not (found and found[0]):
            raise LostLease
        return int(found[1]) if found[1] else None

    def again(self, session: Session, not_before: datetime, error: str) -> None:
        """To be tried again."""
        session.execute(_AGAIN, {**self.fence, "not_before": not_before, "error": error})

    def set_aside(self, session: Session, reply: Reply, error: str) -> int | None:
        """Not to be tried again by itself: the sign that Agora is at it, 0 without one; ``None`` where the row was not
        ours any more."""
        values = {**self.fence, "error": error, "reply": _dumps(reply), "now": now()}
        found = session.execute(_SET_ASIDE, values).one_or_none()
        return int(found.sign_id or 0) if found is not None else None


def look(session: Session, captured: Captured) -> Any:
    """The row as it is."""
    return session.execute(_LOOK, {"lane": captured.lane, "id": captured.id}).one()


def take(session: Session, captured: Captured, holder: str, lease: timedelta) -> Held | None:
    """The row, if nobody holds it."""
    moment = now()
    values = {"lane": captured.lane, "id": captured.id, "holder": holder, "lease_until": moment + lease, "now": moment}
    taken = session.execute(_TAKE, values).one_or_none()
    if taken is None:
        return None
    return Held(captured.lane, captured.id, taken.platform, taken.payload, taken.attempts, taken.correlation, holder)


def _dumps(reply: Reply) -> str:
    return orjson.dumps(reply.to_json()).decode()
