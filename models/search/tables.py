"""What the search index of each process follows: the vectors of what may be found, and which rows changed.

Both are written by whoever changes something, ``search_change`` by triggers: no path can forget it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, LargeBinary, delete, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now, personal

CHANNEL = "agora_search"
"""What is notified when something changed."""
KEPT = timedelta(days=3)
"""How long a change is remembered: an index that was put away longer ago is built anew."""


class Vector(Base):
    """A text as an encoder sees it. ``kind`` and ``ref_id`` say of what: a ``passage`` (its title and its text), the
    ``title`` of an entry, or a ``question``. It goes away with its row (a trigger); a title's with its entry."""

    __tablename__ = "vector"
    kind: Mapped[str] = mapped_column(primary_key=True)
    ref_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    space: Mapped[str] = mapped_column(primary_key=True)
    """The key of the encoder with its version: vectors of different spaces are never compared."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Of what was encoded: where the text has another one, the vector is out of date."""
    value: Mapped[bytes] = mapped_column(LargeBinary, info=personal("keep"))
    """Unit length, as IEEE 754 half-precision numbers, little-endian (numpy's ``<f2``)."""


class SearchChange(Base):
    """The transaction ``xid`` changed something that search knows: a row of this ``kind`` with this number."""

    __tablename__ = "search_change"
    xid: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, server_default=text("(pg_current_xact_id()::text)::bigint")
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    ref_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))


def trim(session: Session) -> None:
    """Forget changes that every index that is in use has long seen."""
    session.execute(delete(SearchChange).where(SearchChange.at < now() - KEPT))
