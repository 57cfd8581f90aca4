"""Slack's own types for TypeScript take every message and view that any test has shown."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bot.cards import (
    Actions,
    Button,
    Card,
    Diff,
    Divider,
    Fields,
    FileLink,
    Form,
    Heading,
    Input,
    Link,
    Markdown,
    Mention,
    Option,
    Passage,
    Picture,
    T,
    Text,
    User,
)
from bot.texts import Reader
from tests.needs import PEERS
from tests.slack_cards import MESSAGES, VIEWS, check

HEAD = 'import type { HomeView, KnownBlock, ModalView } from "@slack/types";'
OPTIONS = ["--noEmit", "--strict", "--skipLibCheck", "--module", "node16", "--target", "es2022"]


def problems(messages: Iterable[Any], views: Iterable[Any]) -> list[str]:
    """What the compiler has against them."""
    lines = [HEAD]
    lines += [f"export const m{n}: {{ text: string; blocks: KnownBlock[] }} = {json.dumps(typed(one))};"
              for n, one in enumerate(messages)]  # fmt: skip
    lines += [f"export const v{n}: {_KINDS[one['type']]} = {json.dumps(typed(one))};" for n, one in enumerate(views)]
    file = PEERS / "node_modules" / f".agora-slack-types-{os.getpid()}.ts"  # beside the types that it needs
    file.write_text("\n".join(lines), "utf-8")
    try:
        command = ["node", "node_modules/typescript/bin/tsc", *OPTIONS, str(file)]
        run = subprocess.run(command, cwd=PEERS, capture_output=True, timeout=200, text=True)
    finally:
        file.unlink()
    return run.stdout.splitlines()


def typed(part: Any) -> Any:
    """A part as far as the types know it: Slack's reference has ``offset`` of ordered lists, which they lack."""
    if isinstance(part, list):
        return [typed(one) for one in part]
    if not isinstance(part, dict):
        return part
    known = {name: typed(one) for name, one in part.items()}
    if part.get("type") == "rich_text_list" and part["style"] == "ordered":
        assert int(known.pop("offset", 0)) >= 0
    return known


_KINDS = {"home": "HomeView", "modal": "ModalView"}


@pytest.mark.needs("slack types")
def test_the_compiler_notices_what_is_wrong() -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "colour": "red"}
    wrong = {"text": "x", "blocks": [{"type": "actions", "elements": [button]}]}
    found = problems([wrong], [{"type": "modal", "title": {"type": "mrkdwn", "text": "x"}, "blocks": []}])
    assert any("colour" in line for line in found) and any("mrkdwn" in line for line in found), found


@pytest.mark.last
@pytest.mark.needs("slack types")
def test_the_types_take_every_message_and_view_that_was_shown(tmp_path: Path) -> None:
    sure = Button(T("Erase"), "privacy.erase", 1, "danger", confirm=T("Are you sure?"))
    text = "# *a*\n\n1. **b**\n   - ~~c~~ `d`\n\n> e\n\n```\nf\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n"
    text += "[g](https://g.example)\n\n3. h"
    whole = Card(T("Ask"), (
        Heading(T("Ask")), Markdown(text), Text(T("{name} answered", name=Mention(1, "Mona"))), Divider(),
        Text(T("Ask"), subtle=True), Fields(((T("Topic"), User("IT")),)), Picture(1, User("p")),
        FileLink(1, User("f"), 9_999), Diff((("same", "a"), ("added", "b"), ("removed", "c"))),
        Passage(User("P"), text, "en", (User("s"),), Link(T("Open the page"), "/x")), Actions((sure,)),
    ))  # fmt: skip
    options = tuple(Option(str(n), User(f"{n}")) for n in range(150))
    fields = (Input("a", T("Title")), Input("b", T("Text"), "text", "x" * 9_000, limit=20_000),
              Input("d", T("Ask"), "files"),
              Input("c", T("Topic"), "select", "3", options=options), Input("e", T("Ask"), "select"))  # fmt: skip
    check(whole, Reader("he"))
    check(Card(T("Ask"), (Markdown("word " * 9_000),) * 3), Reader("ar"))
    check(Form(T("Ask"), "questions.ask", 0, fields, T("Ask"), (Text(T("Ask")),)), Reader("it"))
    found = problems(MESSAGES.values(), VIEWS.values())
    assert found == [], found[:20]
