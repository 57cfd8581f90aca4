"""What models made of single texts of people: translations, and titles with summaries.

A row belongs to the text that it was made of, by the table and the number of that. Triggers of the database erase it in
the transaction in which that text is changed or goes, so that no path can forget it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import orjson
from sqlalchemy import BigInteger, Index, LargeBinary, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now, personal

_KEPT = timedelta(days=30)


class DerivedText(Base):
    """``texts`` that a model made of the row ``source_id`` of the table ``kind``. ``digest`` is of all that they depend
    on: what they were made of as it read, what for, in which language, and by which model."""

    __tablename__ = "derived_text"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str]
    source_id: Mapped[int] = mapped_column(BigInteger)
    texts: Mapped[list[str]] = mapped_column(info=personal("erase"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("derived_text_source", "kind", "source_id"),)


def digest_of(kind: str, source_id: int, purpose: str, language: str, model: str, texts: Sequence[str]) -> bytes:
    """What is made of ``texts`` of a source is known by."""
    return hashlib.sha256(orjson.dumps([kind, source_id, purpose, language, model, texts])).digest()


def find(session: Session, digests: Collection[bytes]) -> Mapping[bytes, list[str]]:
    """What is kept, by its digest."""
    rows = select(DerivedText.digest, DerivedText.texts).where(DerivedText.digest.in_(digests))
    return {digest: texts for digest, texts in session.execute(rows)}  # noqa: C416 rows are no tuples to mypy


def keep(session: Session, digest: bytes, kind: str, source_id: int, texts: Sequence[str]) -> None:
    """Keep what was made. The caller holds a lock on the source, and looked whether it still reads as it did: else this
    might outlive it."""
    row = {"digest": digest, "kind": kind, "source_id": source_id, "texts": list(texts), "created_at": now()}
    session.execute(insert(DerivedText).values(row).on_conflict_do_update(index_elements=["digest"], set_=row))


def purge(session: Session) -> None:
    """Erase what is old: it is made anew where it is wanted again."""
    session.execute(delete(DerivedText).where(DerivedText.created_at < now() - _KEPT))
