"""Which spaces there are, what waits to be encoded in each, and storing it.

A *space* is what one encoder, in one version, makes of texts. What is new or changed waits once in every space that
there is: triggers of the database see to that, so no path can forget it, and they remove the vectors of a text that is
no longer the same. A new space begins with everything waiting. It answers questions when nothing waits any more, once:
*complete*. One that nobody wants any more goes on answering until then, and is dropped. Only where none is complete,
at the very first start, one answers as soon as it knows what everything is about: that is better than none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now
from models.rows import run
from models.search.analysis import plain
from models.search.asking import says_nothing, sought
from models.search.pool import Space
from models.search.pool import Vector as Row

PASSAGE, TITLE, QUESTION = "passage", "title", "question"
LEASE = timedelta(minutes=2)
FORGOTTEN = timedelta(minutes=10)
"""After which nobody wants a space: longer than a process takes to start anew with other settings."""
_SEEN = timedelta(minutes=1)
_DROPPED = 2_000  # vectors in one transaction


class EncoderSpace(Base):
    """A space, known by its encoder's key. ``wanted_at`` is when a process said last that its settings name it."""

    __tablename__ = "encoder_space"
    key: Mapped[str] = mapped_column(primary_key=True)
    dimensions: Mapped[int]
    since: Mapped[int | None] = mapped_column(BigInteger)
    """Transactions from this number on know the space: what they write waits by itself."""
    enlisted: Mapped[bool] = mapped_column(default=False, server_default="false")
    """What was there before them waits, too."""
    complete_at: Mapped[datetime | None]
    wanted_at: Mapped[datetime] = mapped_column(default=now)
    used: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """How many texts were encoded on the day (UTC) of ``used_at``."""
    used_at: Mapped[datetime | None]


class Encoding(Base):
    """A text that waits to be encoded in a space; ``held_until`` while somebody is at it."""

    __tablename__ = "encoding"
    space: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    ref_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    held_until: Mapped[datetime | None]


class Waiting(NamedTuple):
    """What is to be encoded, held until then. Its text is empty where nothing is to be made of it."""

    kind: str
    id: int
    text: str
    until: datetime


def passage_text(title: str, heading: str, text: str) -> str:
    """What is encoded of a passage: what it is about first, since long ones are cut."""
    return "\n".join(part for part in (title, heading, plain(text)) if part)


# -- spaces

_WANT = sql("""
insert into encoder_space (key, dimensions, wanted_at) values (:key, :dimensions, :now)
on conflict (key) do update set wanted_at = :now where encoder_space.wanted_at < :before
""")
# A transaction that began to write before the space was committed does not know of it: what it writes is enlisted when
# all of those have ended.
_BEGIN = sql("""
update encoder_space set since = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
where key = :key and since is null
""")
_ENLIST = sql("""
with space as (
  update encoder_space set enlisted = true
  where key = :key and not enlisted and since <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  returning key
)
insert into encoding (space, kind, ref_id)
select space.key, there.kind, there.id from space, (
  select 'passage' as kind, id from passage union all select 'question', id from question
  union all select 'title', id from entry where state = 'current') as there
on conflict do nothing
""")
_COMPLETE = sql("""
update encoder_space set complete_at = :now
where key = :key and enlisted and complete_at is null
  and not exists (select 1 from encoding where space = :key)
""")


def want(session: Session, key: Space, dimensions: int) -> None:
    """This process encodes with ``key``: from the next transaction on, what is new waits there."""
    session.execute(_WANT, {"key": key, "dimensions": dimensions, "now": now(), "before": now() - _SEEN})


def advance(session: Session, key: Space) -> None:
    """Let everything wait in a new space as soon as that can be; note that nothing waits any more."""
    began = session.execute(_BEGIN, {"key": key}).rowcount  # type: ignore[attr-defined]
    if not began:
        session.execute(_ENLIST, {"key": key})
        session.execute(_COMPLETE, {"key": key, "now": now()})


def spaces(session: Session) -> dict[Space, bool]:
    """Every space, and whether it is complete; those that are come first."""
    rows = session.execute(sql(
        "select key, complete_at is not null as complete from encoder_space order by complete_at, key"))  # fmt: skip
    return {row.key: row.complete for row in rows}


_ANSWERING = """
select key from encoder_space s
where complete_at is not null
  or (enlisted and not exists (select 1 from encoder_space where complete_at is not null)
    and not exists (select 1 from encoding where space = s.key and kind <> 'passage'))
order by complete_at, key
"""


def answering(session: Session) -> tuple[Space, ...]:
    """The spaces in which may be searched."""
    return tuple(key for (key,) in run(session, _ANSWERING).fetchall())


def waiting(session: Session) -> dict[Space, int]:
    """How many texts wait in each space."""
    count = "select key, (select count(*) from encoding where space = key) as waits from encoder_space order by key"
    rows = session.execute(sql(count))
    return {row.key: row.waits for row in rows}


class Progress(NamedTuple):
    """Of ``all`` texts, ``waits`` wait to be encoded in a space."""

    space: Space
    waits: int
    all: int


_PROGRESS = sql("""
select s.key, w.waits, (select count(*) from passage) + (select count(*) from question)
  + (select count(*) from entry where state = 'current') as every
from encoder_space s, lateral (select count(*) as waits from encoding where space = s.key) w
where s.key = any(:keys) and w.waits > 0 order by s.key
""")


def progress(session: Session, keys: Sequence[Space]) -> list[Progress]:
    """How far those of these spaces are in which something waits."""
    rows = session.execute(_PROGRESS, {"keys": list(keys)}) if keys else ()
    return [Progress(row.key, row.waits, max(row.every, row.waits)) for row in rows]


_FORGOTTEN = sql("""
select key from encoder_space where wanted_at < :before
  and exists (select 1 from encoder_space where wanted_at >= :before)
  and not exists (select 1 from encoder_space where wanted_at >= :before and complete_at is null)
""")
_DROP = sql("""
with part as (
  select kind, ref_id, space from vector where space = :key order by kind, ref_id limit :most for update skip locked
)
delete from vector v using part where (v.kind, v.ref_id, v.space) = (part.kind, part.ref_id, part.space)
""")


def drop_forgotten(session: Session) -> bool:
    """Drop a part of what nobody wants any more, once everything that is wanted is complete; whether there is more."""
    for key in session.scalars(_FORGOTTEN, {"before": now() - FORGOTTEN}):
        session.execute(sql("delete from encoding where space = :key"), {"key": key})
        dropped = session.execute(_DROP, {"key": key, "most": _DROPPED}).rowcount  # type: ignore[attr-defined]
        if dropped:
            return True
        session.execute(sql("delete from encoder_space where key = :key"), {"key": key})
    return False


# -- what waits

_CLAIM = sql("""
update encoding e set held_until = :until from (
  select space, kind, ref_id from encoding where space = :key and (held_until is null or held_until <= :now)
  order by kind desc, ref_id desc limit :most for update skip locked
) as free
where (e.space, e.kind, e.ref_id) = (free.space, free.kind, free.ref_id)
returning e.kind, e.ref_id
""")
_TEXTS = {
    PASSAGE: sql("select p.id, e.title, p.heading, p.text from passage p join entry e on e.id = p.entry_id "
                 "where p.id = any(:ids)"),
    TITLE: sql("select id, title from entry where id = any(:ids) and state = 'current'"),
    QUESTION: sql("select id, text from question where id = any(:ids)"),
}  # fmt: skip
# Nothing here waits for a row that somebody has locked: who changes it has its text encoded anew, and must not wait.
_STORE = sql("""
with given as (
  select * from unnest(cast(:kinds as text[]), cast(:ids as bigint[]), cast(:digests as bytea[]),
    cast(:vectors as bytea[])) as g(kind, ref_id, digest, value)
),
mine as (
  select g.* from encoding e join given g using (kind, ref_id)
  where e.space = :key and e.held_until = :until for update of e skip locked
),
done as (
  delete from encoding e using mine
  where e.space = :key and (e.kind, e.ref_id) = (mine.kind, mine.ref_id)
  returning mine.*
)
insert into vector (space, kind, ref_id, digest, value)
select :key, kind, ref_id, digest, value from done where value is not null
on conflict (kind, ref_id, space) do update set digest = excluded.digest, value = excluded.value
""")
_PUT_BACK = sql("""
update encoding e set held_until = :free from (
  select space, kind, ref_id from encoding where space = :key and held_until = :until
    and (kind, ref_id) in (select * from unnest(cast(:kinds as text[]), cast(:ids as bigint[])))
  for update skip locked
) as mine
where (e.space, e.kind, e.ref_id) = (mine.space, mine.kind, mine.ref_id)
""")


def claim(session: Session, key: Space, most: int) -> list[Waiting]:
    """Up to ``most`` texts that wait in a space, for a while for whoever asks alone; the newest first."""
    until = now() + LEASE
    held = session.execute(_CLAIM, {"key": key, "until": until, "now": now(), "most": most}).all()
    texts = {
        (kind, row[0]): _text(kind, *row[1:])
        for kind, statement in _TEXTS.items()
        if (ids := [id for of, id in held if of == kind])
        for row in session.execute(statement, {"ids": ids})
    }
    return [Waiting(kind, id, texts.get((kind, id), ""), until) for kind, id in held]


def _text(kind: str, *parts: str) -> str:
    if kind == PASSAGE:
        return passage_text(*parts)
    found = sought(parts[0]) if kind == QUESTION else parts[0]
    return "" if says_nothing(found) else found


def store(session: Session, key: Space, done: Mapping[Waiting, Row | None]) -> None:
    """Keep what was encoded; with ``None`` it waits no longer, and has no vector. What changed meanwhile waits on."""
    if not done:
        return
    values = [None if row is None else np.asarray(row, "<f2").tobytes() for row in done.values()]
    digests = [hashlib.sha256(each.text.encode()).digest() for each in done]
    session.execute(_STORE, {**_named(key, list(done)), "digests": digests, "vectors": values})


def put_back(session: Session, key: Space, held: Sequence[Waiting], seconds: float = 0) -> None:
    """Let others, or oneself later, encode it: nobody before ``seconds`` are over."""
    if held:
        free = now() + timedelta(seconds=seconds) if seconds else None
        session.execute(_PUT_BACK, {**_named(key, held), "free": free})


def _named(key: Space, held: Sequence[Waiting]) -> dict[str, Any]:
    kinds, ids = [each.kind for each in held], [each.id for each in held]
    return {"key": key, "kinds": kinds, "ids": ids, "until": held[0].until}


_USED = sql("""
update encoder_space set used_at = :now,
  used = :count + case when (used_at at time zone 'utc')::date = (:now at time zone 'utc')::date then used else 0 end
where key = :key returning used
""")


def use(session: Session, key: Space, count: int) -> int:
    """Note that ``count`` more texts were encoded; how many it were today, by all processes."""
    return int(session.execute(_USED, {"key": key, "count": count, "now": now()}).scalar() or 0)
