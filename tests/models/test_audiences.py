"""Audiences: which keys who holds, what may be shown where, and that nothing gets past either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from models import access, base
from models.access import EVERYONE, keys_in, keys_of, may
from models.base import Refusal
from models.company import Audience, AudienceMember
from models.knowledge import Entry, Part, store_parts
from models.people import Person
from models.places import CHANNEL, GROUP, PRIVATE, Membership, Place
from models.questions import Question
from models.rules import RULES
from models.search.find import asked_before, find

KINDS: dict[str, dict[str, Any]] = {
    "admin": {"roles": ["admin"]},
    "manager": {"roles": ["manager"]},
    "expert": {"roles": ["expert"]},
    "employee": {"department": "HR", "location": "Haifa"},
    "guest": {"kind": "guest", "department": "HR", "location": "Haifa", "roles": ["admin"]},
    "outsider": {"kind": "outsider"},
    "gone": {"active": False, "department": "HR", "roles": ["admin"]},
}


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with Session(base.connect(database, pool=2), expire_on_commit=False) as session:
        yield session
    base.disconnect()


def add(session: Session, *things: Any) -> None:
    for thing in things:
        session.add(thing)
        session.flush()


def everybody(session: Session) -> dict[str, Person]:
    people = {name: Person(handle=name, name=name, **about) for name, about in KINDS.items()}
    add(session, *people.values())
    return people


def place(session: Session, key: str, *people: Person, kind: str = CHANNEL, closed: bool = False) -> Place:
    found = Place(platform="slack", installation="here", key=key, kind=kind, name=key, closed=closed)
    add(session, found)
    add(session, *(Membership(place_id=found.id, person_id=each.id) for each in people))
    return found


def entry(session: Session, text: str, *audience: str) -> Entry:
    found = Entry(title=text, body=text, language="en", audience=list(audience))
    add(session, found)
    store_parts(session, found, [Part("", "", text)])
    return found


def test_the_keys_of_every_kind_of_person(session: Session) -> None:
    people = everybody(session)
    room = place(session, "room", *people.values(), closed=True)
    group = Audience(key="pilots", name="Pilots")
    add(session, group)
    add(session, *(AudienceMember(audience_id=group.id, person_id=each.id) for each in people.values()))
    own = {name: {f"person:{each.id}", f"place:{room.id}", "group:pilots"} for name, each in people.items()}
    assert {name: set(keys_of(session, each)) for name, each in people.items()} == {
        "admin": own["admin"] | {EVERYONE, "role:admin"},
        "manager": own["manager"] | {EVERYONE, "role:manager"},
        "expert": own["expert"] | {EVERYONE, "role:expert"},
        "employee": own["employee"] | {EVERYONE, "department:hr", "location:haifa"},
        "guest": own["guest"] | {"guests"},
        "outsider": own["outsider"] | {"guests"},
        "gone": set(),
    }


def test_what_may_be_shown_in_an_open_channel(session: Session) -> None:
    """What any employee holds who may join; a guest who is in it takes away what guests do not hold."""
    people = everybody(session)
    one = place(session, "one", people["admin"], people["employee"])
    two = place(session, "two", people["employee"], people["guest"])
    three = place(session, "three", people["gone"])
    assert keys_in(session, one) == [EVERYONE, f"place:{one.id}"]
    assert keys_in(session, two) == [f"place:{two.id}"]
    assert keys_in(session, three) == [EVERYONE, f"place:{three.id}"]


def test_what_may_be_shown_in_a_closed_channel(session: Session) -> None:
    """What all its members hold, and nothing where there are none."""
    people = everybody(session)
    staff = place(session, "staff", people["admin"], people["employee"], people["gone"], closed=True)
    mixed = place(session, "mixed", people["employee"], people["guest"], closed=True)
    alone = place(session, "alone", people["employee"], closed=True)
    empty = place(session, "empty", people["gone"], closed=True)
    group = place(session, "group", people["admin"], people["guest"], kind=GROUP)
    assert keys_in(session, staff) == [EVERYONE, f"place:{staff.id}"]
    assert keys_in(session, mixed) == [f"place:{mixed.id}"]
    assert set(keys_in(session, alone)) == set(keys_of(session, people["employee"]))
    assert keys_in(session, empty) == []
    assert keys_in(session, group) == [f"place:{group.id}"]


def test_in_ones_own_chat_all_that_one_holds_may_be_shown(session: Session) -> None:
    people = everybody(session)
    for name, person in people.items():
        own = place(session, f"dm:{name}", person, kind=PRIVATE, closed=True)
        assert keys_in(session, own) == keys_of(session, person)
        assert access.thread_audience(own) == [f"place:{own.id}"]


PLACES = {
    ("open", "read"): "admin manager expert employee in",
    ("open", "post"): "in",
    ("closed", "read"): "in",
    ("closed", "post"): "in",
    ("own chat", "read"): "in",
    ("own chat", "post"): "in",
    ("company", "administer"): "admin",
    ("question", "ask"): "admin manager expert employee guest",
    ("entry", "write"): "admin manager expert employee",
    ("topic", "follow"): "admin manager expert employee guest",
}


@pytest.mark.parametrize("member", ["admin", "employee", "guest", "outsider", "gone"])
def test_who_may_do_what_in_places_and_in_the_company(session: Session, member: str) -> None:
    people = everybody(session)
    things: dict[str, Any] = {name: name for name in ("company", "question", "entry", "topic")}
    things["open"] = place(session, "open", people[member])
    things["closed"] = place(session, "closed", people[member], closed=True)
    things["own chat"] = place(session, "own", people[member], kind=PRIVATE, closed=True)
    for (thing, verb), expected in PLACES.items():
        found = {name for name, each in people.items() if may(session, each, verb, things[thing])}
        allowed = set(expected.split()) - {"in"} | ({member} - {"gone"} if "in" in expected.split() else set())
        assert found == allowed, (thing, verb)


def test_an_admin_who_has_left_is_nobody(session: Session) -> None:
    gone = everybody(session)["gone"]
    room = place(session, "room", gone)
    secret = entry(session, "the canary", EVERYONE, f"person:{gone.id}")
    secret.owner_id = secret.author_id = gone.id
    question = Question(asker=gone, text="x", language="en", place=room, audience=[EVERYONE])
    add(session, question)
    for thing in (secret, question, room):
        for verb in RULES[thing.__tablename__]:
            assert not may(session, gone, verb, thing)
            with pytest.raises(Refusal):
                access.require(session, gone, verb, thing)


AUDIENCES = [EVERYONE, "department:hr", "location:haifa", "role:admin", "role:manager", "guests", "group:x", "nobody"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    audience=st.lists(st.sampled_from([*AUDIENCES, "person", "place"]), max_size=3, unique=True),
    inside=st.sets(st.sampled_from(sorted(KINDS)), max_size=3),
    closed=st.booleans(),
)
def test_the_canary(session: Session, audience: list[str], inside: set[str], closed: bool) -> None:
    """An entry is found by those of its audience and by nobody else, and what may be shown in a place is nothing that
    somebody there may not read."""
    people = everybody(session)
    room = place(session, "room", *(people[name] for name in sorted(inside)), closed=closed)
    own = {"person": f"person:{people['employee'].id}", "place": f"place:{room.id}"}
    secret = entry(session, "the canary sings at dawn", *(own.get(key, key) for key in audience))
    question = Question(asker=people["admin"], text="canary dawn", language="en", place=room, audience=secret.audience)
    add(session, question)
    session.commit()
    readers = {name for name, each in people.items() if set(secret.audience) & set(keys_of(session, each))}
    for name, each in people.items():
        held = keys_of(session, each)
        assert bool(find(session, "canary dawn", "en", held)) == (name in readers) == may(session, each, "read", secret)
        assert bool(asked_before(session, "canary dawn", held)) == (name in readers)
    shown = bool(find(session, "canary dawn", "en", keys_in(session, room)))
    there = {name for name in inside if people[name].active}
    if not closed:
        there |= {name for name, each in people.items() if each.active and each.kind == "employee"}
    if shown and f"place:{room.id}" not in secret.audience:
        assert there <= readers
    if shown and closed:
        assert there and there <= readers
    for table in ("question", "entry", "membership", "place", "person"):
        session.execute(text(f"delete from {table}"))
    session.commit()
    session.expunge_all()
