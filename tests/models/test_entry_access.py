"""Who may do what with entries: every kind of person, every state, every verb."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models import access, base
from models.base import transaction
from models.knowledge import CURRENT, DRAFT, REFUSED, RETIRED, VANISHED, WITHDRAWN, Entry, Topic
from models.learning import OFFER
from models.people import Person

VERBS = ("read", "edit", "verify", "refuse", "retire", "restore", "publish", "read older")
NONE: frozenset[str] = frozenset()
ALL = frozenset(VERBS)
OWNS = frozenset({"read", "edit", "verify", "retire", "restore", "read older"})
# person: what they may while it is a draft, while it is current, and when it was refused
TABLE = {
    "owner": (NONE, OWNS, OWNS),
    "topic_owner": (ALL, ALL, ALL),
    "deputy": (ALL, ALL, ALL),
    "asked": (ALL - {"restore", "publish"},) * 3,
    "author": ({"read", "edit"}, {"read"}, {"read", "edit"}),
    "admin_of_hr": (ALL - {"read older"},) * 3,
    "admin": ({"publish"},) * 3,
    "expert": ({"publish"},) * 3,
    "reader": (NONE, {"read"}, NONE),
    "colleague": (NONE,) * 3,
    "guest": (NONE,) * 3,
    "left": (NONE,) * 3,
}


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    base.connect(database, pool=2)
    with transaction() as session:
        yield session
        session.rollback()
    base.disconnect()


def person(name: str) -> Person:
    hr = "hr" if name in ("admin_of_hr", "reader", "left") else None
    roles = ["admin"] if name.startswith("admin") else ["expert"] if name == "expert" else []
    kind = "guest" if name == "guest" else "employee"
    return Person(handle=name, name=name, department=hr, roles=roles, kind=kind, active=name != "left")


def test_every_person_state_and_verb(session: Session) -> None:
    people = {name: person(name) for name in TABLE}
    session.add_all(people.values())
    session.flush()
    ids = {name: one.id for name, one in people.items()}
    topic = Topic(key="office", names={"en": "Office"}, owner_id=ids["topic_owner"], deputy_id=ids["deputy"])
    session.add(topic)
    session.flush()
    entry = Entry(title="T", body="B", language="en", audience=["department:hr"], topic_id=topic.id,
                  owner_id=ids["owner"], author_id=ids["author"], asked_of_id=ids["asked"], state=DRAFT,
                  next_step=OFFER, next_at=base.now())  # fmt: skip
    session.add(entry)
    for column, state in enumerate((DRAFT, CURRENT, REFUSED)):
        entry.state = state
        found = {
            name: {verb for verb in VERBS if access.may(session, one, verb, entry)} for name, one in people.items()
        }
        assert found == {name: set(may[column]) for name, may in TABLE.items()}, state
    for state in (RETIRED, WITHDRAWN, VANISHED):
        entry.state = state
        assert not access.may(session, people["reader"], "read", entry)
        assert access.may(session, people["owner"], "restore", entry)
