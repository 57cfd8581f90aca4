"""A person who is in every table is erased: nothing is found after, but what stays, and that is listed."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Text, cast, func, select

from bot.broadcast import broadcast
from bot.cards import T, User, simple
from handlers.privacy.cards import STAYS
from models import privacy
from models.base import Base, reading, transaction
from models.company import set_setting
from models.masks import Seal
from models.people import Account, Person
from models.questions import Question
from tests import seeds
from tests.chat import Chat, Someone

NAME = "Xanthippe"


@pytest.fixture
def asker(chat: Chat) -> Someone:
    return chat.slack("xanthippe", name=NAME, email="xanthippe@acme.example")


@pytest.fixture
def admin(chat: Chat) -> Someone:
    return chat.slack("ada", roles=["admin"])


def erase(asker: Someone, admin: Someone) -> None:
    """As people do it."""
    asker.commands("privacy")
    asker.presses("Ask to be erased")
    admin.presses("Erase {name}")


def found(*words: str) -> dict[str, set[str]]:
    """Where ``words`` stand, in any column of any table: as text, or in bytes."""
    where: dict[str, set[str]] = {}
    sought = {form: word for word in words for form in (word.casefold(), word.casefold().encode().hex())}
    pattern = "|".join(map(re.escape, sought))
    with reading() as session:
        for column in (column for table in Base.metadata.sorted_tables for column in table.columns):
            text = func.lower(cast(column, Text))
            for (hit,) in session.execute(select(text).where(text.regexp_match(pattern))):
                where.setdefault(str(column), set()).update(word for form, word in sought.items() if form in hit)
    return where


def test_nothing_is_found_of_who_is_in_every_table(chat: Chat, asker: Someone, admin: Someone) -> None:
    place = chat.channel("help", asker, admin)
    with transaction() as session:
        sown = seeds.seed(session, session.get_one(Person, asker.person.id))
        person = session.get_one(Person, asker.person.id)
        names = [NAME, "xanthippe", *filter(None, (person.name, person.handle, person.email, person.latin_name))]
        accounts = session.scalars(select(Account).where(Account.person_id == person.id)).all()
        names += [each.external for each in accounts] + [each.private or "" for each in accounts]
    for table in filter(seeds.is_personal, seeds.tables()):
        assert table.name in sown.keys, f"{table.name} has no row of theirs"
    assert len({word for hits in found(*sown.words.values()).values() for word in hits}) == len(sown.words)
    assert place
    erase(asker, admin)
    assert found(*sown.of("erase", "row"), *filter(None, names)) == {}
    for table in Base.metadata.sorted_tables:
        for column in privacy.links(table):
            if column.info.get("personal") == "row":
                with reading() as session:
                    rows = select(func.count()).select_from(table).where(column == asker.person.id)
                    assert session.scalar(rows) == 0, str(column)
    stays = {name.partition(".")[0] for name in found(*sown.of("keep"))}
    assert stays <= set(privacy.KEPT), "whatever stays has a reason"
    parts = {"answer_revision", "passage", "vector", "written_answer", "file_content", "announcement_text", "poll",
             "shared_card", "checklist_item", "decision_option"}  # fmt: skip
    assert stays - set(STAYS) <= parts, "and is told: these are parts of it"


def test_an_export_goes_with_the_person(chat: Chat, asker: Someone, admin: Someone) -> None:
    asker.commands("privacy")
    asker.presses("Give me all of it")
    erase(asker, admin)
    assert found("xanthippe") == {}
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Base.metadata.tables["file_content"])) == 0


def test_nothing_leads_any_more_to_what_was_asked_without_a_name(chat: Chat, asker: Someone, admin: Someone) -> None:
    omar = chat.teams("omar")
    chat.topic("pay", omar)
    with transaction() as session:
        set_setting(session, "anonymous", True)
    asker.commands("ask")
    asker.submits(text="Why was my bonus cut?", anonymous="yes")
    erase(asker, admin)
    with reading() as session:
        assert session.scalars(select(Seal)).all() == []
        assert session.scalars(select(Question.text)).one() == "Why was my bonus cut?"
    assert admin.sees("what was asked without a name")


def test_what_others_were_sent_of_their_questions_goes_too(chat: Chat, asker: Someone, admin: Someone) -> None:
    omar, lea = chat.teams("omar"), chat.slack("lea")
    topic = chat.topic("clay", omar)
    chat.channel("help", asker, lea, topic_id=topic.id)
    asker.says("What is the secret of this glaze?", in_="help")
    lea.presses("Follow")
    asker.presses("Ask an expert")
    omar.presses("Answer")
    omar.submits(text="Ashes, and patience.")
    assert omar.sees("secret of this glaze") and lea.sees("secret of this glaze")
    erase(asker, admin)
    assert found("secret of this glaze", "xanthippe") == {}
    for other in (omar, lea):
        assert not other.sees("secret of this glaze") and not other.sees(NAME), other.screen()
    assert lea.sees("Ashes, and patience.")


def test_who_passed_a_question_on_is_not_named_in_the_offer(chat: Chat, asker: Someone, admin: Someone) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = chat.topic("clay", asker)
    chat.channel("help", mona, topic_id=topic.id)
    mona.says("What is the secret of this glaze?", in_="help")
    mona.presses("Ask an expert")
    asker.presses("Pass on to…")
    asker.submits(person=str(omar.person.id), words="He made it.")
    assert omar.sees(NAME) and omar.sees("He made it.")
    erase(asker, admin)
    assert found("xanthippe", "He made it.") == {}
    assert not omar.sees(NAME)


def test_an_administrators_search_for_them_goes_too(chat: Chat, asker: Someone, admin: Someone) -> None:
    admin.uses("admin.people")
    admin.submits(who="xanthippe@acme.example")
    assert found("xanthippe@acme.example")
    erase(asker, admin)
    assert found("xanthippe") == {}


def test_what_waits_for_many_goes_out_without_the_name(chat: Chat, asker: Someone, admin: Someone) -> None:
    with transaction() as session:
        broadcast(
            session,
            {"en": simple(T("from {name}", name=User(NAME)))},
            [(admin.person.id, "en")],
            "announcement:1",
            "sent",
        )
    assert found(NAME)["shared_card.card"]
    erase(asker, admin)
    assert found(NAME) == {}
    admin.sees(f"from {privacy.FORMER}")
