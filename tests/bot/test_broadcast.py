"""One card to many: each gets it once, where they prefer, and what becomes of each copy stands with it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import masses
from bot.broadcast import LEFT, NO_CHAT, STEP, Broadcast, broadcast, change_all, purge, stop, withdraw_all
from bot.cards import Card, User, simple
from bot.gateway import Uncertain, Undeliverable
from bot.inbound import Inbound
from bot.masses import UNPACED
from bot.outbox import OutboxWorker
from bot.turn import Turn
from models.base import transaction
from models.mail import PostedCard, SharedCard
from models.people import Account, Person
from tests.bot.posting import Faulty, outbox_worker, sent, states
from tests.bot.queues import outbox, patiently, run_sql, until
from tests.masses import of_many

ABOUT = "announcement:1"
CARDS = {"en": simple(User("The canteen moves")), "it": simple(User("La mensa si sposta"))}


@pytest.fixture
def slack(db: str) -> Faulty:
    return Faulty()


def somebody(handle: str, *platforms: str, **more: Any) -> int:
    """A person with an account on each of these platforms; their number."""
    with transaction() as session:
        person = Person(handle=handle, name=handle, **more)
        person.accounts = [Account(platform=platform, installation="here", external=handle, private=f"dm:{handle}")
                           for platform in platforms]  # fmt: skip
        session.add(person)
        session.flush()
        return person.id


def announce(readers: Sequence[tuple[int, str]], **more: Any) -> Broadcast:
    with transaction() as session:
        return broadcast(session, CARDS, readers, ABOUT, "c", **more)


def change(copies: Sequence[int], text: str) -> int:
    cards: dict[str, Card] = {"en": simple(User(text))}
    with transaction() as session:
        return change_all(session, cards, [(copy, "en") for copy in copies], "c")


def copies() -> dict[int | None, tuple[str | None, str | None, str | None]]:
    """By person: their copy's state, the platform's id of it, and what went wrong."""
    found = patiently(lambda session: session.scalars(select(PostedCard).order_by(PostedCard.id)).all())
    return {copy.person_id: (copy.state, copy.reference, copy.error) for copy in found}


def test_each_gets_their_card_once_where_they_prefer_and_who_cannot_be_reached_is_told_apart(db: str) -> None:
    mona = somebody("mona", "slack", "teams", prefers="teams")
    omar, noa, gone = somebody("omar", "slack"), somebody("noa"), somebody("gone", "slack", active=False)
    off = somebody("off", "slack")
    run_sql("update account set unreachable = 'blocked' where person_id = :id", id=off)
    done = announce([(mona, "it"), (omar, "en"), (noa, "en"), (gone, "en"), (off, "en"), (999_999, "en")])
    assert done.unreachable == {noa: NO_CHAT, gone: LEFT, off: "blocked", 999_999: LEFT}
    assert done.posted.keys() == {mona, omar}
    rows = outbox()
    assert {(row.platform, row.conversation, row.urgency) for row in rows} == {
        ("teams", "dm:mona", 2), ("slack", "dm:omar", 2)}  # fmt: skip
    assert not any("card" in (row.payload or {}) for row in rows), "the card is kept once"
    again = announce([(mona, "it"), (omar, "en")], elsewhere=True)
    assert (again.posted.keys(), again.unreachable) == ({mona}, {omar: NO_CHAT})
    assert outbox()[-1].platform == "slack", "where mona has none yet"
    assert len(patiently(lambda session: session.scalars(select(SharedCard)).all())) == 2, "and not kept twice"


async def test_how_each_copy_ended_stands_with_it(slack: Faulty) -> None:
    people = [somebody(name, "slack") for name in ("ann", "bob", "cem", "dan")]
    done = announce([(person, name) for person, name in zip(people, ("en", "it", "en", "it"), strict=True)])
    with transaction() as session:
        assert stop(session, [done.posted[people[3]]]) == {done.posted[people[3]]}
    slack.before["La mensa si sposta"] = [Undeliverable('the user "bob" is deactivated')]
    slack.can_tell = False
    slack.after["The canteen moves"] = [Uncertain("cut")]
    async with outbox_worker(slack):
        await until(lambda: states() == ["held", "failed", "sent", "dropped"])
        run_sql("update outbox set not_before = now(), lease_until = now()")
        await until(lambda: states() == ["uncertain", "failed", "sent", "dropped"])
    found = copies()
    assert found[people[0]][0] == "uncertain" and "read back" in str(found[people[0]][2])
    assert found[people[1]] == ("failed", None, "the user bob is deactivated")
    assert found[people[2]][0] == "sent" and found[people[2]][1] is not None
    assert found[people[3]] == ("dropped", None, "taken back before it was sent")


async def test_a_change_reaches_what_stands_and_what_waits_reads_so_at_once(slack: Faulty) -> None:
    ann, bob, cem = (somebody(name, "slack") for name in ("ann", "bob", "cem"))
    first = announce([(ann, "en"), (cem, "it")])
    async with outbox_worker(slack):
        await until(lambda: states() == ["sent"] * 2)
    posted = {**first.posted, **announce([(bob, "en")]).posted}
    assert change([posted[ann], posted[bob]], "It stays") == 2
    assert change([posted[ann], posted[bob]], "It moves to Friday") == 2
    assert len(outbox()) == 4, "neither what waits nor a change that waits is said twice"
    async with outbox_worker(slack):
        await until(lambda: states() == ["sent"] * 4)
    assert slack.standing() == ["It moves to Friday", "La mensa si sposta", "It moves to Friday"]
    with transaction() as session:
        assert withdraw_all(session, list(posted.values()), "c") == 3
    async with outbox_worker(slack):
        await until(lambda: states() == ["sent"] * 7)
    assert slack.standing() == []


async def test_an_answer_goes_before_what_many_get_and_a_change_after_its_own_post(slack: Faulty) -> None:
    ann = somebody("ann", "slack")
    done = announce([(ann, "en")])
    change([done.posted[ann]], "It stays")
    answer = sent("Here you are", "dm:ann")
    with transaction() as session:
        turn = Turn(session, Inbound("slack", "here", "dm:ann", "message"), "c", None)
        turn.edit(ABOUT, simple(User("Thank you")))
    assert [row.urgency for row in outbox()] == [2, 1, 2], "a change of what waits waits with it"
    worker = OutboxWorker({"slack": slack}, "test")
    assert [row.id for row in worker._claim()] == [answer]
    assert of_many(worker) == [], "while something is sent there"
    run_sql("update outbox set state = 'new', holder = null, "
            "not_before = case when urgency = 2 then now() + interval '1 hour' else now() end")  # fmt: skip
    async with outbox_worker(slack):  # whose two claims run side by side: either may come first
        await until(lambda: states() == ["new", "sent", "new"])
        run_sql("update outbox set not_before = now() where urgency = 2")
        await until(lambda: states() == ["sent"] * 3)
    assert slack.standing() == ["Here you are", "Thank you"]


def test_a_hundred_thousand_that_wait_keep_nobody_from_being_answered(db: str) -> None:
    run_sql("insert into person (handle, name, kind, roles, locale, timezone, skills, work_days, work_from, work_to, "
            "quota, digest, digest_at, active, demo, created_at) select 'p' || n, 'p', 'employee', '{}', 'en', 'UTC', "
            "'{}', '{0}', '09:00', '17:00', 3, 'off', '09:00', true, false, now() "
            "from generate_series(1, 10000) n")  # fmt: skip
    run_sql("insert into account (person_id, platform, installation, external, private) "
            "select id, 'slack', 'here', handle, handle from person")  # fmt: skip
    people = [row.id for row in run_sql("select id from person")]
    began = time.monotonic()
    for first in range(0, len(people), STEP):
        assert len(announce([(person, "en") for person in people[first : first + STEP]]).posted) == STEP
    assert time.monotonic() - began < 5
    answer = sent("Here you are", "p7")
    worker = OutboxWorker({"slack": Faulty()}, "test")
    began = time.monotonic()
    assert [row.id for row in worker._claim()] == [answer]
    assert len(of_many(worker)) == UNPACED, "no more than can be sent soon"
    assert time.monotonic() - began < 1


def test_a_card_is_forgotten_when_nothing_shows_it_any_more(db: str) -> None:
    ann = somebody("ann", "slack")
    announce([(ann, "en")])
    run_sql("update shared_card set created_at = now() - interval '40 days'")
    with transaction() as session:
        purge(session, timedelta(days=30))
    assert [row.n for row in run_sql("select count(*) as n from shared_card")] == [1], "it has yet to be sent"
    run_sql("update outbox set state = 'sent'")
    with transaction() as session:
        purge(session, timedelta(days=30))
        masses.purge(session)
    assert [row.n for row in run_sql("select count(*) as n from shared_card")] == [0]
