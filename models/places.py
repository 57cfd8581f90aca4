"""Where people talk: channels, group chats and each person's own chat with Agora."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint, false, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Identified, personal
from models.people import PEOPLE, Person
from models.rows import Rows

CHANNEL, GROUP, PRIVATE = "channel", "group", "private"


class Place(Identified, Base):
    """A conversation of a platform. ``private`` places hold exactly one person and Agora."""

    __tablename__ = "place"
    HELD = True
    platform: Mapped[str]
    installation: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    purpose: Mapped[str | None]
    closed: Mapped[bool] = mapped_column(default=False)
    """Only members may read (a private channel, a group chat, somebody's own chat)."""
    members_known: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether every member is in ``membership``. While not, only what is for the place itself is shown in it."""
    locale: Mapped[str] = mapped_column(default="en")
    answers: Mapped[str] = mapped_column(default="mentioned")
    """``always``, ``mentioned`` or ``off``: when Agora speaks here."""
    learns: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether replies in its threads say who knows (``models.replies``)."""
    suggests: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether Agora may offer to make tasks of what is agreed on here (``models.tasks.suggestions``)."""
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id", ondelete="SET NULL"))

    __table_args__ = (UniqueConstraint("platform", "installation", "key", name="place_once"),)


class Membership(Base):
    """A person is in a place."""

    __tablename__ = "membership"
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True, info=personal("row"))


PLACES = Rows(Place)
MEMBERSHIPS = Rows(Membership)
_AT = f"""
select {PLACES.columns("p")} from place p
where (platform, installation, key) = (%(platform)s, %(installation)s, %(key)s)
"""  # noqa: S608 the names are our own, never input
_MEMBERS = f"""
select {PEOPLE.columns("p")} from membership m join person p on p.id = m.person_id
where m.place_id = %(place)s and p.active order by p.id
"""  # noqa: S608


def is_closed(place: Place) -> bool:
    """Whether people talk there among themselves. In their own chat with Agora nobody does."""
    return place.closed and place.kind != PRIVATE


def place_at(session: Session, platform: str, installation: str, key: str) -> Place | None:
    """The place with this key, or ``None``."""
    return PLACES.first(session, _AT, {"platform": platform, "installation": installation, "key": key})


def place_named(session: Session, name: str) -> Place | None:
    """The open channel of this name; ``None`` where there is none, or several."""
    found = session.scalars(
        select(Place).where(Place.kind == CHANNEL, Place.name == name, ~Place.closed).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def members(session: Session, place: Place) -> list[Person]:
    """Everybody who is in ``place`` and active."""
    return PEOPLE.all(session, _MEMBERS, {"place": place.id})


def is_member(session: Session, place: Place, person: Person) -> bool:
    """Whether ``person`` is in ``place``."""
    return session.get(Membership, (place.id, person.id)) is not None


def places_of(session: Session, person: Person) -> list[Place]:
    """Every place that ``person`` is in, by name."""
    return list(
        session.scalars(
            select(Place).join(Membership).where(Membership.person_id == person.id).order_by(Place.kind, Place.name)
        )
    )
