"""Answering, and what people do with answers."""

from __future__ import annotations

from sqlalchemy import func, select

from models.answers import Answer, AnswerRevision, Comment, Vote, answers
from models.base import reading, transaction
from models.facts import Fact
from models.people import Account, Person
from models.questions import ANSWERED, SOLVED, Question
from tests.chat import Chat, Someone

ASKED = "Where can I park my bicycle?"
YARD = "In the yard, behind gate 3."


def asked(chat: Chat, asker: Someone, *others: Someone) -> None:
    chat.channel("help", asker, *others)
    asker.says(ASKED, in_="help")


def answered(chat: Chat, someone: Someone, text: str = YARD, private: str = "") -> None:
    """They answer by number, as the button of an offer does."""
    someone.reply = chat.happens(someone.inbound("button", route="answers.write", id=question().id))
    someone.submits(text=text, private=private)


def own(someone: Someone) -> str:
    """What they see in their own chat with Agora."""
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def count(verb: str) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Fact).where(Fact.verb == verb)) or 0


def question() -> Question:
    with reading() as session:
        return session.scalars(select(Question).order_by(Question.id)).first()  # type: ignore[return-value]


def test_several_answers_stand_side_by_side_and_the_right_one_is_accepted(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    answered(chat, omar)
    answered(chat, lea, "Wherever you like.")
    assert mona.sees(YARD) and mona.sees("Wherever you like.")
    mona.presses("This solved it")
    assert "says that this solved it" in [m for m in mona.messages() if "Wherever" in m.text][-1].text
    assert "solved it." not in [m for m in mona.messages() if YARD in m.text][-1].text
    assert question().state == SOLVED and mona.sees("✓ Solved")
    assert "solved it" in own(lea)


def test_an_answer_is_addressed_to_the_asker_in_their_thread(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    asked(chat, mona, omar)
    omar.presses("I can answer")
    omar.submits(text=YARD)
    shown = [m for m in mona.messages() if YARD in m.text]
    assert len(shown) == 1 and shown[0].thread == mona.last
    assert "Omar" in shown[0].text and "Mona" in shown[0].text
    assert "You answered" in own(omar)


def test_another_answer_may_be_accepted_instead(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    answered(chat, omar)
    answered(chat, lea, "Wherever you like.")
    mona.presses("This solved it")
    mona.presses("This solved it")
    with reading() as session:
        accepted = [answer.accepted for answer in answers(session, question())]
    assert accepted == [True, False]
    assert "no longer says" in own(lea)
    assert (count("answer.accepted"), count("answer.unaccepted")) == (2, 1)


def test_accepting_is_the_askers_and_can_be_undone(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    asked(chat, mona, omar)
    answered(chat, omar)
    assert omar.presses("This solved it").notice is not None
    assert question().state == ANSWERED
    mona.presses("This solved it")
    assert question().state == SOLVED
    mona.presses("Undo")
    assert question().state == ANSWERED
    assert not mona.sees("says that this solved it") and count("answer.unaccepted") == 1
    mona.presses("This solved it")
    assert question().state == SOLVED


def test_reopening_with_a_reason_tells_whoever_answered(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    chat.channel("help", mona)
    mona.says(ASKED, in_="help")
    answered(chat, omar)
    mona.presses("This solved it")
    mona.presses("Not solved after all")
    assert "why" in mona.submits(why=" ").errors
    mona.submits(why="Gate 3 is closed on Fridays.")
    assert "Gate 3 is closed on Fridays." in own(omar)
    assert mona.sees("has reopened this") and question().more == ["Gate 3 is closed on Fridays."]
    assert not mona.sees("says that this solved it")


def test_helpful_counts_everybody_once_and_not_oneself(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    answered(chat, omar)
    lea.presses("Helpful")
    mona.presses("Helpful ({n})")
    assert mona.sees("[Helpful (2)]") and "2 people found it helpful" in own(omar)
    lea.presses("Helpful ({n})")
    assert mona.sees("[Helpful (1)]") and count("answer.voted") == 3
    assert omar.presses("Helpful ({n})").notice is not None
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Vote)) == 1


def test_who_is_no_longer_here_does_not_vote(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    answered(chat, omar)
    with transaction() as session:
        session.get_one(Person, lea.person.id).active = False
    assert lea.presses("Helpful").notice is not None
    assert not mona.sees("Helpful (1)")


def test_comments_stand_below_the_answer_and_are_told_together(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    chat.channel("help", mona, lea)
    mona.says(ASKED, in_="help")
    answered(chat, omar)
    before = len(omar.messages())
    for remark in ("Which gate?", "And at night?"):
        lea.presses("Comment")
        lea.submits(text=remark)
    assert "And at night?" in [m for m in mona.messages() if m.conversation == "help" and YARD in m.text][-1].text
    assert len(omar.messages()) == before + 1 and "2 comments" in omar.messages()[-1].text
    assert "2 comments" in own(mona) and "comments on" not in own(lea)
    chat.passes(hours=1)
    lea.presses("Comment")
    lea.submits(text="Thank you!")
    assert len(omar.messages()) == before + 2 and "1 comment on" in omar.messages()[-1].text


def test_an_empty_comment_comes_back_with_the_reason(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    asked(chat, mona, omar)
    answered(chat, omar)
    mona.presses("Comment")
    assert "text" in mona.submits(text=" \n").errors
    assert "text" in mona.submits(text="x" * 2001).errors
    assert mona.submits(text="x" * 2000).errors == {}


def test_five_hundred_comments_stay_readable(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    asked(chat, mona, omar)
    answered(chat, omar)
    with transaction() as session:
        given = session.scalars(select(Answer)).one()
        session.add_all(Comment(answer_id=given.id, author_id=mona.person.id, text=f"No. {i}") for i in range(499))
    mona.presses("Comment")
    mona.submits(text="The last one")
    shown = [m for m in mona.messages() if m.conversation == "help" and YARD in m.text][-1].text
    assert "The last one" in shown and "497 earlier comments" in shown and "No. 3\n" not in shown


def test_an_author_edits_and_what_it_said_is_kept(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar", locale="it")
    asked(chat, mona, omar)
    answered(chat, omar)
    mona.presses("This solved it")
    form = omar.presses("Edit").form
    assert form is not None and form.inputs[0].value == YARD
    assert "text" in omar.submits(text=YARD).errors
    omar.submits(text="In the yard, behind gate 4.")
    assert mona.sees("gate 4") and not mona.sees("gate 3") and mona.sees("edited on")
    assert count("answer.edited") == 1
    with reading() as session:
        assert [each.text for each in session.scalars(select(AnswerRevision))] == [YARD]


def test_only_the_author_edits(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    asked(chat, mona, omar)
    answered(chat, omar)
    assert chat.happens(mona.inbound("button", route="answers.edit", id=1)).notice is not None
    assert chat.happens(mona.inbound("form", route="answers.edit", id=1, values={"text": "Nowhere."})).errors
    assert mona.sees(YARD) and not mona.sees("Nowhere.")


def test_a_private_answer_is_the_askers_until_they_share_it(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    lea.presses("Follow")
    answered(chat, omar, private="shareable")
    assert YARD in own(mona) and not lea.sees(YARD)
    assert lea.sees("privately")
    mona.presses("Share with everybody")
    assert [m for m in lea.messages() if m.conversation == "help" and YARD in m.text]
    assert YARD in own(lea) and count("answer.shared") == 1


def test_a_private_answer_reaches_whoever_has_no_chat_with_agora_yet(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    with transaction() as session:
        session.scalars(select(Account).where(Account.external == "mona")).one().private = None
    answered(chat, omar, private="private")
    assert mona.sees(YARD) and not lea.sees(YARD)


def test_what_its_author_keeps_private_cannot_be_shared(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    answered(chat, omar, private="private")
    assert YARD in own(mona) and not mona.sees("Share with everybody")
    assert chat.happens(mona.inbound("button", route="answers.share", id=1)).notice is not None
    for act in ("vote", "comment", "share"):
        assert chat.happens(lea.inbound("button", route=f"answers.{act}", id=1)).form is None
    assert not lea.sees(YARD)


def test_a_very_long_answer_is_kept_whole_and_shown_in_short(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    asked(chat, mona, omar)
    text = "Right behind the gate. " * 1739
    answered(chat, omar, text[:40_000])
    assert mona.sees("Read the whole answer")
    with reading() as session:
        assert len(session.scalars(select(Answer.text)).one()) > 39_900
    omar.reply = chat.happens(omar.inbound("button", route="answers.write", id=1))
    assert "text" in omar.submits(text="x" * 40_001).errors


def test_a_solved_question_still_takes_an_answer(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked(chat, mona, omar, lea)
    answered(chat, omar)
    mona.presses("This solved it")
    answered(chat, lea, "Gate 4 works too.")
    assert mona.sees("Gate 4 works too.") and question().state == SOLVED


def test_who_may_not_read_the_question_may_not_answer_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("board", mona, closed=True)
    mona.says(ASKED, in_="board")
    assert chat.happens(omar.inbound("button", route="answers.write", id=1)).form is None
    refused = chat.happens(omar.inbound("form", route="answers.write", id=1, values={"text": YARD}))
    assert refused.errors and not mona.sees(YARD)


def test_a_solved_question_offers_one_way_back(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    chat.channel("help", mona)
    mona.says(ASKED, in_="help")
    answered(chat, omar)
    mona.presses("This solved it")
    solved = next(m for m in mona.messages() if "✓ Solved" in m.text)
    assert [button.label.text for button in solved.buttons] == ["Thank", "Not solved after all", "Make a task"]
    chat.knows("Parking", "Park at gate 3.")
    mona.says("Where can I park at the gate?")
    mona.presses("This solved it")
    solved = [m for m in mona.messages() if "✓ Solved" in m.text][-1]
    assert [button.label.text for button in solved.buttons] == ["Undo"]
