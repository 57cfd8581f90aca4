"""What may be found as the database has it: the rows of passages and questions as documents of the index."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from models.rows import run
from models.search.pool import Document, Kind, Space, Vector

_VECTORS = """
(select json_object_agg(v.space, encode(v.value, 'base64')) from vector v where v.kind = '{kind}' and v.ref_id = {id})
"""
# What was decided is looked for among decisions alone, too: by a key of its own for each key of a reader.
DECIDED = "decided/"
_DECIDED = f"""
case when exists (select from decision d where d.entry_id = e.id)
  then array(select '{DECIDED}' || key from unnest(p.audience) as key) end
"""  # noqa: S608 the names are our own, never input
_PASSAGES = f"""
select p.id, p.entry_id, p.language, p.audience || {_DECIDED}, concat_ws(' ', e.title, array_to_string(e.tags, ' ')),
  p.heading, p.text, {_VECTORS.format(kind="passage", id="p.id")}, {_VECTORS.format(kind="title", id="e.id")}
from passage p join entry e on e.id = p.entry_id
"""  # noqa: S608 the names are our own, never input
# Questions about one announcement are compared with each other, in whosever chats: by a key that nobody holds.
_ASKED = "q.audience || array_remove(array['asked:' || q.announcement_id], null)"
_QUESTIONS = f"""
select q.id, q.language, {_ASKED}, q.text, q.more, {_VECTORS.format(kind="question", id="q.id")} from question q
"""  # noqa: S608
_BY_ID = {"passage": f"{_PASSAGES} where p.id = any(%(ids)s)", "question": f"{_QUESTIONS} where q.id = any(%(ids)s)"}
_PAGES = {
    "passage": f"{_PASSAGES} where p.id > %(after)s order by p.id limit %(limit)s",
    "question": f"{_QUESTIONS} where q.id > %(after)s order by q.id limit %(limit)s",
}
_PARTS = "select id from passage where entry_id = any(%(ids)s)"
_COUNT = """
select (select count(*) from (select from passage limit %(limit)s) p)
  + (select count(*) from (select from question limit %(limit)s) q)
"""
_IDENTITY = """
select (select system_identifier from pg_control_system())::text || ':' || oid::text
from pg_database where datname = current_database()
"""
# What is not visible in the last look's snapshot was committed since. The own transaction's changes may yet be taken
# back; they are seen after its end.
_CHANGES = f"""
select pg_current_snapshot()::text, c.kind, c.ref_id,
  c.xid = (pg_current_xact_id_if_assigned()::text)::bigint as own,
  q.id, q.language, {_ASKED}, q.text, q.more, {_VECTORS.format(kind="question", id="q.id")}
from (select) as once left join search_change c
  on c.xid >= (pg_snapshot_xmin(cast(%(seen)s as pg_snapshot))::text)::bigint
  and not pg_visible_in_snapshot(cast(c.xid::text as xid8), cast(%(seen)s as pg_snapshot))
left join question q on c.kind = 'question' and q.id = c.ref_id
"""  # noqa: S608
NEWER = """
(select c.xid from search_change c
  where c.xid >= (pg_snapshot_xmin(cast(%(seen)s as pg_snapshot))::text)::bigint and c.kind <> 'question'
  and not pg_visible_in_snapshot(cast(c.xid::text as xid8), cast(%(seen)s as pg_snapshot))
  and c.xid is distinct from (pg_current_xact_id_if_assigned()::text)::bigint
  order by c.xid limit 1) is not null
"""
"""Whether others changed passages since the snapshot ``seen``. Not ``exists``, which is planned as a look at all."""

Change = tuple[str, int]


class Look(NamedTuple):
    """What changed since the last look: the snapshot of this one, what to read anew, questions that were read with it,
    and whether the session's own transaction changed something that is not told yet."""

    snapshot: str
    changes: set[Change]
    questions: dict[int, Document]
    own: bool


def snapshot(session: Session) -> str:
    """What the session sees now."""
    return str(_one(session, "select pg_current_snapshot()::text"))


def identity(session: Session) -> str:
    """Which database this is."""
    return str(_one(session, _IDENTITY))


def is_ahead(session: Session, seen: str) -> bool:
    """Whether ``seen`` is later than now: the database was put back to what it was before."""
    ahead = "select pg_snapshot_xmax(cast(%(seen)s as pg_snapshot)) > pg_snapshot_xmax(pg_current_snapshot())"
    return bool(_one(session, ahead, {"seen": seen}))


def count(session: Session, limit: int) -> int:
    """How much may be found; not counted much further than ``limit``."""
    return int(_one(session, _COUNT, {"limit": limit + 1}))


def _one(session: Session, statement: str, values: Mapping[str, Any] | None = None) -> Any:
    row = run(session, statement, values).fetchone()
    assert row is not None
    return row[0]


def look(session: Session, seen: str) -> Look:
    """What others changed since the snapshot ``seen``."""
    rows = run(session, _CHANGES, {"seen": seen}).fetchall()
    changes = {(kind, id) for _, kind, id, own, *_ in rows if kind is not None and not own}
    own = any(own for _, _, _, own, *_ in rows)
    questions = {} if own else {row[4]: _question(row[4:]) for row in rows if row[4] is not None}
    return Look(rows[0][0], changes, questions, own)


def by_id(session: Session, kind: Kind, ids: Collection[int]) -> list[Document]:
    """The documents with these numbers that there are."""
    if not ids:
        return []
    return list(_documents(kind, run(session, _BY_ID[kind], {"ids": list(ids)}).fetchall()))


def page(session: Session, kind: Kind, after: int, limit: int) -> list[Document]:
    """The next documents by number."""
    return list(_documents(kind, run(session, _PAGES[kind], {"after": after, "limit": limit}).fetchall()))


def passages_of(session: Session, entries: Collection[int]) -> list[int]:
    """The numbers of the passages of these entries."""
    return [row[0] for row in run(session, _PARTS, {"ids": list(entries)}).fetchall()] if entries else []


def _documents(kind: Kind, rows: Sequence[Sequence[Any]]) -> Iterator[Document]:
    return map(_passage if kind == "passage" else _question, rows)


def _passage(row: Sequence[Any]) -> Document:
    id, entry, language, audience, title, heading, text, vectors, titles = row
    whole = f"{heading}\n{text}" if heading else text
    return Document("passage", id, entry, language, title, whole, audience, _vectors(vectors), _vectors(titles))


def _question(row: Sequence[Any]) -> Document:
    id, language, audience, text, more, vectors = row
    return Document("question", id, id, language, "", "\n".join((text, *more)), audience, _vectors(vectors))


def _vectors(stored: Mapping[str, str] | None) -> dict[Space, Vector]:
    """Vectors by space; one that is none is left out."""
    whole = {space: b64decode(value) for space, value in (stored or {}).items()}
    found = {space: np.frombuffer(value[: len(value) // 2 * 2], "<f2") for space, value in whole.items()}
    real = {space: vector.astype(np.float32) for space, vector in found.items() if len(vector)}
    return {space: vector for space, vector in real.items() if np.isfinite(vector).all()}
