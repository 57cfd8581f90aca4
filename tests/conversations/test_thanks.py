"""Saying thanks: a word to whoever answered, in their own chat, and never a flood of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.inbound import SYSTEM, Inbound
from bot.routing import tell
from bot.turn import Turn
from models import privacy, recognition
from models.base import reading, transaction
from models.company import set_setting
from models.erasing import erase
from models.facts import Fact
from models.people import Person
from models.questions import Question
from models.thanks import Thanks
from tests.asking import change, leaves
from tests.chat import Chat, Someone
from tests.given import points, wrote

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
YARD = "In the yard, behind gate 3."


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    chat.at(MONDAY)


def own(someone: Someone) -> str:
    """What they see in their own chat with Agora."""
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def answered(asker: Someone, expert: Someone, text: str = "Where can I park my bicycle?") -> None:
    """Somebody asked in a channel, another answered, and that solved it."""
    place = f"help-{asker.handle}"
    if place not in asker.chat.places_of(asker):
        asker.chat.channel(place, asker, expert)
    asker.says(text, in_=place)
    expert.presses("I can answer")
    expert.submits(text=YARD)
    asker.presses("This solved it")


def thanks(asker: Someone, words: str = "") -> None:
    asker.presses("Thank")
    asker.submits(words=words)
    assert not asker.reply.errors


def said() -> list[Thanks]:
    with reading() as session:
        return list(session.scalars(select(Thanks).order_by(Thanks.id)))


def test_a_word_of_thanks_reaches_whoever_answered(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    answered(mona, omar)
    thanks(mona, "  You saved\nmy morning. ")
    chat.passes(seconds=1)
    assert "thanks you for your answer to" in own(omar) and "“\u2068You saved my morning.\u2069”" in own(omar)
    assert "thanks you" not in own(mona)
    assert mona.presses("Thank").notice is not None, "once is enough"
    assert len(said()) == 1
    with reading() as session:
        assert session.scalar(select(Fact.verb).where(Fact.verb == "thanks.given")) == "thanks.given"


def test_thanks_need_no_words_and_may_not_be_a_letter(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    answered(mona, chat.slack("lea"))
    mona.presses("Thank")
    assert "words" in mona.submits(words="x" * 301).errors
    mona.submits(words="")
    assert said()[0].words is None and said()[0].to_id != omar.person.id


def test_only_whoever_asked_thanks_and_only_for_what_solved_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    answered(mona, omar)
    assert omar.presses("Thank").notice is not None and said() == []
    mona.presses("Thank")
    form = mona.reply.form
    assert form is not None
    mona.uses("answers.unaccept", 1)
    mona.reply = mona.reply.__class__(form=form)
    assert mona.submits(words="Thank you!").errors and said() == []


def test_nobody_thanks_themselves(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("help", mona)
    mona.says("Where can I park my bicycle?", in_="help")
    mona.presses("I can answer")
    mona.submits(text=YARD)
    mona.presses("This solved it")
    assert not mona.sees("[Thank]")
    assert mona.uses("recognition.thank", 1).notice is not None


def test_many_thanks_are_one_message_a_day(chat: Chat) -> None:
    omar = chat.slack("omar")
    askers = [chat.slack(f"p{number}") for number in range(4)]
    for asker in askers:
        answered(asker, omar)
    thanks(askers[0], "First.")
    chat.passes(seconds=1)
    for asker in askers[1:]:
        thanks(asker, f"From {asker.handle}.")
        chat.passes(minutes=5)
    assert "First." in own(omar) and "From" not in own(omar)
    chat.passes(days=1)
    together = [m.text for m in omar.messages() if "thank you." in m.text]
    assert len(together) == 1 and "3 people thank you." in together[0]
    assert all(f"From {asker.handle}." in together[0] for asker in askers[1:])
    chat.passes(days=3)
    assert own(omar).count("First.") == 1


def test_who_is_away_or_at_home_is_thanked_when_they_work(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    answered(mona, omar)
    chat.at(MONDAY.replace(hour=22))
    thanks(mona, "Well done.")
    chat.passes(hours=2)
    assert "Well done." not in own(omar)
    chat.passes(hours=10)
    assert "Well done." in own(omar)


def test_who_wants_no_messages_gets_none_and_may_change_their_mind(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    answered(mona, omar)
    thanks(mona, "Thank you!")
    chat.passes(seconds=1)
    omar.presses("Send me no more of these")
    assert "I send you no more of these" in own(omar)
    answered(lea, omar)
    thanks(lea, "From Lea.")
    chat.passes(days=2)
    assert "From Lea." not in own(omar)
    omar.uses("recognition.undo")
    answered(lea, omar, "Where is the printer?")
    thanks(lea, "Again.")
    chat.passes(days=2)
    assert "From Lea." in own(omar) and "Again." in own(omar)


def test_who_asked_without_a_name_thanks_without_one(chat: Chat) -> None:
    asker, omar = chat.slack("xanthippe", name="Xanthippe"), chat.slack("omar")
    chat.topic("pay", omar)
    with transaction() as session:
        set_setting(session, "anonymous", True)
    asker.commands("ask")
    asker.submits(text="Why was my bonus cut?", anonymous="yes")
    asker.presses("Ask an expert")
    if asker.reply.form is not None:
        field = asker.reply.form.inputs[0]
        asker.submits(**{field.name: next(each.value for each in field.options if each.value)})
    omar.presses("Answer")
    omar.submits(text="Because of the new rule, see §4.")
    asker.presses("This solved it")
    asker.presses("Thank")
    assert asker.reply.form is not None
    asker.submits(words="That helps.")
    chat.passes(seconds=1)
    assert "Somebody thanks you for your answer" in own(omar) and "That helps." in own(omar)
    assert "Xanthippe" not in own(omar) and said()[0].person_id != asker.person.id
    assert points(omar) == 0 and points(asker) == 0


def test_an_entry_that_solved_it_can_be_thanked_for_and_its_author_learns_no_question(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    wrote(chat, omar, "Resetting the VPN token on a laptop")
    mona.says("Resetting the VPN token on my laptop")
    mona.presses("This solved it")
    thanks(mona, "It works again.")
    chat.passes(seconds=1)
    assert "thanks you for the entry “\u2068Resetting the VPN token on a laptop\u2069”" in own(
        omar
    ) and "It works again." in own(omar)
    assert "my laptop" not in own(omar)
    assert points(omar) == recognition.WORTH["reused"] + recognition.WORTH["thanked"]


def test_whoever_is_erased_leaves_no_words_of_thanks(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    words = "You saved my morning, and the whole week with it."
    answered(mona, omar)
    thanks(mona, words)
    chat.passes(seconds=1)
    assert words in own(omar)
    with transaction() as session:
        found = privacy.export(session, session.get_one(Person, omar.person.id))
        assert found["thanks"][0]["words"] == words
    with transaction() as session:
        erase(session, session.get_one(Person, mona.person.id))
    chat.work()
    assert said() == [] and words not in own(omar) and lea.screen() == ""
    assert points(omar) == recognition.WORTH["accepted"], "what they accepted stays, as what they asked does"


def test_an_entry_that_helps_again_thanks_its_author_once_a_week(chat: Chat) -> None:
    omar = chat.slack("omar")
    askers = [chat.slack(f"p{number}") for number in range(4)]
    wrote(chat, omar, "Resetting the VPN")
    for asker in askers[:3]:
        asker.says("Resetting the VPN")
        asker.presses("This solved it")
    assert "helped again" not in own(omar)
    chat.passes(days=1, minutes=1)
    assert own(omar).count("helped again") == 1
    assert "“\u2068Resetting the VPN\u2069” solved it for 3 people." in own(omar)
    chat.passes(minutes=1)
    askers[3].says("Resetting the VPN")
    askers[3].presses("This solved it")
    chat.passes(days=3)
    assert own(omar).count("helped again") == 1
    chat.passes(days=5)
    assert own(omar).count("helped again") == 2 and "solved it for 1 person." in own(omar)


def test_what_happened_once_is_told_and_counted_once(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    wrote(chat, omar, "Resetting the VPN")
    mona.says("Resetting the VPN")
    mona.presses("This solved it")
    before = points(omar)
    for _ in range(3):
        with transaction() as session:
            solved = session.scalars(select(Fact).where(Fact.verb == "question.solved").limit(1)).one()
            turn = Turn(session, Inbound(SYSTEM, SYSTEM, "again", "timer"), chat.new_id(), None)
            turn.emit(solved.verb, session.get_one(Question, solved.entity_id), **solved.data)
            tell(chat.runtime.router, turn)
        chat.passes(minutes=1)
    chat.passes(days=1, minutes=1)
    chat.passes(days=8)
    assert own(omar).count("helped again") == 1 and points(omar) == before == recognition.WORTH["reused"]


def test_what_was_taken_back_thanks_nobody(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    wrote(chat, omar, "Resetting the VPN")
    mona.says("Resetting the VPN")
    mona.presses("This solved it")
    mona.presses("Undo")
    chat.passes(days=2)
    assert "helped again" not in own(omar) and points(omar) == 0


def test_whom_a_digest_tells_is_told_there(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    change(omar, digest="daily")
    wrote(chat, omar, "Resetting the VPN")
    mona.says("Resetting the VPN")
    mona.presses("This solved it")
    chat.passes(hours=23, minutes=30)
    assert "solved it for 1 person." in own(omar) and "helped again" not in own(omar)
    chat.passes(days=1)
    assert own(omar).count("solved it for 1 person.") == 1


def test_who_left_is_not_thanked(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    answered(mona, omar)
    leaves(chat, omar)
    assert mona.presses("Thank").notice is not None
    assert said() == []


def test_messages_and_points_are_chosen_apart(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    wrote(chat, omar, "Resetting the VPN")
    omar.uses("recognition.settings")
    omar.submits(counted="no", told="yes")
    mona.says("Resetting the VPN")
    mona.presses("This solved it")
    chat.passes(days=1, minutes=1)
    assert "helped again" in own(omar) and points(omar) is None
