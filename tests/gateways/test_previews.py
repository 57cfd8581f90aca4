"""How a card would look on Slack and Teams, read back from what they would be given."""

from __future__ import annotations

import pytest

from bot.cards import Actions, Button, Card, Divider, Fields, Heading, Markdown, Picture, T, Text, User
from bot.plaintext import plain
from bot.previews import Preview
from bot.slack.preview import preview as in_slack
from bot.teams.preview import preview as in_teams
from bot.texts import Reader
from bot.web.markup import document

EN = Reader("en")
TEXT = """\
# We move

To **Harbour Street**, see [the map](https://acme.example/map) and `HR-204`, not 2 * 3 * 4.

- bags
- boxes
  1. labelled

> Before noon.

```
room 5
```

| site | day |
|---|---|
| Rome | 2 |
"""
CARD = Card(
    T("x"),
    (
        Heading(User("News")),
        Text(T("from {name}", name=User("Lena")), subtle=True),
        Picture(7, User("A map")),
        Markdown(TEXT, "en"),
        Fields(((T("When"), User("soon")),)),
        Divider(),
        Actions((Button(T("Got it"), "a.b", 1), Button(T("Cancel"), "a.c", 1, confirm=T("Are you sure?")))),
    ),
)
SHOWS = pytest.mark.parametrize("preview", [in_slack, in_teams])


def read(shown: Preview) -> str:
    return plain(Card(T("x"), shown.elements), EN)


@SHOWS
def test_everything_is_there(preview) -> None:  # type: ignore[no-untyped-def]
    shown = preview(CARD, EN)
    text = read(shown).replace("\u2068", "").replace("\u2069", "")
    for part in ("News", "from Lena", "A map", "Harbour Street", "HR-204", "bags", "labelled", "Before noon", "room 5",
                 "site", "Rome", "When", "soon", "[ Got it ]", "[ Cancel ]"):  # fmt: skip
        assert part in text, part
    written = "".join(each.text for each in shown.elements if isinstance(each, Markdown))
    assert "(<https://acme.example/map>)" in written and "2 \\* 3 \\* 4" in written
    assert shown.over == 0


@SHOWS
def test_what_is_too_long_says_by_how_much(preview) -> None:  # type: ignore[no-untyped-def]
    heavy = Card(T("x"), (Markdown("**b** " * 5_000, "en"),))
    assert preview(heavy, EN).over > 1_000
    assert preview(Card(T("x"), (Markdown("word " * 1_800, "en"),)), EN).over == 0


@SHOWS
def test_in_right_to_left_and_with_signs_of_all_kinds(preview) -> None:  # type: ignore[no-untyped-def]
    hostile = "<script> @everyone [x](javascript:alert(1)) \u202e ![](http://evil.example/x.png) שלום"
    shown = preview(Card(T("x"), (Markdown(hostile, "he"),)), Reader("he"))
    pages = "".join(document(each.text) for each in shown.elements if isinstance(each, Markdown))
    assert "שלום" in pages and "<script" not in pages and "<img" not in pages and 'href="javascript' not in pages
