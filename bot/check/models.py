"""Whether the model that writes answers can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ai.model import ModelFailed
from bot.ai.wiring import writer
from bot.check.found import Check

if TYPE_CHECKING:
    from bot.config import Settings

WAIT = 10.0  # seconds
_FIXES = {
    "refused": "Copy OPENAI_API_KEY anew; it may have been withdrawn, or may not use this server.",
    "unreachable": "Let Agora reach this address through your firewall or proxy, or correct OPENAI_BASE_URL.",
    "deadline": "The server did not answer in time: look at it, or at the way to it.",
    "limited": "The server takes no more for now: look at the limits of your account there.",
}
_ELSE = "Look at the server: it does not answer as OpenAI's do."


def check_models(settings: Settings) -> list[Check]:
    """What there is to say of the model. Asking for the list of models costs nothing."""
    model = writer(settings, WAIT)
    where = settings.openai_base_url or "OpenAI"
    if model is None:
        if settings.openai_model is None:
            return [Check("model", True, "off: passages are shown as they are")]
        fix = "Set OPENAI_API_KEY too; a server without keys takes any word."
        return [Check("model", False, f"{settings.openai_model} is named, and no key: it is not asked", fix)]
    try:
        known = model.known()
    except ModelFailed as failed:
        return [Check("model", False, f"{model.name} at {where}: {failed.reason}", _FIXES.get(failed.reason, _ELSE))]
    if not known:
        fix = "Copy OPENAI_MODEL from the server's list of models. Some servers list none: then ignore this."
        return [Check("model", True, f"{where} does not list {model.name}", fix)]
    return [Check("model", True, f"{model.name} at {where}")]
