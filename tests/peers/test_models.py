"""The client of models against llmock, a server that breaks in every way in which servers of models do."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bot.ai.breaker import FAILURES, OPEN
from bot.ai.client import OpenAIModel
from bot.ai.model import ModelFailed, Prompt

PROMPT = Prompt("Answer in JSON.", "Where is the key?", "answer", {"type": "object", "additionalProperties": False,
                "properties": {"text": {"type": "string"}}, "required": ["text"]})  # fmt: skip
REPLY = '{"text": "The key is under the third mat from the left."}'
Make = Callable[..., OpenAIModel]


@pytest.fixture(params=[True, False], ids=["responses", "chat"])
def model(request, llmock) -> Make:
    """The client, by each of the two APIs."""

    def make(deadline: float = 10.0, key: str = "k") -> OpenAIModel:
        return OpenAIModel(key, "gpt-4o", llmock.base_url(), deadline, responses=request.param)

    return make


def failure(model: OpenAIModel, heard: list[str] | None = None) -> ModelFailed:
    with pytest.raises(ModelFailed) as caught:
        model.ask(PROMPT, (heard if heard is not None else []).append)
    return caught.value


def test_the_whole_reply_comes_piece_by_piece_with_what_it_cost(model, llmock):
    llmock.reply(REPLY)
    heard: list[str] = []
    said = model().ask(PROMPT, heard.append)
    assert said.text == "".join(heard) == REPLY and len(heard) > 3
    assert said.read > 0 and said.written > 0


def test_what_is_asked_has_a_schema_no_tools_and_is_not_to_be_kept(model, llmock):
    llmock.reply(REPLY)
    model().ask(PROMPT, lambda _: None)
    (asked,) = llmock.requests
    assert "tools" not in asked.body and asked.body["stream"] is True
    if asked.path.endswith("/responses"):
        assert asked.body["text"]["format"]["schema"] == PROMPT.schema and asked.body["store"] is False
    else:
        assert asked.body["response_format"]["json_schema"]["schema"] == PROMPT.schema


def test_a_rate_limit_is_waited_for_as_long_as_it_says(model, llmock):
    llmock.rate_limit(times=2, retry_after=0.2).reply(REPLY)
    began = time.monotonic()
    assert model().ask(PROMPT, lambda _: None).text == REPLY
    assert time.monotonic() - began >= 0.4 and len(llmock.requests) == 3


def test_a_rate_limit_that_lasts_is_not_waited_for(model, llmock):
    llmock.rate_limit(times=None, retry_after=60)
    assert failure(model()).reason == "limited" and len(llmock.requests) == 1


@pytest.mark.parametrize("status, reason", [(500, "server"), (503, "server"), (504, "server")])
def test_errors_of_the_server_are_tried_again_a_few_times(model, llmock, status, reason):
    llmock.fail(status, times=None, retry_after=0.01)
    failed = failure(model())
    assert (failed.reason, failed.charged, len(llmock.requests)) == (reason, False, 3)


@pytest.mark.parametrize("status, reason", [(401, "refused"), (403, "refused"), (404, "refused")])
def test_what_will_not_change_is_not_tried_again(model, llmock, status, reason):
    llmock.fail(status, times=None)
    asked = model()
    assert failure(asked).reason == reason and len(llmock.requests) == 1
    assert asked.breaker.state == OPEN


def test_a_spent_quota_is_not_tried_again(model, llmock):
    llmock.fail(429, times=None, code="insufficient_quota")
    assert failure(model()).reason == "refused" and len(llmock.requests) == 1


def test_a_prompt_that_is_too_long_is_no_fault_of_the_server(model, llmock):
    llmock.context_overflow(times=None)
    asked = model()
    for _ in range(FAILURES + 1):
        assert failure(asked).reason == "rejected"


def test_a_server_that_knows_no_schemas_is_asked_without(llmock):
    llmock.fail(400, message="response_format is not supported").reply(REPLY, times=None)
    model = OpenAIModel("k", "gpt-4o", llmock.base_url(), 10.0)
    assert [model.ask(PROMPT, lambda _: None).text for _ in range(2)] == [REPLY, REPLY]
    assert ["response_format" in each.body for each in llmock.requests] == [True, False, False]


def test_a_stream_that_ends_too_early_is_a_failure(model, llmock):
    llmock.reply(REPLY, times=None).truncate(after_chunks=4)
    heard: list[str] = []
    failed = failure(model(), heard)
    assert (failed.reason, failed.charged, len(llmock.requests)) == ("cut", True, 1)


def test_a_connection_that_breaks_is_a_failure_and_not_paid_for_twice(model, llmock):
    llmock.reply(REPLY, times=None).disconnect(after_chunks=4)
    assert failure(model()).reason == "cut" and len(llmock.requests) == 1


def test_a_chunk_that_is_no_json_is_a_failure(model, llmock):
    llmock.reply(REPLY, times=None).corrupt(after_chunks=4)
    failed = failure(model())
    assert (failed.reason, failed.charged, len(llmock.requests)) == ("malformed", True, 1)


def test_the_deadline_is_for_everything(model, llmock):
    llmock.reply(REPLY, times=None).stall(after_chunks=4, seconds=30)
    began = time.monotonic()
    failed = failure(model(deadline=0.8))
    assert (failed.reason, failed.charged) == ("deadline", True) and time.monotonic() - began < 5


def test_a_drip_of_words_does_not_outlive_the_deadline(model, llmock):
    llmock.reply(" ".join(["word"] * 200), times=None).pace(100)
    began = time.monotonic()
    assert failure(model(deadline=0.8)).reason == "deadline" and time.monotonic() - began < 5


def test_what_fails_again_and_again_is_left_alone(model, llmock):
    llmock.reply(REPLY, times=None).corrupt(times=None)
    asked = model()
    for _ in range(FAILURES):
        assert failure(asked).reason == "malformed"
    before = len(llmock.requests)
    assert failure(asked).reason == "resting" and len(llmock.requests) == before


def test_nobody_there_is_a_failure():
    assert failure(OpenAIModel("k", "m", "http://127.0.0.1:9/v1", 10.0)).reason == "unreachable"


def test_whether_a_model_is_there_can_be_asked(llmock):
    assert [OpenAIModel("k", name, llmock.base_url(), 5.0).known() for name in ("gpt-4o", "gpt-none")] == [True, False]
    with pytest.raises(ModelFailed):
        OpenAIModel("k", "gpt-4o", "http://127.0.0.1:9/v1", 5.0).known()
