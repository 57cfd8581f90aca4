"""Tables on pages: every cell is text, labelled for whoever does not see it, and what people wrote stays text."""

from __future__ import annotations

from bot.browsing import Address, Choice, Choices, Item, Items, Lookup
from bot.cards import Fields, Heading, Link, T, User
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


def test_our_sentences_have_the_readers_direction_whatever_name_they_begin_with() -> None:
    pairs = ((T("People"), T("{first}, {second}", first=User("Tom"), second=User("Mona"))), (T("Words"), User("Tom")))
    opener = Opener(Person(handle="mona", name="Mona"), "")
    html = render("page.html", Speech(Reader("he")), shown=Page("We move", (Fields(pairs),)), viewer=opener)
    assert '<dd><bdi dir="rtl">\u2068Tom\u2069' in html and "<dd><bdi>Tom</bdi></dd>" in html


def test_lists_are_narrowed_by_links_and_a_form_that_keep_who_looks() -> None:
    parts = (
        Choices(
            T("Until when"), (Choice(T("Today"), "/tasks?when=today", True, 3), Choice(T("All of them"), "/tasks"))
        ),
        Lookup(T("Words, or a name"), "/tasks", "words", '"><script>', (("list", "mine"),)),
        Items(T("Today"), (Item(Link(User(EVIL), "/tasks/5"), (User("due"), T("People")), T("important")),)),
        Address(T("People"), "/feeds/x/calendar.ics"),
    )
    opener = Opener(Person(handle="mona", name="Mona"), "?as=mona%20b", "https://agora.example")
    html = render("page.html", Speech(Reader("he")), shown=Page("Tasks", parts), viewer=opener)
    assert (
        'href="/tasks?when=today&amp;as=mona%20b" aria-current="true"' in html and 'href="/tasks?as=mona%20b"' in html
    )
    assert '<input type="hidden" name="as" value="mona b">' in html and 'name="list" value="mine"' in html
    assert "<script>" not in html.replace('<script src="/static/theme.js">', "") and 'role="search"' in html
    assert 'value="https://agora.example/feeds/x/calendar.ics"' in html
