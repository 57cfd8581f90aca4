"""Who may do what: verbs by role and relation, and audiences as keys. Everything that asks "may they?" asks here.

A *relation* is how a person stands to a thing: their roles and kind (``admin``, ``employee``), and what the thing
says of them (``asker``, ``owner``, ``reader``). ``RULES`` is the whole of it; ``tests/models/test_access.py`` is its
table.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Text, bindparam, cast, select, union_all
from sqlalchemy.orm import Session

from models import masks
from models.answers import Answer
from models.base import Base, Refusal
from models.company import Audience, AudienceMember
from models.experts import ANSWERED, Offer, offer_of
from models.files import File, holder_of
from models.knowledge import CURRENT, DRAFT, REFUSED, Entry, Topic
from models.people import EMPLOYEE, MASK, Person
from models.places import CHANNEL, PRIVATE, Membership, Place, is_member, members, visiting_members
from models.questions import Question

EVERYONE = "everyone"

RULES: dict[str, dict[str, frozenset[str]]] = {
    "entry": {
        "read": frozenset({"reader", "owner", "author", "topic owner", "asked", "steward"}),
        "write": frozenset({"employee"}),
        "publish": frozenset({"topic owner", "expert", "admin"}),
        "edit": frozenset({"owner", "topic owner", "asked", "steward", "drafter"}),
        "verify": frozenset({"owner", "topic owner", "asked", "steward"}),
        "refuse": frozenset({"topic owner", "asked", "steward"}),
        "retire": frozenset({"owner", "topic owner", "asked", "steward"}),
        "restore": frozenset({"owner", "topic owner", "steward"}),
        "read older": frozenset({"owner", "topic owner", "asked"}),
    },
    "topic": {
        "follow": frozenset({"employee", "guest"}),
    },
    "question": {
        "ask": frozenset({"employee", "guest", "mask"}),
        "read": frozenset({"asker", "asked", "reader", "wearer"}),
        "solve": frozenset({"asker"}),
        "join": frozenset({"reader"}),
        "ask expert": frozenset({"asker"}),
        "withdraw": frozenset({"asker"}),
        "answer": frozenset({"asked", "reader"}),
        "follow": frozenset({"asker", "asked", "reader"}),
        "reopen": frozenset({"asker"}),
        "merge": frozenset({"asker", "topic owner", "admin"}),
    },
    "answer": {
        "read": frozenset({"asker", "author", "reader"}),
        "accept": frozenset({"asker"}),
        "vote": frozenset({"asker", "author", "reader"}),
        "comment": frozenset({"asker", "author", "reader"}),
        "edit": frozenset({"author"}),
        "share": frozenset({"asker"}),
    },
    "file": {
        "read": frozenset({"owner", "reader"}),
    },
    "offer": {
        "read": frozenset({"offered"}),
        "accept": frozenset({"offered"}),
        "decline": frozenset({"offered"}),
        "pass on": frozenset({"offered"}),
        "ask back": frozenset({"offered"}),
        "hand back": frozenset({"offered"}),
    },
    "place": {
        "read": frozenset({"member", "visitor"}),
        "post": frozenset({"member"}),
    },
    "company": {
        "administer": frozenset({"admin"}),
    },
}


# The keys of a person's places and named audiences, in one statement: they are asked for several times a turn.
_JOINED = union_all(
    select("place:" + cast(Membership.place_id, Text)).where(Membership.person_id == bindparam("person")),
    select("group:" + Audience.key).join(AudienceMember).where(AudienceMember.person_id == bindparam("person")),
)


def keys_of(session: Session, person: Person) -> list[str]:
    """Every audience key that ``person`` holds. Guests and outsiders hold only what names them or their places."""
    if not person.active:
        return []
    held = {f"person:{person.id}", *session.scalars(_JOINED, {"person": person.id})}
    if person.kind == EMPLOYEE:
        held.update({EVERYONE, *(f"role:{role}" for role in person.roles)})
        if person.department:
            held.add(f"department:{person.department.casefold()}")
        if person.location:
            held.add(f"location:{person.location.casefold()}")
    elif person.kind == MASK:  # what every employee may read: anything more would tell who is behind it
        held.add(EVERYONE)
    else:
        held.add("guests")
    return sorted(held)


def keys_in(session: Session, place: Place) -> list[str]:
    """The keys that everybody who can read ``place`` holds: what may be shown there openly.

    In an open channel that is what any employee who may join holds, and every guest who is already in; in a closed one
    what all its members hold. Where not all of them are known, nobody can tell.
    """
    if not place.members_known:
        return [f"place:{place.id}"]
    open_to_all = place.kind == CHANNEL and not place.closed
    held = {EVERYONE, f"place:{place.id}"} if open_to_all else None
    for person in visiting_members(session, place) if open_to_all else members(session, place):
        keys = set(keys_of(session, person))
        held = keys if held is None else held & keys
    return sorted(held or set())


def thread_audience(place: Place) -> list[str]:
    """The keys of which one lets a person read a thread of ``place``."""
    if place.kind == CHANNEL and not place.closed:
        return [EVERYONE, f"place:{place.id}"]
    return [f"place:{place.id}"]


def relations(session: Session, person: Person, thing: Base | None) -> set[str]:
    """How ``person`` stands to ``thing``. Who is not active stands to nothing."""
    if not person.active:
        return set()
    found = {person.kind, *(role for role in person.roles if person.has(role))}
    if isinstance(thing, Entry):
        found |= _entry_relations(session, person, thing)
    elif isinstance(thing, Question):
        found |= _question_relations(session, person, thing)
    elif isinstance(thing, Offer):
        found |= {"offered"} if thing.person_id == person.id else set()
    elif isinstance(thing, Answer):
        found |= _answer_relations(session, person, thing)
    elif isinstance(thing, File):
        found |= _file_relations(session, person, thing)
    elif isinstance(thing, Place):
        if is_member(session, thing, person):
            found.add("member")
        elif thing.kind == CHANNEL and not thing.closed and person.kind == EMPLOYEE:
            found.add("visitor")
    return found


def _entry_relations(session: Session, person: Person, entry: Entry) -> set[str]:
    """``steward``: an admin who is meant to read it. ``drafter``: its author, until it is published."""
    found = set()
    if set(entry.audience) & set(keys_of(session, person)):
        found |= {"reader"} if entry.state == CURRENT else set()
        found |= {"steward"} if person.has("admin") else set()
    if entry.owner_id == person.id and entry.state != DRAFT:
        found.add("owner")
    if entry.asked_of_id == person.id:
        found.add("asked")
    if entry.author_id == person.id:
        found.add("author")
        found |= {"drafter"} if entry.state in (DRAFT, REFUSED) else set()
    topic = session.get(Topic, entry.topic_id) if entry.topic_id else None
    if topic is not None and person.id in (topic.owner_id, topic.deputy_id):
        found.add("topic owner")
    return found


def _wears_mask_of(session: Session, person: Person, question: Question) -> bool:
    """Whether ``person`` asked this anonymously: only their seal says so."""
    if question.asker.kind != MASK or person.kind == MASK:
        return False
    address = masks.behind(session, question.asker_id)
    return address is not None and address.person_id == person.id


def _question_relations(session: Session, person: Person, question: Question) -> set[str]:
    found = set()
    if question.asker_id == person.id:
        found.add("asker")
    if _wears_mask_of(session, person, question):
        found.add("wearer")  # reads it on a page; acts on it only behind the mask
    offer = offer_of(session, question, person)
    if offer is not None and (offer.live or offer.state == ANSWERED):
        found.add("asked")
    if set(question.audience) & set(keys_of(session, person)):
        found.add("reader")
    if question.topic is not None and person.id in (question.topic.owner_id, question.topic.deputy_id):
        found.add("topic owner")
    return found


def _answer_relations(session: Session, person: Person, answer: Answer) -> set[str]:
    """A private answer has no readers but its author and the asker."""
    found = set()
    if answer.author_id == person.id:
        found.add("author")
    if answer.question.asker_id == person.id:
        found.add("asker")
    if not answer.private and may(session, person, "read", answer.question):
        found.add("reader")
    return found


def _file_relations(session: Session, person: Person, file: File) -> set[str]:
    """Whoever may read what a file is attached to, or the place where it was posted, may read the file."""
    found = {"owner"} if file.owner_id == person.id else set()
    place = session.get(Place, file.place_id) if file.place_id else None
    if any(thing is not None and may(session, person, "read", thing) for thing in (holder_of(session, file), place)):
        found.add("reader")
    return found


def may(session: Session, person: Person, verb: str, thing: Base | str) -> bool:
    """Whether ``person`` may ``verb`` this thing (a row), or any thing of this name (a string)."""
    name = thing if isinstance(thing, str) else thing.__tablename__
    allowed = RULES[name][verb]
    return bool(allowed & relations(session, person, None if isinstance(thing, str) else thing))


def require(session: Session, person: Person, verb: str, thing: Base | str) -> None:
    """``Refusal("not_allowed")`` unless ``person`` may. What they may not even read does not exist for them."""
    if may(session, person, verb, thing):
        return
    if not isinstance(thing, str) and "read" in RULES[thing.__tablename__] and not may(session, person, "read", thing):
        raise Refusal("not_found")
    raise Refusal("not_allowed")


def readable(entries: Iterable[Entry], session: Session, person: Person) -> list[Entry]:
    """Those of ``entries`` that ``person`` may read: the last check before anything is shown."""
    return [entry for entry in entries if may(session, person, "read", entry)]


def is_own_chat(place: Place) -> bool:
    """Whether this is somebody's own chat with Agora."""
    return place.kind == PRIVATE
