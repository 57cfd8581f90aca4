"""Tables on pages: every cell is text, labelled for whoever does not see it, and what people wrote stays text."""

from __future__ import annotations

from bot.cards import Heading, T, User
from bot.router import Page
from bot.tables import Table
from bot.texts import Reader
from bot.web.pages import Opener
from bot.web.render import render
from bot.web.speech import Speech
from models.people import Person

EVIL = "</th><script>alert(1)</script>"
TABLE = Table(
    T("People"),
    (User("Step"), T("People")),
    ((User("Sent"), T("{count}", count=12_300)), (User(EVIL), User("–")), (User("Seen"), User("1"))),
    (1.0, None, 0.123456),
)


def shown(locale: str) -> str:
    opener = Opener(Person(handle="mona", name="Mona"), "")
    return render(
        "page.html", Speech(Reader(locale)), shown=Page("We move", (Heading(T("People")), TABLE)), viewer=opener
    )


def test_rows_and_columns_are_named() -> None:
    html = shown("en")
    assert html.count('<th scope="col">') == 2 and html.count('<th scope="row">') == 3
    assert "<caption>People</caption>" in html and "12,300" in html
    assert 'tabindex="0"' in html and 'role="region"' in html


def test_bars_are_for_the_eye_alone_and_only_where_there_is_a_share() -> None:
    html = shown("en")
    assert html.count('class="bar" aria-hidden="true"') == 2
    assert 'class="bar-part" width="12.3"' in html and 'class="bar-part" width="100.0"' in html
    assert "style=" not in html, "the browser would not apply it"


def test_what_people_wrote_is_text_in_every_direction() -> None:
    for locale in ("en", "he"):
        assert "<script>alert" not in shown(locale) and "&lt;script&gt;" in shown(locale)
    assert 'dir="rtl"' in shown("he")
