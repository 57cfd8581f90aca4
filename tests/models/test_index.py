"""The index: whatever part of it a document is in, it is found by the same formula, and by nobody who may not."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.search import bits
from models.search.collection import BY_WORDS, NEAR, NEAR_OF_MANY, Collection
from models.search.index import Index
from models.search.merge import merge
from models.search.pool import SAMPLE, Document, Pool, Query, Vector

SPACE = "drawn"
WORDS = "vpn badge gate leave salary printer invoice laptop harbour crane shift roster audit parcel".split()
KEYS = ("everyone", "place:1", "place:2", "role:admin", "person:7")


def unit(seed: int, dimensions: int = 24) -> Vector:
    drawn = np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)
    return drawn / np.float32(np.linalg.norm(drawn))


def document(id: int, text: str, *audience: str, title: str = "", language: str = "en") -> Document:
    vectors = {SPACE: unit(id)} if id % 5 else {}
    return Document("passage", id, id, language, title, text, audience or ("everyone",), vectors)


def store(count: int, seed: int = 1) -> list[Document]:
    luck = random.Random(seed)
    return [
        document(
            number + 1, " ".join(luck.choices(WORDS, k=12)), *luck.sample(KEYS, luck.randint(1, 3)),
            title=" ".join(luck.choices(WORDS, k=2)), language=luck.choice(["en", "he", "it"]))
        for number in range(count)
    ]  # fmt: skip


def put_away(collection: Collection, folder: Path) -> None:
    old = collection.turn_over()
    collection.replace([old], merge([old], folder))


def index_of(documents: Sequence[Document], at_rest: int, folder: Path) -> Index:
    """An index with the first ``at_rest`` of the documents on the disk."""
    index = Index()
    index.put(documents[:at_rest])
    if at_rest:
        put_away(index.of("passage"), folder)
    index.put(documents[at_rest:])
    return index


def figures(pool: Pool) -> dict[int, tuple[float, ...]]:
    near = np.nan_to_num(pool.cosine[SPACE], nan=-2)
    return {
        int(pool.ids[at]): tuple(round(float(each[at]), 3) for each in (pool.bm25, pool.coverage, near))
        for at in range(len(pool))
    }


@pytest.mark.parametrize("at_rest", [40, 20, 39])
def test_what_is_at_rest_is_measured_like_what_is_new(tmp_path: Path, at_rest: int) -> None:
    documents = store(40)
    query = Query("vpn badge gate", "en", {SPACE: unit(3)})
    new, old = (index_of(documents, rest, tmp_path / str(rest)) for rest in (0, at_rest))
    assert figures(new.pool(query, KEYS)) == figures(old.pool(query, KEYS))
    for titles in (False, True):
        one, other = (index.of("passage").spread(SPACE, 24, titles) for index in (new, old))
        assert one.centre("en") == pytest.approx(other.centre("en"), abs=1e-3)


def test_what_was_put_in_several_times_is_measured_as_if_once(tmp_path: Path) -> None:
    documents, query = store(40), Query("vpn badge gate", "en", {SPACE: unit(3)})
    once, often = index_of(documents, 0, tmp_path), index_of(documents, 0, tmp_path)
    for _ in range(3):
        often.put(documents)
    assert figures(often.pool(query, KEYS)) == figures(once.pool(query, KEYS))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    held=st.lists(st.sampled_from([*KEYS, "nobody", "", "%", "place:"]), max_size=4),
    seed=st.integers(0, 10_000), at_rest=st.sampled_from([0, 60, 120]), gone=st.sets(st.integers(1, 120)),
)  # fmt: skip
def test_all_that_may_be_read_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, held: list[str], seed: int, at_rest: int, gone: set[int]
) -> None:
    documents = store(120, seed)
    index = index_of(documents, at_rest, tmp_path_factory.mktemp("index") / "block")
    index.remove("passage", gone)
    readable = {one.id for one in documents if set(one.audience) & set(held) and one.id not in gone}
    words = index.pool(Query("vpn badge gate", "en"), held)
    asked = {"vpn", "badge", "gate"}
    having = {one.id for one in documents if one.id in readable and asked & set(f"{one.title} {one.text}".split())}
    assert set(words.ids.tolist()) <= having and len(words) >= min(BY_WORDS, len(having))
    near = index.pool(Query("", "en", {SPACE: unit(seed)}), held)
    with_vector = {id for id in readable if id % 5}
    assert set(near.ids.tolist()) <= with_vector and len(near) >= min(NEAR, len(with_vector))


def test_who_may_read_one_in_a_thousand_gets_ten(tmp_path: Path) -> None:
    documents = [document(n, "vpn badge", "everyone" if n % 1000 else "few", title="gate") for n in range(1, 12_001)]
    index = index_of(documents, 12_000, tmp_path / "block")
    for query in (Query("vpn", "en"), Query("", "en", {SPACE: unit(1)})):
        found = index.pool(query, ["few"])
        expected = {n for n in range(1000, 12_001, 1000) if n % 5 or not query.vectors}
        assert set(found.ids.tolist()) == expected
    assert len(index.pool(Query("vpn", "en"), ["everyone"])) == BY_WORDS


def test_every_language_has_its_nearest(tmp_path: Path) -> None:
    documents = [document(n, "x", language="it" if n % 29 else "he") for n in range(1, 6_001)]
    index = index_of(documents, 6_000, tmp_path / "block")
    found = index.pool(Query("", "it", {SPACE: unit(7)}), ["everyone"])
    assert {"he", "it"} == set(found.languages.tolist())
    assert (found.languages == "he").sum() >= NEAR
    spread = index.of("passage").spread(SPACE, 24)
    assert len(spread.sample("it")) == SAMPLE and 0 < len(spread.sample("he")) <= 206


def test_the_nearest_of_many_are_found_by_bits(tmp_path: Path) -> None:
    documents = [document(n, "x") for n in range(1, 10_001) if n % 5]
    index = index_of(documents, len(documents), tmp_path / "block")
    near = unit(4321) + 0.3 * unit(99)
    found = index.pool(Query("", "en", {SPACE: (near / np.linalg.norm(near)).astype(np.float32)}), ["everyone"])
    assert int(found.ids[np.argmax(found.cosine[SPACE])]) == 4321


def test_the_nearest_of_very_many_are_found_in_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("LONG", 5_000), ("_LIST", 100), ("_PER_WANTED", 1)):
        monkeypatch.setattr(bits, name, value)
    keys = ["everyone" if n % 10 else "few" for n in range(16_000)]
    documents = [document(n, "x", keys[n], language="en" if n % 7 else "it") for n in range(1, 16_000)]
    index = index_of(documents, len(documents), tmp_path / "block")
    gone = {n for n in range(1, 16_000) if n % 3 == 0}
    index.remove("passage", gone)
    right = 0
    for wanted in range(1, 300, 7):
        near = unit(wanted) + 0.3 * unit(20_000 + wanted)
        query = Query("", "en", {SPACE: (near / np.linalg.norm(near)).astype(np.float32)})
        found = index.pool(query, ["everyone"])
        assert not gone & set(found.ids.tolist()) and all(keys[id] == "everyone" for id in found.ids.tolist())
        assert (found.languages == "en").sum() == NEAR_OF_MANY and (found.languages == "it").sum() == NEAR
        right += wanted in gone or wanted % 5 == 0 or keys[wanted] == "few" or wanted in found.ids.tolist()
    assert right >= 40  # of 43: some lie beyond the lists that are looked at


def test_blocks_become_one_while_documents_go_and_come(tmp_path: Path) -> None:
    documents = store(90)
    index = Index()
    passages = index.of("passage")
    for number in range(3):
        index.put(documents[30 * number : 30 * number + 30])
        put_away(passages, tmp_path / f"part-{number}")
    index.remove("passage", [1, 40])
    old = list(passages.blocks)
    new = merge(old, tmp_path / "whole")
    index.remove("passage", [2, 70])  # while the others were being merged
    index.put([document(41, "changed meanwhile")])
    passages.replace(old, new)
    assert len(passages.blocks) == 1 and len(index) == 86
    assert not {1, 2, 40, 70} & set(index.pool(Query(" ".join(WORDS), "en"), KEYS).ids.tolist())
    assert index.pool(Query("meanwhile", "en"), ["everyone"]).ids.tolist() == [41]


def test_quoted_words_and_codes_are_found_though_many_have_some_of_them(tmp_path: Path) -> None:
    documents = [document(n, "error error gate code 4012 ERR 17 " + "gate " * 3) for n in range(1, 500)]
    wanted = document(500, f"The scanner says ERR-4012 {'and then some more ' * 40} at the gate")
    index = index_of([*documents, wanted], 500, tmp_path / "block")
    found = index.pool(Query("gate error ERR-4012", "en"), ["everyone"])
    assert [int(id) for id, exact in zip(found.ids, found.exact, strict=True) if exact == 1] == [500]


@pytest.mark.parametrize(
    "text", ["x" * 40_000, "word " * 8_000, "🙂", "'; drop table entry; --", "at f(x.py:3)\n" * 3_000, '"' * 40_000]
)
def test_whatever_is_asked_takes_less_than_a_second(tmp_path: Path, text: str) -> None:
    index = index_of(store(200), 100, tmp_path / "block")
    index.put([document(999, text)])
    started = time.process_time()
    index.pool(Query(text, "en", {SPACE: unit(1)}), KEYS)
    assert time.process_time() - started < 1


def test_what_many_ask_is_not_taken_for_what_all_questions_have_in_common() -> None:
    index, luck = Index(), np.random.default_rng(3)
    index.put([document(number, " ".join(WORDS[:3])) for number in range(1, 41)])
    near = unit(13) + unit(300)
    query = Query("gate", "en", {SPACE: near / np.float32(np.linalg.norm(near))})

    def nearness() -> float:
        pool = index.pool(query, KEYS)
        return float(pool.cosine[SPACE][pool.ids == 13][0])

    alone = nearness()
    for number in range(15):
        like = query.vectors[SPACE] + 0.08 * luck.standard_normal(24).astype(np.float32)
        vectors = {SPACE: like / np.float32(np.linalg.norm(like))}
        index.put([Document("question", number, number, "en", "", "gate?", ["everyone"], vectors)])
    assert nearness() > 0.95 * alone
