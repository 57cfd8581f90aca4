"""Knowledge that stays true: edits, history, reviews, corrections, and people who leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from bot.cards import Card, Diff, Element
from bot.plaintext import plain
from bot.texts import Reader
from models.base import now, reading, transaction
from models.facts import Fact
from models.knowledge import CURRENT, RETIRED, Passage, Topic
from models.people import Person
from tests.chat import Chat, Someone
from tests.entries import RULE, edits, filled, own, state, written


def page(chat: Chat, someone: Someone, path: str) -> Sequence[Element]:
    found = chat.runtime.router.page_at(path)
    assert found is not None
    with reading() as session:
        return found[0](session, session.get_one(Person, someone.person.id), **found[1]).elements


def text(elements: Sequence[Element]) -> str:
    return plain(Card(None, tuple(elements)), Reader())  # type: ignore[arg-type]


def test_an_edit_stands_in_the_history_with_what_changed(chat: Chat) -> None:
    omar = chat.slack("omar")
    entry = written(chat, omar)
    edits(omar, entry, body=RULE.replace("gate 3", "gate 4"), reason="The gates were renumbered.")
    shown = page(chat, omar, f"/entries/{entry.id}/history")
    diff = next(one for one in shown if isinstance(one, Diff))
    assert [piece for piece in diff.pieces if piece[0] != "same"] == [("removed", " 3"), ("added", " 4")]
    assert "The gates were renumbered." in text(shown) and "Omar" in text(shown)


def test_two_who_edit_at_once_lose_nothing(chat: Chat) -> None:
    omar, root = chat.slack("omar"), chat.teams("root", roles=["admin"])
    entry = written(chat, omar)
    omar._event("button", None, route="knowledge.edit", id=entry.id)
    root._event("button", None, route="knowledge.edit", id=entry.id)
    form = root.reply.form
    omar.submits(**filled(entry, body="Omar's words."))
    mine = filled(entry, body="Root's words.")
    refused = root.submits(**mine).errors["body"]
    assert "changed this while you wrote" in refused.text and state(entry).body == "Omar's words."
    root.reply = type(root.reply)(form=form)
    root.submits(**mine)
    assert state(entry).body == "Root's words."
    assert "[-Omar-]{+Root+}'s words." in text(page(chat, omar, f"/entries/{entry.id}/history"))


def test_an_older_revision_comes_back_as_the_newest(chat: Chat) -> None:
    omar = chat.slack("omar")
    entry = written(chat, omar)
    edits(omar, entry, body="Nonsense.")
    omar.commands("know", str(entry.id))
    omar.presses("Go back")
    assert "revision" in omar.submits(revision="99", wrong="no").errors
    omar.presses("Go back")
    omar.submits(revision="1", wrong="no")
    assert state(entry).body == RULE and state(entry).revision == 3
    assert "back to revision" in text(page(chat, omar, f"/entries/{entry.id}/history"))


def test_history_does_not_show_what_was_written_for_few(chat: Chat) -> None:
    omar, mona = chat.slack("omar", department="hr"), chat.slack("mona")
    entry = written(chat, omar, audience=["department:hr"])
    edits(omar, entry, body="Nothing secret.", audience="everyone")
    shown = text(page(chat, mona, f"/entries/{entry.id}/history"))
    assert "Nothing secret." in shown and "gate 3" not in shown
    assert "gate 3" in text(page(chat, omar, f"/entries/{entry.id}/history"))


def test_a_narrowed_entry_is_gone_at_once_for_the_others(chat: Chat) -> None:
    omar, mona = chat.slack("omar", department="hr"), chat.slack("mona")
    entry = written(chat, omar)
    mona.commands("find", "bicycles yard")
    assert mona.sees("gate 3")
    edits(omar, entry, audience="department:hr")
    before = len(own(mona))
    mona.commands("find", "bicycles yard")
    assert "gate 3" not in own(mona)[before:]
    assert mona.commands("know", str(entry.id)).notice is not None


def test_only_who_looks_after_it_may_change_it(chat: Chat) -> None:
    omar, mona = chat.slack("omar"), chat.slack("mona")
    entry = written(chat, omar)
    for route in ("edit", "retire", "verify", "go_back", "restore", "refuse"):
        assert mona._event("button", None, route=f"knowledge.{route}", id=entry.id).notice is not None
    mona._event("form", None, route="knowledge.retire", id=entry.id, values={"wrong": "yes"})
    assert state(entry).state == CURRENT
    mona.commands("know", str(entry.id))
    assert mona.sees("Only those who look after it can change it.")


def test_the_owner_is_asked_whether_it_is_still_true(chat: Chat) -> None:
    omar = chat.teams("omar", locale="en", timezone="Asia/Tokyo")
    entry = written(chat, omar)
    assert state(entry).review_on == (now() + timedelta(days=365)).date()
    chat.passes(days=366)
    assert omar.sees("still true?")
    omar.presses("Still true")
    later = state(entry)
    assert later.review_on == (now() + timedelta(days=365)).date() and not later.unconfirmed
    assert "verified" in own(omar)


def test_what_nobody_confirms_is_doubted_then_retired_and_can_be_restored(chat: Chat) -> None:
    omar, dana, mona = chat.slack("omar"), chat.teams("dana"), chat.slack("mona")
    topic = chat.topic("office", omar)
    with transaction() as session:
        session.get_one(Topic, topic.id).deputy_id = dana.person.id
    entry = written(chat, omar, topic_id=topic.id)
    chat.passes(days=366)
    assert omar.sees("still true?") and not dana.sees("still true?")
    chat.passes(days=15)
    assert dana.sees("still true?")
    chat.passes(days=15)
    assert state(entry).unconfirmed and state(entry).state == CURRENT
    mona.says("Where do bicycles stand in the yard?")
    assert mona.sees("needs review: last confirmed on")
    chat.passes(days=31)
    assert state(entry).state == RETIRED and "not confirmed by anybody" in own(omar)
    mona.commands("find", "bicycles")
    assert mona.sees("Nothing that you may read")
    omar.presses("Restore")
    assert state(entry).state == CURRENT and not state(entry).unconfirmed
    mona.commands("find", "bicycles")
    assert "gate 3" in own(mona).split("Nothing that you may read")[-1]


def test_who_may_read_it_is_on_the_record_when_it_changes(chat: Chat) -> None:
    omar = chat.slack("omar", department="hr")
    entry = written(chat, omar)
    edits(omar, entry, audience="department:hr")
    with reading() as session:
        fact = session.scalars(select(Fact).where(Fact.verb == "entry.changed")).one()
    assert (fact.data["readers_before"], fact.data["readers"]) == (["everyone"], ["department:hr"])
    assert fact.actor_id == omar.person.id


def test_a_topics_page_says_what_is_not_verified(chat: Chat) -> None:
    omar, mona = chat.slack("omar"), chat.slack("mona")
    topic = chat.topic("office", omar)
    written(chat, omar, topic_id=topic.id)
    chat.knows("Cars", "Cars stand behind gate 7.", topic_id=topic.id)
    chat.knows("Salaries", "Secret.", topic_id=topic.id, audience=["department:hr"])
    shown = text(page(chat, mona, f"/topics/{topic.id}"))
    assert "2 entries" in shown and "1 of them is not verified yet" in shown and "Salaries" not in shown


def test_a_whole_entry_says_where_it_stands(chat: Chat) -> None:
    omar, mona = chat.slack("omar"), chat.slack("mona")
    entry = written(chat, omar)
    shown = text(page(chat, mona, f"/entries/{entry.id}"))
    assert "everybody in the company" in shown and "verified by" in shown and "/know" not in shown
    assert f"/know {entry.id}" in text(page(chat, omar, f"/entries/{entry.id}"))


def test_very_long_texts_are_kept_and_compared(chat: Chat) -> None:
    omar = chat.slack("omar")
    entry = written(chat, omar)
    long = " ".join(f"word{n % 700}" for n in range(5000))[:40_000]
    edits(omar, entry, body=long)
    edits(omar, entry, body=long.replace("word5 ", "sword "))
    assert "sword" in text(page(chat, omar, f"/entries/{entry.id}/history"))
    with reading() as session:
        assert len(session.scalars(select(Passage).where(Passage.entry_id == entry.id)).all()) > 1
    omar._event("button", None, route="knowledge.edit", id=entry.id)
    assert "body" in omar.submits(**filled(entry, body="x" * 40_001)).errors
    assert isinstance(state(entry).review_on, date)
