"""What ``app.py check`` says of the model."""

from bot.check.models import check_models
from tests.test_config import settings


def test_none_is_no_fault():
    (found,) = check_models(settings())
    assert found.ok and found.found.startswith("off")


def test_a_name_without_a_key_is_told():
    (found,) = check_models(settings(OPENAI_MODEL="gpt-4o"))
    assert not found.ok and "OPENAI_API_KEY" in found.fix


def test_a_model_that_is_there(llmock):
    (found,) = check_models(settings(OPENAI_MODEL="gpt-4o", OPENAI_API_KEY="k", OPENAI_BASE_URL=llmock.base_url()))
    assert found.ok and found.fix == "" and "gpt-4o" in found.found


def test_one_that_is_not_listed_is_advice(llmock):
    (found,) = check_models(settings(OPENAI_MODEL="gpt-none", OPENAI_API_KEY="k", OPENAI_BASE_URL=llmock.base_url()))
    assert found.ok and "OPENAI_MODEL" in found.fix


def test_a_key_that_is_refused(llmock):
    llmock.fail(401)
    (found,) = check_models(settings(OPENAI_MODEL="gpt-4o", OPENAI_API_KEY="k", OPENAI_BASE_URL=llmock.base_url()))
    assert not found.ok and "OPENAI_API_KEY" in found.fix


def test_nobody_there():
    (found,) = check_models(settings(OPENAI_MODEL="m", OPENAI_API_KEY="k", OPENAI_BASE_URL="http://127.0.0.1:9/v1"))
    assert not found.ok and "OPENAI_BASE_URL" in found.fix
