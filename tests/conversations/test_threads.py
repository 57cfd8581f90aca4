"""Following, reopening, closing as a duplicate, and messages that change."""

from __future__ import annotations

from sqlalchemy import select

from models.base import reading, transaction
from models.facts import Fact
from models.followers import Follower
from models.places import Membership
from models.questions import MERGED, OPEN, Question
from tests.chat import Chat, Someone

BICYCLE = "Where can I park my bicycle?"
YARD = "In the yard, behind gate 3."


def own(someone: Someone) -> str:
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def question(id: int = 1) -> Question:
    with reading() as session:
        return session.get_one(Question, id)


def verbs() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Fact.verb).order_by(Fact.id)))


def answered(chat: Chat, someone: Someone, number: int, text: str = YARD) -> None:
    someone.reply = chat.happens(someone.inbound("button", route="answers.write", id=number))
    someone.submits(text=text, private="")


def pressed(chat: Chat, someone: Someone, route: str, number: int) -> None:
    someone.reply = chat.happens(someone.inbound("button", route=route, id=number))


def test_a_follower_hears_once_in_their_own_chat(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea", locale="he")
    chat.channel("help", mona, omar, lea)
    mona.says(BICYCLE, in_="help")
    assert lea.presses("Follow").notice is not None
    pressed(chat, lea, "threads.follow", 1)
    assert lea.reply.notice is not None
    answered(chat, omar, 1)
    assert own(lea).count(YARD) == 1
    lea.presses("Unfollow")
    answered(chat, omar, 1, "Or behind gate 4.")
    assert "gate 4" not in own(lea)


def test_the_asker_need_not_follow_and_strangers_may_not(chat: Chat) -> None:
    mona, eve = chat.slack("mona"), chat.slack("eve")
    chat.channel("board", mona, closed=True)
    mona.says(BICYCLE, in_="board")
    for someone in (mona, eve):
        pressed(chat, someone, "threads.follow", 1)
        assert someone.reply.notice is not None
    with reading() as session:
        assert session.scalars(select(Follower)).all() == []


def test_whoever_lost_the_right_to_read_hears_no_more(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    chat.channel("board", mona, omar, lea, closed=True)
    mona.says(BICYCLE, in_="board")
    lea.presses("Follow")
    with transaction() as session:
        place = question().place_id
        session.delete(session.get_one(Membership, (place, lea.person.id)))
    answered(chat, omar, 1)
    assert YARD not in own(lea)


def test_a_duplicate_brings_its_followers_along(chat: Chat) -> None:
    mona, omar, lea, sam = (chat.slack(name) for name in ("mona", "omar", "lea", "sam"))
    chat.channel("help", mona, omar, lea, sam)
    mona.says(BICYCLE, in_="help")
    lea.says("Is there a place for two wheels?", in_="help")
    pressed(chat, sam, "threads.follow", 2)
    pressed(chat, lea, "threads.duplicate", 2)
    lea.submits(number="1", chosen="")
    assert question(2).state == MERGED and question(2).merged_into_id == 1
    assert "question.merged" in verbs() and lea.sees("closed as a duplicate")
    answered(chat, omar, 1)
    assert YARD in own(lea) and YARD in own(sam)


def test_what_is_written_for_a_duplicate_reaches_the_question_that_stays(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.teams("lea")
    chat.channel("help", mona, omar)
    mona.says(BICYCLE, in_="help")
    chat.channel("general", lea)
    lea.says("Is there a place for two wheels?", in_="general")
    pressed(chat, omar, "answers.write", 2)
    form = omar.reply
    pressed(chat, lea, "threads.duplicate", 2)
    lea.submits(number="#1", chosen="")
    omar.reply = form
    omar.submits(text=YARD, private="")
    assert [m for m in mona.messages() if m.conversation == "help" and YARD in m.text]
    assert YARD in own(lea)


def test_words_find_the_other_question(chat: Chat) -> None:
    mona, lea = chat.slack("mona"), chat.slack("lea")
    chat.channel("help", mona, lea)
    mona.says(BICYCLE, in_="help")
    lea.says("Is there a place for two wheels?", in_="help")
    pressed(chat, lea, "threads.duplicate", 2)
    assert lea.submits(number="quantum tea", chosen="").errors
    form = lea.submits(number="park bicycle", chosen="").form
    assert form is not None and form.inputs[0].name == "chosen"
    lea.submits(chosen="1", number="")
    assert question(2).merged_into_id == 1


def test_chains_cycles_and_oneself_are_refused(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("help", mona)
    for text in (BICYCLE, "Is there a place for two wheels?", "When does the canteen open?"):
        mona.says(text, in_="help")

    def merge(one: int, into: int) -> bool:
        pressed(chat, mona, "threads.duplicate", one)
        if mona.reply.form is None:
            return False
        return not mona.submits(number=str(into), chosen="").errors

    assert not merge(1, 1)
    assert merge(2, 1)
    assert not merge(1, 2)
    assert not merge(3, 2)
    assert not merge(1, 3)
    assert not merge(2, 3)
    assert not merge(3, 999)
    assert [question(number).state for number in (1, 2, 3)] == [OPEN, MERGED, OPEN]


def test_a_merge_can_be_undone(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    chat.channel("help", mona, omar, lea)
    mona.says(BICYCLE, in_="help")
    lea.says("Is there a place for two wheels?", in_="help")
    pressed(chat, lea, "threads.duplicate", 2)
    lea.submits(number="1", chosen="")
    lea.presses("Undo")
    assert question(2).state == OPEN and question(2).merged_into_id is None
    answered(chat, omar, 1)
    assert YARD not in own(lea)


def test_only_the_asker_the_topics_owner_and_admins_close_as_a_duplicate(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    ada = chat.slack("ada", roles=["admin"])
    topic = chat.topic("office", omar)
    chat.channel("help", mona, omar, lea, ada, topic_id=topic.id)
    chat.channel("board", mona, closed=True)
    mona.says(BICYCLE, in_="help")
    mona.says("Who has the keys to the safe?", in_="board")
    for someone, number, allowed in ((lea, 1, False), (omar, 1, True), (ada, 1, True), (ada, 2, False)):
        pressed(chat, someone, "threads.duplicate", number)
        assert (someone.reply.form is not None) is allowed, (someone.handle, number)


def test_a_duplicate_is_told_to_its_asker_and_shows_nothing_that_is_not_theirs(chat: Chat) -> None:
    mona, lea, ada = chat.slack("mona"), chat.slack("lea"), chat.slack("ada", roles=["admin"])
    chat.channel("help", mona, lea, ada)
    chat.channel("board", ada, mona, closed=True)
    mona.says("Who has the keys to the zeppelin?", in_="board")
    mona.says("Is there a place for two wheels?", in_="help")
    lea.says("Where do bicycles go?", in_="help")
    pressed(chat, ada, "threads.duplicate", 3)
    assert ada.submits(number="1", chosen="").errors
    pressed(chat, ada, "threads.duplicate", 2)
    ada.submits(number="1", chosen="")
    assert "as a duplicate" in own(mona)
    assert not lea.sees("zeppelin")


def test_an_edited_question_is_looked_for_again(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("help", mona)
    chat.knows("Parking", "Bicycles are parked in the yard, behind gate 3.")
    said = mona.says("Where can I perk my bcycle?", in_="help")
    assert not mona.sees("behind gate 3")
    mona.changes(said, "Where can bicycles be parked?", in_="help")
    assert mona.sees("behind gate 3") and question().text == "Where can bicycles be parked?"
    assert len(mona.messages()) == 1


def test_once_answered_a_question_stays_what_it_was(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    said = mona.says(BICYCLE, in_="help")
    answered(chat, omar, 1)
    mona.changes(said, "When is lunch?", in_="help")
    assert question().text == BICYCLE and mona.sees("Write what you changed into its thread")


def test_nobody_else_changes_a_question(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    said = mona.says(BICYCLE, in_="help")
    omar.changes(said, "When is lunch?", in_="help")
    omar.deletes(said, in_="help")
    assert question().text == BICYCLE and "deleted" not in own(omar) + own(mona)


def test_a_deleted_message_asks_whether_to_withdraw(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    said = mona.says(BICYCLE, in_="help")
    mona.deletes(said, in_="help")
    mona.presses("Keep it")
    assert question().state == OPEN and "stays open" in own(mona)
    mona.deletes(said, in_="help")
    mona.presses("Withdraw it")
    assert question().state == "closed" and omar.sees("has withdrawn the question")
    mona.presses("Reopen")
    mona.submits(why="I still need it.")
    assert question().state == OPEN
