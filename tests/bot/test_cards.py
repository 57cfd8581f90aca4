"""Cards are data: stored as JSON with what is to be sent, and read back the same."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cards
from bot.cards import Card, Element, Form, Input, Reply, T, Text, User, Words, from_json, simple, to_json
from bot.plaintext import plain
from bot.texts import Reader
from models.people import Person

# PostgreSQL keeps neither NUL nor halves of surrogate pairs: capture refuses them, so that they never reach a card.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
moments = st.integers(-(10**9), 10**10).map(lambda at: datetime.fromtimestamp(at, UTC))
args = st.deferred(
    lambda: (
        texts | st.integers(-(2**53), 2**53) | st.booleans() | st.none() | moments | st.dates() | st.from_type(Words)
    )
)
st.register_type_strategy(str, texts)
st.register_type_strategy(int, st.integers(0, 2**53))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(datetime, moments)
st.register_type_strategy(
    T, st.builds(lambda text, many, args: T(text, many, **args), texts, st.none() | texts,
                 st.dictionaries(st.sampled_from(["n", "name", "text", "self", "many"]), args, max_size=2))
)  # fmt: skip


@given(st.from_type(Card) | st.from_type(Form))
def test_what_was_stored_is_read_back_the_same(part: Card | Form) -> None:
    assert from_json(orjson.loads(orjson.dumps(to_json(part)))) == part


@given(st.from_type(Reply))
def test_a_stored_reply_is_the_reply(reply: Reply) -> None:
    assert Reply.from_json(orjson.loads(orjson.dumps(reply.to_json()))) == reply


@given(st.from_type(Card), st.sampled_from(["en", "ar", "he", "it"]))
def test_every_card_can_be_read_as_plain_text(card: Card, locale: str) -> None:
    assert isinstance(plain(card, Reader(locale)), str)


def test_every_part_can_be_stored() -> None:
    """Whatever the module offers as a part is known to ``to_json``: a new one is not forgotten there."""
    parts = {kind for kind in vars(cards).values() if isinstance(kind, type) and issubclass(kind, cards.Part)}
    assert {kind.__name__ for kind in parts if is_dataclass(kind)} == set(cards._KINDS)
    assert set(get_args(Element) + get_args(Words)) <= parts


@pytest.mark.parametrize("part", [object(), {1, 2}, b"bytes", Person(handle="mona", name="Mona")], ids=repr)
def test_what_is_no_part_is_refused(part: Any) -> None:
    with pytest.raises(TypeError):
        to_json(Card(T("x"), (Text(T("{it}", it=part)),)))


@pytest.mark.parametrize("data", [{"_": "Nonsense"}, {"_": "__class__"}, {}, {"_": "Person", "id": 1}])
def test_what_it_never_wrote_is_not_read(data: Any) -> None:
    with pytest.raises(KeyError):
        from_json(data)


def test_what_an_earlier_version_stored_is_read_with_what_is_new_at_its_default() -> None:
    stored = to_json(Input("text", T("Text"), limit=12))
    for name in ("hint", "options", "required"):
        del stored[name]
    assert from_json(stored) == Input("text", T("Text"), limit=12)


def test_words_are_told_from_words() -> None:
    assert simple(User("{name}")) != simple(T("{name}"))
    assert len({T("x"), T("x", n=1), T("y")}) == 3
    assert all(field.name in to_json(T("x")) or field.name == "_" for field in fields(T))
    assert from_json(to_json(T("{d}", d=date(2026, 7, 1)))).args["d"] == date(2026, 7, 1)
