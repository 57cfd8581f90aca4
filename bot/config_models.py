"""The settings of models: which one writes, where it is, and how much it may be asked."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, SecretStr

from bot import config_values as values
from bot.config_fields import setting

_NAME = re.compile(r"[\w./:@+-]{1,200}")


def base_url(value: str | None) -> str | None:
    """The address of an OpenAI-compatible server, without a final slash."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if "@" in value:
        raise ValueError("it has a user name or a password in it. Put the key into OPENAI_API_KEY.")
    if not usable or not value.isprintable() or " " in value:
        raise ValueError(f"{values.shown(value)!r} is not an http or https address. Write it as https://HOST/v1.")
    return value.rstrip("/")


def model_name(value: str | None) -> str | None:
    """What a server calls a model by."""
    if value is not None and not _NAME.fullmatch(value):
        raise ValueError(f"{values.shown(value)!r} is not the name of a model. Copy it from your provider's list.")
    return value


BaseUrl = Annotated[str | None, AfterValidator(base_url)]
ModelName = Annotated[str | None, AfterValidator(model_name)]
Seconds = Annotated[int, values.whole_number(1, 120)]
Count = Annotated[int, values.whole_number(0, 999_999_999)]


class ModelSettings(BaseModel):
    """What an operator decides about models. Without any of these Agora asks none."""

    openai_api_key: SecretStr | None = setting(
        "OPENAI_API_KEY",
        "The key of OpenAI, or of the compatible server. Unset: nothing is sent to any model.",
        default=None,
        unset="none",
        example="sk-…",
    )
    openai_base_url: BaseUrl = setting(
        "OPENAI_BASE_URL",
        "The address of an OpenAI-compatible server, which is then asked instead of OpenAI, by its Chat Completions.",
        default=None,
        unset="OpenAI's own",
        example="https://models.example.com/v1",
    )
    openai_model: ModelName = setting(
        "OPENAI_MODEL",
        "The model that writes answers from passages. Unset: the passages are shown as they are.",
        default=None,
        unset="none",
        example="gpt-5-mini",
    )
    openai_deadline: Seconds = setting(
        "OPENAI_DEADLINE",
        "How many seconds a model has for an answer, with every new attempt. Nobody waits for it meanwhile.",
        default=30,
        example="20",
    )
    openai_calls_per_person: Count = setting(
        "OPENAI_CALLS_PER_PERSON",
        "How many calls of the model one person may cause in a day (UTC). After that they see the passages alone.",
        default=100,
        example="40",
    )
    openai_tokens_per_day: Count = setting(
        "OPENAI_TOKENS_PER_DAY",
        "How many tokens the whole company may use in a day (UTC), read and written together.",
        default=5_000_000,
        example="1000000",
    )
    openai_tokens_per_month: Count = setting(
        "OPENAI_TOKENS_PER_MONTH",
        "How many tokens the whole company may use in a calendar month (UTC), read and written together.",
        default=50_000_000,
        example="20000000",
    )
    openai_embedding_model: ModelName = setting(
        "OPENAI_EMBEDDING_MODEL",
        "The model of the same server that encodes texts for search. Unset: the one that comes with Agora, which sends "
        "nothing anywhere.",
        default=None,
        unset="Agora's own",
        example="text-embedding-3-large",
    )
    openai_embeddings_per_day: Count = setting(
        "OPENAI_EMBEDDINGS_PER_DAY",
        "How many texts the whole company may let that model encode in a day (UTC). After that search goes by words "
        "alone, and what is new waits for the next day.",
        default=200_000,
        example="50000",
    )
