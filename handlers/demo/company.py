"""Reads the demo company from the files in `company/`. Nothing here touches the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml

from handlers.demo.checks import check
from handlers.demo.model import (
    Announced,
    Asked,
    Ballot,
    Channel,
    Company,
    CompanyError,
    Conversation,
    Decided,
    Entry,
    Hours,
    Message,
    Person,
    Question,
    Tasked,
    Topic,
    Voiced,
    Wording,
)

FOLDER = Path(__file__).with_name("company")

Raw = dict[str, Any]
T = TypeVar("T")


def load(today: date | None = None, folder: Path = FOLDER) -> Company:
    """The company, checked. With `today`, all its dates move along from `as_of`, so that the demo never goes stale.

    Raises CompanyError when a file cannot be read, or refers to something that is not there.
    """
    company = _built("company.yaml", lambda raw: _company(raw, folder), _yaml(folder / "company.yaml"))
    check(company)
    return company if today is None else _moved(company, today)


def _company(raw: Raw, folder: Path) -> Company:
    people = _keyed("handle", [_built(_name("person", item), _person, item) for item in raw["people"]])
    parts = {
        "people": people,
        "topics": _keyed("key", [_built(_name("topic", item), _topic, item) for item in raw["topics"]]),
        "channels": _keyed("key", [_built(_name("channel", it), _channel(people), it) for it in raw["channels"]]),
        "entries": tuple(_entry(path) for path in sorted((folder / "entries").glob("*/*.md"))),
        "conversations": _listed("conversation", _conversation, _yaml(folder / "conversations.yaml")),
        "questions": _listed("question", lambda item: Question(**item), _yaml(folder / "questions.yaml")),
        "announcements": _listed("announcement", _announced, _yaml(folder / "announcements.yaml")),
        "tasks": _listed("task", _tasked, _yaml(folder / "tasks.yaml")),
        "decisions": _listed("decision", _decided, _yaml(folder / "decisions.yaml")),
    }
    return Company(**raw | parts)


def _person(raw: Raw) -> Person:
    hours = raw["hours"]
    made = {
        "latin_name": raw.get("latin_name", raw["name"]),
        "timezone": ZoneInfo(raw["timezone"]),
        "hours": Hours(
            days=tuple(hours["days"]), start=time.fromisoformat(hours["from"]), end=time.fromisoformat(hours["to"])
        ),
    }
    return Person(**raw | made | _tuples(raw, "roles", "platforms", "skills"))


def _topic(raw: Raw) -> Topic:
    return Topic(**raw)


def _channel(people: dict[str, Person]) -> Callable[[Raw], Channel]:
    def made(raw: Raw) -> Channel:
        everyone = raw["members"] == "everyone"
        employees = [p.handle for p in people.values() if p.kind == "employee" and raw["platform"] in p.platforms]
        return Channel(**raw | {"everyone": everyone, "members": tuple(employees if everyone else raw["members"])})

    return made


def _entry(path: Path) -> Entry:
    slug, _, language = path.stem.rpartition(".")

    def made(text: str) -> Entry:
        start, front, body = text.split("---\n", 2)
        raw = yaml.safe_load(front)
        if start or (raw["topic"], raw["language"]) != (path.parent.name, language):
            raise ValueError("the front matter comes first and agrees with the file's folder and name")
        return Entry(**raw | _tuples(raw, "audience", "tags"), slug=slug, body=body.strip())

    return _built(f"{path.parent.name}/{path.name}", made, path.read_text("utf-8"))


def _conversation(raw: Raw) -> Conversation:
    replies = tuple(Message(**reply) for reply in raw.get("replies", ()))
    return Conversation(**raw | {"replies": replies, "text": raw["text"].strip()})


def _announced(raw: Raw) -> Announced:
    poll = raw.get("poll")
    made = {
        "texts": {code: Wording(title=said["title"], text=said["text"].strip()) for code, said in raw["texts"].items()},
        "confirmed": tuple(raw.get("confirmed", ())),
        "asked": tuple(Asked(**asked) for asked in raw.get("asked", ())),
        "poll": Ballot(**poll | _tuples(poll, "options")) if poll else None,
    }
    return Announced(**raw | made)


def _decided(raw: Raw) -> Decided:
    said = tuple(Voiced(**voice) for voice in raw.get("voices", ()))
    made = {"at": time.fromisoformat(raw.get("at", "12:00")), "voices": said}
    return Decided(**raw | made | _tuples(raw, "options"))


def _tasked(raw: Raw) -> Tasked:
    made = {"at": time.fromisoformat(raw["at"]), "checklist": tuple(raw.get("checklist", ()))}
    return Tasked(**raw | made | _tuples(raw, "people"))


def _moved(company: Company, today: date) -> Company:
    by = today - company.as_of
    entries = (
        replace(entry, review_on=entry.review_on + by, verified_on=entry.verified_on and entry.verified_on + by)
        for entry in company.entries
    )
    return replace(company, as_of=today, entries=tuple(entries))


def _tuples(raw: Raw, *fields: str) -> Raw:
    return {field: tuple(raw[field]) for field in fields}


def _name(kind: str, raw: Raw) -> str:
    return f"{kind} {raw.get('handle') or raw.get('key')}"


def _keyed(key: str, records: list[T]) -> dict[str, T]:
    found = {getattr(record, key): record for record in records}
    if len(found) != len(records):
        raise CompanyError(f"a {key} occurs twice among {[getattr(record, key) for record in records]}")
    return found


def _listed(kind: str, make: Callable[[Raw], T], items: list[Raw]) -> tuple[T, ...]:
    return tuple(_built(f"{kind} {number}", make, item) for number, item in enumerate(items, 1))


def _built(where: str, make: Callable[[Any], T], raw: Any) -> T:
    """What `make` makes of `raw`; whatever goes wrong is told with the name of the file or record."""
    try:
        return make(raw)
    except CompanyError:
        raise
    except KeyError as error:
        raise CompanyError(f"{where}: missing or unknown {error}") from error
    except (TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise CompanyError(f"{where}: {error}") from error


def _yaml(path: Path) -> Any:
    return _built(path.name, lambda file: yaml.safe_load(file.read_text("utf-8")), path)
