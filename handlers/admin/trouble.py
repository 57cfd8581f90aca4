"""What could not be delivered, handled or worked through, and what becomes of it: done again, settled, or let go."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from models.base import Refusal, now
from models.mail import DROPPED, FAILED, NEW, SENT, UNCERTAIN, Inbox, Job, Outbox, PostedCard

SHOWN = 20


def outgoing(session: Session) -> Sequence[Outbox]:
    """Messages that failed or of which nobody knows whether they arrived, newest first."""
    return session.scalars(
        select(Outbox).where(Outbox.state.in_((FAILED, UNCERTAIN))).order_by(Outbox.id.desc()).limit(SHOWN)
    ).all()


def incoming(session: Session) -> Sequence[Inbox]:
    """Events that were set aside, newest first."""
    return session.scalars(select(Inbox).where(Inbox.state == FAILED).order_by(Inbox.id.desc()).limit(SHOWN)).all()


def resend(session: Session, id: int) -> Outbox:
    """Send a message once more. Of an uncertain one the admin has seen that it did not arrive."""
    row = _outgoing(session, id)
    row.state, row.attempts, row.not_before, row.done_at, row.error = NEW, 0, now(), None, None
    _note(session, row, state=None, error=None, ended_at=None)
    session.execute(text("select pg_notify('agora_outbox', '')"))
    return row


def settle(session: Session, id: int) -> Outbox:
    """An uncertain message has arrived, or a failed one is let go."""
    row = _outgoing(session, id)
    row.state, row.done_at = (SENT if row.state == UNCERTAIN else DROPPED), now()
    _note(session, row, state=row.state, ended_at=row.done_at)
    return row


def retry(session: Session, id: int) -> Inbox:
    """Handle an event once more that was set aside."""
    row = session.scalars(select(Inbox).where(Inbox.id == id).with_for_update()).one_or_none()
    if row is None or row.state != FAILED or row.payload is None:
        raise Refusal("settled_already")
    row.state, row.attempts, row.not_before, row.done_at, row.reply = NEW, 0, now(), None, None
    session.execute(text("select pg_notify('agora_inbox', '')"))
    return row


def jobs(session: Session) -> Sequence[Job]:
    """Long work that failed for good, newest first."""
    return session.scalars(select(Job).where(Job.state == FAILED).order_by(Job.id.desc()).limit(SHOWN)).all()


def retry_job(session: Session, id: int) -> Job:
    """Work on it once more, from where it stands."""
    job = _failed_job(session, id)
    job.state, job.attempts, job.not_before, job.done_at, job.error = NEW, 0, now(), None, None
    session.execute(text("select pg_notify('agora_job', '')"))
    return job


def drop_job(session: Session, id: int) -> Job:
    """It is let go."""
    job = _failed_job(session, id)
    job.state, job.done_at = DROPPED, now()
    return job


def count(session: Session) -> int:
    """How many things need an admin."""
    waiting = (
        select(func.count()).select_from(Outbox).where(Outbox.state.in_((FAILED, UNCERTAIN))),
        select(func.count()).select_from(Inbox).where(Inbox.state == FAILED),
        select(func.count()).select_from(Job).where(Job.state == FAILED),
    )
    return sum(session.scalar(each) or 0 for each in waiting)


def _failed_job(session: Session, id: int) -> Job:
    job = session.get(Job, id, with_for_update=True)
    if job is None or job.state != FAILED:
        raise Refusal("settled_already")
    return job


def _note(session: Session, row: Outbox, **became: object) -> None:
    """What became of a message stands with its card, too."""
    session.execute(update(PostedCard).where(PostedCard.outbox_id == row.id).values(**became))


def _outgoing(session: Session, id: int) -> Outbox:
    row = session.scalars(select(Outbox).where(Outbox.id == id).with_for_update()).one_or_none()
    if row is None or row.state not in (FAILED, UNCERTAIN) or row.payload is None:
        raise Refusal("settled_already")
    return row
