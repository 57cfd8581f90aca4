"""The log of decisions: found by words, cited in answers, and told to whoever asks who decided this and why."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.texts import Reader, say
from handlers.decisions.asking import is_about_a_decision
from models.base import reading
from models.decisions.find import find
from models.decisions.tables import Decision
from models.mail import PostedCard
from models.people import Person
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
PARKING = {"title": "Who may park in the yard?", "options": "Couriers only\nEverybody by turns", "until": "in 3 days"}
ASKING = (
    "Who decided this and why?",
    "why was it decided that only couriers park there?",
    "What did we decide about parking?",
    "When was this decided?",
    "Chi ha deciso questo, e perché?",
    "Perché è stato deciso così?",
    "Cosa abbiamo deciso sul parcheggio?",
    "Chi ha preso questa decisione?",
    "מי החליט על זה ולמה?",
    "למה הוחלט שרק שליחים חונים בחצר?",
    "מה החלטנו לגבי החניה?",
    "מתי התקבלה ההחלטה?",
    "من قرر هذا ولماذا؟",
    "لماذا تقرر أن يقف السعاة فقط؟",
    "ماذا قررنا بشأن الموقف؟",
    "من اتخذ هذا القرار؟",
)
NOT_ASKING = (
    "How do I rotate keys?",
    "Who is on call?",
    "I have decided to take Friday off.",
    "Chi è di turno?",
    "Ho deciso di restare a casa.",
    "מי בתורנות היום?",
    "החלטתי לקחת יום חופש",
    "من المناوب اليوم؟",
    "قررت أن آخذ إجازة",
    "Where do I park?",
    "Can I undecide?",
)


@pytest.fixture(autouse=True)
def monday_morning(request: pytest.FixtureRequest) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    if "chat" in request.fixturenames:
        request.getfixturevalue("chat").at(MONDAY)


@pytest.fixture
def people(chat: Chat) -> tuple[Someone, Someone]:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("yard", mona, omar)
    return mona, omar


def decided(chat: Chat, asker: Someone, in_: str = "yard", reason: str = "", **values: str) -> Decision:
    asker.commands("decide", in_=in_)
    assert not asker.agrees(**{**PARKING, **values}).errors
    with reading() as session:
        decision = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert decision is not None
    asker.uses("decisions.say", decision.id)
    asker.submits(choice="1", reason=reason)
    chat.passes(days=5)
    return decision


@pytest.mark.parametrize("text", ASKING)
def test_who_decided_is_understood(text: str) -> None:
    assert is_about_a_decision(text)


@pytest.mark.parametrize("text", NOT_ASKING)
def test_what_asks_about_no_decision_is_left_to_others(text: str) -> None:
    assert not is_about_a_decision(text)


def test_who_asks_is_told_who_decided_and_why(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar = people
    said = mona.says("The yard is full again.", in_="yard", mention=False)
    mona._event("shortcut", "yard", text="The yard is full again.", route="decisions.from_message", message=said)
    assert not mona.agrees(**PARKING).errors
    omar.says("Who decided this and why?", in_="yard", thread=said)
    assert omar.sees("0 of 2 have had their say.") and not omar.sees("I have found nothing")
    omar.presses("Have your say")
    omar.submits(choice="1", reason="Their vans are wide.")
    chat.passes(days=5)
    before = len(omar.messages())
    omar.says("Chi ha deciso questo e perché?", in_="yard", thread=said)
    answer = omar.messages()[-1].text
    assert len(omar.messages()) == before + 1 and "Couriers only" in answer and "Their vans are wide." in answer
    omar.says("Why was it decided who may park in the yard?")
    assert omar.messages()[-1].conversation == "dm:omar" and "Their vans are wide." in omar.messages()[-1].text


def test_knowledge_cites_what_was_decided(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar = people
    decided(chat, mona)
    omar.says("Who may park in the yard?")
    assert omar.sees("We decided: ") and omar.sees("Couriers only")


def test_the_log_is_listed_looked_through_and_opened(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar = people
    mona.commands("decisions")
    assert mona.sees("Nothing was decided yet where you can read it.")
    chat.knows("Parking in the yard", "Ask at the gate who may park in the yard.")
    parking = decided(chat, mona, reason="Wide vans.")
    decided(chat, mona, title="Which coffee do we buy?", options="Beans\nCapsules")
    omar.commands("decisions")
    assert omar.sees("Which coffee do we buy?") and omar.sees("Couriers only")
    outsider = chat.slack("sam")
    outsider.commands("decisions", "park in the yard")
    found = outsider.messages()[-1].text
    assert "Who may park in the yard?" in found and "Ask at the gate" not in found and "Parking in" not in found
    outsider.commands("decisions", "caps%ules")
    assert outsider.sees("I know no decision about")
    outsider.commands("decisions", "CAPSULES")
    assert "Which coffee do we buy?" in outsider.messages()[-1].text
    outsider.commands("decisions", f"#{parking.id}")
    assert outsider.sees("Wide vans.")
    outsider.commands("decisions", "9" * 20)
    assert "number of a decision" in say(outsider.reply.notice, Reader())
    outsider.commands("decisions", "giraffes on the moon")
    assert outsider.sees("I know no decision about")


def test_what_a_closed_channel_decides_is_for_its_members_alone(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar = people
    chat.channel("board", mona, closed=True)
    decision = decided(chat, mona, in_="board")
    mona.commands("decisions", "park in the yard")
    assert mona.messages()[-1].text.count("Couriers only") == 1
    omar.commands("decisions", "park in the yard")
    omar.commands("decisions", str(decision.id))
    omar.uses("decisions.say", decision.id)
    omar.says("Who decided who may park in the yard?")
    assert not omar.sees("Couriers only")
    mona.says("Who decided who may park in the yard?", in_="yard")
    assert "Couriers only" in mona.messages()[-1].text and not omar.sees("Couriers only")
    with reading() as session:
        person = session.get_one(Person, omar.person.id)
        assert find(session, person, "park in the yard", "en", 5, {}) == []


def test_what_does_not_hold_any_more_is_not_found(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar = people
    decision = decided(chat, mona)
    mona.uses("decisions.more", decision.id)
    mona.presses("It does not hold any more")
    assert omar.sees("This does not hold any more")
    omar.commands("decisions", "park in the yard")
    assert omar.sees("I know no decision about")
    omar.says("Who may park in the yard?")
    assert not omar.sees("We decided: ")


def test_pages_links_and_searches_show_it_to_who_may(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar = people
    decision = decided(chat, mona, reason="Wide vans.")
    router = chat.runtime.router
    with reading() as session:
        reader = session.get_one(Person, omar.person.id)
        for path in ("/decisions", f"/decisions/{decision.id}"):
            handler, numbers = router.page_at(path) or (None, {})
            assert handler is not None
            page = handler(session, reader, **numbers)
            assert "Couriers only" in str(page.elements), path
        unfurl, numbers = router.unfurl_at(f"/decisions/{decision.id}") or (None, {})
        assert unfurl is not None and unfurl(session, ["place:0"], **numbers) is None
        card = unfurl(session, ["everyone"], **numbers)
        assert card is not None and "Wide vans." in str(card)
        hits = router.searches["decisions"](session, reader, "park in the yard", {})
        assert len(hits) == 1 and "Couriers only" not in str(hits[0].card) and "Couriers only" in str(hits[0].about)


def test_below_its_card_it_is_the_one_that_is_meant(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar = people
    decided(chat, mona)
    with reading() as session:
        card = session.scalars(select(PostedCard.reference).where(PostedCard.about.like("decision:%"))).first()
    omar.says("Who decided this and why?", in_="yard", thread=card)
    assert "Couriers only" in omar.messages()[-1].text and not omar.sees("I have found nothing")
