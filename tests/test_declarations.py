"""What the code must say of itself: which columns hold personal data, and every word where it can be translated."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from sqlalchemy import ARRAY, Column, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB

import bot
import handlers
import models
from models.base import Base
from tests.test_architecture import ROOT, imports, modules, name, tree

TECHNICAL = {
    "*.platform *.installation *.kind *.state *.operation *.route *.schedule *.slot *.holder *.correlation *.verb "
    "fact.entity offer.reason *.next_step question.closed_because topic.strategy place.answers "
    "*.mode task.priority task.repeat hook.direction "
    "*.unreachable model_use.purpose person.prefers authorship.role announcement.repeat": "words of the code",
    "*.language *.locale person.timezone person.roles person.manager_id person.digest": "how Agora works with a person",
    "*.audience audience.* topic.key topic.names topic.descriptions company_setting.*": "how the company is arranged",
    "*.conversation *.thread *.reference question.message posted_card.about place.key inbox.key web_message.key": (
        "the platforms' own keys; those of people's own chats are replaced when somebody is erased"
    ),
    "place.name place.purpose": "names of channels; those of people's own chats are replaced when somebody is erased",
    "task.zone": "how Agora works with a person",
    "task.message decision.message decision_form.message suggestion.message task_form.message task.external": (
        "other programs' own keys of messages and tasks"
    ),
    "hook.*": "which programs are connected; secrets are encrypted",
    "calendar_feed.hash": "says nothing to whoever reads it",
    "*.error": "names of errors and reasons of platforms, without what they quote",
    "timer.args job.checkpoint offer.reasons announcement_progress.figures": "numbers of rows, and counts",
    "vector.space encoding.space encoder_space.key": "encoders, by name and version",
    "*.digest file.sha256 file.media_type seal.sealed": "says nothing to whoever reads it",
    "allowance.*": "how much platforms take; a key that names a conversation is forgotten within hours",
    "sender.sent": "how many messages were sent in the last minute",
    "slack_file.*": "a picture that Slack has, too, by Slack's number of it",
    "slack_step.*": "a workflow that waits, by Slack's number of its run",
    "slack_installation.* slack_workspace.*": "where the Slack app is installed; tokens are encrypted",
    "teams_conversation.service_url teams_conversation.bot teams_conversation.team": "where Teams is reached",
    "teams_conversation.channel_type": "words of the code",
    "source.* entry.source_path entry.tags passage.anchor revision.reason link.path": "where something was written",
}
"""Columns that could hold personal data by their type, and why they do not, or why erasing treats them on its own."""


def columns() -> Iterator[Column[object]]:
    """Every column of every table that there is."""
    for package in (models, bot, handlers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for table in Base.metadata.sorted_tables:
        yield from table.columns


def could_be_personal(column: Column[object]) -> bool:
    kind = column.type
    words = isinstance(kind.item_type, Text) if isinstance(kind, ARRAY) else isinstance(kind, Text | JSONB)
    leads = any(key.column.table.name == "person" for key in column.foreign_keys)
    return words or leads or isinstance(kind, LargeBinary)


def is_technical(column: Column[object]) -> bool:
    return any(fnmatch(str(column), pattern) for patterns in TECHNICAL for pattern in patterns.split())


def test_personal_data_is_declared() -> None:
    undeclared = [
        str(each)
        for each in columns()
        if could_be_personal(each) and "personal" not in each.info and not is_technical(each)
    ]
    assert undeclared == []


def test_no_reason_is_given_for_what_is_not_there() -> None:
    known = [str(each) for each in columns() if could_be_personal(each) and "personal" not in each.info]
    idle = [
        pattern
        for patterns in TECHNICAL
        for pattern in patterns.split()
        if not any(fnmatch(each, pattern) for each in known)
    ]
    assert idle == []


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            said = (
                called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            )
            if said in names:
                yield node


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


REWORDING = {  # where a sentence that exists is said again with more
    "bot/cards.py": 1,
    "bot/filled.py": 1,
    "bot/slack/steps.py": 1,
    "bot/slack/voice.py": 1,
    "bot/teams/sentences.py": 1,
    "bot/web/actions.py": 1,
    "bot/web/speech.py": 1,
}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_every_sentence_stands_in_the_code_as_it_is(path: Path) -> None:
    """What is put together while Agora runs is in no catalogue."""
    made_up = [node.lineno for node in calls(path, "T") if not node.args or not all(map(is_text, node.args))]
    assert len(made_up) == REWORDING.get(name(path), 0), made_up


@pytest.mark.parametrize("path", modules(), ids=name)
def test_what_people_are_shown_is_a_sentence_of_the_catalogues(path: Path) -> None:
    """``User`` is for what people wrote; and no part of a card is a bare text."""
    if not any(each.startswith("bot.cards.") for each in imports(path)):
        return
    bare = [
        node.lineno
        for node in calls(path, "User", "Text", "Heading", "Button", "Form", "Card", "simple", "Link")
        if node.args and isinstance(node.args[0], ast.Constant) and re.search(r"\w", str(node.args[0].value))
    ]
    assert bare == []


@pytest.mark.parametrize("path", sorted((ROOT / "bot").rglob("templates/**/*.html")), ids=name)
def test_templates_have_no_words_of_their_own(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    shown = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", "", text, flags=re.DOTALL)
    said = re.findall(r'\b(?:title|placeholder|alt|aria-label)="([^"]*[^\W\d_]{2}[^"]*)"', shown)
    said += re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>", " ", shown))
    assert [each for each in said if each not in ("Agora", "A")] == []


ELSEWHERE = re.compile(
    r"(?<![\w./~:])/(?:work|home|Users)/\w"  # folders of one machine
    r"|\b[Ii]ssue (?:number )?#?\d"  # numbers of a list that readers do not have
    r"|\b(?:TODO|FIXME|XXX)\b"
)
SPOKEN = [
    path
    for pattern in ("*.py", "*.md", "*.toml", "*.txt", "Makefile", "bot/**/*", "handlers/**/*.py", "models/**/*.py",
                    "migrations/**/*.py", "tests/**/*.py", "benchmarks/**/*.py", "docs/**/*.md", ".ci/*")
    for path in sorted(ROOT.glob(pattern))
    if path.is_file() and path.suffix in (".py", ".md", ".toml", ".txt", ".html", ".js", ".css", ".po", "")
]  # fmt: skip


@pytest.mark.parametrize("path", SPOKEN, ids=name)
def test_the_project_speaks_of_itself_alone(path: Path) -> None:
    found = [
        f"{number}: {line.strip()[:80]}"
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if ELSEWHERE.search(line) and path != Path(__file__)
    ]
    assert found == []
