"""An announcement in the languages of its readers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.announcements.tables import AnnouncementText, Poll
from models.base import reading
from tests import modelled
from tests.chat import Chat, Someone
from tests.drafting import TEXT, drafted, newest, reads, sent
from tests.modelled import Asks
from tests.translated import says

ITALIAN = "Ci trasferiamo in Harbour Street a marzo, con tutti gli uffici della direzione."


@pytest.fixture
def lena(chat: Chat) -> Someone:
    """An administrator who has something to say."""
    chat.at(datetime(2026, 11, 23, 8, tzinfo=UTC))
    return chat.slack("lena", name="Lena", roles=["admin"])


def test_each_reads_their_language_once_it_was_checked(chat: Chat, lena: Someone) -> None:
    mona, giulia = chat.slack("mona"), chat.teams("giulia", locale="it")
    one = drafted(lena)
    lena.presses("Languages")
    lena.uses("announcements.language.it", one.id)
    assert list(lena.submits(title="Ci trasferiamo", text="").errors) == ["text"]
    form = lena.uses("announcements.language.it", one.id).form
    assert form is not None and form.inputs[0].value == "Ci trasferiamo"
    assert not lena.submits(title="Ci trasferiamo", text=ITALIAN).errors
    assert "Italian: checked" in reads(lena)
    sent(chat, lena)
    assert giulia.sees(ITALIAN) and not giulia.sees(TEXT) and mona.sees(TEXT) and not mona.sees(ITALIAN)
    giulia.presses("See the original")
    assert giulia.sees(TEXT)


def test_what_a_model_drafted_is_not_sent_before_somebody_looked(chat: Chat, lena: Someone, asks: Asks) -> None:
    asks(says(We_are=ITALIAN, We_move="Ci trasferiamo tutti insieme"))
    giulia = chat.teams("giulia", locale="it")
    drafted(lena)
    lena.presses("Languages")
    lena.presses("Draft what is missing")
    modelled.work(chat)
    assert "Italian: not checked yet" in reads(lena)
    sent(chat, lena)
    assert giulia.sees(TEXT) and not giulia.sees(ITALIAN)
    lena.presses("Check {language}")
    assert lena.reply.form is not None and ITALIAN in str(lena.reply.form.inputs)


def test_unless_its_author_allows_it(chat: Chat, lena: Someone, asks: Asks) -> None:
    asks(says(We_are=ITALIAN, We_move="Ci trasferiamo tutti insieme"))
    giulia = chat.teams("giulia", locale="it")
    drafted(lena)
    lena.presses("Languages")
    lena.presses("Draft what is missing")
    modelled.work(chat)
    lena.presses("Options")
    lena.submits(unseen="yes", language="en", repeat="no", topic="0")
    sent(chat, lena)
    card = giulia.messages()[-1].card
    assert giulia.sees(ITALIAN) and card is not None and card.by_model


def test_a_translation_is_of_the_text_that_stood_beside_it(chat: Chat, lena: Someone) -> None:
    omar = chat.teams("omar", roles=["admin"])
    one = drafted(lena)
    omar.uses("announcements.language.it", one.id)
    lena.presses("Edit")
    lena.submits(title="We move", text="We stay.", audience="everyone")
    assert omar.submits(title="Ci trasferiamo", text=ITALIAN).errors["text"].text.startswith("The original was changed")
    assert not omar.submits(title="Restiamo", text="Restiamo qui, tutti quanti.").errors
    lena.presses("Edit")
    lena.submits(title="We move", text="We go.", audience="everyone")
    with reading() as session:
        assert session.scalars(select(AnnouncementText)).one().checked_at is None
    assert lena.sees("Not checked yet")


def test_in_right_to_left(chat: Chat) -> None:
    chat.at(datetime(2026, 11, 23, 8, tzinfo=UTC))
    dana = chat.teams("dana", roles=["admin"], locale="he", timezone="Asia/Jerusalem")
    dana.commands("announce")
    text = "אנחנו עוברים לרחוב הנמל במרץ."
    reply = dana.submits(title="אנחנו עוברים", text=text, audience="everyone", send_at="מחר 9:00")
    assert not reply.errors
    assert newest().language == "he" and newest().send_at == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert dana.messages()[-1].reader.direction == "rtl"


def test_polls_read_in_each_language_too(chat: Chat, lena: Someone) -> None:
    giulia = chat.teams("giulia", locale="it")
    one = drafted(lena)
    lena.presses("Poll")
    assert not lena.submits(words="When?", kind="single", options="March\nApril").errors
    lena.uses("announcements.language.it", one.id)
    assert list(lena.submits(title="Ci spostiamo", text=ITALIAN, poll1="Quando?\nMarzo").errors) == ["poll1"]
    assert not lena.submits(title="Ci spostiamo", text=ITALIAN, poll1="Quando?\n- Marzo\n- Aprile").errors
    sent(chat, lena)
    assert giulia.sees("Quando?") and not giulia.sees("When?")
    giulia.presses("Choose")
    form = giulia.reply.form
    assert form is not None and "Aprile" in str(form.inputs) and "April'" not in str(form.inputs)
    giulia.submits(choice="2")
    assert giulia.sees("Aprile")
    with reading() as session:
        assert session.scalars(select(Poll)).one().options == ["March", "April"]


def test_a_poll_that_is_added_later_is_not_yet_in_the_translation(chat: Chat, lena: Someone) -> None:
    one = drafted(lena)
    lena.uses("announcements.language.it", one.id)
    assert not lena.submits(title="Ci spostiamo", text=ITALIAN).errors
    lena.presses("Poll")
    assert not lena.submits(words="How good?", kind="scale", steps="5").errors
    assert lena.sees("Not checked yet")
    form = lena.uses("announcements.language.it", one.id).form
    assert form is not None and [each.name for each in form.inputs] == ["title", "text", "poll1"]
    assert not lena.submits(title="Ci spostiamo", text=ITALIAN, poll1="Quanto va bene?").errors
    lena.presses("Poll")
    lena.submits(remove=str(_poll()), words="", kind="single")
    lena.presses("Poll")
    assert not lena.submits(words="How bad?", kind="scale", steps="5").errors
    with reading() as session:
        assert session.scalars(select(AnnouncementText)).one().polls == {}


def test_a_model_drafts_polls_with_the_text(chat: Chat, lena: Someone, asks: Asks) -> None:
    said = {"We_are": ITALIAN, "We_move": "Ci trasferiamo tutti insieme", "When_would": "Quando vi andrebbe bene?",
            "In_early": "All'inizio di marzo", "In_late": "Alla fine di marzo"}  # fmt: skip
    asks(says(**said))
    drafted(lena)
    lena.presses("Poll")
    options = "In early March\nIn late March"
    assert not lena.submits(words="When would it suit you?", kind="single", options=options).errors
    lena.presses("Languages")
    lena.presses("Draft what is missing")
    modelled.work(chat)
    with reading() as session:
        found = session.get_one(AnnouncementText, (newest().id, "it"))
        assert found.polls == {"1": ["Quando vi andrebbe bene?", "All'inizio di marzo", "Alla fine di marzo"]}
        assert found.text == ITALIAN


def _poll() -> int:
    with reading() as session:
        return session.scalars(select(Poll)).one().id
