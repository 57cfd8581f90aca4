"""Entries that say the same: suggested to who looks after them, merged, settled or told apart, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.cards import User
from models.base import Refusal, reading, transaction
from models.knowledge import CURRENT, MERGED, WITHDRAWN, Entry, Part, store_parts
from models.likeness import DIFFERENT, SUGGESTED, plan_look
from tests.alike import ONE, OTHER, home, keep, knows, merges, pairs, refused, shown, twice
from tests.chat import Chat
from tests.encoders import FakeEncoder, Thesaurus, catch_up, encoding
from tests.entries import edits, leaves, own, state

AGAINST = "Bicycles stand in the yard, behind gate 7. The key is at the reception."
UNLIKE = "Travel expenses are paid within a month, against the receipts."
IT = ("Le ferie si chiedono due settimane prima nel portale. Il capo risponde entro 3 giorni.",
      "Le ferie si chiedono nel portale due settimane prima. Il capo risponde entro 10 giorni.")  # fmt: skip


@pytest.mark.parametrize("platform", ["slack", "teams"])
def test_whoever_looks_after_them_is_told_once_a_week(chat: Chat, platform: str) -> None:
    omar = getattr(chat, platform)("omar")
    knows(chat, omar, "Expenses", UNLIKE)
    twice(chat, omar)
    assert len(pairs()) == 1 and "These 2 entries seem to say the same" in home(chat, omar)
    chat.passes(hours=2)
    assert own(omar).count("These 2 entries seem to say the same") == 1
    knows(chat, omar, "Expenses again", UNLIKE)
    chat.passes(hours=3)
    assert len(pairs()) == 2 and own(omar).count("seems to say the same, or") == 1
    chat.passes(days=8)
    assert own(omar).count("seems to say the same, or") == 2


def test_nobody_else_is_told_and_what_may_not_be_read_is_not_compared(chat: Chat) -> None:
    omar, mona = chat.slack("omar"), chat.teams("mona")
    knows(chat, mona, "Bicycles", ONE, audience=[f"person:{mona.person.id}"])
    twice(chat, omar)
    chat.passes(hours=2)
    assert len(pairs()) == 1 and "seem to say the same" not in own(mona) + home(chat, mona)
    mona.uses("knowledge.merge", pairs()[0].id)
    assert mona.reply.form is None


def test_merging_leads_everybody_to_the_one_that_stays(chat: Chat) -> None:
    omar, mona = chat.slack("omar"), chat.teams("mona")
    one, other = twice(chat, omar, OTHER + "\n\nThe yard closes at eight.")
    mona.says("Where do bicycles stand in the yard?")
    chat.passes(hours=2)
    merges(omar, one, title="Bicycles")
    kept, gone = state(one), state(other)
    assert gone.state == MERGED and gone.merged_into_id == one.id and kept.revision == 2
    assert ONE in kept.body and "The yard closes at eight." in kept.body
    page = shown(chat, mona, f"/entries/{other.id}")
    assert page.startswith("Bicycles\n") and "was merged into this entry" in page
    mona.says("Where is the yard for bicycles, and when does it close?")
    assert mona.sees("closes at eight")
    with reading() as session:
        unfurl = chat.runtime.router.unfurl_at(f"/entries/{other.id}")
        card = unfurl[0](session, ["everyone"], **unfurl[1]) if unfurl else None
    assert card is not None and card.summary == User("Bicycles")
    assert "merged with what said the same" in shown(chat, omar, f"/entries/{one.id}/history")
    assert "kept at the reception desk" in shown(chat, omar, f"/entries/{other.id}/history")
    omar.uses("knowledge.manage", other.id)
    assert "Bicycles" in omar.messages()[-1].text


def test_a_chain_of_merges_leads_to_its_end(chat: Chat) -> None:
    omar = chat.slack("omar")
    one, other = twice(chat, omar)
    chat.passes(hours=2)
    merges(omar, other)
    third = knows(chat, omar, "Bicycles in the yard", OTHER)
    chat.passes(minutes=3)
    chat.passes(days=8)
    merges(omar, third, title="Bicycles in the yard")
    assert state(one).merged_into_id == other.id and state(other).merged_into_id == third.id
    assert shown(chat, omar, f"/entries/{one.id}").startswith("Bicycles in the yard")


def test_a_merge_is_undone_within_a_week(chat: Chat) -> None:
    omar = chat.teams("omar")
    one, other = twice(chat, omar, OTHER + "\n\nThe yard closes at eight.")
    chat.passes(hours=2)
    merges(omar, one)
    omar.presses("Undo")
    assert state(other).state == CURRENT and state(other).merged_into_id is None and state(one).body == ONE
    assert shown(chat, omar, f"/entries/{other.id}").startswith("Where do bicycles stand?")
    merges(omar, one)
    chat.passes(days=8)
    omar.presses("Undo")
    assert state(other).state == MERGED and refused(omar, "more than a week ago")


def test_what_was_changed_since_is_not_overwritten_by_an_undo(chat: Chat) -> None:
    omar = chat.slack("omar")
    one, other = twice(chat, omar, OTHER + "\n\nThe yard closes at eight.")
    chat.passes(hours=2)
    merges(omar, one)
    edits(omar, one, body="Bicycles stand on the roof now.")
    omar.presses("Undo")
    assert state(other).state == CURRENT and state(one).body == "Bicycles stand on the roof now."


def test_merging_never_widens_who_may_read(chat: Chat) -> None:
    omar, mona = chat.slack("omar", department="HR"), chat.teams("mona")
    one, other = twice(
        chat, omar, OTHER + "\n\nThe boss hides the spare key under a stone.", audience=["department:hr"]
    )
    chat.passes(hours=2)
    form = omar.presses("Merge").form
    assert form is not None
    readers = next(each for each in form.inputs if each.name == "audience")
    assert readers.value == str(other.id) and len(readers.options) == 2
    values = {each.name: each.value for each in form.inputs}
    errors = omar.submits(**{**values, "keep": keep(form, one), "audience": str(one.id)}).errors
    assert "audience" in errors and state(one).state == CURRENT == state(other).state
    omar.submits(**{**values, "keep": keep(form, one), "body": ONE, "audience": str(one.id)})
    assert state(one).audience == ["everyone"] and state(other).state == MERGED
    assert "spare key" not in shown(chat, mona, f"/entries/{other.id}")
    with pytest.raises(Refusal):
        shown(chat, mona, f"/entries/{other.id}/history")


def test_a_contradiction_is_settled_and_both_owners_are_told(chat: Chat) -> None:
    root, omar, sara = chat.slack("root", roles=["admin"]), chat.slack("omar"), chat.teams("sara", locale="it")
    topic = chat.topic("leave", root)
    one = knows(chat, omar, "Ferie", IT[0], language="it", topic_id=topic.id)
    other = knows(chat, sara, "Chiedere le ferie", IT[1], language="it", topic_id=topic.id)
    chat.passes(minutes=3)
    assert [pair.contradicts for pair in pairs()] == [True]
    chat.passes(hours=2)
    assert root.sees("may contradict each other") and root.sees("entro 3 giorni") and root.sees("entro 10 giorni")
    form = root.presses("They contradict each other").form
    assert form is not None
    root.submits(keep=keep(form, other), others="withdraw", reason="Il regolamento dice dieci.")
    assert state(one).state == WITHDRAWN and state(other).state == CURRENT
    assert "withdrew" in own(omar) and "Il regolamento dice dieci." in own(sara)


def test_or_its_owner_puts_it_right(chat: Chat) -> None:
    root, omar = chat.teams("root", roles=["admin"]), chat.slack("omar")
    topic = chat.topic("yard", root)
    one = knows(chat, omar, "Bicycles", ONE, topic_id=topic.id)
    other = knows(chat, root, "Bicycles in the yard", AGAINST, topic_id=topic.id)
    chat.passes(minutes=3)
    chat.passes(hours=2)
    form = root.presses("They contradict each other").form
    assert form is not None
    root.submits(keep=keep(form, other), others="correct", reason="Gate 3 was walled up.")
    assert "Gate 3 was walled up." in own(omar) and state(one).state == CURRENT
    omar.presses("Edit")
    assert omar.reply.form is not None and home(chat, root).count("contradict") == 0


def test_what_was_called_different_is_never_suggested_again(chat: Chat) -> None:
    omar = chat.slack("omar")
    one, _ = twice(chat, omar)
    chat.passes(hours=2)
    omar.presses("They are different")
    assert "All of it is decided" in own(omar) and "These 2 entries" not in own(omar)
    edits(omar, one, body=ONE + " Ask there.")
    chat.passes(days=8)
    assert [pair.state for pair in pairs()] == [DIFFERENT] and "seem to say" not in home(chat, omar)
    omar.uses("knowledge.alike", pairs()[0].decision or 0)
    assert refused(omar, "more than a week ago")


def test_different_is_taken_back(chat: Chat) -> None:
    omar = chat.teams("omar")
    twice(chat, omar)
    chat.passes(hours=2)
    omar.presses("They are different")
    omar.presses("Undo")
    assert [pair.state for pair in pairs()] == [SUGGESTED] and "seem to say" in home(chat, omar)
    assert omar.messages()[0].text.count("seem to say") == 1


def test_of_three_one_may_be_left_out(chat: Chat) -> None:
    omar = chat.slack("omar")
    third = knows(chat, omar, "Bicycles by the gate", ONE + " Helmets too.")
    one, other = twice(chat, omar)
    chat.passes(hours=2)
    assert omar.sees("These 3 entries seem to say the same")
    merges(omar, one, **{f"with_{third.id}": "different"})
    assert (state(one).state, state(other).state, state(third).state) == (CURRENT, MERGED, CURRENT)
    assert {pair.state for pair in pairs()} == {DIFFERENT, "merged"}


def test_a_form_that_was_overtaken_changes_nothing(chat: Chat) -> None:
    omar, root = chat.slack("omar"), chat.teams("root", roles=["admin"])
    one, other = twice(chat, omar)
    chat.passes(hours=2)
    form = omar.presses("Merge").form
    assert form is not None
    edits(root, other, body=OTHER + " And pumps.")
    values = {each.name: each.value for each in form.inputs}
    omar.reply = type(omar.reply)(form=form)
    assert "keep" in omar.submits(**{**values, "keep": keep(form, one)}).errors
    assert state(other).state == CURRENT
    assert "And pumps." in shown(chat, omar, f"/duplicates/{pairs()[0].id}")


def test_who_leaves_hands_it_on(chat: Chat) -> None:
    omar, root = chat.slack("omar"), chat.teams("root", roles=["admin"])
    one, _ = twice(chat, omar)
    leaves(chat, omar, root)
    chat.passes(hours=2)
    chat.passes(hours=2)
    assert root.sees("These 2 entries seem to say the same")
    merges(root, one)
    assert state(one).revision == 2


SAME = ("holiday vacation ferie", "request ask chiedi", "calendar diary agenda", "manager boss capo", "weeks fortnight")
OTHERS = ("Badges open gates", "Parking costs nothing downstairs", "Lunch begins at noon", "Printers need paper daily")


def housekeeping() -> None:
    with transaction() as session:
        plan_look(session, timedelta())


def test_what_says_the_same_in_other_words_of_one_language_is_suggested(chat: Chat) -> None:
    omar = chat.slack("omar")
    with encoding(Thesaurus(*SAME)) as worker:
        catch_up(worker)
        for text in OTHERS:
            knows(chat, omar, text.split()[0], text)
        one = knows(chat, omar, "Holiday", "Request holiday: calendar, manager, weeks.")
        other = knows(chat, omar, "Vacation", "Ask vacation: diary, boss, fortnight.")
        knows(chat, omar, "Ferie", "Chiedi ferie: agenda, capo.", language="it")
        chat.passes(minutes=3)
        with reading() as session:
            assert not session.scalar(select(func.count(Entry.compared))), "they will be encoded first"
        catch_up(worker)
        housekeeping()
        chat.passes(minutes=3)
    assert [(pair.entry_id, pair.other_id) for pair in pairs()] == [(one.id, other.id)]


def test_what_nothing_encodes_is_compared_by_its_words_in_the_end(chat: Chat) -> None:
    omar = chat.slack("omar")
    with encoding(FakeEncoder()) as worker:
        catch_up(worker)
        twice(chat, omar)
        assert not pairs()
        chat.passes(days=1, hours=2)
        housekeeping()
        chat.passes(minutes=3)
    assert len(pairs()) == 1


def test_what_was_merged_and_came_back_is_for_whoever_looks_after_it_now(chat: Chat) -> None:
    omar, lea = chat.slack("omar"), chat.slack("lea")
    one, other = twice(chat, omar)
    chat.passes(hours=2)
    merges(omar, one, title="Bicycles")
    with transaction() as session:  # as an import does it
        for number in (one.id, other.id):
            entry = session.get_one(Entry, number)
            entry.state, entry.merged_into_id, entry.owner_id, entry.compared = CURRENT, None, lea.person.id, None
            store_parts(session, entry, [Part("", "", entry.body)])
        plan_look(session, timedelta())
    chat.passes(hours=2)
    (pair,) = pairs()
    assert (pair.state, pair.asked_of_id) == (SUGGESTED, lea.person.id)
    chat.passes(hours=2)
    assert "seem to say the same" in own(lea)
