"""THE transaction: handler, state, facts, outbox rows, timers and the inbox row, committed together or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot import filled, homes, metrics, patience, previews, routing, seeking, unheard
from bot.cards import Card, Form, Reply, T
from bot.gateway import Throttled, Uncertain
from bot.held import Held, LostLease, look, take
from bot.inbound import SYSTEM, Inbound
from bot.inbox import LEASE, Captured
from bot.relay import masked, messages
from bot.runtime import Runtime
from bot.turn import Turn, Vectors
from bot.waiting import SOMEBODY, Waiting
from models.base import Refusal, is_away, now, reading, transaction
from models.presence import presence

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 5
_IN_BAND_WAIT = 20.0  # seconds
_STRANGE = ("unknown_person", "unknown_place")  # what a platform may be asked about
_PASSING = ("08", "40", "53", "55", "57")
_LATER = T("This takes longer than usual. The result will appear here.")
_ONCE_MORE = T("That did not come through. Please press it once more.")


class DatabaseAway(Exception):
    """It may be there again in a moment."""


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
        previews.use(runtime.gateways)

    async def handle_now(self, captured: Captured, waiting: Waiting = SOMEBODY) -> Reply:
        """Handle an event in-band; the stored reply where it was handled before, by whomever."""
        deadline = time.monotonic() + _IN_BAND_WAIT
        fresh = captured.fresh
        while time.monotonic() < deadline:
            with contextlib.suppress(DatabaseAway):
                if (reply := await asyncio.to_thread(self._handle_captured, captured, fresh, waiting)) is not None:
                    return reply
                fresh = False
            await asyncio.sleep(0.05)
        return Reply(notice=_LATER)

    def handle(self, row: Held, waiting: Waiting = SOMEBODY) -> Handled:
        """Handle a held row. Never raises for what a handler did: people get a sentence instead. What nobody hears
        in-band is posted for them alone."""
        with structlog.contextvars.bound_contextvars(correlation=row.correlation):
            started = time.perf_counter()
            handled = self._handle(row, waiting)
            seconds = time.perf_counter() - started
            metrics.handled(row.platform, handled.outcome, seconds)
            log.info("handled", outcome=handled.outcome, ms=round(seconds * 1000, 1))
        return handled

    def tell(self, inbound: Inbound, correlation: str, reply: Reply, form: Form | None = None) -> None:
        """Say what ``reply`` says for its reader alone: in-band it came too late. ``form`` as ``Waiting`` has it."""
        card = unheard.as_card(reply, inbound, form)
        if card is None:
            return
        with transaction() as session:
            self._whisper(self._turn_or_none(session, inbound, correlation), card)

    def _handle(self, row: Held, waiting: Waiting) -> Handled:
        try:
            if row.attempts > MOST_ATTEMPTS:
                raise RuntimeError("whoever held it died, again and again")
            return self._attempt_or_refuse(row, waiting)
        except LostLease:
            return Handled(Reply(), "lost")
        except Exception as error:
            if _passing(error) and row.attempts < MOST_ATTEMPTS:
                return Handled(self._again(row, error), "again")
            return Handled(self._set_aside(row, error, waiting), "failed")

    def _attempt_or_refuse(self, row: Held, waiting: Waiting) -> Handled:
        try:
            return Handled(self._attempt(row, waiting), "done")
        except Refusal as refusal:
            return Handled(self._refused(row, refusal, waiting), "refused")

    def _handle_captured(self, captured: Captured, fresh: bool, waiting: Waiting) -> Reply | None:
        """The reply; ``None`` while somebody else is at it."""
        try:
            row, reply = self._look(captured, fresh)
        except SQLAlchemyError as error:
            if is_away(error):
                raise DatabaseAway from error
            raise
        if row is None:
            return reply
        handled = self.handle(row, waiting)
        return None if handled.outcome == "lost" else handled.reply

    def _look(self, captured: Captured, fresh: bool) -> tuple[Held | None, Reply | None]:
        """The row if it is ours to handle, the reply if it was handled, neither while somebody else is at it."""
        holder = self._runtime.holder
        with reading() as session:
            row = look(session, captured)
        if row.state in ("done", "failed"):
            return None, Reply.from_json(row.reply) if row.reply else Reply()
        if fresh and row.holder == holder and row.attempts == 1:
            return Held(captured.lane, captured.id, row.platform, row.payload, 1, row.correlation, holder), None
        with transaction() as session:
            return take(session, captured, holder, LEASE), None

    def _attempt(self, row: Held, waiting: Waiting) -> Reply:
        inbound = self._parse(row)
        if inbound.attachments:
            inbound = self._runtime.gateways[row.platform].fetch(inbound)
        prepared = seeking.prepared(self._runtime.router, inbound)
        try:
            return self._do(row, inbound, waiting, prepared)
        except Refusal as refusal:
            strange = refusal.code in _STRANGE and row.platform != SYSTEM
            if not (strange and self._runtime.gateways[row.platform].introduce(inbound)):
                raise
        return self._do(row, inbound, waiting, prepared)

    def _do(self, row: Held, inbound: Inbound, waiting: Waiting, prepared: Vectors) -> Reply:
        router = self._runtime.router
        with transaction() as session:
            turn = self._turn(session, inbound, row.correlation)
            turn.prepared = prepared
            reply = self._route(turn, row.platform) or Reply()
            routing.tell(router, turn)
            if inbound.kind == "home" or inbound.surface == "home":
                session.flush()
                homes.show(router, turn, self._runtime.gateways[row.platform].home_in_chat)
            if not waiting.hears(reply):
                self._say(turn, unheard.as_card(reply, inbound, None if turn.unlinked else waiting.form))
            session.flush()
            self._finish(session, row, reply, turn)
        return reply

    def _route(self, turn: Turn, platform: str) -> Reply | None:
        if turn.inbound.kind == "directory":
            self._runtime.gateways[platform].absorb(turn)
            return None
        return routing.route(self._runtime.router, turn)

    def _parse(self, row: Held) -> Inbound:
        if row.platform == SYSTEM:
            return Inbound.from_json(row.payload)
        return self._runtime.gateways[row.platform].parse(row.payload)

    def _turn(self, session: Session, inbound: Inbound, correlation: str) -> Turn:
        if inbound.actor is None:
            return Turn(session, inbound, correlation, None)
        here = presence(session, inbound.platform, inbound.installation, inbound.conversation, inbound.actor,
                        messages(inbound))  # fmt: skip
        turn = Turn(session, inbound, correlation, here.person, here.place)
        if (behind := masked(session, inbound, here.person, here.masks)) is not None:
            turn.put_on_mask(behind[1], behind[0])
        return turn

    def _finish(self, session: Session, row: Held, reply: Reply, turn: Turn | None) -> None:
        """The row is done. Of a masked turn neither it nor the reply is kept; nor is what did not concern Agora."""
        unlinked = turn is not None and (turn.unlinked or turn.came_to_nothing)
        sent = turn is not None and turn.sent > 0
        sign = row.finish(session, _forgotten(reply) if unlinked else reply, sent=sent, unlinked=unlinked)
        if sign is not None:
            patience.settle(session, row.correlation, sign)

    def _refused(self, row: Held, refusal: Refusal, waiting: Waiting) -> Reply:
        """Nothing was done; say why, privately. A form stays open with all that was written, and says it itself."""
        words = filled.said(refusal, self._runtime.router.refusals)
        field = refusal.field or ("" if self._parse(row).kind == "form" else None)
        reply = Reply(notice=words) if field is None else Reply(errors={field: words})
        log.info("refused", code=refusal.code)
        inbound = self._parse(row)
        to_say = _to_be_said(inbound, waiting.hears(reply))
        return self._close(row, reply, unheard.as_card(reply, inbound, waiting.form) if to_say else None)

    def _close(self, row: Held, reply: Reply, card: Card | None) -> Reply:
        with transaction() as session:
            turn = self._turn_or_none(session, self._parse(row), row.correlation)
            if turn is not None:
                self._say(turn, card)
            session.flush()
            self._finish(session, row, reply, turn)
        return reply

    def _turn_or_none(self, session: Session, inbound: Inbound, correlation: str) -> Turn | None:
        try:
            turn = self._turn(session, inbound, correlation)
            return turn if turn.place and turn.actor else None
        except Refusal:
            return None

    def _say(self, turn: Turn, card: Card | None) -> None:
        if card is not None:
            turn.whisper(card)

    def _whisper(self, turn: Turn | None, card: Card | None) -> None:
        if turn is not None and card is not None:
            turn.whisper(card)
            turn.session.execute(sql("select pg_notify('agora_outbox', '')"))

    def _again(self, row: Held, error: Exception) -> Reply:
        wait = timedelta(seconds=0.2 * 4**row.attempts)
        log.warning("will try again", error=type(error).__name__, seconds=wait.total_seconds())
        try:
            with transaction() as session:
                row.again(session, now() + wait, type(error).__name__)
        except DBAPIError:  # the database is away: the lease ends by itself, and whoever is there takes the row over
            log.warning("database away")
        return Reply(notice=_LATER)

    def _set_aside(self, row: Held, error: Exception, waiting: Waiting) -> Reply:
        reference = secrets.token_hex(4)
        log.error("set aside", reference=reference, exc_info=error)
        words = T("Something went wrong on our side. Nothing was lost; an administrator can find it as {reference}.",
                  reference=reference)  # fmt: skip
        reply = Reply(notice=words)
        try:
            self._record_failure(row, reply, f"{reference} {type(error).__name__}", waiting)
        except DBAPIError:
            log.warning("database away")
        return reply

    def _record_failure(self, row: Held, reply: Reply, error: str, waiting: Waiting) -> None:
        with transaction() as session:
            sign = row.set_aside(session, reply, error)
            if sign is None:
                return
            try:
                with session.begin_nested():
                    self._apologise(session, row, reply, waiting, sign)
            except Exception as problem:  # a payload that nobody can read, at least: there is nobody to tell
                log.warning("no apology", error=type(problem).__name__)

    def _apologise(self, session: Session, row: Held, reply: Reply, waiting: Waiting, sign: int) -> None:
        inbound = self._parse(row)
        card = unheard.as_card(reply, inbound)
        if sign and card is not None:
            patience.say_instead(session, row.correlation, sign, card)
        elif _to_be_said(inbound, waiting.hears(reply)):
            self._whisper(self._turn_or_none(session, inbound, row.correlation), card)


def _forgotten(reply: Reply) -> Reply:
    """What may be kept of a reply that would lead to who asked: that there was a form, for whoever did not get it."""
    return Reply(notice=_ONCE_MORE) if reply.form else Reply()


def _to_be_said(heard: Inbound, hears: bool) -> bool:
    """Whether a refusal is posted: beside what was said, whoever waits; for whoever pressed, where they do not hear
    it."""
    spoken = heard.kind in ("message", "message_changed", "command")
    return spoken or (not hears and heard.kind in ("button", "form", "shortcut"))


def _passing(error: Exception) -> bool:
    """Whether the same thing may well succeed in a moment: the database was away or short of something, two turns met.
    By the class of the error: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    if isinstance(error, Throttled | Uncertain):  # a platform that was asked something
        return True
    return is_away(error) or (isinstance(error, DBAPIError) and _sqlstate(error)[:2] in _PASSING)


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")
