"""The settings of models."""

import pytest

from bot.config import Settings
from tests.test_config import settings, wrong


def test_nothing_is_asked_of_any_model_without_a_key():
    found = Settings()
    assert (found.openai_api_key, found.openai_base_url, found.openai_model) == (None, None, None)


def test_every_setting_is_read():
    found = settings(
        OPENAI_API_KEY="sk-1", OPENAI_BASE_URL="https://models.example.com/v1/", OPENAI_MODEL="org/model:1b",
        OPENAI_DEADLINE="12", OPENAI_CALLS_PER_PERSON="3", OPENAI_TOKENS_PER_DAY="0", OPENAI_TOKENS_PER_MONTH="9",
    )  # fmt: skip
    assert found.openai_api_key and found.openai_api_key.get_secret_value() == "sk-1"
    assert (found.openai_base_url, found.openai_model) == ("https://models.example.com/v1", "org/model:1b")
    assert (found.openai_deadline, found.openai_calls_per_person) == (12, 3)
    assert (found.openai_tokens_per_day, found.openai_tokens_per_month) == (0, 9)


@pytest.mark.parametrize(
    "name, value",
    [
        ("OPENAI_BASE_URL", "models.example.com"),
        ("OPENAI_BASE_URL", "ftp://models.example.com"),
        ("OPENAI_BASE_URL", "https://user:hunter2@models.example.com"),
        ("OPENAI_MODEL", "a model"),
        ("OPENAI_DEADLINE", "0"),
        ("OPENAI_CALLS_PER_PERSON", "-1"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, value):
    (line,) = wrong(**{name: value})
    assert line.startswith(f"{name}: ") and "hunter2" not in line
