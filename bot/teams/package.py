"""The app package of Teams, made of what the routes say: a manifest, its words in every language, and the icons.

https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema
"""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from typing import Any
from urllib.parse import urlsplit

import orjson

from bot.cards import T
from bot.config import Settings
from bot.router import Router
from bot.teams import icons
from bot.teams.parse import HOME
from bot.texts import Reader, say
from bot.version import VERSION
from models.people import LOCALES

SCHEMA_VERSION = "1.30"
_SCHEMAS = f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA_VERSION}"
LISTENING = {
    "ChannelMessage.Read.Group": "to answer in channels where that was asked for, without being mentioned",
    "ChatMessage.Read.Chat": "the same in group chats",
    "ChatMessageReadReceipt.Read.Chat": "to tell who announced something how many have seen it",
}
"""What an owner consents to when the app is added to a team or a chat, and why."""
_MOST_COMMANDS, _MOST_QUERIES = 12, 10
_SHORT, _TITLE, _LONG = 30, 32, 128
_ISOLATES = re.compile("[\u2066-\u2069]")  # no part of a name
_SHORTLY = T("Questions find their answer, or the person who knows it.")
_FULLY = T(
    "Ask in your own words. Agora answers from what the company has written down, with its source, and only to those "
    "who may read it. What is not written down it asks of people who know, and their answers become knowledge."
)
_WORDS = T("What are you looking for?")
_DO = T("Do this with the message.")
_HOME = T("What is yours and what waits for you, with the ways to change it; only you see it.")
Json = dict[str, Any]
Texts = dict[str, tuple[T, int]]
"""Every text of the manifest: where it stands, what it says, and how many characters it may have."""


class NotReady(ValueError):
    """The settings do not say enough; the text says what is missing."""


def package(router: Router, settings: Settings) -> bytes:
    """The package, a zip: the same for the same routes and settings. ``NotReady``."""
    found: dict[str, bytes] = {"manifest.json": _json(manifest(router, settings))}
    found |= {f"{locale}.json": _json(words(router, locale)) for locale in LOCALES if locale != "en"}
    found |= {"color.png": icons.color(), "outline.png": icons.outline()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def manifest(router: Router, settings: Settings) -> Json:
    """The manifest, in English. ``NotReady``."""
    app, address = _app_id(settings), settings.public_url
    host = urlsplit(address).netloc
    return _filled(_texts(router), "en") | {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA_VERSION,
        "version": VERSION,
        "id": app,
        "developer": {"name": "Agora", "websiteUrl": address, "privacyUrl": address, "termsOfUseUrl": address},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": icons.ACCENT,
        "bots": [_bot(router, app)],
        "composeExtensions": [_extension(router, app, host)],
        "validDomains": [host],
        "webApplicationInfo": {"id": app, "resource": f"api://{app}"},
        "authorization": {
            "permissions": {"resourceSpecific": [{"name": name, "type": "Application"} for name in LISTENING]}
        },
        "supportsChannelFeatures": "tier1",
        "defaultInstallScope": "personal",
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [
                {"languageTag": locale, "file": f"{locale}.json"} for locale in LOCALES if locale != "en"
            ],
        },
    }


def words(router: Router, locale: str) -> Json:
    """The texts of the manifest in another language, each under the place where it stands."""
    said = {place: _fitting(text, most, locale) for place, (text, most) in _texts(router).items()}
    return {"$schema": f"{_SCHEMAS}/MicrosoftTeams.Localization.schema.json", "name.short": "Agora", **said}


def _texts(router: Router) -> Texts:
    found: Texts = {"description.short": (_SHORTLY, 80), "description.full": (_FULLY, 4000)}
    for at, entries in enumerate(_command_lists(router)):
        for number, (_, texts) in enumerate(entries):
            place = f"bots[0].commandLists[{at}].commands[{number}]"
            found |= {f"{place}.{name}": said for name, said in texts.items()}
    for number, (_, texts) in enumerate(_extension_commands(router)):
        place = f"composeExtensions[0].commands[{number}]"
        found |= {f"{place}.{name}": said for name, said in texts.items()}
    return found


def _filled(texts: Texts, locale: str) -> Json:
    short, full = texts["description.short"], texts["description.full"]
    return {
        "name": {"short": "Agora"},
        "description": {"short": _fitting(*short, locale), "full": _fitting(*full, locale)},
    }


def _bot(router: Router, app: str) -> Json:
    lists = [
        {"scopes": scopes, "commands": [_placed(fixed, texts) for fixed, texts in entries]}
        for scopes, entries in zip((["personal"], ["team", "groupChat"]), _command_lists(router), strict=True)
    ]
    scopes = ["personal", "team", "groupChat"]
    return {"botId": app, "scopes": scopes, "supportsFiles": True, "isNotificationOnly": False, "commandLists": lists}


def _command_lists(router: Router) -> tuple[list[tuple[Json, Texts]], list[tuple[Json, Texts]]]:
    """What may be said in somebody's own chat, prompts first, and what in a channel. The title of a command is said as
    it stands, in every language."""
    prompts: list[tuple[Json, Texts]] = [
        ({"type": "prompt"}, {"title": (label, _LONG), "prompt": (said, 4000)}) for label, said in router.prompts
    ]
    described = [(HOME, _HOME), *((each.name, each.usage) for each in router.commands.values())]
    commands: list[tuple[Json, Texts]] = [
        ({"type": "basic", "title": name}, {"description": (usage, _LONG)}) for name, usage in described
    ]
    return (prompts + commands)[:_MOST_COMMANDS], commands[:_MOST_COMMANDS]


def _extension(router: Router, app: str, host: str) -> Json:
    commands = [_placed(fixed, texts) for fixed, texts in _extension_commands(router)]
    links = {"type": "link", "value": {"domains": [host], "supportsAnonymizedPayloads": False}}
    return {"botId": app, "commands": commands, "messageHandlers": [links]}


def _extension_commands(router: Router) -> list[tuple[Json, Texts]]:
    queries: list[tuple[Json, Texts]] = [
        (
            {"id": kind, "type": "query", "context": ["compose", "commandBox"], "initialRun": False,
             "parameters": [{"name": "words", "inputType": "text"}]},
            {"title": (title, _TITLE), "description": (about, _LONG), "parameters[0].title": (_WORDS, _TITLE)},
        )
        for kind, (title, about) in router.searched.items()
    ]  # fmt: skip
    actions: list[tuple[Json, Texts]] = [
        ({"id": each.route, "type": "action", "context": ["message"], "fetchTask": True},
         {"title": (each.label, _TITLE), "description": (_DO, _LONG)})
        for each in router.shortcuts.values()
    ]  # fmt: skip
    return (queries + actions)[:_MOST_QUERIES]


def _placed(fixed: Json, texts: Texts) -> Json:
    """A part of the manifest with its texts where they belong."""
    said = {name: _fitting(text, most, "en") for name, (text, most) in texts.items()}
    if "parameters[0].title" in said:
        title = said.pop("parameters[0].title")
        return fixed | said | {"parameters": [{**fixed["parameters"][0], "title": title}]}
    return fixed | said


def _fitting(text: T, most: int, locale: str) -> str:
    said = _ISOLATES.sub("", say(text, Reader(locale)))
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def _app_id(settings: Settings) -> str:
    try:
        return str(uuid.UUID(settings.teams_app_id or ""))
    except ValueError:
        raise NotReady("TEAMS_APP_ID: set it to the id of the app's registration in Microsoft Entra.") from None


def _json(data: Json) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2)
