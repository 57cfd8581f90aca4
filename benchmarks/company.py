"""A company to ask questions of: the demo company, with more entries of the same kind, and what its people ask."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.web.lookup import PLATFORM
from handlers.demo import company as files
from handlers.demo.load import load
from models.base import now, transaction
from models.knowledge import Entry, Part, revise, store_parts
from models.people import Account
from models.places import CHANNEL, Membership, Place
from models.search.asking import says_nothing

ENTRIES = 200


@dataclass(frozen=True)
class Asked:
    """A question and where it is asked: by an account, in a channel of an installation."""

    account: str
    installation: str
    channel: str
    text: str


def found() -> None:
    """Load the demo company and entries up to ``ENTRIES``; nobody there is ever too busy to be asked."""
    with transaction() as session:
        load(session)
        session.execute(text("update person set quota = 32000"))
        entries = list(session.scalars(select(Entry).order_by(Entry.id)))
        chance = random.Random(1)
        for _ in range(ENTRIES - len(entries)):
            _another(session, entries, chance)


def _another(session: Session, entries: list[Entry], chance: random.Random) -> None:
    """An entry made of sentences of those of one language."""
    like = chance.choice(entries)
    same = [entry for entry in entries if entry.language == like.language]
    body = "\n\n".join(chance.choice(_sentences(chance.choice(same))) for _ in range(12))
    title = " ".join(chance.sample((like.title + " " + chance.choice(same).title).split(), 4))
    entry = Entry(title=title, body=body, language=like.language, topic_id=like.topic_id, audience=list(like.audience),
                  author_id=like.author_id, owner_id=like.owner_id, tags=[])  # fmt: skip
    session.add(entry)
    revise(session, entry, title=title, body=body, language=like.language, by=None, reason="written")
    store_parts(session, entry, [Part("", "", body)])


def questions() -> Iterator[Asked]:
    """Questions without end: those of the demo company in turn with some in the words of an entry, each in a channel
    that the asker is in."""
    with transaction() as session:
        where = _where(session)
        sentences = [one for entry in session.scalars(select(Entry)) for one in _sentences(entry)]
    typed = [one.text for one in files.load(today=now().date()).questions]
    chance = random.Random(2)
    for number in itertools.count():
        words = chance.choice(sentences).split()
        some = " ".join(words[: chance.randint(4, 9)])
        yield Asked(
            *where[number % len(where)],
            some if number % 2 and not says_nothing(some) else typed[number // 2 % len(typed)],
        )


def _where(session: Session) -> list[tuple[str, str, str]]:
    members = (
        select(Account.external, Place.installation, Place.key)
        .join(Membership, Membership.person_id == Account.person_id)
        .join(Place, (Place.id == Membership.place_id) & (Place.installation == Account.installation))
        .where(Account.platform == PLATFORM, Place.platform == PLATFORM, Place.kind == CHANNEL)
        .order_by(Account.external, Place.key)
    )
    found = [(row[0], row[1], row[2]) for row in session.execute(members)]
    random.Random(3).shuffle(found)
    return found


def _sentences(entry: Entry) -> list[str]:
    return [one.strip() for one in re.split(r"(?<=[.!?؟])\s+|\n+", entry.body) if len(one.split()) > 3] or [entry.title]
