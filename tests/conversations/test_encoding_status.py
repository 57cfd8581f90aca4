"""Who administers Agora is told how far search by meaning is, and why it goes by words alone; nobody else is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import encoding_progress
from bot.ai import choosing, encoders
from bot.ai.encoder import EncoderFailed
from bot.ai.encoders import Encoders, Maker
from bot.config import Settings
from models.base import reading
from models.people import Person
from models.vectors import waiting
from tests.alike import as_text
from tests.chat import Chat, Someone
from tests.encoders import FakeEncoder, catch_up, encoding


@pytest.fixture
def gino(chat: Chat) -> Someone:
    someone = chat.slack("gino")
    someone.commands("admin")
    return someone


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    encoding_progress.forget()
    yield
    encoding_progress.forget()


def status(someone: Someone) -> str:
    someone.commands("agora", "status")
    return someone.messages()[-1].text


def home(chat: Chat, someone: Someone) -> str:
    with reading() as session:
        person = session.get_one(Person, someone.person.id)
        return as_text([part for _, section in chat.runtime.router.sections for part in section(session, person)])


def passed(seconds: float, before: int) -> None:
    """So long ago ``before`` texts waited."""
    with reading() as session:
        now = waiting(session)
    encoding_progress.forget()
    encoding_progress.note(dict.fromkeys(now, before), at=1000.0)
    encoding_progress.note(now, at=1000.0 + seconds)


def test_who_administers_sees_how_far_it_is_and_how_long_it_takes(chat: Chat, gino: Someone) -> None:
    mona, encoder = chat.slack("mona"), FakeEncoder()
    with encoding(encoder) as worker:
        catch_up(worker)
        for number in range(30):
            chat.knows(f"Entry {number}", "Something about parking.")
        assert "0 of 60 texts are searched by meaning so far." in status(gino)
        passed(60, before=90)
        assert "searched by meaning so far, about 2 minutes left." in status(gino)
        assert "about 2 minutes left" in home(chat, gino)
        passed(60, before=61)
        assert "0 of 60 texts are searched by meaning so far, about 60 minutes left." in status(gino)
        passed(300, before=61)
        assert "about 5 hours left" in status(gino)
        assert "by meaning" not in status(mona) + home(chat, mona)
        catch_up(worker)
        assert "by meaning" not in status(gino) + home(chat, gino)


def test_who_administers_sees_why_it_goes_by_words_alone(chat: Chat, gino: Someone) -> None:
    mona, encoder = chat.slack("mona"), FakeEncoder()
    assert "words alone" not in status(gino), "no encoder is wanted"
    with encoding(encoder) as worker:
        assert "by words alone until all titles are encoded" in status(gino)
        catch_up(worker)
        assert "words alone" not in status(gino)
        encoder.fails = "unreachable"
        mona.says("Where is the harbour?")
        assert "the server of the embeddings does not answer in time" in status(gino) + home(chat, gino)
        assert "words alone" not in status(mona) + home(chat, mona)
        encoder.fails = "spent"
        mona.says("Where is the crane?")
        assert "all that may be encoded today is used up" in status(gino)
        encoder.fails = None
        mona.says("Where is the parcel?")
        assert "words alone" not in status(gino)


@pytest.mark.parametrize(
    ("reason", "said"),
    [("missing", "there is no encoder for this machine"), ("refused", "refuses the key or the model"),
     ("garbage", "is of no use"), ("deadline", "does not answer in time")],
)  # fmt: skip
def test_an_encoder_that_cannot_be_had_is_explained(gino: Someone, reason: str, said: str) -> None:
    def make() -> FakeEncoder:
        raise EncoderFailed(reason)

    ours = Encoders([Maker("none", make)])
    encoders.use(ours)
    try:
        ours.load()
        assert said in status(gino)
    finally:
        encoders.use(Encoders())


def test_a_model_without_a_key_is_explained(gino: Someone) -> None:
    encoders.use(choosing.encoders(Settings(openai_embedding_model="bge-m3")))
    try:
        assert "no key for it" in status(gino)
    finally:
        encoders.use(Encoders())
