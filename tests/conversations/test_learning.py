"""From an accepted answer to knowledge: drafts, and those who verify them."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.cards import Card
from bot.plaintext import plain
from bot.texts import Reader
from handlers.knowledge.drafting import content
from models.access import may
from models.answers import Answer
from models.base import reading, transaction
from models.facts import Fact
from models.files import File, attach, keep
from models.knowledge import CURRENT, DRAFT, REFUSED, Entry, Topic
from models.people import Person
from models.places import CHANNEL, Place
from models.questions import Question
from tests.chat import Chat, Someone

ASKED = "Where can I park my bicycle?"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
YARD = "In the yard, behind gate 3."


def learnt(chat: Chat, asker: Someone, expert: Someone, owner: Someone, *others: Someone, **about: object) -> Topic:
    """A question was asked in #help, answered, and the answer accepted; the draft is shown to the topic's owner."""
    topic = chat.topic("office", owner)
    everybody = {someone.handle: someone for someone in (asker, expert, *others)}
    chat.channel("help", *everybody.values(), topic_id=topic.id, **about)
    asker.says(ASKED, in_="help")
    expert.presses("I can answer")
    expert.submits(text=YARD)
    asker.presses("This solved it")
    chat.passes(minutes=1)
    return topic


def entry() -> Entry:
    with reading() as session:
        return session.scalars(select(Entry).order_by(Entry.id.desc())).first()  # type: ignore[return-value]


def verbs() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Fact.verb).where(Fact.entity == "entry").order_by(Fact.id)))


def own(someone: Someone) -> str:
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def filled(**changes: str) -> dict[str, str]:
    """What an entry's form sends when only ``changes`` are made."""
    now = entry()
    sent = {"title": now.title, "body": now.body, "topic": str(now.topic_id or 0), "language": now.language}
    return {**sent, "audience": "as_is", "review_on": "", "reason": "", "wrong": "no", **changes}


def deactivate(person: Person) -> None:
    with transaction() as session:
        session.execute(update(Person).where(Person.id == person.id).values(active=False))


def test_an_accepted_answer_is_verified_and_the_next_asker_gets_it(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.teams("omar", locale="it")
    learnt(chat, mona, lea, omar)
    assert YARD in own(omar)
    assert (entry().state, entry().author_id, entry().audience[0]) == (DRAFT, lea.person.id, "everyone")
    omar.presses("Verify")
    assert (entry().state, entry().verified_by_id) == (CURRENT, omar.person.id)
    assert "which came from you" in own(lea)
    nora = chat.teams("nora")
    nora.says("where to park my bicycle?")
    assert YARD in own(nora) and "verified by" in own(nora)
    assert verbs()[:2] == ["entry.drafted", "entry.shown"] and "entry.verified" in verbs()


def test_nobody_finds_a_draft(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    learnt(chat, mona, lea, omar)
    nora = chat.slack("nora")
    nora.commands("find", "park bicycle")
    assert YARD not in nora.screen() and nora.sees("Nothing that you may read")


def test_the_owner_refuses_with_a_reason_and_the_author_may_send_it_again(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.teams("lea"), chat.slack("omar")
    topic = chat.topic("office", omar)
    lea.commands("know")
    lea.submits(title="Bicycles", body=YARD, topic=str(topic.id), language="en", audience="everyone", review_on="")
    chat.passes(minutes=1)
    assert omar.presses("Refuse").form is not None
    assert "reason" in omar.submits(reason="  ").errors
    omar.presses("Refuse")
    omar.submits(reason="Which yard? Say the street.")
    assert entry().state == REFUSED and "Say the street" in own(lea) and "Thank you" in own(lea)
    lea.presses("Change it and send it again")
    lea.submits(**filled(body="In the yard of 5 Dock Street."))
    assert entry().state == DRAFT
    chat.passes(minutes=1)
    omar.presses("Verify")
    mona.commands("find", "bicycles")
    assert mona.sees("Dock Street")


def test_a_refusal_is_undone(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    learnt(chat, mona, lea, omar)
    omar.presses("Refuse")
    omar.submits(reason="No.")
    omar.presses("Undo")
    assert entry().state == DRAFT
    assert "entry.restored" in verbs()


def test_what_was_asked_in_private_is_widened_by_choice_alone(chat: Chat) -> None:
    mona, omar, nora = chat.slack("mona"), chat.slack("omar", roles=["admin"]), chat.slack("nora")
    topic = chat.topic("office", omar)
    with transaction() as session:
        draft = learning_draft(session, mona, topic)
    chat.passes(minutes=1)
    assert omar.sees("asked in private") and not any(
        b.label.text == "Verify" for m in omar.messages() for b in m.buttons
    )
    omar.presses("Choose who may read it")
    omar.submits(**filled(audience="everyone"))
    assert entry().id == draft and entry().audience == ["everyone"] and entry().state == CURRENT
    nora.commands("find", "bicycles")
    assert YARD in own(nora)


def learning_draft(session, mona: Someone, topic: Topic) -> int:  # type: ignore[no-untyped-def]
    from models import learning
    from models.places import place_at

    place = place_at(session, mona.platform, "here", mona.own_chat)
    assert place is not None
    content = learning.Content("Bicycles", YARD, "en", topic.id, (f"place:{place.id}",))
    return learning.draft(session, content, mona.person).id


def test_only_audiences_that_one_is_of_can_be_chosen(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    learnt(chat, mona, lea, omar)
    omar.presses("Edit")
    form = omar.reply.form
    assert form is not None
    offered = {option.value for one in form.inputs if one.name == "audience" for option in one.options}
    assert "department:hr" not in offered
    assert "audience" in omar.submits(**filled(audience="department:hr")).errors
    assert entry().audience[0] == "everyone" and entry().state == DRAFT


def test_a_draft_that_nobody_verifies_is_reminded_of_and_handed_on(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    dana, root = chat.teams("dana"), chat.slack("root", roles=["admin"])
    topic = learnt(chat, mona, lea, omar)
    with transaction() as session:
        session.get_one(Topic, topic.id).deputy_id = dana.person.id
    chat.passes(days=3, hours=1)
    assert omar.sees("Still waiting for you") and not dana.sees(YARD)
    chat.passes(days=4, hours=1)
    assert YARD in own(dana)
    chat.passes(days=3, hours=1)
    chat.passes(days=4, hours=1)
    assert YARD in own(root)
    root.presses("Verify")
    assert entry().state == CURRENT and "verified" in own(omar) and "verified" in own(dana)


def test_an_owner_who_left_between_draft_and_verification_is_stood_in_for(chat: Chat) -> None:
    mona, lea, omar, root = (
        chat.slack("mona"),
        chat.slack("lea"),
        chat.slack("omar"),
        chat.slack("root", roles=["admin"]),
    )
    learnt(chat, mona, lea, omar)
    deactivate(omar.person)
    assert omar.presses("Verify").notice is not None and entry().state == DRAFT
    chat.passes(days=3, hours=1)
    root.presses("Verify")
    assert entry().state == CURRENT


def test_an_answer_that_is_accepted_no_more_takes_its_draft_along(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    learnt(chat, mona, lea, omar)
    assert YARD in own(omar)
    mona.presses("Undo")
    with reading() as session:
        assert session.scalars(select(Entry)).all() == []
    assert YARD not in own(omar)


def test_a_draft_follows_its_answer_and_names_no_asker(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    learnt(chat, mona, lea, omar)
    lea.presses("Edit")
    lea.submits(text="In the yard, behind gate 4.")
    assert "gate 4" in entry().body and "gate 3" not in entry().body
    assert "mona" not in f"{entry().title} {entry().body}".casefold()


def test_the_files_of_an_answer_go_along_for_whoever_may_read_the_entry(chat: Chat) -> None:
    mona, lea, omar, nora = chat.slack("mona"), chat.slack("lea"), chat.slack("omar"), chat.teams("nora")
    topic = chat.topic("office", omar)
    chat.channel("board", mona, lea, closed=True, topic_id=topic.id)
    mona.says(ASKED, in_="board")
    lea.presses("I can answer")
    lea.submits(text=YARD)
    with transaction() as session:
        answer = session.scalars(select(Answer)).one()
        map_ = keep(session, answer.author, "map.png", PNG)
        attach(session, answer.author, [map_.id], answer)
    mona.presses("This solved it")
    chat.passes(minutes=1)
    assert "[map.png]" in own(omar)
    with reading() as session:
        mine, theirs = session.scalars(select(File).order_by(File.entry_id)).all()
        assert mine.entry_id == entry().id and theirs.answer_id is not None
        assert not may(session, session.get_one(Person, nora.person.id), "read", mine)
    omar.presses("Edit")
    omar.submits(**filled(audience="everyone"))
    with reading() as session:
        reader = session.get_one(Person, nora.person.id)
        assert may(session, reader, "read", session.get_one(File, mine.id))
        assert not may(session, reader, "read", session.get_one(File, theirs.id))


def test_a_flood_of_drafts_does_not_flood_its_owner(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    topic = chat.topic("office", omar)
    with transaction() as session:
        for _ in range(8):
            learning_draft(session, mona, topic)
    chat.passes(minutes=1)
    shown = [m for m in omar.messages() if "A draft waits for you" in m.text]
    assert len(shown) == 5 and omar.sees("6 things wait for you")
    omar.presses("Refuse")
    omar.submits(reason="We have that.")
    shown = [m for m in omar.messages() if "A draft waits for you" in m.text]
    assert len(shown) == 5  # one less, and the next that was kept back


def home(chat: Chat, someone: Someone) -> str:
    """Their home, as text."""
    with reading() as session:
        person = session.get_one(Person, someone.person.id)
        elements = [part for _, section in chat.runtime.router.sections for part in section(session, person)]
        return plain(Card(None, tuple(elements)), Reader())  # type: ignore[arg-type]


def test_the_home_shows_what_waits_what_is_mine_and_what_is_new(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea"), chat.slack("omar")
    topic = learnt(chat, mona, lea, omar)
    assert "Drafts for you to verify" in home(chat, omar) and "Drafts for you to verify" not in home(chat, mona)
    assert "bicycle" in home(chat, lea) and "You have written nothing yet" in home(chat, mona)
    mona._event("button", None, route="knowledge.follow", id=topic.id)
    assert "New this week" not in home(chat, mona)
    omar.presses("Verify")
    assert "New this week" in home(chat, mona) and "Unfollow" in home(chat, mona)
    mona._event("button", None, route="knowledge.follow", id=topic.id)
    assert "New this week" not in home(chat, mona)


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ("Where may I park?", f"> In winter.\n\n{YARD}"),
        ("Where may I park?\nIt has 3 wheels.", f"> Where may I park?\n> It has 3 wheels.\n> In winter.\n\n{YARD}"),
    ],
)
def test_what_the_title_says_is_not_said_again(asked: str, body: str) -> None:
    question = Question(
        text=asked, more=["In winter."], language="en", audience=["everyone"], place=Place(kind=CHANNEL)
    )
    made = content(question, Answer(text=YARD))
    assert (made.title, made.body) == ("Where may I park?", body)
