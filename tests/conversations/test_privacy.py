"""Everything about a person: given to them, and erased from every table."""

from __future__ import annotations

import io
import zipfile

import orjson
from sqlalchemy import Text, cast, func, insert, select

from models import base, erasing, privacy
from models.base import Base, now
from models.files import File, FileContent
from models.people import Person
from tests.chat import Chat, Someone

CANARY = "Xanthippe"


def lived(chat: Chat) -> tuple[Someone, Someone, Someone]:
    """Somebody who asked, answered, wrote and was helped; a colleague; and an admin."""
    canary = chat.slack("xanthippe", name=CANARY, email="xanthippe@acme.example", title="Potter", skills=["clay"])
    omar, ada = chat.teams("omar"), chat.slack("ada", roles=["admin"])
    topic = chat.topic("clay", canary)
    chat.channel("help", canary, ada, topic_id=topic.id)
    canary.says("My secret question about glazing?", in_="help")
    canary.says("and another secret thing")
    canary.commands("agora", "status")
    ada.says("Who fires the kiln?", in_="help")
    ada.presses("Ask an expert")
    assert canary.sees("Who fires the kiln?")
    return canary, omar, ada


def found(words: str) -> dict[str, int]:
    """In how many rows of which tables ``words`` stand, in any column."""
    counts = {}
    with base.reading() as session:
        for table in Base.metadata.sorted_tables:
            row = func.concat_ws(" ", *(cast(column, Text) for column in table.columns))
            count = session.scalar(select(func.count()).select_from(table).where(row.icontains(words)))
            if count:
                counts[table.name] = count
    return counts


def rows(words: str) -> list[str]:
    """Those rows of the queues, to see what was left."""
    table = Base.metadata.tables["outbox"]
    row = func.concat_ws(" ", *(cast(column, Text) for column in table.columns))
    with base.reading() as session:
        return list(session.scalars(select(row).where(row.icontains(words))))


def test_a_person_gets_everything_about_them_in_a_file_of_their_own(chat: Chat) -> None:
    canary, omar, _ = lived(chat)
    canary.commands("privacy")
    canary.presses("Give me all of it")
    with base.reading() as session:
        file = session.scalars(select(File)).one()
        content = session.scalars(select(FileContent.content)).one()
    assert file.owner_id == canary.person.id
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        given = orjson.loads(archive.read(archive.namelist()[0]))
    assert given["person"][0]["name"] == CANARY
    assert "My secret question about glazing?" in [row["text"] for row in given["question"]]
    assert {"account", "membership", "inbox"} <= given.keys()
    assert not omar.sees("everything about you")


def test_nothing_of_a_person_is_left_in_any_table(chat: Chat) -> None:
    canary, _, ada = lived(chat)
    assert found(CANARY) and found("secret")
    canary.commands("privacy")
    canary.presses("Ask to be erased")
    ada.presses("Erase {name}")
    assert found(CANARY) == {}
    assert found("secret") == {}, rows("secret")
    assert found("Potter") == {}
    with base.reading() as session:
        person = session.get_one(Person, canary.person.id)
        assert (person.name, person.active, person.email) == (privacy.FORMER, False, None)


def test_a_message_that_waits_for_who_is_gone_is_not_sent(chat: Chat) -> None:
    canary, _, _ = lived(chat)
    outbox = Base.metadata.tables["outbox"]
    with base.transaction() as session:
        session.execute(
            insert(outbox).values(lane=1, platform="slack", installation="here", conversation="dm:xanthippe",
                                  operation="post", payload={"card": None}, correlation="x", not_before=now())
        )  # fmt: skip
        erasing.erase(session, session.get_one(Person, canary.person.id))
    chat.work()
    with base.reading() as session:
        states = session.scalars(select(outbox.c.state).where(outbox.c.correlation == "x")).all()
    assert states == ["dropped"]


def test_nobody_erases_others_and_no_admin_erases_themselves(chat: Chat) -> None:
    canary, omar, ada = lived(chat)
    assert omar.uses("privacy.erase", canary.person.id).notice is not None
    assert ada.uses("privacy.erase", ada.person.id).notice is not None
    assert found(CANARY)


def test_an_admin_may_decline_and_the_person_is_told(chat: Chat) -> None:
    canary, _, ada = lived(chat)
    canary.commands("privacy")
    canary.presses("Ask to be erased")
    ada.presses("Do not erase")
    assert canary.sees("did not erase your data")
    assert found(CANARY)


def test_who_asks_twice_is_answered_once_and_admins_are_reminded_a_day_later(chat: Chat) -> None:
    canary, _, ada = lived(chat)
    for _ in range(2):
        assert canary.uses("privacy.ask").notice is not None
    assert ada.screen().count("asks to be erased") == 1
    chat.passes(hours=25)
    canary.uses("privacy.ask")
    assert ada.screen().count("asks to be erased") == 2
    for _ in range(2):
        reply = ada.uses("privacy.keep", canary.person.id)
    assert reply.notice is not None and reply.notice.text == "This is settled already."
    assert canary.screen().count("did not erase your data") == 1
    canary.uses("privacy.ask")
    assert ada.screen().count("asks to be erased") == 1
