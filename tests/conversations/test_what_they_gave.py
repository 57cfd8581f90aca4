"""What somebody gave: on their home, for colleagues, and never as a comparison unless the company says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models import recognition
from models.base import Refusal, reading
from models.people import Person
from models.thanks import Recognition
from tests.chat import Chat, Someone
from tests.given import accepted, solved, wrote

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    chat.at(MONDAY)


def own(someone: Someone) -> str:
    """What they see in their own chat with Agora."""
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def opens_home(someone: Someone) -> None:
    someone.chat.happens(someone.inbound("home"))


def home(someone: Someone) -> str:
    """What their home shows."""
    return str(someone.chat.platforms[someone.platform].homes.get(someone.handle))


def shown(chat: Chat, someone: Someone, path: str) -> str:
    """A page, as they see it."""
    found = chat.runtime.router.page_at(path)
    assert found is not None
    handler, numbers = found
    with reading() as session:
        return str(handler(session, session.get_one(Person, someone.person.id), **numbers))


def test_the_home_says_what_one_gave(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    opens_home(omar)
    assert "Nothing yet. When an answer" in home(omar)
    accepted(omar, mona, MONDAY)
    opens_home(omar)
    assert "Answers that solved it" in home(omar) and "Your points, and for what" in home(omar)
    omar.commands("thanks")
    assert "5 points in the last twelve months" in own(omar) and "See for what" in own(omar)
    omar.uses("recognition.settings")
    omar.submits(counted="no", told="yes")
    opens_home(omar)
    assert "nothing is added up" in home(omar) and "points" not in home(omar).replace("Points and thanks", "")
    with reading() as session:
        chosen = session.get_one(Recognition, omar.person.id)
        assert (chosen.counted, chosen.told) == (False, True)


def test_others_see_what_somebody_gave_unless_they_do_not_want_that(chat: Chat) -> None:
    mona, omar, guest = chat.slack("mona"), chat.slack("omar"), chat.slack("gast", kind="guest")
    entry = wrote(chat, omar, "Resetting the VPN")
    secret = wrote(chat, omar, "The merger", audience=["group:board"])
    solved(mona, MONDAY, entry=entry)
    solved(guest, MONDAY, entry=secret)
    mona.commands("thanks", "omar")
    assert "6 points" in own(mona)
    page = shown(chat, mona, f"/thanks/{omar.person.id}")
    assert "Resetting the VPN" in page and "The merger" not in page
    assert "The merger" in shown(chat, omar, f"/thanks/{omar.person.id}")
    assert guest.commands("thanks", "omar").notice is not None or "nothing to show" in own(guest)
    assert "6 points" not in own(guest)
    omar.uses("recognition.settings")
    omar.submits(counted="no", told="yes")
    lea = chat.slack("lea")
    lea.commands("thanks", "omar")
    lea.commands("thanks", "nobody")
    assert own(lea).count("I have nothing to show of them") == 2, "of who does not want it the same is said"


def test_people_are_compared_only_where_the_company_says_so(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    ada, boss = chat.slack("ada", roles=["admin"]), chat.slack("boss", roles=["manager"])
    accepted(omar, mona, MONDAY)
    opens_home(ada)
    assert "Who gave most" not in home(ada)
    with pytest.raises(Refusal, match="no_ranking"):
        shown(chat, ada, "/ranking")
    recognition.use_ranking(True)
    try:
        opens_home(ada)
        assert "Who gave most" in home(ada) and "Omar" in shown(chat, ada, "/ranking")
        with pytest.raises(Refusal, match="not_allowed"):
            shown(chat, boss, "/ranking")
    finally:
        recognition.use_ranking(False)


def test_the_settings_begin_as_they_are(chat: Chat) -> None:
    omar = chat.slack("omar")
    omar.uses("recognition.settings")
    assert omar.reply.form is not None
    assert [each.value for each in omar.reply.form.inputs] == ["yes", "yes"]
    omar.submits(counted="yes", told="no")
    omar.uses("recognition.settings")
    assert [each.value for each in omar.reply.form.inputs] == ["yes", "no"]
