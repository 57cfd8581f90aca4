"""What a transaction leaves behind for others: messages, the cards they show, facts, what was shown, and what is due.
It waits in its session, and one statement writes it all at the end, or before anybody asks for it.

A savepoint that is rolled back takes along whatever waits: what was to stay must be written before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Insert, event
from sqlalchemy.orm import ORMExecuteState, Session

from models.base import now
from models.mail import NEW, USUAL, WITHDRAWN
from models.rows import run

URGENCY = f"""case when operation = 'post' then {USUAL} else coalesce((
    select max(b.urgency) from outbox b left join posted_card p on p.outbox_id = b.id
    where b.lane = outgoing.lane and b.state in ('new', 'held') and b.urgency <> {USUAL}
      and outgoing.payload ->> 'posted' in (p.id::text, b.payload ->> 'posted')), {USUAL}) end"""  # noqa: S608
"""The urgency of a change of a message that is still waiting is the message's: order holds among rows of one."""
WRITTEN = f"""
outgoing as materialized (
  select nextval('outbox_id_seq') as id, o.* from jsonb_to_recordset(%(messages)s::jsonb) as o(lane int, platform text,
    installation text, conversation text, operation text, payload jsonb, correlation text, about text, thread text,
    person_id bigint)
), message as (
  insert into outbox (id, lane, platform, installation, conversation, operation, urgency, payload, correlation, state,
    attempts, not_before, created_at)
  select id, lane, platform, installation, conversation, operation, {URGENCY}, payload, correlation, '{NEW}', 0, %(at)s,
    %(at)s
  from outgoing
), card as (
  insert into posted_card (about, outbox_id, platform, installation, conversation, thread, person_id)
  select about, id, platform, installation, conversation, thread, person_id from outgoing where about is not null
), happened as (
  insert into fact (at, verb, actor_id, entity, entity_id, data, correlation)
  select %(at)s, f.* from jsonb_to_recordset(%(facts)s::jsonb) as f(verb text, actor_id bigint, entity text,
    entity_id bigint, data jsonb, correlation text)
), shown as (
  insert into serving (question_id, entry_id, revision, position, confidence, likely, at)
  select s.*, %(at)s from jsonb_to_recordset(%(servings)s::jsonb) as s(question_id bigint, entry_id bigint,
    revision int, position int, confidence float, likely float)
), planned as (
  insert into timer (schedule, slot, route, args, due_at, correlation)
  select t.* from jsonb_to_recordset(%(timers)s::jsonb) as t(schedule text, slot text, route text, args jsonb,
    due_at timestamptz, correlation text)
  on conflict on constraint timer_once do nothing
)"""  # noqa: S608 the names are our own, never input
"""The parts of a statement that write what waits, given ``Pending.values``."""

_STANDING = f"""
select id, about, platform, installation, conversation, person_id from posted_card
where about = any(%(about)s) and state is distinct from '{WITHDRAWN}' order by id
"""  # noqa: S608 the word is our own, never input
_WITHDRAW = f"update posted_card set state = '{WITHDRAWN}' where id = any(%(ids)s)"  # noqa: S608
_READ = frozenset({"outbox", "posted_card", "fact", "serving", "timer"})


@dataclass
class Pending:
    """What waits: ``messages`` as rows of the outbox, each with what its card is ``about``; ``facts``; ``servings``;
    ``timers``, of which each is there once."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    servings: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def values(self) -> dict[str, Any]:
        """What ``WRITTEN`` is given."""
        return {**{name: orjson.dumps(rows).decode() for name, rows in vars(self).items()}, "at": now()}


def pending(session: Session) -> Pending:
    """What waits in ``session``, to add to."""
    waiting: Pending = session.info.setdefault("pending", Pending())
    return waiting


def take(session: Session) -> Pending | None:
    """What waits, for whoever writes it now; ``None`` where nothing does."""
    waiting: Pending | None = session.info.pop("pending", None)
    if waiting is None or not any(vars(waiting).values()):
        return None
    return waiting


class Standing(NamedTuple):
    """A card that stands, or will stand, in a conversation; ``person_id``: for them alone."""

    id: int
    about: str
    platform: str
    installation: str
    conversation: str
    person_id: int | None


def standing_about(session: Session, *about: str) -> list[Standing]:
    """Every card that is ``about`` one of these, what waits among them; oldest first."""
    if any(message["about"] in about for message in pending(session).messages):
        write(session)
    return [Standing(*row) for row in run(session, _STANDING, {"about": list(about)}).fetchall()]


def forget(session: Session, standing: Sequence[Standing]) -> None:
    """These cards are taken away: nothing changes them any more."""
    if standing:
        run(session, _WITHDRAW, {"ids": [posted.id for posted in standing]})


@event.listens_for(Session, "before_commit")
def write(session: Session) -> None:
    """Write what waits."""
    waiting = take(session)
    if waiting is not None:
        run(session, f"with {WRITTEN} select", waiting.values)


@event.listens_for(Session, "do_orm_execute")
def _before_it_is_asked_for(state: ORMExecuteState) -> None:
    """Any query may read what waits; what a row lazily loads of other tables does not, nor do rows that are added."""
    if "pending" in state.session.info and not _loads_another(state) and not _only_adds(state):
        write(state.session)


def _loads_another(state: ORMExecuteState) -> bool:
    loads, mapper = state.is_relationship_load or state.is_column_load, state.bind_mapper
    return loads and mapper is not None and mapper.class_.__tablename__ not in _READ


def _only_adds(state: ORMExecuteState) -> bool:
    return isinstance(state.statement, Insert) and state.statement.select is None


@event.listens_for(Session, "after_soft_rollback")
def _nothing_happened(session: Session, _: object) -> None:
    session.info.pop("pending", None)
