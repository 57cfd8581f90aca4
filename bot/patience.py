"""That Agora is at it, said where an answer takes longer than people expect.

The sign is a message like any other, a row of the outbox, and the event that waits knows it by its number: so there is
one at most, whoever dies. Whoever handles the event in the end lets the first message that follows take the sign's
place, or takes the sign away (``settle``). An event that is handled in time costs nothing: what waits is looked for now
and then, among the oldest.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import exists, select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cards import Card, T, simple, to_json
from bot.gateway import DELETE, EDIT, POST, Gateway
from bot.inbound import Inbound
from bot.runtime import Runtime
from models.access import is_own_chat
from models.base import now, reading, transaction
from models.joining import find_account
from models.mail import DROPPED, NEW, Outbox, PostedCard, lane_of
from models.masks import RELAY
from models.places import place_at

log = structlog.get_logger(__name__)
LOOK = 1.0  # seconds from one look to the next
MOST = 20
"""Signs at one look: where more wait than that, the best sign is the answer."""
NONE = 0
"""What stands for a sign where none is needed, or the platform shows one of its own."""
_OLDEST = 500
_SIGN = simple(T("One moment: I am working on it."))
_WAITING = sql("""
select lane, id, payload, correlation from (
  select lane, id, platform, kind, payload, correlation, received_at, sign_id
  from inbox where state in ('new', 'held') order by id limit :oldest
) waiting
where sign_id is null and platform = :platform and kind in ('message', 'command') and received_at <= :before
order by id limit :most
""")
_LOCK = sql("""
select 1 from inbox where lane = :lane and id = :id and state in ('new', 'held') and sign_id is null
for update skip locked
""")
_NOTE = sql("update inbox set sign_id = :sign where lane = :lane and id = :id")
_TAKE_OVER = sql("""
update inbox set sign_id = 0
where lane = :lane and id = :id and state in ('new', 'held') and sign_id is null returning 1
""")
_LEAVE = sql("update inbox set sign_id = null where lane = :lane and id = :id and sign_id = 0")
_NOT_BEGUN = sql("""
update outbox set state = :dropped, error = 'answered before', done_at = :now
where lane = :lane and id = :sign and state = :new returning 1
""")
_INSTEAD = sql("""
update outbox set payload = payload || jsonb_build_object('instead', cast(:card as bigint))
where lane = :lane and id = (
  select min(id) from outbox where lane = :lane and id > :sign and correlation = :correlation and operation = 'post'
    and payload ->> 'only_for' is null and payload ->> 'thread' is not distinct from :thread
) returning 1
""")
_WAKE = sql("select pg_notify('agora_outbox', '')")


class PatienceWorker:
    """Looks for who waits too long, on the platforms whose gateway has ``patience``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await asyncio.to_thread(self.look)
            except SQLAlchemyError as error:
                log.warning("cannot look who waits", error=type(error).__name__)

    def look(self) -> None:
        """Tell who has waited long enough that Agora is at it."""
        for gateway in self._runtime.gateways.values():
            if gateway.patience is None:
                continue
            before = now() - timedelta(seconds=gateway.patience)
            with reading() as session:
                asked = {"platform": gateway.name, "before": before, "oldest": _OLDEST, "most": MOST}
                waiting = session.execute(_WAITING, asked).all()
            for row in waiting:
                self._tell_if_possible(gateway, row)

    def _tell_if_possible(self, gateway: Gateway, row: Any) -> None:
        """One that cannot be told must not keep the others from it."""
        try:
            self._tell(gateway, row)
        except SQLAlchemyError:
            raise
        except Exception as error:
            log.error("cannot tell who waits", correlation=row.correlation, exc_info=error)
            take_over(row.lane, row.id)

    def _tell(self, gateway: Gateway, row: Any) -> None:
        inbound = _parsed(gateway, row.payload)
        here = {"lane": row.lane, "id": row.id}
        with transaction() as session:
            if session.execute(_LOCK, here).one_or_none() is None:
                return
            where = self._where(session, inbound) if inbound is not None else None
            sign = _post(session, gateway.name, inbound, where, row) if inbound and where else NONE
            session.execute(_NOTE, {**here, "sign": sign})

    def _where(self, session: Session, inbound: Inbound) -> tuple[str, str | None] | None:
        """The conversation and thread in which the answer will stand; ``None`` where none may come, where it comes in a
        form, or where the sign would tell who a mask is."""
        router = self._runtime.router
        if inbound.kind == "command":
            known = router.commands.get(inbound.route or "")
            chat = _own_chat(session, inbound)
            return (chat, None) if known and chat and not known.opens_form(inbound.text) else None
        if not any(answers(session, inbound) for answers in router.awaited) or _is_masked(session, inbound):
            return None
        place = place_at(session, inbound.platform, inbound.installation, inbound.conversation)
        own = is_own_chat(place) if place is not None else inbound.conversation == inbound.actor
        return inbound.conversation, inbound.thread or (None if own else inbound.message)


def take_over(lane: int, id: int) -> bool:
    """The platform itself will show that Agora is at it: whether that is still wanted, and nothing stands yet."""
    with transaction() as session:
        return session.execute(_TAKE_OVER, {"lane": lane, "id": id}).one_or_none() is not None


def leave(lane: int, id: int) -> None:
    """The platform shows nothing after all."""
    with transaction() as session:
        session.execute(_LEAVE, {"lane": lane, "id": id})


def settle(session: Session, correlation: str, sign: int) -> None:
    """The event of this ``correlation`` is handled, in this transaction: the first message that follows from it for all
    who see the sign takes its place; where there is none, it goes."""
    card = _card(session, sign)
    here = {"lane": lane_of(card.platform, card.installation, card.conversation), "sign": sign}
    dropped = session.execute(_NOT_BEGUN, {**here, "dropped": DROPPED, "new": NEW, "now": now()})
    if dropped.one_or_none() is not None:
        return
    instead = {**here, "card": card.id, "correlation": correlation, "thread": card.thread}
    if session.execute(_INSTEAD, instead).one_or_none() is None:
        _change(session, card, DELETE, correlation)


def say_instead(session: Session, correlation: str, sign: int, words: Card) -> None:
    """Nothing comes of the event: ``words`` take the place of its sign."""
    _change(session, _card(session, sign), EDIT, correlation, words)


def _post(session: Session, platform: str, inbound: Inbound, where: tuple[str, str | None], row: Any) -> int:
    conversation, thread = where
    here = {"platform": platform, "installation": inbound.installation, "conversation": conversation}
    lane = lane_of(platform, inbound.installation, conversation)
    payload = {"card": to_json(_SIGN), "thread": thread}
    sign = Outbox(lane=lane, operation=POST, payload=payload, correlation=row.correlation, **here)
    session.add(sign)
    session.flush()
    session.add(PostedCard(about=f"sign:{row.id}", outbox_id=sign.id, thread=thread, **here))
    session.execute(_WAKE)
    log.info("told that it takes longer", platform=platform, correlation=row.correlation)
    return sign.id


def _change(session: Session, card: PostedCard, operation: str, correlation: str, words: Card | None = None) -> None:
    here = {"platform": card.platform, "installation": card.installation, "conversation": card.conversation}
    payload = {"posted": card.id, **({"card": to_json(words)} if words else {})}
    lane = lane_of(card.platform, card.installation, card.conversation)
    session.add(Outbox(lane=lane, operation=operation, payload=payload, correlation=correlation, **here))
    session.execute(_WAKE)


def _card(session: Session, sign: int) -> PostedCard:
    return session.scalars(select(PostedCard).where(PostedCard.outbox_id == sign)).one()


def _parsed(gateway: Gateway, payload: dict[str, Any] | None) -> Inbound | None:
    try:
        return gateway.parse(payload or {})
    except (ValueError, TypeError, AttributeError, LookupError):  # who handles it will say so
        return None


def _own_chat(session: Session, inbound: Inbound) -> str | None:
    known = find_account(session, inbound.platform, inbound.installation, inbound.actor or "")
    return known.private if known is not None else None


def _is_masked(session: Session, inbound: Inbound) -> bool:
    """Whether it was written below something that was sent to a mask."""
    below = (PostedCard.platform == RELAY) & (PostedCard.reference == inbound.thread)
    return inbound.thread is not None and bool(session.scalar(select(exists().where(below))))
