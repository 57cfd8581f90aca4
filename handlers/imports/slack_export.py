"""A Slack workspace's export: its answered threads, as drafts of questions with their answers.

The format ("How to read Slack data exports", slack.com/help/articles/220556107): `users.json` (`org_users.json` of an
Enterprise organisation) and `channels.json`; private conversations listed in `groups.json`, `dms.json` and
`mpims.json`; a folder for each conversation with a file for each day, `YYYY-MM-DD.json`, a list of messages. A reply
carries the `thread_ts` of its thread's first message, and may stand in the file of a later day. Only channels that are
listed as public are read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from handlers.imports import source
from handlers.imports.files import File, Limits
from handlers.imports.outcome import NotTaken, Refused, Skipped
from handlers.imports.slack_text import to_markdown
from handlers.imports.threads import Message, Thread, asks, best_answer
from models.search import language

Object = dict[str, Any]

_USERS = ("users.json", "org_users.json")
_PRIVATE = {
    "groups.json": "a private channel",
    "mpims.json": "a group conversation",
    "dms.json": "a direct conversation",
}
_LISTS = {"channels.json", *_USERS, *_PRIVATE}
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json")
_TIME = re.compile(r"\d{9,11}\.\d{6}")
_LIMITS = Limits(file=100 * 1024**2)
"""A large company's list of users has some tens of megabytes."""

_SPOKEN = (None, "thread_broadcast", "me_message", "file_share")
"""Subtypes of messages that a person wrote; the others are events and programs."""

_SOLVED = {"white_check_mark", "heavy_check_mark", "ballot_box_with_check"}
_AGREED = {"+1", "thumbsup", "100", "pray", "tada", "heart", "star", "clap", "raised_hands"}


@dataclass(slots=True)
class _Export:
    """What the lists of an export say. `root` is where they are: archives often wrap a folder around everything."""

    root: str = ""
    people: dict[str, Object] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)
    """The ids of the channels to read, by their folders."""
    private: dict[str, str] = field(default_factory=dict)
    """Why the other folders are not read."""
    names: dict[str, str] = field(default_factory=dict)
    """What people and channels are called, by their ids."""


def read(root: Path, default_language: str = "en", limits: Limits = _LIMITS) -> Iterator[Thread | NotTaken]:
    """Every answered thread of the public channels, channel by channel, and in its place what was not taken.

    Raises Refused at once if `root` is no export, or does not say which channels are public.
    """
    export, refused = _lists(root, limits)
    return _all_threads(root, limits, export, refused, default_language)


def _lists(root: Path, limits: Limits) -> tuple[_Export, list[NotTaken]]:
    found: dict[str, list[Object]] = {}
    refused: list[NotTaken] = []
    export = _Export()
    for each in source.walk(root, lambda path: None if _is_list(path) else "read later", limits):
        name = PurePosixPath(each.path).name
        if isinstance(each, File):
            try:
                found[name] = _objects(each)
            except Refused as error:
                refused.append(error)
            if name == "channels.json":
                export.root = each.path.removesuffix(name)
        elif isinstance(each, Refused) and name in _LISTS:
            refused.append(each)
    if "channels.json" not in found:
        raise Refused(
            "channels.json", "missing or not readable: nothing says which channels are public, so none is read"
        )
    _fill(export, found)
    return export, refused


def _is_list(path: str) -> bool:
    return PurePosixPath(path).name in _LISTS and path.count("/") < 2


def _fill(export: _Export, lists: Mapping[str, list[Object]]) -> None:
    export.people = {str(person.get("id")): person for each in _USERS for person in lists.get(each, [])}
    for each, why in _PRIVATE.items():
        for conversation in lists.get(each, []):
            export.private |= {str(conversation.get(key)): why for key in ("id", "name")}
    for channel in lists["channels.json"]:
        folder, id = str(channel.get("name")), str(channel.get("id"))
        if folder not in export.private and not channel.get("is_private"):
            export.public[folder] = id
    export.names = {id: _name(person) for id, person in export.people.items()}
    export.names |= {id: folder for folder, id in export.public.items()}


def _all_threads(
    root: Path, limits: Limits, export: _Export, refused: list[NotTaken], default: str
) -> Iterator[Thread | NotTaken]:
    """The conversations' files come ordered by path, so a channel is complete when the next one begins."""
    yield from refused
    channel, messages = "", list[Object]()
    reported: set[str] = set()
    for found in source.walk(root, lambda path: _unwanted(path, export), limits):
        folder = found.path.removeprefix(export.root).rpartition("/")[0]
        if isinstance(found, File):
            if folder != channel:
                yield from _threads(channel, messages, export, default)
                channel, messages = folder, []
            try:
                messages += [each for each in _objects(found) if "thread_ts" in each]
            except Refused as error:
                yield error
        elif not _is_list(found.path):
            place = found.path if isinstance(found, Refused) or folder in export.public else folder or found.path
            if place not in reported:  # a folder that is not read is one thing, however many days it has
                reported.add(place)
                yield type(found)(place, found.why)
    yield from _threads(channel, messages, export, default)


def _unwanted(path: str, export: _Export) -> str | None:
    folder = path.removeprefix(export.root).rpartition("/")[0]
    if folder and folder not in export.public:
        return export.private.get(folder, "not among the public channels")
    return None if folder and _DAY.fullmatch(PurePosixPath(path).name) else "holds no messages"


def _threads(channel: str, messages: list[Object], export: _Export, default: str) -> Iterator[Thread | NotTaken]:
    """The threads of one channel, by time. A message that was exported twice counts once, as it was last."""
    spoken = sorted({each["ts"]: each for each in messages if _was_spoken(each)}.items())
    threads: dict[str, list[Object]] = {}
    for _, message in spoken:
        threads.setdefault(str(message["thread_ts"]), []).append(message)
    for started, (first, *replies) in threads.items():
        if first["ts"] != started:
            yield Skipped(f"{channel}/{started}", "the thread's first message is missing, or no person's")
        elif replies:
            yield _thread(channel, first, replies, export, default)


def _thread(channel: str, first: Object, replies: list[Object], export: _Export, default: str) -> Thread | NotTaken:
    question, *said = [_message(each, export) for each in (first, *replies)]
    answers = tuple(each for each in said if each.account != question.account and each.text)
    place, id = f"{channel}/{first['ts']}", export.public[channel]
    if not answers or not question.text:
        return Skipped(place, "nobody else answered, or not in words")
    if not asks(question, answers):
        return Skipped(place, "asks nothing: no question mark, and no answer marked as the solution")
    best = best_answer(question, [each for each in said if each.text])
    found = language.detect(f"{question.text}\n{answers[best].text}", default)
    return Thread(
        f"{id}/{first['ts']}", channel, f"{id}/p{first['ts'].replace('.', '')}", question, answers, best, found
    )


def _was_spoken(message: Object) -> bool:
    """Whether a person wrote the message, in words."""
    written = all(isinstance(message.get(each), str) for each in ("user", "text", "ts", "thread_ts"))
    by_person = message.get("subtype") in _SPOKEN and not message.get("bot_id") and message.get("user") != "USLACKBOT"
    return written and by_person and _TIME.fullmatch(message["ts"]) is not None


def _message(message: Object, export: _Export) -> Message:
    account = message["user"]
    person = export.people.get(account) or {"profile": message.get("user_profile")}
    email = _mapping(person.get("profile")).get("email")
    return Message(
        account=account,
        author=_name(person),
        email=email.strip().lower() if isinstance(email, str) and "@" in email else None,
        text=to_markdown(message["text"], export.names),
        at=datetime.fromtimestamp(float(message["ts"]), UTC),
        agreed=_reacted(message, _AGREED),
        solved=_reacted(message, _SOLVED),
    )


def _reacted(message: Object, names: set[str]) -> frozenset[str]:
    """Who reacted in one of these ways. Slack adds the tone of skin to a reaction's name: `+1::skin-tone-3`."""
    reactions = message.get("reactions")
    given = [each for each in reactions if isinstance(each, dict)] if isinstance(reactions, list) else []
    chosen = [each.get("users") for each in given if str(each.get("name")).split("::")[0] in names]
    return frozenset(user for users in chosen if isinstance(users, list) for user in users if isinstance(user, str))


def _name(person: Mapping[str, Any]) -> str:
    """What a person is called: as they chose, else as they are registered."""
    profile = _mapping(person.get("profile"))
    names = (profile.get("display_name"), profile.get("real_name"), person.get("real_name"), person.get("name"))
    return next((" ".join(each.split()) for each in names if isinstance(each, str) and each.strip()), "somebody")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(file: File) -> list[Object]:
    """A file's list of objects. Raises Refused for anything else."""
    try:
        found = orjson.loads(file.data)
    except orjson.JSONDecodeError as error:
        raise Refused(file.path, f"not valid JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused(file.path, "not a list of objects, as Slack exports them")
    return found
