"""Puts the demo company into the tables, once. It is refused where real people exist."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.web.store import WebMessage, write
from handlers.demo import company as files
from handlers.demo import model
from handlers.demo.agreed import agree
from handlers.demo.announced import announce
from handlers.demo.decided import decide
from models.base import now
from models.knowledge import Entry, Topic, parts_of, revise, store_parts
from models.learning import plan_review
from models.people import MASK, Account, Person
from models.places import CHANNEL, PRIVATE, Membership, Place

PLATFORM = "web"
_DAYS = {day: number for number, day in enumerate(model.DAYS)}


class RealPeople(RuntimeError):
    """There are people who are not of the demo company: theirs is the database."""


def load(session: Session) -> bool:
    """Load the demo company; whether there was anything to load. ``RealPeople`` where it would mix with others."""
    real = Person.demo.is_(False) & (Person.kind != MASK)
    if session.scalar(select(func.count()).select_from(Person).where(real)):
        raise RealPeople
    if session.scalar(select(func.count()).select_from(Person)):
        return False
    company = files.load(today=now().date())
    people = _people(session, company)
    topics = _topics(session, company, people)
    places = _places(session, company, people, topics)
    for entry in company.entries:
        _entry(session, entry, people, topics, places)
    for conversation in company.conversations:
        _conversation(session, conversation, people, places)
    for one in company.announcements:
        announce(session, one, people, topics)
    for task in company.tasks:
        agree(session, task, people, places)
    for decision in company.decisions:
        decide(session, decision, people, places)
    return True


def _people(session: Session, company: model.Company) -> dict[str, Person]:
    people = {}
    for one in company.people.values():
        person = Person(
            handle=one.handle, name=one.name, latin_name=_other(one.latin_name, one.name),
            email=one.email, kind=one.kind, organisation=one.organisation,
            roles=[role for role in one.roles if role != "employee"], locale=one.locale, timezone=one.timezone.key,
            title=one.title, department=one.department, location=one.location, skills=list(one.skills),
            work_days=[_DAYS[day] for day in one.hours.days], work_from=one.hours.start, work_to=one.hours.end,
            demo=True,
        )  # fmt: skip
        person.accounts = [
            Account(platform=PLATFORM, installation=platform, external=one.handle, private=f"dm:{one.handle}")
            for platform in one.platforms
        ]
        session.add(person)
        people[one.handle] = person
    session.flush()
    for one in company.people.values():
        people[one.handle].manager_id = people[one.manager].id if one.manager else None
        for platform in one.platforms:
            _own_chat(session, people[one.handle], platform)
    return people


def _other(latin: str, name: str) -> str | None:
    return None if latin == name else latin


def _own_chat(session: Session, person: Person, platform: str) -> None:
    place = Place(
        platform=PLATFORM, installation=platform, key=f"dm:{person.handle}", kind=PRIVATE, name=person.name,
        closed=True, locale=person.locale,
    )  # fmt: skip
    session.add(place)
    session.flush()
    session.add(Membership(place_id=place.id, person_id=person.id))


def _topics(session: Session, company: model.Company, people: dict[str, Person]) -> dict[str, Topic]:
    topics = {
        one.key: Topic(key=one.key, names=one.names, descriptions=one.descriptions,
                       owner_id=people[one.owner].id, deputy_id=people[one.deputy].id)
        for one in company.topics.values()
    }  # fmt: skip
    session.add_all(topics.values())
    session.flush()
    return topics


def _places(
    session: Session, company: model.Company, people: dict[str, Person], topics: dict[str, Topic]
) -> dict[str, Place]:
    places = {}
    for one in company.channels.values():
        place = Place(
            platform=PLATFORM, installation=one.platform, key=one.key, kind=CHANNEL, name=one.name, purpose=one.purpose,
            closed=one.private, locale=one.language, topic_id=topics[one.topic].id if one.topic else None,
        )  # fmt: skip
        session.add(place)
        session.flush()
        for handle in one.members:
            session.add(Membership(place_id=place.id, person_id=people[handle].id))
        places[one.key] = place
    session.flush()
    return places


def _entry(
    session: Session,
    one: model.Entry,
    people: dict[str, Person],
    topics: dict[str, Topic],
    places: dict[str, Place],
) -> None:
    verified = datetime.combine(one.verified_on, time(12), UTC) if one.verified_on else None
    written = (verified or now()) - timedelta(days=20)
    entry = Entry(
        title=one.title, body=one.body, language=one.language, topic_id=topics[one.topic].id,
        audience=[_key(key, places) for key in one.audience], author_id=people[one.author].id,
        owner_id=people[one.owner].id, verified_by_id=people[one.verified_by].id if one.verified_by else None,
        verified_at=verified, review_on=max(one.review_on, _soonest()), tags=list(one.tags), created_at=written,
    )  # fmt: skip
    session.add(entry)
    author = people[one.author]
    revise(session, entry, title=one.title, body=one.body, language=one.language, by=author, reason="written")
    entry.changed_at = written
    store_parts(session, entry, parts_of(one.body))
    plan_review(session, entry)


def _soonest() -> date:
    """No review is due on the first day: a newcomer meets the company before its chores."""
    return (now() + timedelta(days=14)).date()


def _key(key: str, places: dict[str, Place]) -> str:
    """``channel:it-help`` in the files is the key of that place in the tables."""
    kind, _, name = key.partition(":")
    return f"place:{places[name].id}" if kind == "channel" else key


def _conversation(
    session: Session, one: model.Conversation, people: dict[str, Person], places: dict[str, Place]
) -> None:
    first = _message(session, one, places[one.channel], people[one.author], None)
    for reply in one.replies:
        _message(session, reply, places[one.channel], people[reply.author], str(first.id))


def _message(session: Session, one: model.Message, place: Place, author: Person, thread: str | None) -> WebMessage:
    return write(
        session,
        WebMessage(
            installation=place.installation, conversation=place.key, thread=thread, author_id=author.id, text=one.text,
            created_at=now() - timedelta(minutes=one.minutes_ago), key=f"demo:{one.minutes_ago}:{one.author}",
        ),
    )  # fmt: skip
