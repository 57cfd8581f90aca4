"""Where in Teams each conversation is reached: its references, kept fresh by whatever comes from there.

A person's own chat has one under their account's key, also before it exists: what says in a channel who they are is
what it takes to begin it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import joining
from models.base import Base, now, personal

PERSONAL, GROUP, CHANNEL = "personal", "groupChat", "channel"
STANDARD = "standard"


class TeamsConversation(Base):
    """A conversation in Teams. ``conversation`` is the key of its place: of somebody's own chat their account's."""

    __tablename__ = "teams_conversation"
    installation: Mapped[str] = mapped_column(primary_key=True)
    """The tenant."""
    conversation: Mapped[str] = mapped_column(primary_key=True, info=personal("row"))
    kind: Mapped[str]
    """``personal``, ``groupChat`` or ``channel``."""
    external: Mapped[str | None] = mapped_column(info=personal("row"))
    """The id of the conversation in Teams; none of somebody's own chat that has not begun."""
    member: Mapped[str | None] = mapped_column(info=personal("row"))
    """The id in Teams of whoever's own chat it is (``29:…``)."""
    service_url: Mapped[str]
    bot: Mapped[str]
    """Agora's own id in it (``28:…``)."""
    team: Mapped[str | None]
    """The id of the team of a channel (``19:…@thread.tacv2``)."""
    channel_type: Mapped[str | None]
    """``standard`` (for the whole team), ``private`` or ``shared``, once known."""
    seen_at: Mapped[datetime] = mapped_column(default=now)
    """When something last came from there."""
    unreachable: Mapped[str | None]
    """Why nothing arrives there, since Agora was removed or blocked; until something comes from there again."""


@dataclass(frozen=True)
class Reference:
    """What an activity says of how its conversation, or its author's own chat, is reached."""

    installation: str
    conversation: str
    kind: str
    external: str | None
    member: str | None
    service_url: str
    bot: str
    team: str | None = None
    locale: str | None = None
    """Of whoever's own chat it is, as their client speaks."""
    timezone: str | None = None


def reference_of(session: Session, installation: str, conversation: str) -> TeamsConversation | None:
    """How the place with this key is reached; ``None`` where nothing was ever heard of it."""
    return session.get(TeamsConversation, (installation, conversation))


def refresh(session: Session, reference: Reference, heard_there: bool = True) -> None:
    """Write down what was heard; what it does not say stays. ``heard_there``: in that very conversation, so that it can
    be reached again."""
    client = ("locale", "timezone")
    given = {name: value for name, value in vars(reference).items() if value is not None and name not in client}
    changed = {name: value for name, value in given.items() if name not in ("installation", "conversation")}
    if heard_there:
        changed |= {"unreachable": None, "seen_at": now()}
    statement = insert(TeamsConversation).values(**given, seen_at=now())
    session.execute(statement.on_conflict_do_update(index_elements=["installation", "conversation"], set_=changed))
    if reference.kind == PERSONAL and (heard_there or reference.locale or reference.timezone):
        who = (reference.installation, reference.conversation)
        joining.heard(session, "teams", *who, reference.locale, reference.timezone, reachable=heard_there)


def lost(session: Session, installation: str, conversation: str, reason: str, word: str) -> None:
    """Nothing arrives there any more: Agora was removed, is blocked, or never was there; ``word`` says which."""
    found = reference_of(session, installation, conversation)
    if found is not None:
        found.unreachable = reason
        joining.lost(session, "teams", installation, conversation, word)


def team_lost(session: Session, installation: str, team: str, reason: str) -> None:
    """Nothing arrives in any channel of a team any more."""
    mine = (TeamsConversation.installation == installation) & (TeamsConversation.team == team)
    session.execute(update(TeamsConversation).where(mine).values(unreachable=reason))


def team_found(session: Session, installation: str, team: str, reason: str) -> None:
    """Agora is back in a team: its channels, lost for this ``reason``, can be reached again."""
    mine = (TeamsConversation.installation == installation) & (TeamsConversation.team == team)
    lost = TeamsConversation.unreachable == reason
    session.execute(update(TeamsConversation).where(mine, lost).values(unreachable=None))
