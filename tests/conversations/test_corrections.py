"""Telling those who were answered with what was wrong, and handing on what others looked after."""

from __future__ import annotations

from sqlalchemy import select, update

from models import learning
from models.base import reading, transaction
from models.knowledge import WITHDRAWN, Entry, Topic
from models.people import Person
from tests.chat import Chat
from tests.entries import RULE, edits, leaves, own, state, tells, written


def test_those_who_were_answered_with_what_was_wrong_are_told_in_their_threads(chat: Chat) -> None:
    omar, mona, lea = chat.slack("omar"), chat.slack("mona"), chat.teams("lea")
    chat.channel("help", omar, mona)
    entry = written(chat, omar)
    asked = mona.says("Where do bicycles stand in the yard?", in_="help")
    lea.says("Do bicycles stand in the yard?")
    edits(omar, entry, body="Bicycles stand in the yard behind gate three.")
    chat.passes(minutes=1)
    assert not mona.sees("Correction") and not lea.sees("Correction")
    edits(omar, entry, body="Bicycles stand in the street.", wrong="yes")
    chat.passes(minutes=1)
    told = [m for m in mona.messages() if "Correction" in m.text]
    assert len(told) == 1 and told[0].thread == asked and told[0].conversation == "help"
    assert "Correction" in own(lea)
    omar._event("button", None, route="knowledge.retire", id=entry.id)
    omar.submits(wrong="yes", reason="")
    chat.passes(minutes=1)
    assert state(entry).state == WITHDRAWN
    told = [m for m in mona.messages() if "Correction" in m.text]
    assert len(told) == 1 and "is withdrawn" in told[0].text


def test_a_correction_is_told_to_nobody_who_may_not_read_it_any_more(chat: Chat) -> None:
    omar, mona, lea = chat.slack("omar", department="hr"), chat.slack("mona", department="hr"), chat.slack("lea")
    chat.channel("help", omar, mona, lea)
    entry = written(chat, omar, audience=["department:hr"])
    mona.says("Where do bicycles stand in the yard?", in_="help")
    edits(omar, entry, body="In the street: canary.", title="Canary", wrong="yes")
    chat.passes(minutes=1)
    assert mona.sees("Correction") and not lea.sees("Canary")
    with transaction() as session:
        session.execute(update(Person).where(Person.id == mona.person.id).values(department="sales"))
    edits(omar, entry, title="Second canary", wrong="yes")
    chat.passes(minutes=1)
    assert not mona.sees("Second canary")


def test_many_who_were_answered_are_told_a_few_at_a_time(chat: Chat) -> None:
    omar, mona = chat.slack("omar"), chat.slack("mona")
    chat.channel("help", omar, mona)
    entry = written(chat, omar)
    for n in range(30):
        mona.says(f"Where do bicycles stand in yard {n}?", in_="help")
    edits(omar, entry, body="In the street.", wrong="yes")
    for _ in range(3):
        chat.passes(minutes=1)
    assert len([m for m in mona.messages() if "Correction" in m.text]) == 30


def test_whoever_leaves_hands_on_what_they_looked_after_in_one_card(chat: Chat) -> None:
    omar, dana, root = chat.slack("omar"), chat.teams("dana"), chat.slack("root", roles=["admin"])
    topic = chat.topic("office", dana)
    kept = [written(chat, omar, topic_id=topic.id) for _ in range(60)]
    orphan = written(chat, omar)
    leaves(chat, omar, by=root)
    for _ in range(2):
        chat.passes(minutes=1)
    assert {state(entry).owner_id for entry in kept} == {dana.person.id}
    assert state(orphan).owner_id == root.person.id
    assert len([m for m in dana.messages() if "has left" in m.text]) == 1
    assert dana.sees("You now look after 60 entries") and root.sees("You now look after 1 entry")


def test_the_drafts_of_a_topic_go_to_its_new_owner(chat: Chat) -> None:
    omar, dana, root = chat.slack("omar"), chat.teams("dana"), chat.slack("root", roles=["admin"])
    topic = chat.topic("office", omar)
    with transaction() as session:
        learning.draft(session, learning.Content("Bicycles", RULE, "en", topic.id, ("everyone",)), None)
    chat.passes(minutes=1)
    assert omar.sees("A draft waits for you")
    with transaction() as session:
        session.get_one(Topic, topic.id).owner_id = dana.person.id
    tells(chat, root, "topic.owner_changed", Topic, topic.id)
    dana.presses("Verify")
    with reading() as session:
        assert session.scalars(select(Entry)).one().owner_id == dana.person.id
