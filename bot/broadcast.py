"""One card to many people, each in their own chat: written by statements for thousands, not by a message each.

What all of them see is kept once (``SharedCard``); each message names it. Those who write many do so in steps of a job,
a few thousand people at a time (``STEP``), so that nothing is held up meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy.orm import Session

from bot.cards import Card, to_json
from models.base import now
from models.mail import BULK, DROPPED, FAILED, HELD, NEW, USUAL, lane_of
from models.people import CHOSEN
from models.rows import run

STEP = 5000
"""People in one step of a job: about a fifth of a second."""
_LONGEST = timedelta(days=7)  # from asking for a card to the end of the last delivery of it
NO_CHAT, LEFT = "no_chat", "left"
Reader = tuple[int, str]
"""A person, and the name of the card that they get."""
Copy = tuple[int, str]
"""A copy by the number of its ``PostedCard``, and the name of the card that it shows from now on."""

_SHARE = """
insert into shared_card (card, digest, created_at)
select card, digest, %(at)s from unnest(%(cards)s::jsonb[], %(digests)s::bytea[]) as s(card, digest)
on conflict (digest) do update set created_at = excluded.created_at returning digest, id
"""
_CHATS = f"""
select distinct on (p.id) p.id, p.active, a.platform, a.installation, a.private, a.unreachable
from person p left join account a on a.person_id = p.id and a.private is not null
  and not (%(elsewhere)s and exists (
    select from posted_card c where c.about = %(about)s and c.person_id = p.id and c.platform = a.platform))
where p.id = any(%(people)s)
order by p.id, {CHOSEN}
"""  # noqa: S608 the words are our own, never input
_POST = f"""
with copy as materialized (
  select nextval('outbox_id_seq') as id, c.* from jsonb_to_recordset(%(copies)s::jsonb) as c(lane int, platform text,
    installation text, conversation text, person_id bigint, shared bigint)
), message as (
  insert into outbox (id, lane, platform, installation, conversation, operation, urgency, payload, correlation, state,
    attempts, not_before, created_at)
  select id, lane, platform, installation, conversation, 'post', %(urgency)s,
    jsonb_build_object('shared', shared, 'person_id', person_id), %(correlation)s, '{NEW}', 0, %(at)s, %(at)s from copy
)
insert into posted_card (about, outbox_id, platform, installation, conversation, person_id)
select %(about)s, id, platform, installation, conversation, person_id from copy returning person_id, id
"""  # noqa: S608 the names are our own, never input
_STANDING = """
select id, outbox_id, platform, installation, conversation, person_id from posted_card
where id = any(%(posted)s) and (state is null or state <> all(%(never)s)) order by id
"""
_CHANGED = "with copy as materialized (select * from jsonb_to_recordset(%(copies)s::jsonb) as c(lane int, " \
    "platform text, installation text, conversation text, person_id bigint, shared bigint, posted bigint, " \
    "outbox bigint))"  # fmt: skip
_WAITS = f"o.state = '{NEW}' and o.lane = copy.lane and o.id = copy.outbox"
_LATER = f"""
insert into outbox (lane, platform, installation, conversation, operation, urgency, payload, correlation, state,
  attempts, not_before, created_at)
select lane, platform, installation, conversation, %(operation)s, %(urgency)s,
  jsonb_strip_nulls(jsonb_build_object('shared', shared, 'posted', posted, 'person_id', person_id)), %(correlation)s,
  '{NEW}', 0, %(at)s, %(at)s
from copy where outbox not in (select id from early)
"""  # noqa: S608 the names are our own, never input
# What is sent just now to one person may come back to wait while this passes it: then it is to show the same. Whether
# it comes back nobody knows: so a row of its own follows all the same.
_EDIT = f"""
{_CHANGED}, told as (
  update outbox o set payload = (o.payload - 'card') || jsonb_build_object('shared', copy.shared) from copy
  where o.state in ('{NEW}', '{HELD}') and (o.state = '{NEW}' or o.urgency = {USUAL}) and o.lane = copy.lane
    and (o.id = copy.outbox or (o.operation = 'edit' and (o.payload ->> 'posted')::bigint = copy.posted))
  returning copy.outbox as id, o.state
), early as (
  select id from told where state = '{NEW}'
) {_LATER}"""  # noqa: S608 the names are our own, never input
_EDIT_ONE = f"""
update outbox o set payload = (o.payload - 'shared') || jsonb_build_object('card', %(card)s::jsonb),
  urgency = case when o.operation = 'edit' and o.state = '{NEW}' then {USUAL} else o.urgency end
where o.state in ('{NEW}', '{HELD}') and o.lane = %(lane)s and (o.id = %(outbox)s
  or (o.operation = 'edit' and (o.payload ->> 'posted')::bigint = %(posted)s))
returning o.state
"""  # noqa: S608 the names are our own, never input
_STOPPED = f"""
early as (
  update outbox o set state = '{DROPPED}', error = 'taken back before it was sent', done_at = %(at)s from copy
  where {_WAITS} returning o.id, o.error
), told as (
  update posted_card p set state = '{DROPPED}', error = early.error, ended_at = %(at)s from early
  where p.outbox_id = early.id returning p.id
)"""  # noqa: S608 the names are our own, never input
_STOP = f"{_CHANGED}, {_STOPPED} select id from told"  # noqa: S608 the names are our own, never input
_WITHDRAW = f"{_CHANGED}, {_STOPPED} {_LATER}"
_FORGET = """
delete from shared_card s where s.created_at < %(before)s and not exists (
  select from outbox o where o.state in ('new', 'held') and o.payload ->> 'shared' = s.id::text)
"""
_WAKE = "select pg_notify('agora_outbox', '')"


@dataclass(frozen=True)
class Broadcast:
    """By person: the number of the ``PostedCard`` that was written for them, or why nothing can be."""

    posted: Mapping[int, int]
    unreachable: Mapping[int, str]
    """``NO_CHAT``: they have none with Agora, or no other one; ``LEFT``: they are not with the company any more; else
    ``Account.unreachable``."""


def broadcast(
    session: Session,
    cards: Mapping[str, Card],
    readers: Sequence[Reader],
    about: str,
    correlation: str,
    urgency: int = BULK,
    elsewhere: bool = False,
) -> Broadcast:
    """Post each reader's card in their own chat, each person once; ``LookupError`` where there is no such card.
    ``elsewhere``: on a platform on which they have no card about this yet."""
    shared = _shared(session, cards)
    chosen = {person: shared[name] for person, name in readers}
    copies: list[dict[str, Any]] = []
    unreachable: dict[int, str] = {}
    values = {"people": list(chosen), "about": about, "elsewhere": elsewhere}
    for person, active, platform, installation, private, reason in run(session, _CHATS, values).fetchall():
        if not active or private is None or reason is not None:
            unreachable[person] = LEFT if not active else reason or NO_CHAT
        else:
            copies.append(_copy(platform, installation, private, person, chosen[person]))
    values = {"about": about, "correlation": correlation, "urgency": urgency}
    posted: dict[int, int] = dict(_written(session, _POST, copies, values))
    return Broadcast(posted, dict.fromkeys(chosen.keys() - posted, LEFT) | unreachable)


def change_all(
    session: Session, cards: Mapping[str, Card], copies: Sequence[Copy], correlation: str, urgency: int = BULK
) -> int:
    """Change these copies; how many of them stand, or will. What was not sent yet is sent as it reads now."""
    shared = _shared(session, cards)
    chosen = {posted: shared[name] for posted, name in copies}
    values = {"operation": "edit", "correlation": correlation, "urgency": urgency}
    return _change(session, _EDIT, chosen, values)


def change_waiting(session: Session, card: Mapping[str, Any], posted: int, outbox: int, lane: int) -> bool:
    """Let what waits to be sent of one copy (the row of ``outbox`` that posts it, changes of it) show ``card``, as
    JSON, and a change go ahead of those of many others; whether that is enough. Else a row of its own is to change
    the copy."""
    values = {"card": orjson.dumps(card).decode(), "posted": posted, "outbox": outbox, "lane": lane}
    return (NEW,) in run(session, _EDIT_ONE, values).fetchall()


def withdraw_all(session: Session, copies: Collection[int], correlation: str, urgency: int = BULK) -> int:
    """Remove these copies; how many of them stood, or would have. What was not sent yet never will be."""
    values = {"operation": "delete", "correlation": correlation, "urgency": urgency}
    return _change(session, _WITHDRAW, dict.fromkeys(copies), values)


def stop(session: Session, copies: Collection[int]) -> set[int]:
    """Never send those of these copies that are still waiting; which those are. The others stay as they are."""
    return {id for (id,) in _written(session, _STOP, _standing(session, dict.fromkeys(copies)), {})}


def purge(session: Session, older_than: timedelta) -> None:
    """Forget cards that nothing shows any more that is remembered for ``older_than``."""
    run(session, _FORGET, {"before": now() - older_than - _LONGEST})


def _change(session: Session, statement: str, chosen: Mapping[int, int | None], values: dict[str, Any]) -> int:
    standing = _standing(session, chosen)
    _written(session, statement, standing, values)
    return len(standing)


def _standing(session: Session, chosen: Mapping[int, int | None]) -> list[dict[str, Any]]:
    """Those of the copies that may be seen by somebody, now or later."""
    found = run(session, _STANDING, {"posted": list(chosen), "never": [FAILED, DROPPED]}).fetchall()
    return [
        _copy(platform, installation, conversation, person, chosen[id]) | {"posted": id, "outbox": outbox}
        for id, outbox, platform, installation, conversation, person in found
    ]


def _shared(session: Session, cards: Mapping[str, Card]) -> dict[str, int]:
    """The numbers of the cards; one that was kept before is not kept twice."""
    written = {name: orjson.dumps(to_json(card), option=orjson.OPT_SORT_KEYS) for name, card in cards.items()}
    digests = {name: hashlib.sha256(data).digest() for name, data in written.items()}
    each = {digests[name]: data.decode() for name, data in written.items()}
    values = {"cards": list(each.values()), "digests": list(each), "at": now()}
    found: dict[bytes, int] = dict(run(session, _SHARE, values).fetchall())
    return {name: found[digest] for name, digest in digests.items()}


def _copy(platform: str, installation: str, conversation: str, person: int, shared: int | None) -> dict[str, Any]:
    lane = lane_of(platform, installation, conversation)
    return {"lane": lane, "platform": platform, "installation": installation, "conversation": conversation,
            "person_id": person, "shared": shared}  # fmt: skip


def _written(session: Session, statement: str, copies: list[dict[str, Any]], values: dict[str, Any]) -> list[Any]:
    """Write them, and wake who sends; the rows that the statement returns."""
    if not copies:
        return []
    done = run(session, statement, {**values, "copies": orjson.dumps(copies).decode(), "at": now()})
    run(session, _WAKE)
    return list(done.fetchall())
