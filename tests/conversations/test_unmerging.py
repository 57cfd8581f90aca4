"""What became of a merge, or of its entries, before it is undone; and how much is looked at for that."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event, func, select

from models import base, likeness
from models.base import reading, transaction
from models.facts import Fact
from models.knowledge import CURRENT, MERGED, Entry, Part, revise, store_parts
from models.likeness import SUGGESTED, Likeness
from models.people import Person
from tests.alike import ONE, OTHER, home, merges, pairs, refused, twice
from tests.chat import Chat
from tests.entries import state

MORE = OTHER + "\n\nThe yard closes at eight."


def brought_back(entry: Entry, body: str) -> None:
    """As an import does with a page that changed."""
    with transaction() as session:
        found = session.get_one(Entry, entry.id)
        found.state, found.merged_into_id = CURRENT, None
        revise(session, found, title=found.title, body=body, language="en", by=None, reason="back again")
        store_parts(session, found, [Part("", "", body)])
        session.flush()
        likeness.plan_look(session, timedelta(minutes=1))


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


def test_what_came_back_is_suggested_anew_and_undoes_nothing(chat: Chat) -> None:
    omar = chat.teams("omar")
    one, other = twice(chat, omar, MORE)
    chat.passes(hours=2)
    merges(omar, one)
    brought_back(other, MORE + " On Fridays at six.")
    chat.passes(minutes=3)
    (pair,) = pairs()
    assert (pair.state, pair.decision, pair.decided_by_id, pair.kept_id) == (SUGGESTED, None, None, None)
    omar.presses("Undo")
    assert omar.reply.notice is not None and state(one).revision == 2
    assert "These 2 entries seem to say the same" in home(chat, omar)


def test_what_came_back_is_not_parted_once_more(chat: Chat) -> None:
    omar = chat.slack("omar")
    one, other = twice(chat, omar, MORE)
    chat.passes(hours=2)
    merges(omar, one)
    with transaction() as session:
        session.get_one(Entry, other.id).state = CURRENT  # it came back while that left where it had led
    omar.presses("Undo")
    assert refused(omar, "settled already") and state(one).revision == 2


def alike(chat: Chat, owner: Person, count: int) -> None:
    """So many pairs that wait for ``owner``."""
    ids = [chat.knows(f"Rule {number}", f"Rule {number} says so.", owner_id=owner.id).id for number in range(2 * count)]
    with transaction() as session:
        for first, second in zip(ids[::2], ids[1::2], strict=True):
            session.add(Likeness(entry_id=first, other_id=second, share=0.9, asked_of_id=owner.id))


def asked_for(person: Person) -> tuple[int, int]:
    """How many clusters wait, and how many statements it takes to see them."""
    statements: list[str] = []
    note = lambda _, __, statement, *more: statements.append(statement)  # noqa: E731
    event.listen(base.engine(), "before_cursor_execute", note)
    try:
        with reading() as session:
            found = likeness.clusters(session, session.get_one(Person, person.id))
    finally:
        event.remove(base.engine(), "before_cursor_execute", note)
    return len(found), len(statements)


def test_many_pairs_are_read_with_as_few_statements_as_one(chat: Chat) -> None:
    mona = chat.slack("mona").person
    alike(chat, mona, 1)
    one, few = asked_for(mona)
    alike(chat, mona, 11)
    assert (one, asked_for(mona)) == (1, (12, few))


def test_a_turn_compares_a_handful_and_leaves_the_rest_to_the_next(chat: Chat) -> None:
    mona = chat.slack("mona")
    for number in range(7):
        chat.knows(f"Rule {number}", f"Rule {number} says so.", owner_id=mona.person.id)
    with transaction() as session:
        likeness.plan_look(session, timedelta(minutes=1))
    left = []
    for _ in range(2):
        chat.passes(minutes=2)
        with reading() as session:
            left.append(session.scalar(select(func.count(Entry.id)).where(Entry.compared.is_(None))))
    assert left == [2, 0]
