"""Which models this process asks, as its settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ai import model
from models.budgets import Limits

if TYPE_CHECKING:
    from bot.ai.client import OpenAIModel
    from bot.config import Settings


def use_models(settings: Settings) -> None:
    """From now on this process asks the model that ``settings`` name, if they name one."""
    limits = Limits(settings.openai_calls_per_person, settings.openai_tokens_per_day, settings.openai_tokens_per_month)
    model.use(writer(settings), limits)


def writer(settings: Settings, deadline: float | None = None) -> OpenAIModel | None:
    """The model that writes answers; ``None`` where there is no name or no key."""
    if settings.openai_model is None or settings.openai_api_key is None:
        return None
    from bot.ai.client import OpenAIModel  # takes half a second to import

    key, url = settings.openai_api_key.get_secret_value(), settings.openai_base_url
    return OpenAIModel(key, settings.openai_model, url, deadline or settings.openai_deadline)
