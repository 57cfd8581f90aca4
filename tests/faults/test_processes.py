"""Real processes that are killed, stopped and cut off: every question that was acknowledged is answered once.

``FAULT_ROUNDS`` says how often Agora is killed at a random moment; a night's run takes a few hundred.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from bot.web.store import WebMessage
from models import base
from models.base import reading, transaction
from models.data_home import server_account
from models.embedded import EmbeddedServer
from models.knowledge import Entry, Part, store_parts
from models.people import Account, Person
from models.places import CHANNEL, Membership, Place
from models.postgres import Postgres
from models.questions import Question
from tests.faults.running import Agora, Feeder, free_port, wait_until
from tests.homes import new_home

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
PEOPLE, CHANNELS = ("tom", "grace", "giulia", "noa"), ("general", "it-help")
Message = tuple[str, str, str]


@pytest.fixture
def company(database: str) -> Iterator[str]:
    """The URL of a database with four people and two channels, and one thing that is known."""
    base.connect(database, pool=3)
    with transaction() as session:
        people = [Person(handle=handle, name=handle.title()) for handle in PEOPLE]
        for person in people:
            person.accounts = [Account(platform="web", installation="slack", external=person.handle,
                                       private=f"dm:{person.handle}")]  # fmt: skip
        places = [Place(platform="web", installation="slack", key=key, kind=CHANNEL, name=key) for key in CHANNELS]
        entry = Entry(title="The VPN on a laptop", body="Open Connect.", language="en", audience=["everyone"])
        session.add_all([*people, *places, entry])
        session.flush()
        session.add_all(Membership(place_id=place.id, person_id=one.id) for place in places for one in people)
        store_parts(session, entry, [Part("", "", "Set up the VPN on your laptop with Connect.")])
    yield database
    base.disconnect()


def questions(count: int, seed: int = 0) -> list[Message]:
    """What people will ask, by handle and channel."""
    luck = random.Random(seed)
    return [
        (luck.choice(PEOPLE), luck.choice(CHANNELS), f"@agora how do I set up the VPN on laptop {seed}-{n:03}?")
        for n in range(count)
    ]


def quiet() -> bool:
    """Whether nothing is left to do."""
    with reading() as session:
        left = session.execute(sql("select (select count(*) from inbox where state in ('new', 'held')) "
                                   "+ (select count(*) from outbox where state in ('new', 'held'))"))  # fmt: skip
        return left.scalar_one() == 0


def answered(asked: list[Message]) -> None:
    """Every question stands once and is answered once, in its thread; in each channel in the order asked."""
    with reading() as session:
        messages = session.scalars(select(WebMessage).order_by(WebMessage.id)).all()
        kept = Counter(session.scalars(select(Question.thread).where(Question.announcement_id.is_(None))))
        bad = session.execute(sql("select state, error from inbox where state <> 'done' union all "
                                  "select state, error from outbox where state <> 'sent'")).all()  # fmt: skip
    assert bad == []
    texts = {text for _, _, text in asked}
    posted = [message for message in messages if message.text in texts]
    there = {message.conversation for message in posted}  # elsewhere, and in no thread, the demo company was told
    said = [message for message in messages if message.conversation in there and message.outbox_id is not None]
    answers = [message for message in said if message.only_for_id is None and message.thread is not None]
    assert Counter(message.text for message in posted) == dict.fromkeys(texts, 1)
    threads = [str(message.id) for message in posted]
    assert Counter(message.thread for message in answers) == dict.fromkeys(threads, 1)
    assert kept == dict.fromkeys(threads, 1)
    for place in CHANNELS:
        ours = [int(message.thread or 0) for message in answers if message.conversation == place]
        assert ours == sorted(ours)


POINTS = ("captured:2", "handled:3", "delivered:2", "recorded:1")


def test_killed_at_every_point_in_turn_and_then_at_any_moment(company: str) -> None:
    seed = random.randrange(10**6) if ROUNDS > 1 else 3
    print(f"seed {seed}")
    luck, port = random.Random(seed), free_port()
    asked = questions(10 + 20 * ROUNDS, seed)
    feeder = Feeder(lambda: port, asked)
    for point in POINTS:
        with Agora("run", port, DATABASE_URL=company, FAULT=point) as agora:
            agora.died()
    for _ in range(ROUNDS):
        with Agora("run", port, DATABASE_URL=company) as agora:
            agora.ready()
            time.sleep(luck.random())  # any moment will do
            agora.kill()
    with Agora("run", port, DATABASE_URL=company) as agora:
        agora.ready()
        wait_until(feeder.done, "all are asked")
        wait_until(quiet, "all are answered")
        assert agora.stop() == 0, agora.log()
    answered(asked)


def test_processes_that_share_the_work_do_nothing_twice_even_if_one_sleeps_past_its_lease(company: str) -> None:
    with Agora("web", DATABASE_URL=company) as web, Agora("worker", DATABASE_URL=company) as one, \
            Agora("worker", DATABASE_URL=company) as two:  # fmt: skip
        for each in (web, one, two):
            each.ready()
        asked = [*questions(30, 1), *questions(30, 2)]
        feeders = [Feeder(lambda: web.port, asked[:30]), Feeder(lambda: web.port, asked[30:])]
        wait_until(lambda: feeders[0].acknowledged > 5, "some are asked")
        one.signal(signal.SIGSTOP)
        wait_until(lambda: all(feeder.done() for feeder in feeders), "all are asked")
        wait_until(quiet, "the other has taken over and answered all")
        one.signal(signal.SIGCONT)
        late = questions(6, 4)
        feeder = Feeder(lambda: web.port, late)
        wait_until(feeder.done, "more is asked")
        wait_until(quiet, "all are answered")
        assert not one.ended and not two.ended
    answered([*asked, *late])


def test_the_database_is_restarted_under_it() -> None:
    """With a database of its own, as a newcomer runs it."""
    with new_home() as home, Agora("run", AGORA_HOME=str(home), AGORA_DEMO="1") as agora:
        agora.ready()
        with EmbeddedServer.join(home) as server:
            base.connect(server.url, pool=2)
            asked = questions(30)
            feeder = Feeder(lambda: agora.port, asked)
            for _ in range(2):
                before = feeder.acknowledged
                restart(home)
                wait_until(lambda before=before: feeder.acknowledged > before, "it goes on")
            wait_until(feeder.done, "all are asked")
            wait_until(quiet, "all are answered")
            answered(asked)
            base.disconnect()
        assert agora.stop() == 0, agora.log()
        assert not Postgres(home, server_account(home)).is_alive(), "the last to leave stops the database"


def restart(home: Path) -> None:
    """Stop the database of this folder, whoever uses it, and start it again."""
    postgres = Postgres(home, server_account(home))
    postgres.stop()
    postgres.start({})
