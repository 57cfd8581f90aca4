"""What became of a merge, or of its entries, before it is undone."""

from __future__ import annotations

from sqlalchemy import select

from models.base import reading, transaction
from models.facts import Fact
from models.knowledge import CURRENT, MERGED, Entry
from tests.alike import ONE, OTHER, merges, refused, twice
from tests.chat import Chat
from tests.entries import state

MORE = OTHER + "\n\nThe yard closes at eight."


def test_who_looks_after_the_one_that_stayed_no_more_does_not_undo_it(chat: Chat) -> None:
    omar, mona = chat.slack("omar"), chat.teams("mona")
    one, other = twice(chat, omar, MORE)
    chat.passes(hours=2)
    merges(omar, one)
    with transaction() as session:
        session.get_one(Entry, one.id).owner_id = mona.person.id
    omar.presses("Undo")
    assert refused(omar, "settled already") and state(other).state == MERGED
    assert state(one).revision == 2 and "The yard closes at eight." in state(one).body


def test_what_stayed_as_it_was_is_not_said_to_have_changed(chat: Chat) -> None:
    omar = chat.slack("omar")
    one, other = twice(chat, omar)
    chat.passes(hours=2)
    merges(omar, one, title="Bicycles", body=ONE)
    assert state(one).revision == 1
    omar.presses("Undo")
    assert state(one).revision == 1 and state(other).state == CURRENT
    with reading() as session:
        verbs = set(session.scalars(select(Fact.verb).where(Fact.verb.startswith("entry."))))
    assert {"entry.merged", "entry.restored"} <= verbs and "entry.changed" not in verbs
