"""Microsoft's own library for Adaptive Cards takes every card that any test has shown."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bot.cards import Actions, Button, Card, Form, Input, Markdown, T
from bot.teams.dialogs import Shown, dialog
from bot.teams.render import render
from bot.texts import Reader
from tests.needs import PEERS
from tests.teams_cards import CORPUS, SCENE, fits


def checked(cards: list[object], folder: Path) -> dict[str, object]:
    """What the library has against each of the cards."""
    file = folder / "cards.json"
    file.write_text(json.dumps(cards), "utf-8")
    run = subprocess.run(["node", "adaptive_cards.cjs", file], cwd=PEERS, capture_output=True, timeout=60, check=True)
    found: dict[str, object] = json.loads(run.stdout)
    return found


@pytest.mark.needs("adaptivecards")
def test_the_library_notices_what_is_wrong(tmp_path: Path) -> None:
    wrong = {"type": "AdaptiveCard", "version": "1.5", "lang": "en", "body": [{"type": "TextBlock", "size": "Huge"}]}
    problems = checked([wrong, {**wrong, "lang": "English", "body": []}], tmp_path)["problems"]
    assert isinstance(problems, list) and [each["number"] for each in problems] == [0, 1]


@pytest.mark.last
@pytest.mark.needs("adaptivecards")
def test_the_library_takes_every_card_that_was_shown(tmp_path: Path) -> None:
    sure = Button(T("Erase"), "privacy.erase", 1, "danger", confirm=T("Are you sure?"))
    fits(render(Card(T("Ask"), (Markdown("# *a*\n\n|a|b|\n|-|-|\n|1|2|"), Actions((sure,)))), Reader("he"), SCENE))
    form = Form(T("Ask"), "questions.ask", 0, (Input("who", T("Who?"), "select"),), T("Ask"))
    fits(dialog(Shown(form), Reader("ar")))
    assert checked(list(CORPUS.values()), tmp_path) == {"checked": len(CORPUS), "problems": []}
