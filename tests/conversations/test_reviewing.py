"""Knowledge that stays true: edits, history, reviews, corrections, and people who leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select, update

from bot.cards import Card, Diff, Element
from bot.plaintext import plain
from bot.texts import Reader
from bot.turn import Turn
from models import learning
from models.base import now, reading, transaction
from models.knowledge import CURRENT, RETIRED, WITHDRAWN, Entry, Passage, Topic
from models.people import Person
from tests.chat import Chat, Someone

RULE = "Bicycles stand in the yard, behind gate 3."


def written(chat: Chat, owner: Someone, **about: object) -> Entry:
    """An entry that its owner verified just now."""
    made = chat.knows("Bicycles", RULE, owner_id=owner.person.id, **about)
    with transaction() as session:
        found = session.get_one(Entry, made.id)
        learning.verify(session, found, session.get_one(Person, owner.person.id))
    return made


def state(entry: Entry) -> Entry:
    with reading() as session:
        return session.get_one(Entry, entry.id)


def own(someone: Someone) -> str:
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def edits(someone: Someone, entry: Entry, **changes: str) -> None:
    someone._event("button", None, route="knowledge.edit", id=entry.id)
    someone.submits(**filled(entry, **changes))


def filled(entry: Entry, **changes: str) -> dict[str, str]:
    now_ = state(entry)
    sent = {"title": now_.title, "body": now_.body, "topic": "0", "language": "en", "audience": "as_is"}
    return {**sent, "review_on": "", "reason": "", "wrong": "no", **changes}


def page(chat: Chat, someone: Someone, path: str) -> Sequence[Element]:
    found = chat.runtime.router.page_at(path)
    assert found is not None
    with reading() as session:
        return found[0](session, session.get_one(Person, someone.person.id), **found[1]).elements


def text(elements: Sequence[Element]) -> str:
    return plain(Card(None, tuple(elements)), Reader())  # type: ignore[arg-type]


def leaves(chat: Chat, someone: Someone, by: Someone) -> None:
    """They are deactivated, and the fact is told, as the administration does it."""
    with transaction() as session:
        session.execute(update(Person).where(Person.id == someone.person.id).values(active=False))
        turn = Turn(session, by.inbound("command", None), "test", session.get_one(Person, by.person.id))
        turn.emit("person.left", session.get_one(Person, someone.person.id))
        for fact in turn.facts:
            for listener in chat.runtime.router.facts["person.left"]:
                listener(turn, fact)
    chat.passes(minutes=1)


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
