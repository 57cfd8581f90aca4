"""People, and the accounts they have on the platforms."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, UniqueConstraint, any_, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.types import SmallInteger

from models.base import Base, Identified, Refusal, now, personal
from models.rows import Rows, run

EMPLOYEE, GUEST, OUTSIDER = "employee", "guest", "outsider"
MASK = "mask"  # behind which somebody asks anonymously: see models.masks
ROLES = ("admin", "manager", "expert")
LOCALES = ("en", "ar", "he", "it")


class Person(Identified, Base):
    """Somebody who talks to Agora. Who is no employee holds no audience by default."""

    __tablename__ = "person"
    HELD = True
    handle: Mapped[str] = mapped_column(unique=True, info=personal("erase"))
    name: Mapped[str] = mapped_column(info=personal("erase"))
    latin_name: Mapped[str | None] = mapped_column(info=personal("erase"))
    """Their name in Latin letters, where they write it in others."""
    email: Mapped[str | None] = mapped_column(unique=True, info=personal("erase"))
    kind: Mapped[str] = mapped_column(default=EMPLOYEE)
    organisation: Mapped[str | None] = mapped_column(info=personal("erase"))
    roles: Mapped[list[str]] = mapped_column(default=list)
    locale: Mapped[str] = mapped_column(default="en")
    timezone: Mapped[str] = mapped_column(default="UTC")
    title: Mapped[str | None] = mapped_column(info=personal("erase"))
    department: Mapped[str | None] = mapped_column(info=personal("erase"))
    location: Mapped[str | None] = mapped_column(info=personal("erase"))
    skills: Mapped[list[str]] = mapped_column(default=list, info=personal("erase"))
    work_days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=lambda: [0, 1, 2, 3, 4])
    work_from: Mapped[time] = mapped_column(default=time(9))
    work_to: Mapped[time] = mapped_column(default=time(17))
    quota: Mapped[int] = mapped_column(SmallInteger, default=3)
    """How many questions may be with them at once, offered or accepted: enough to be useful, not enough to drown."""
    weekly: Mapped[int | None] = mapped_column(SmallInteger)
    """How many questions may be offered to them in any seven days; none where they set no limit."""
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]
    """Hours of their day in which they would rather not be asked; none where they state none."""
    digest: Mapped[str] = mapped_column(default="off")
    """How often they are told what is new for them: see ``models.digests``."""
    digest_at: Mapped[time] = mapped_column(default=time(9))
    digested_at: Mapped[datetime | None]
    """Until when they were told."""
    prefers: Mapped[str | None]
    """The platform on which they want to be written to, where they have several; none where they never said."""
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)

    accounts: Mapped[list[Account]] = relationship(back_populates="person", order_by="Account.id")

    __table_args__ = (
        Index("person_skills", "skills", postgresql_using="gin"),
        Index("person_not_employee", "id", postgresql_where=text("kind <> 'employee'")),
    )

    @property
    def zone(self) -> ZoneInfo:
        """Their time zone; UTC where the stored name is unknown to this machine."""
        try:
            return ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo("UTC")

    def has(self, role: str) -> bool:
        """Whether they hold ``role``. Only active employees do: nobody takes one along who stays as a guest."""
        return self.active and self.kind == EMPLOYEE and role in self.roles

    def works_at(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in their working hours, in their own time zone."""
        local = moment.astimezone(self.zone)
        return local.weekday() in self.work_days and self.work_from <= local.time() < self.work_to


class Account(Identified, Base):
    """An account of a person on one platform: (platform, installation, external) is unique."""

    __tablename__ = "account"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    platform: Mapped[str]
    installation: Mapped[str]
    external: Mapped[str] = mapped_column(info=personal("row"))
    private: Mapped[str | None] = mapped_column(info=personal("row"))
    """The platform's key of their own chat with Agora, once known."""
    told: Mapped[dict[str, Any] | None] = mapped_column(info=personal("row"))
    """What the platform last said of its owner: what differs from it was chosen here (``models.joining``)."""
    unreachable: Mapped[str | None]
    """Why nothing can be delivered to their own chat at present, if nothing can: a word of the code."""
    active_on: Mapped[date | None] = mapped_column(info=personal("row"))
    """The day, in UTC, on which its owner last did something by it; kept only of whoever has several accounts and never
    said by which they want to be written to."""
    person: Mapped[Person] = relationship(back_populates="accounts")

    __table_args__ = (UniqueConstraint("platform", "installation", "external", name="account_once"),)


PEOPLE = Rows(Person)
_BY_ACCOUNT = f"""
select {PEOPLE.columns("p")} from person p join account a on a.person_id = p.id
where (a.platform, a.installation, a.external) = (%(platform)s, %(installation)s, %(external)s) and p.active
"""  # noqa: S608 the names are our own, never input


def by_account(session: Session, platform: str, installation: str, external: str) -> Person:
    """The person behind an account; ``Refusal("unknown_person")`` when nobody is."""
    account = {"platform": platform, "installation": installation, "external": external}
    found = PEOPLE.first(session, _BY_ACCOUNT, account)
    if found is None:
        raise Refusal("unknown_person")
    return found


class Chat(NamedTuple):
    """A conversation of a platform."""

    platform: str
    installation: str
    key: str


CHOSEN = "a.unreachable is not null, a.platform is distinct from p.prefers, a.active_on desc nulls last, a.id"
"""In this order of accounts ``a``, a person ``p`` is written to: where they can be reached, where they prefer it, where
they were on the latest day, where they were known first."""
_OWN_CHAT = f"""
select platform, installation, private from account a join person p on p.id = a.person_id
where p.id = %(person)s and private is not null order by {CHOSEN} limit 1
"""  # noqa: S608 the words are our own, never input


def own_chat(session: Session, person: Person) -> Chat | None:
    """The person's own chat with Agora, of several the first of ``CHOSEN``; ``None`` where they have none."""
    row = run(session, _OWN_CHAT, {"person": person.id}).fetchone()
    return Chat(*row) if row else None


def by_handle(session: Session, handle: str) -> Person | None:
    """The active person with this handle or e-mail address, or ``None``."""
    wanted = handle.strip().lstrip("@").casefold()
    return session.scalars(
        select(Person).where((Person.handle == wanted) | (Person.email == wanted), Person.active)
    ).first()


def with_role(session: Session, role: str) -> list[Person]:
    """Every active employee who holds ``role``, oldest first."""
    holds = (literal(role) == any_(Person.roles)) & Person.active & (Person.kind == EMPLOYEE)
    return list(session.scalars(select(Person).where(holds).order_by(Person.id)))
