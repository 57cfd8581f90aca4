"""Answers that a model wrote, kept as long as what they rest on.

A row goes with the first of its passages: passages are replaced whenever their entry changes or ends, and a trigger of
the database erases what rested on them in the same transaction, so that no path can forget it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, Index, LargeBinary, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now, personal
from models.knowledge import Passage
from models.search.analysis import normalise
from models.search.find import Hit

_KEPT = timedelta(days=30)


class WrittenAnswer(Base):
    """What ``model`` wrote for a question from passages, as far as they support it: perhaps nothing. ``digest`` is of
    the question, its language, the passages as they read, their audiences, and the model."""

    __tablename__ = "written_answer"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sentences: Mapped[list[Any]] = mapped_column(JSONB, info=personal("keep"))
    """Each ``{"text": …, "sources": [numbers of passages in the order shown, from 1]}``."""
    language: Mapped[str]
    passages: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("written_answer_passages", "passages", postgresql_using="gin"),)


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the numbers of the passages that say it, from 1."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Written:
    """An answer: its sentences in order, none where the passages support nothing."""

    sentences: tuple[Sentence, ...]
    language: str


def digest_of(question: str, language: str, hits: Sequence[Hit], model: str) -> bytes:
    """What an answer is known by."""
    asked = " ".join(normalise(question).split())
    shown = [
        (
            hit.passage.id,
            hit.entry.id,
            hit.entry.revision,
            hit.entry.title,
            hit.passage.text,
            sorted(hit.entry.audience),
        )
        for hit in hits
    ]
    return hashlib.sha256(orjson.dumps([asked, language, shown, model])).digest()


def find(session: Session, digest: bytes) -> Written | None:
    """The answer that is kept under ``digest``."""
    row = session.execute(
        select(WrittenAnswer.sentences, WrittenAnswer.language).where(WrittenAnswer.digest == digest)
    ).one_or_none()
    if row is None:
        return None
    said = tuple(Sentence(each["text"], tuple(each["sources"])) for each in row.sentences)
    return Written(said, row.language)


def keep(session: Session, digest: bytes, passages: Sequence[int], written: Written) -> bool:
    """Keep an answer from ``passages``; whether they are all still there. The passages are locked, so that none goes
    without taking the answer along."""
    there = session.scalars(
        select(Passage.id).where(Passage.id.in_(passages)).with_for_update(read=True, key_share=True)
    )
    if set(there) != set(passages):
        return False
    sentences = [{"text": each.text, "sources": list(each.sources)} for each in written.sentences]
    row = {"digest": digest, "sentences": sentences, "language": written.language, "passages": list(passages),
           "created_at": now()}  # fmt: skip
    session.execute(insert(WrittenAnswer).values(row).on_conflict_do_update(index_elements=["digest"], set_=row))
    return True


def purge(session: Session) -> None:
    """Erase what is old: it is written anew where it is wanted again."""
    session.execute(delete(WrittenAnswer).where(WrittenAnswer.created_at < now() - _KEPT))
