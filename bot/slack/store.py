"""Where the Slack app is installed, and its tokens, which only the company's keys open."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now


class SlackInstallation(Base):
    """The app in one workspace, or in a whole organisation: ``key`` is the workspace's id, or the organisation's."""

    __tablename__ = "slack_installation"
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    bot_user: Mapped[str]
    scopes: Mapped[list[str]]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """``Tokens``, encrypted."""
    expires_at: Mapped[datetime | None]
    """When the token must have been renewed; none: it never ends."""
    installed_at: Mapped[datetime] = mapped_column(default=now)
    first: Mapped[bool] = mapped_column(default=False)
    """Nobody had installed it before: without a list of the company's workspaces, this is the company's."""


class SlackWorkspace(Base):
    """A workspace that is reached through the installation of its organisation."""

    __tablename__ = "slack_workspace"
    team: Mapped[str] = mapped_column(primary_key=True)
    enterprise: Mapped[str] = mapped_column(index=True)


class SlackState(Base):
    """An installation that was ended: its state is good for no other."""

    __tablename__ = "slack_state"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime]


class SlackStep(Base):
    """A step of a workflow that waits for the answer to a question."""

    __tablename__ = "slack_step"
    execution: Mapped[str] = mapped_column(primary_key=True)
    installation: Mapped[str]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)


class SlackFile(Base):
    """A picture that was uploaded to a workspace, by Slack's id of it. None: Agora does not have it any more, and it is
    to be removed from Slack."""

    __tablename__ = "slack_file"
    external: Mapped[str] = mapped_column(primary_key=True)
    installation: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", ondelete="SET NULL"), index=True)


@dataclass(frozen=True)
class Tokens:
    """What is sealed. ``refresh`` renews ``bot``, where the app's tokens rotate."""

    bot: str
    refresh: str | None = None

    def seal(self, keys: MultiFernet) -> bytes:
        """Encrypted with the newest key."""
        return keys.encrypt(json.dumps({"bot": self.bot, "refresh": self.refresh}).encode())

    @classmethod
    def open(cls, sealed: bytes, keys: MultiFernet) -> Tokens | None:
        """As ``seal`` was given; ``None`` where no key fits any more."""
        try:
            return cls(**json.loads(keys.decrypt(sealed)))
        except InvalidToken:
            return None


def installation_of(session: Session, team: str, *, lock: bool = False) -> SlackInstallation | None:
    """The installation through which workspace ``team`` is reached: its own, else its organisation's."""
    keys = [team]
    if (workspace := session.get(SlackWorkspace, team)) is not None:
        keys.append(workspace.enterprise)
    query = select(SlackInstallation).where(SlackInstallation.key.in_(keys))
    found = {row.key: row for row in session.scalars(query.with_for_update() if lock else query)}
    return next((found[key] for key in keys if key in found), None)


def digest_of(secret: str) -> bytes:
    """All that is kept of a secret that only has to be known again."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
