"""Messages of which nobody knows whether they arrived, settled by whoever presses a button on one.

A bot cannot read a conversation of Teams back. So each button carries the number of the delivery that brought it: a
press proves that it arrived, and says as what.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from bot.gateway import POST
from bot.teams import wire
from bot.teams.activity import Activity, actor, conversation, identifier, part, tenant
from bot.teams.reach import PLATFORM, alone
from models.base import now, reading, transaction
from models.mail import DROPPED, NEW, SENT, UNCERTAIN, Outbox, PostedCard, lane_of

log = structlog.get_logger(__name__)
_LAST_CHANGE = text("""
update outbox set state = :new, attempts = 0, error = null, not_before = :now, done_at = null where (lane, id) = (
  select lane, id from outbox where lane = :lane and state = :dropped and operation in ('edit', 'delete')
    and payload is not null and payload ->> 'posted' = :posted
  order by id desc limit 1
)
""")


async def press(activity: Activity) -> None:
    """Settle what ``activity`` proves, if it is the press of a button. Raises what the database raised."""
    value = part(activity, "value")
    found = wire.executed(part(value, "action")) or wire.submitted(part(value, "data")) or wire.submitted(value)
    key, message = conversation(activity), identifier(activity, "replyToId")
    if found is not None and found.outbox and key is not None and message is not None:
        await asyncio.to_thread(settle, tenant(activity), key, actor(activity), found.outbox, message)


def settle(installation: str, conversation: str, actor: str | None, outbox: int, message: str) -> bool:
    """Somebody pressed a button that the delivery ``outbox`` brought, on ``message``. Where it was uncertain whether
    that arrived, it has; what was to be changed about it since is changed now. Whether there was anything to settle."""
    with reading() as session:
        if _uncertain(session, installation, conversation, actor, outbox) is None:
            return False
    with transaction() as session:
        row = _uncertain(session, installation, conversation, actor, outbox, lock=True)
        if row is not None:
            _arrived(session, row, message)
    log.info("settled by a press", settled=row is not None)
    return row is not None


def _uncertain(
    session: Session, installation: str, conversation: str, actor: str | None, outbox: int, lock: bool = False
) -> Outbox | None:
    """The row, if it is uncertain, and what it brought could stand where this was pressed."""
    here = (Outbox.lane == lane_of(PLATFORM, installation, conversation)) & (Outbox.conversation == conversation)
    if actor is not None and conversation == actor:  # their own chat, in which stands what they alone see of others
        here |= Outbox.payload["only_for"].astext == actor
    rows = select(Outbox).where(
        Outbox.id == outbox,
        Outbox.state == UNCERTAIN,
        Outbox.operation == POST,
        Outbox.platform == PLATFORM,
        Outbox.installation == installation,
        here,
    )
    return session.scalars(rows.with_for_update() if lock else rows).first()


def _arrived(session: Session, row: Outbox, message: str) -> None:
    only_for = (row.payload or {}).get("only_for")
    reference = alone(message, only_for) if only_for and only_for != row.conversation else message
    row.state, row.reference, row.error, row.done_at = SENT, reference, None, now()
    session.execute(
        update(PostedCard).where(PostedCard.outbox_id == row.id, PostedCard.reference.is_(None)).values(
            reference=reference, state=SENT, error=None, ended_at=row.done_at)
    )  # fmt: skip
    posted = session.scalar(select(PostedCard.id).where(PostedCard.outbox_id == row.id))
    if posted is not None:
        values = {"new": NEW, "dropped": DROPPED, "now": now(), "lane": row.lane, "posted": str(posted)}
        session.execute(_LAST_CHANGE, values)
        session.execute(text("select pg_notify('agora_outbox', '')"))
