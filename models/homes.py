"""Whose home is looked at: what is shown there is brought up to date for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now
from models.people import Account

RECENT = timedelta(minutes=30)  # after that, whoever comes back opens it anew


class HomeView(Base):
    """Somebody opened their home on a platform, and what was shown there last, as a digest."""

    __tablename__ = "home_view"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(default=now, index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


def opened(session: Session, account: Account, digest: bytes) -> None:
    """They look at it, and it shows this."""
    row = insert(HomeView).values(account_id=account.id, opened_at=now(), digest=digest)
    shown = {"opened_at": row.excluded.opened_at, "digest": row.excluded.digest}
    session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=shown))


def purge(session: Session) -> None:
    """Forget those who look no more."""
    session.execute(delete(HomeView).where(HomeView.opened_at < now() - RECENT))
