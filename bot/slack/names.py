"""Names of the people and channels that somebody mentioned, as Agora knows them."""

from __future__ import annotations

import time

from sqlalchemy import select

from bot.slack.events import PLATFORM
from bot.slack.mrkdwn import Names
from models.base import reading
from models.people import Account, Person
from models.places import Place

FRESH = 600.0  # seconds
MOST = 10_000


class Register:
    """Looks names up, and remembers them for a while."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, str | None]] = {}

    def of(self, installation: str) -> Names:
        """For texts of this workspace. Reads the database: for threads."""
        return lambda id: self._name(installation, id)

    def _name(self, installation: str, id: str) -> str | None:
        until, name = self._known.get((installation, id), (0.0, None))
        if until < time.monotonic():
            name = _found(installation, id)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[installation, id] = time.monotonic() + (FRESH if name else FRESH / 60), name
        return name


def _found(installation: str, id: str) -> str | None:
    channel = select(Place.name).where(Place.platform == PLATFORM, Place.installation == installation, Place.key == id)
    person = (
        select(Person.name)
        .join(Account)
        .where(Account.platform == PLATFORM, Account.installation == installation, Account.external == id)
    )
    with reading() as session:
        return session.scalar(channel if id.startswith(("C", "G")) else person)
