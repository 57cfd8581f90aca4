"""Who may do what: verbs by role and relation, and audiences as keys. Everything that asks "may they?" asks here.

How a person stands to a thing is found out here; what that allows is in ``models.rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from models import masks
from models.announcements.tables import OUT, Announcement, Receipt
from models.answers import Answer
from models.base import Base, Refusal
from models.company import Audience, AudienceMember
from models.decisions.tables import Decision, has_voice, keeper
from models.experts import ANSWERED, Offer, offer_of
from models.files import File, holder_of
from models.knowledge import DRAFT, REFUSED, Entry, Topic
from models.people import EMPLOYEE, MASK, PEOPLE, Person
from models.places import CHANNEL, PRIVATE, Membership, Place, is_member
from models.questions import Question
from models.rows import run
from models.rules import READS_TOO, RULES
from models.tasks.tables import Task, assigned

EVERYONE = "everyone"

JOINED = """array(
  select 'place:' || place_id from membership where person_id = p.id
  union all
  select 'group:' || a.key from audience a join audience_member m on m.audience_id = a.id where m.person_id = p.id
  union all
  select 'announcement:' || r.announcement_id from receipt r join announcement a on a.id = r.announcement_id
  where r.person_id = p.id and a.known
  union
  select 'announcement:' || a.id from announcement a where a.author_id = p.id and a.known
)"""
"""The keys of the places and named audiences that a person ``p`` is in, and of the announcements that they got, to
stand in a statement that finds ``p``."""

_JOINED = f"select {JOINED} from person p where id = %(person)s"  # noqa: S608 the names are our own, never input
_ASKED_ABOUT = """
select 'announcement:' || announcement_id from question where asker_id = %(mask)s and announcement_id is not null
"""
_IN = f"""
select {PEOPLE.columns("p")}, {JOINED} from membership m join person p on p.id = m.person_id
where m.place_id = %(place)s and p.active"""  # noqa: S608
_OTHERS_IN = f"{_IN} and p.kind <> '{EMPLOYEE}'"  # apart, for the index of them: most are employees, in large channels


def remember(session: Session, person: Person, joined: Sequence[str]) -> None:
    """What ``JOINED`` found for ``person``: it is asked for again and again."""
    session.info.setdefault("joined", {})[person.id] = joined


def _forget(session: Session, *_: object) -> None:
    session.info.pop("joined", None)


@event.listens_for(Session, "before_flush")
def _joining(session: Session, _: UOWTransaction, __: object) -> None:
    changed = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(row, Membership | Audience | AudienceMember | Announcement | Receipt) for row in changed):
        _forget(session)


@event.listens_for(Session, "do_orm_execute")
def _told_to_change(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _forget(state.session)


event.listen(Session, "after_soft_rollback", _forget)


def _joined(session: Session, person: Person) -> Sequence[str]:
    session.flush()
    known: dict[int, Sequence[str]] = session.info.get("joined", {})
    if person.id not in known:
        found = run(session, _JOINED, {"person": person.id}).fetchone()
        remember(session, person, found[0] if found else ())
    return session.info["joined"][person.id]  # type: ignore[no-any-return]


def keys_of(session: Session, person: Person) -> list[str]:
    """Every audience key that ``person`` holds. Guests and outsiders hold only what names them or their places."""
    if not person.active:
        return []
    held = {*_by_themselves(person), *_joined(session, person)}
    if person.kind == MASK:
        held.update(_asked_about(session, person))
    return sorted(held)


def _by_themselves(person: Person) -> set[str]:
    """The keys that an active person holds whatever they are in, which need not be asked for."""
    held = {f"person:{person.id}"}
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
    return held


def _asked_about(session: Session, mask: Person) -> list[str]:
    """The keys of the announcements that a mask asked about: whoever is behind it got them, as all know who read it."""
    return [row[0] for row in run(session, _ASKED_ABOUT, {"mask": mask.id}).fetchall()]


def keys_in(session: Session, place: Place) -> list[str]:
    """The keys that everybody who can read ``place`` holds: what may be shown there openly.

    In an open channel that is what any employee who may join holds, and every guest who is already in; in a closed one
    what all its members hold. Where not all of them are known, nobody can tell.
    """
    if not place.members_known:
        return [f"place:{place.id}"]
    open_to_all = place.kind == CHANNEL and not place.closed
    held = {EVERYONE, f"place:{place.id}"} if open_to_all else None
    for row in run(session, _OTHERS_IN if open_to_all else _IN, {"place": place.id}).fetchall():
        person = PEOPLE.of(session, row)
        remember(session, person, row[len(PEOPLE)])
        keys = set(keys_of(session, person))
        held = keys if held is None else held & keys
    return sorted(held or set())


def thread_audience(place: Place) -> list[str]:
    """The keys of which one lets a person read a thread of ``place``."""
    if place.kind == CHANNEL and not place.closed:
        return [EVERYONE, f"place:{place.id}"]
    return [f"place:{place.id}"]


def _wears_mask_of(session: Session, person: Person, question: Question) -> bool:
    """Whether ``person`` asked this anonymously: only their seal says so."""
    if question.asker.kind != MASK or person.kind == MASK:
        return False
    address = masks.behind(session, question.asker_id)
    return address is not None and address.person_id == person.id


def _was_asked(session: Session, person: Person, question: Question) -> bool:
    offer = offer_of(session, question, person)
    return offer is not None and (offer.live or offer.state == ANSWERED)


def _announced(session: Session, person: Person, question: Question) -> bool:
    """Whether they wrote the announcement that it is about: whoever asks there asks them."""
    about = session.get(Announcement, question.announcement_id) if question.announcement_id else None
    return about is not None and about.author_id == person.id


def _meant_for(session: Session, person: Person, thing: Entry | Question | Task | Decision) -> bool:
    meant = set(thing.audience)
    if person.active and not meant.isdisjoint(_by_themselves(person)):
        return True
    return not meant.isdisjoint(keys_of(session, person))


def _owns_topic(session: Session, person: Person, thing: Entry | Question) -> bool:
    topic = session.get(Topic, thing.topic_id) if thing.topic_id else None
    return topic is not None and person.id in (topic.owner_id, topic.deputy_id)


def _reads_file(session: Session, person: Person, file: File) -> bool:
    """Whoever may read what a file is attached to, or the place where it was posted, may read the file."""
    place = session.get(Place, file.place_id) if file.place_id else None
    return any(thing is not None and may(session, person, "read", thing) for thing in (holder_of(session, file), place))


# How a person may stand to a thing, each with how to tell; what is told at once comes first.
_STANDING: dict[type[Base], Mapping[str, Callable[[Session, Person, Any], bool]]] = {
    Entry: {
        "owner": lambda _, person, entry: entry.owner_id == person.id and entry.state != DRAFT,
        "asked": lambda _, person, entry: entry.asked_of_id == person.id,
        "author": lambda _, person, entry: entry.author_id == person.id,
        # its author, until it is published
        "drafter": lambda _, person, entry: entry.author_id == person.id and entry.state in (DRAFT, REFUSED),
        "reader": lambda session, person, entry: entry.found and _meant_for(session, person, entry),
        # an admin who is meant to read it
        "steward": lambda session, person, entry: person.has("admin") and _meant_for(session, person, entry),
        "topic owner": _owns_topic,
    },
    Question: {
        "asker": lambda _, person, question: question.asker_id == person.id,
        "reader": _meant_for,
        "topic owner": _owns_topic,
        "asked": _was_asked,
        "announcer": _announced,
        "wearer": _wears_mask_of,  # reads it on a page; acts on it only behind the mask
    },
    Offer: {"offered": lambda _, person, offer: offer.person_id == person.id},
    Answer: {
        "author": lambda _, person, answer: answer.author_id == person.id,
        "asker": lambda _, person, answer: answer.question.asker_id == person.id,
        # a private answer has no readers but its author and the asker
        "reader": lambda session, person, answer: not answer.private and may(session, person, "read", answer.question),
        "wearer": lambda session, person, answer: _wears_mask_of(session, person, answer.question),
    },
    Announcement: {
        "author": lambda _, person, announcement: announcement.author_id == person.id,
        "approver": lambda _, person, announcement: announcement.approver_id == person.id,
        "reader": lambda session, person, announcement: (
            announcement.state in OUT and session.get(Receipt, (announcement.id, person.id)) is not None
        ),
    },
    Task: {
        "asker": lambda _, person, task: task.asker_id == person.id,
        "assignee": lambda session, person, task: assigned(session, task.id, person.id),
        "reader": lambda session, person, task: not task.private and _meant_for(session, person, task),
    },
    Decision: {
        "asker": lambda _, person, decision: decision.asker_id == person.id,
        "decider": lambda _, person, decision: decision.decider_id == person.id,
        "voice": lambda session, person, decision: has_voice(session, decision.id, person.id),
        "reader": _meant_for,
        "keeper": lambda session, person, decision: keeper(session, decision) == person,
        # an admin who is meant to read it, where nobody else is left
        "steward": lambda session, person, decision: (
            person.has("admin") and keeper(session, decision) is None and _meant_for(session, person, decision)
        ),
    },
    File: {"owner": lambda _, person, file: file.owner_id == person.id, "reader": _reads_file},
    Place: {
        "member": lambda session, person, place: is_member(session, place, person),
        "visitor": lambda session, person, place: (
            place.kind == CHANNEL and not place.closed and person.kind == EMPLOYEE
        ),
    },
}


def may(session: Session, person: Person, verb: str, thing: Base | str) -> bool:
    """Whether ``person`` may ``verb`` this thing (a row), or any thing of this name (a string)."""
    allowed = RULES[thing if isinstance(thing, str) else thing.__tablename__][verb]
    if not person.active:  # stands to nothing
        return False
    too = not isinstance(thing, str) and (thing.__tablename__, verb) in READS_TOO
    if too and not may(session, person, "read", thing):
        return False
    if person.kind in allowed or any(role in allowed and person.has(role) for role in person.roles):
        return True
    standing = {} if isinstance(thing, str) else _STANDING.get(type(thing), {})
    return any(relation in allowed and stands(session, person, thing) for relation, stands in standing.items())


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
