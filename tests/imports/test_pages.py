"""What a page becomes: its title, its owner, its words, its links."""

from datetime import UTC, datetime

from handlers.imports import pages
from handlers.imports.files import File
from handlers.imports.links import Link, Site
from handlers.imports.outcome import Refused, Skipped
from tests.imports.reading import left, page

DECLARED = """---
title: "Annual leave: how much"
owner_slack: "#people-team"
last_reviewed_on: 2024-05-04
date: 2021-01-01
review_date: 2999-01-01
tags: [leave, holidays]
lang: it-IT
category: People
---

# Annual leave: how much

Ask your manager.

## Carrying over

Five days.
"""


def test_front_matter_says_what_a_page_is() -> None:
    read = page(DECLARED)
    assert (read.title, read.owner, read.language, read.topic) == (
        "Annual leave: how much",
        "#people-team",
        "it",
        "People",
    )
    assert read.tags == ("leave", "holidays")
    assert read.reviewed == read.changed == datetime(2024, 5, 4, tzinfo=UTC)
    assert read.markdown == "Ask your manager.\n\n## Carrying over\n\nFive days."


def test_without_front_matter_the_page_itself_and_its_place_say_it() -> None:
    file = File("docs/people/how-to-rest.md", b"Rest well, and often.", datetime(2023, 1, 2, tzinfo=UTC))
    read = pages.read(file, Site())
    assert (read.title, read.topic, read.language, read.owner) == ("How to rest", "People", "en", None)
    assert read.changed == datetime(2023, 1, 2, tzinfo=UTC)
    assert page("intro\n\n# The title\n\ntext").title == "The title"
    assert page("text", "it/leave/index.md").title == "Leave"


def test_toml_front_matter_is_read_too() -> None:
    read = page("+++\ntitle = 'Leave'\nauthors = ['Mona']\ndate = 2024-02-03\n+++\ntext")
    assert (read.title, read.owner, read.changed) == ("Leave", "Mona", datetime(2024, 2, 3, tzinfo=UTC))


def test_broken_front_matter_loses_no_page() -> None:
    read = page("---\ntitle: Leave: how much\ntags: [a\n---\nAsk.")
    assert read.title == "Leave: how much"
    assert read.notes == ("front matter is not valid: only the title was read",)
    assert page("---\n\nA rule above, and one below.\n\n---\n\nmore").passages[0].text.startswith("A rule above")


def test_the_digest_follows_the_content_and_not_the_clock() -> None:
    site = Site()
    first = pages.read(File("a.md", b"one", datetime(2024, 1, 1, tzinfo=UTC)), site)
    later = pages.read(File("a.md", b"one", datetime(2024, 2, 2, tzinfo=UTC)), site)
    assert first.digest == later.digest
    assert first.digest != pages.read(File("a.md", b"two"), site).digest


def test_html_gives_its_main_content_as_markdown() -> None:
    read = page(
        """<!DOCTYPE html><html lang="he"><head><title>Leave | Acme</title><meta name="author" content="Mona">
        <style>p { color: red }</style></head><body><header>Acme</header><nav><a href="/">Home</a></nav>
        <main><h1>Leave</h1><p>Ask <b>early</b>.<p>See <a href="sick.html#doctor">sick leave</a>.
        <h2 id="over">Carrying over</h2><ul><li>five days<li>not six</ul>
        <table><tr><th>Year<th>Days</tr><tr><td>2024<td>25</tr></table>
        <pre><code class="language-sh">leave &lt; 5</code></pre></main>
        <footer>Imprint</footer><script>alert(1)</script></body></html>""",
        "leave.html",
        others=("sick.md",),
    )
    assert (read.title, read.language, read.owner) == ("Leave", "he", "Mona")
    assert read.markdown == (
        "Ask **early**.\n\nSee [sick leave](page:sick.md#doctor).\n\n## Carrying over\n\n- five days\n- not six\n\n"
        "| Year | Days |\n| --- | --- |\n| 2024 | 25 |\n\n```sh\nleave < 5\n```"
    )
    assert read.passages[-1].text.endswith("five days\nnot six\nYear | Days\n2024 | 25\nleave < 5")


def test_html_inside_markdown_becomes_markdown() -> None:
    read = page(
        "Call <your-name> at <https://acme.example> or <a href='x.md'>**here**</a>.<br>Now.\n\n"
        "<details><summary>More</summary>\n\nHidden *text*.\n\n</details>\n\n"
        "<table>\n<tr><td>a</td>\n\n<td>b</td></tr>\n</table>\n\n<!-- gone -->\n`<b>` stays\n\n"
        "<script>alert(1)</script>",
        others=("x.md",),
    )
    assert read.markdown == (
        "Call \\<your-name> at <https://acme.example> or [**here**](page:x.md). Now.\n\n**More**\n\nHidden *text*.\n\n"
        "|  |  |\n| --- | --- |\n| a | b |\n\n`<b>` stays"
    )


def test_plain_text_is_a_page() -> None:
    assert (
        page("Opening hours\n\n9 to 5 {{ daily }} <b>", "hours.txt").passages[0].text
        == "Opening hours\n9 to 5 {{ daily }} <b>"
    )


def test_dialects_become_common_markdown() -> None:
    read = page(
        "* TOC\n{:toc}\n\n##Tight {#wide}\n\n[docs]\n(https://a.example) and [wide](#wide), [one][two].\n{: .note}\n\n"
        "[two]: https://b.example 'Two'\n\n![A plan](plan.png)"
    )
    assert read.markdown == (
        "## Tight\n\n[docs](https://a.example) and [wide](page:page.md#tight), [one](https://b.example).\n\nA plan"
    )
    assert read.links[1] == Link("wide", "page:page.md#tight")


def test_what_an_employee_has_no_use_for_is_skipped() -> None:
    for text, why in {
        "---\nredirect_to: /other\n---\n": "only redirects to /other",
        "---\ndraft: true\n---\ntext": "not published",
        "---\ntitle: Nothing\n---\n\n---\n": "holds no text",
    }.items():
        assert (type(left(text)), left(text).why) == (Skipped, why)
    moved = left('<meta http-equiv="refresh" content="0; url=/new"><p>Moved', "old.html")
    assert (type(moved), moved.why) == (Skipped, "only redirects to another page")


def test_names_tell_pages_from_other_files() -> None:
    for path in ("a.md", "a.HTML", "a.html.md.erb", "b/about.njk", "a.md.liquid", "notes.txt", "v1.2.md"):
        assert pages.not_a_page(path) is None
    assert pages.not_a_page("logo.png") == pages.not_a_page("a.md.png") == "not a page (.png)"
    assert pages.not_a_page("sitemap.xml.njk") == "not a page (.njk)"
    assert pages.not_a_page("more.zip") == "an archive: not opened"
    assert pages.not_a_page("LICENSE.md") == pages.not_a_page("404.html") == "a file of the site itself"
    assert pages.not_a_page("CNAME") == "not a page"


def test_old_encodings_are_read_and_losses_noted() -> None:
    hebrew = "איך מבקשים חופשה? פונים למנהל הישיר וממלאים את הטופס"
    read = page(hebrew.encode("cp1255"))
    assert (read.markdown, read.language, read.notes) == (hebrew, "he", ("read as cp1255",))
    assert page("Perché è così".encode("cp1252")).markdown == "Perché è così"
    assert page("naïve".encode("utf-16")).markdown == "naïve"
    declared = page(b'<meta charset="iso-8859-8"><p>\xf9\xec\xe5\xed \xf9\xec\xe5\xed', "a.html")
    assert (declared.markdown, declared.notes) == ("שלום שלום", ("read as iso8859-8",))
    assert page(b"fine " * 100 + b"\xff").notes == ("1 characters could not be read",)
    assert isinstance(left(b"\x89PNG\r\n\x1a\n\0\0"), Refused)
    assert left(bytes(range(128, 256)) * 9 + b"\x81\x8d").why == "not readable as text in any known encoding"


def test_a_survey_knows_the_addresses_that_pages_declare() -> None:
    files = [
        File("docs/new.md", b"---\npermalink: /short/\nredirect_from:\n  - /old/\n---\nx"),
        File("docs/gone.md", b"---\nredirect_to: /short/#part\n---\n"),
        File("docs/away.md", b"---\nredirect_to: https://a.example/x\n---\n"),
        File("docs/broken.md", b"\0"),
        Skipped("logo.png", "not a page"),
    ]
    site = pages.survey(files)
    text = b"[a](/short) [b](/old/) [c](gone) [d](away.md) [e](broken.md)"
    read = pages.read(File("docs/links.md", text), site)
    new = "page:docs/new.md"
    assert read.markdown == f"[a]({new}) [b]({new}) [c]({new}#part) [d](https://a.example/x) e"
    assert read.notes == ("links that lead nowhere: 1",)
