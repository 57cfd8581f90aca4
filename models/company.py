"""What holds for the whole company: settings that admins change in chat, and named audiences."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Identified, personal
from models.people import Person

DEFAULTS: dict[str, Any] = {"name": "", "anonymous": False, "reactions": False, "verify_within_days": 7}
"""What may be set, and what holds until it is: the company's name, whether anonymous asking is allowed, whether a
reaction to an answer is a vote for it, and within how many days a draft should be verified."""


class CompanySetting(Base):
    """One setting that was changed from its default."""

    __tablename__ = "company_setting"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


class Audience(Identified, Base):
    """A named group of people: who is in it holds the key ``group:KEY``."""

    __tablename__ = "audience"
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class AudienceMember(Base):
    """A person is in a named audience."""

    __tablename__ = "audience_member"
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True, info=personal("row"))


def setting(session: Session, key: str) -> Any:
    """The company's value for a setting; ``KeyError`` for what is none."""
    default = DEFAULTS[key]
    found = session.get(CompanySetting, key)
    return default if found is None else found.value


def set_setting(session: Session, key: str, value: Any) -> None:
    """Change a setting; ``KeyError`` for what is none."""
    DEFAULTS[key]
    row = insert(CompanySetting).values(key=key, value=value)
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": row.excluded.value}))
    session.expire_all()


def audiences(session: Session) -> list[Audience]:
    """Every named audience, by name."""
    return list(session.scalars(select(Audience).order_by(Audience.name)))


def audience_members(session: Session, audience: Audience) -> list[Person]:
    """Who is in ``audience``, by name."""
    return list(
        session.scalars(
            select(Person)
            .join(AudienceMember, AudienceMember.person_id == Person.id)
            .where(AudienceMember.audience_id == audience.id)
            .order_by(Person.name)
        )
    )
