"""Who a page or message belongs to: the person whom an address or name means, if anybody."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.people import Person


class People:
    """Looks people up by e-mail address, handle or full name, each word once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Person | None] = {}

    def named(self, name: str | None) -> Person | None:
        """The active person meant by ``name``, or ``None``; a name that several people have means nobody."""
        wanted = (name or "").strip().lstrip("@").casefold()
        if not wanted:
            return None
        if wanted not in self._known:
            self._known[wanted] = self._look(wanted)
        return self._known[wanted]

    def _look(self, wanted: str) -> Person | None:
        means = (Person.email == wanted) | (Person.handle == wanted) | (func.lower(Person.name) == wanted)
        found = self._session.scalars(select(Person).where(means, Person.active).limit(2)).all()
        return found[0] if len(found) == 1 else None
