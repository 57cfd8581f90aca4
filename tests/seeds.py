"""A row in every table, made from its columns: whatever leads to a person leads to this one, and whatever is declared
personal holds a word of its own.

A new table is seeded as its columns say. Where that breaks a constraint of its, ``ABOUT`` says what else to write.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ARRAY, Column, LargeBinary, Table, Text, insert, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

import bot
import handlers
import models
from models.base import Base
from models.people import Person
from models.privacy import links

CORRELATION = "seeded"
MOMENT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_OF_TYPE: tuple[tuple[type, Any], ...] = (
    (JSONB, {}), (ARRAY, []), (LargeBinary, b"x"), (sa.Boolean, False),
    (sa.DateTime, MOMENT), (sa.Date, date(2027, 3, 2)), (sa.Time, time(9)), (sa.Float, 1.0), (sa.Integer, 1),
    (Text, "seeded"),
)  # fmt: skip


@dataclass
class Seeds:
    """What was written: the words by column, and the key of the row of each table."""

    person: Person
    words: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)

    def word(self, column: Column[Any]) -> str:
        """The word of a column: letters alone, so that search keeps it as it is."""
        return self.words.setdefault(str(column), f"canary{str(column).replace('.', '').replace('_', '')}")

    def of(self, *rules: str) -> list[str]:
        """The words of the columns with one of these rules."""
        found = {str(column): column for table in tables() for column in table.columns}
        return [word for name, word in self.words.items() if found[name].info["personal"] in rules]


def tables() -> Iterator[Table]:
    """Every table that there is, those that others depend on first."""
    for package in (models, bot, handlers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    yield from Base.metadata.sorted_tables


def is_personal(table: Table) -> bool:
    """Whether a row of it is somebody's, or holds what is."""
    return bool(links(table)) or any("personal" in column.info for column in table.columns)


def seed(session: Session, person: Person) -> Seeds:
    """Write them all. ``person`` has an account ``xanthippe`` of Slack, with a chat of their own."""
    seeds = Seeds(person)
    for table in tables():
        if table.name == "person":
            columns = [column for column in table.columns if column.info.get("personal")]
            session.execute(update(table).where(table.c.id == person.id).values(
                {column.name: [seeds.word(column)] if isinstance(column.type, ARRAY) else seeds.word(column)
                 for column in columns}))  # fmt: skip
            seeds.keys["person"] = person.id
            continue
        about = ABOUT.get(table.name, lambda _: {})(seeds)
        values = {each.name: about[each.name] if each.name in about else _value(seeds, each) for each in table.columns}
        values = {name: value for name, value in values.items() if value is not None}
        key = session.execute(insert(table).values(values).returning(*table.primary_key)).one()
        seeds.keys[table.name] = key[-1] if table.name in ("inbox", "outbox") else key[0]
    session.flush()
    session.expire_all()
    return seeds


def _value(seeds: Seeds, column: Column[Any]) -> Any:
    """What stands in a column of which nothing else is said; ``None`` to leave it to its default."""
    if column.identity is not None:
        return None
    if column in links(column.table) or column.name == "person_id":
        return seeds.person.id
    if column.foreign_keys:
        return seeds.keys.get(next(iter(column.foreign_keys)).column.table.name)
    if "personal" in column.info:
        return _said(seeds, column)
    if column.nullable or column.default is not None or column.server_default is not None:
        return None
    return next(value for kind, value in _OF_TYPE if isinstance(column.type, kind))


def _said(seeds: Seeds, column: Column[Any]) -> Any:
    if isinstance(column.type, JSONB):
        return {"text": seeds.word(column)}
    if isinstance(column.type, ARRAY):
        return [seeds.word(column)]
    if isinstance(column.type, LargeBinary):
        return seeds.word(column).encode()
    if isinstance(column.type, Text):
        return seeds.word(column)
    return next(value for kind, value in _OF_TYPE if isinstance(column.type, kind))


def _of_slack(**more: Any) -> dict[str, Any]:
    return {"platform": "slack", "installation": "here", "conversation": "help", "correlation": CORRELATION, **more}


def _inbox(seeds: Seeds) -> dict[str, Any]:
    """An event of theirs in a channel; the playground's keys begin with their handle."""
    columns = Base.metadata.tables["inbox"].c
    payload = {"actor": "xanthippe", "text": seeds.word(columns.payload)}
    return _of_slack(state="done", key="xanthippe:1", payload=payload, reply={"notice": seeds.word(columns.reply)})


def _outbox(seeds: Seeds) -> dict[str, Any]:
    """What followed from it, in the same channel."""
    card = {"_": "Card", "summary": seeds.word(Base.metadata.tables["outbox"].c.payload), "elements": []}
    return _of_slack(state="sent", operation="post", payload={"card": card})


ABOUT: dict[str, Callable[[Seeds], dict[str, Any]]] = {
    "inbox": _inbox,
    "outbox": _outbox,
    "job": lambda seeds: {"correlation": CORRELATION, "state": "done"},
    "fact": lambda seeds: {"entity": "question", "entity_id": 1},
    "posted_card": lambda seeds: {"outbox_id": seeds.keys["outbox"]},
    "absence": lambda seeds: {"ends_at": MOMENT + timedelta(days=1)},
    "account": lambda seeds: {"platform": "web", "installation": "slack"},
    "teams_conversation": lambda seeds: {"installation": "here", "conversation": "dm:xanthippe"},
    "web_message": lambda seeds: {"only_for_id": None},
    "announcement": lambda seeds: {"series_id": None},
    "authorship": lambda seeds: {"role": None, "audience": {}},
    "poll": lambda seeds: {"kind": "single"},
    "ballot": lambda seeds: {"choices": [1]},
    "tally": lambda seeds: {"option": 1},
    "question": lambda seeds: {
        "state": "solved",
        "next_step": sa.null(),
        "next_at": sa.null(),
        "merged_into_id": None,
        "like_id": None,
        "solved_by_id": None,
    },
    "answer": lambda seeds: {"accepted": False},
    "entry": lambda seeds: {"answer_id": None, "question_id": None, "state": "current"},
    "offer": lambda seeds: {"state": "answered", "reasons": [{"why": "passed"}]},
    "follower": lambda seeds: {"via_id": None},
    "derived_text": lambda seeds: {"kind": "question", "source_id": 1},
    "interest": lambda seeds: {"wish": "more"},
    "thanks": lambda seeds: {"entry_id": None},
    "task": lambda seeds: {"series_id": None, "external": None},
    "assignment": lambda seeds: {"state": "finished", "next_step": None, "next_at": None},
    "dependency": lambda seeds: {"needs_id": seeds.keys["task"]},
    "handed_over": lambda seeds: {"kind": "task", "ref_id": 1},
    "decision": lambda seeds: {
        "state": "decided",
        "next_step": None,
        "next_at": None,
        "mode": "one",
        "replaces_id": None,
    },
    "hook": lambda seeds: {"direction": "outgoing", "url": "https://example.com", "key": None, "people": "names"},
    "file": lambda seeds: {"question_id": None, "entry_id": None, "announcement_id": None},
}
"""What must be so for a row to be allowed, or for it to be the person's."""
