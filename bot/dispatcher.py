"""THE transaction: handler, state, facts, outbox rows, timers and the inbox row, committed together or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot import metrics, routing
from bot.cards import Reply, T, simple
from bot.inbound import SYSTEM, Inbound
from bot.inbox import LEASE, Captured
from bot.relay import masked
from bot.runtime import Runtime
from bot.turn import Turn
from models.base import Refusal, is_away, now, reading, transaction
from models.people import by_account

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 5
_IN_BAND_WAIT = 20.0  # seconds
_PASSING = ("08", "40", "53", "55", "57")
_LATER = T("This takes longer than usual. The result will appear here.")
_ONCE_MORE = T("That did not come through. Please press it once more.")

_FINISH = sql("""
with done as (
  update inbox set state = 'done', reply = cast(:reply as jsonb), done_at = :now, holder = null, lease_until = null,
    payload = case when :unlinked then null else payload end
  where lane = :lane and id = :id and state = 'held' and holder = :holder and attempts = :attempts returning 1
) select count(*), case when :sent then pg_notify('agora_outbox', '') end from done
""")
_AGAIN = sql("""
update inbox set state = 'new', holder = null, lease_until = null, not_before = :not_before, error = :error
where lane = :lane and id = :id and state = 'held' and holder = :holder and attempts = :attempts
""")
_SET_ASIDE = sql("""
update inbox set state = 'failed', holder = null, lease_until = null, error = :error, done_at = :now,
  reply = cast(:reply as jsonb)
where lane = :lane and id = :id and state = 'held' and holder = :holder and attempts = :attempts returning 1
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


class DatabaseAway(Exception):
    """It may be there again in a moment."""


@dataclass(frozen=True)
class Held:
    """An inbox row in this process's hands."""

    lane: int
    id: int
    platform: str
    payload: dict[str, Any]
    attempts: int
    correlation: str


@dataclass(frozen=True)
class Handled:
    """What came of a row. ``again`` and ``lost`` mean that it is not finished here: later rows of its lane must
    wait."""

    reply: Reply
    outcome: str

    @property
    def finished(self) -> bool:
        """Whether the lane may go on."""
        return self.outcome not in ("again", "lost")


class Dispatcher:
    """Hands captured events to their handlers, each in one transaction."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def handle_now(self, captured: Captured) -> Reply:
        """Handle an event in-band; the stored reply where it was handled before, by whomever."""
        deadline = time.monotonic() + _IN_BAND_WAIT
        fresh = captured.fresh
        while time.monotonic() < deadline:
            with contextlib.suppress(DatabaseAway):
                if (reply := await asyncio.to_thread(self._handle_captured, captured, fresh)) is not None:
                    return reply
                fresh = False
            await asyncio.sleep(0.05)
        return Reply(notice=_LATER)

    def handle(self, row: Held) -> Handled:
        """Handle a held row. Never raises for what a handler did: people get a sentence instead."""
        with structlog.contextvars.bound_contextvars(correlation=row.correlation):
            started = time.perf_counter()
            handled = self._handle(row)
            seconds = time.perf_counter() - started
            metrics.handled(row.platform, handled.outcome, seconds)
            log.info("handled", outcome=handled.outcome, ms=round(seconds * 1000, 1))
        return handled

    def _handle(self, row: Held) -> Handled:
        try:
            if row.attempts > MOST_ATTEMPTS:
                raise RuntimeError("whoever held it died, again and again")
            return self._attempt_or_refuse(row)
        except LostLease:
            return Handled(Reply(), "lost")
        except Exception as error:
            if _passing(error) and row.attempts < MOST_ATTEMPTS:
                return Handled(self._again(row, error), "again")
            return Handled(self._set_aside(row, error), "failed")

    def _attempt_or_refuse(self, row: Held) -> Handled:
        try:
            return Handled(self._attempt(row), "done")
        except Refusal as refusal:
            return Handled(self._refused(row, refusal), "refused")

    def _handle_captured(self, captured: Captured, fresh: bool) -> Reply | None:
        """The reply; ``None`` while somebody else is at it."""
        try:
            row, reply = self._look(captured, fresh)
        except SQLAlchemyError as error:
            if is_away(error):
                raise DatabaseAway from error
            raise
        if row is None:
            return reply
        handled = self.handle(row)
        return None if handled.outcome == "lost" else handled.reply

    def _look(self, captured: Captured, fresh: bool) -> tuple[Held | None, Reply | None]:
        """The row if it is ours to handle, the reply if it was handled, neither while somebody else is at it."""
        at = {"lane": captured.lane, "id": captured.id}
        with reading() as session:
            row = session.execute(_LOOK, at).one()
        if row.state in ("done", "failed"):
            return None, Reply.from_json(row.reply) if row.reply else Reply()
        if fresh and row.holder == self._runtime.holder and row.attempts == 1:
            return Held(captured.lane, captured.id, row.platform, row.payload, 1, row.correlation), None
        moment = now()
        with transaction() as session:
            taken = session.execute(
                _TAKE, {**at, "holder": self._runtime.holder, "lease_until": moment + LEASE, "now": moment}
            ).one_or_none()
        if taken is None:
            return None, None
        return Held(captured.lane, captured.id, *taken), None

    def _attempt(self, row: Held) -> Reply:
        inbound = self._parse(row)
        with transaction() as session:
            turn = self._turn(session, inbound, row)
            reply = routing.route(self._runtime.router, turn) or Reply()
            routing.tell(self._runtime.router, turn)
            session.flush()
            self._finish(session, row, reply, turn)
        return reply

    def _parse(self, row: Held) -> Inbound:
        if row.platform == SYSTEM:
            return Inbound.from_json(row.payload)
        return self._runtime.gateways[row.platform].parse(row.payload)

    def _turn(self, session: Session, inbound: Inbound, row: Held) -> Turn:
        actor = None
        if inbound.actor is not None:
            actor = by_account(session, inbound.platform, inbound.installation, inbound.actor)
        turn = Turn(session, inbound, row.correlation, actor)
        if actor is not None and (behind := masked(session, inbound, actor)) is not None:
            turn.put_on_mask(behind[1], behind[0])
        return turn

    def _finish(self, session: Session, row: Held, reply: Reply, turn: Turn | None) -> None:
        """The row is done, with its reply for whoever asks again. Of a masked turn neither it nor the reply is kept."""
        unlinked = turn is not None and turn.unlinked
        values = {
            **self._fence(row),
            "reply": _dumps(_forgotten(reply) if unlinked else reply),
            "now": now(),
            "sent": turn is not None and turn.sent > 0,
            "unlinked": unlinked,
        }
        if not session.execute(_FINISH, values).scalar_one():
            raise LostLease

    def _refused(self, row: Held, refusal: Refusal) -> Reply:
        """Nothing was done; say why, privately. A form stays open with all that was written, and says it itself."""
        words = self._runtime.router.refusals.get(refusal.code) or T("That did not work. Nothing was changed.")
        words = T(words.text, words.many, **{**words.args, **refusal.facts})
        field = refusal.field or ("" if self._parse(row).kind == "form" else None)
        reply = Reply(notice=words) if field is None else Reply(errors={field: words})
        log.info("refused", code=refusal.code)
        return self._close(row, reply, words)

    def _close(self, row: Held, reply: Reply, words: T) -> Reply:
        inbound = self._parse(row)
        with transaction() as session:
            turn = self._turn_or_none(session, inbound, row)
            if turn is not None and inbound.kind in ("message", "message_changed", "command"):
                turn.whisper(simple(words))
            session.flush()
            self._finish(session, row, reply, turn)
        return reply

    def _turn_or_none(self, session: Session, inbound: Inbound, row: Held) -> Turn | None:
        try:
            turn = self._turn(session, inbound, row)
            return turn if turn.place and turn.actor else None
        except Refusal:
            return None

    def _again(self, row: Held, error: Exception) -> Reply:
        wait = timedelta(seconds=0.2 * 4**row.attempts)
        log.warning("will try again", error=type(error).__name__, seconds=wait.total_seconds())
        try:
            with transaction() as session:
                session.execute(_AGAIN, {**self._fence(row), "not_before": now() + wait, "error": type(error).__name__})
        except DBAPIError:  # the database is away: the lease ends by itself, and whoever is there takes the row over
            log.warning("database away")
        return Reply(notice=_LATER)

    def _set_aside(self, row: Held, error: Exception) -> Reply:
        reference = secrets.token_hex(4)
        log.error("set aside", reference=reference, exc_info=error)
        words = T("Something went wrong on our side. Nothing was lost; an administrator can find it as {reference}.",
                  reference=reference)  # fmt: skip
        reply = Reply(notice=words)
        try:
            self._record_failure(row, reply, words, f"{reference} {type(error).__name__}")
        except DBAPIError:
            log.warning("database away")
        return reply

    def _record_failure(self, row: Held, reply: Reply, words: T, error: str) -> None:
        with transaction() as session:
            values = {**self._fence(row), "error": error, "reply": _dumps(reply), "now": now()}
            if session.execute(_SET_ASIDE, values).one_or_none() is None:
                return
            try:
                with session.begin_nested():
                    self._apologise(session, row, words)
            except Exception as problem:  # a payload that nobody can read, at least: there is nobody to tell
                log.warning("no apology", error=type(problem).__name__)

    def _apologise(self, session: Session, row: Held, words: T) -> None:
        turn = self._turn_or_none(session, self._parse(row), row)
        if turn is not None and turn.inbound.kind in ("message", "command"):
            turn.whisper(simple(words))
            session.execute(sql("select pg_notify('agora_outbox', '')"))

    def _fence(self, row: Held) -> dict[str, Any]:
        return {"lane": row.lane, "id": row.id, "holder": self._runtime.holder, "attempts": row.attempts}


def _forgotten(reply: Reply) -> Reply:
    """What may be kept of a reply that would lead to who asked: that there was a form, for whoever did not get it."""
    return Reply(notice=_ONCE_MORE) if reply.form else Reply()


def _dumps(reply: Reply) -> str:
    return orjson.dumps(reply.to_json()).decode()


def _passing(error: Exception) -> bool:
    """Whether the same thing may well succeed in a moment: the database was away or short of something, two turns met.
    By the class of the error: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    return is_away(error) or (isinstance(error, DBAPIError) and _sqlstate(error)[:2] in _PASSING)


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")
