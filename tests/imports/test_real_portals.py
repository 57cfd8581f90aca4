"""Two real handbooks: every page is read, or left with its reason, and reads as its authors meant it."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from handlers.imports import pages
from handlers.imports.code import parts
from handlers.imports.files import File
from handlers.imports.outcome import NotTaken, Refused
from handlers.imports.pages import Page
from handlers.imports.source import walk
from models.markdown.outline import PARSER, plain

pytestmark = pytest.mark.needs("data")

PORTALS = ("handbook-18f", "guidance-moj")
RESIDUE = re.compile(r"\{%|%\}|<%|%>|\{\{|\{:|</?(?:a|b|br|div|p|span|table|td|details|h\d)\b")


@cache
def portal(name: str) -> tuple[list[Page], list[NotTaken]]:
    """The pages of a portal, and what was not taken."""
    root = Path(os.environ["AGORA_DATA"]) / "portal" / name
    site = pages.survey(walk(root, pages.not_a_page))
    taken: list[Page] = []
    left: list[NotTaken] = []
    for each in walk(root, pages.not_a_page):
        try:
            if isinstance(each, NotTaken):
                raise each
            taken.append(pages.read(each, site))
        except NotTaken as why:
            left.append(why)
    return taken, left


def every_page() -> Iterator[Page]:
    """The pages of all portals."""
    for name in PORTALS:
        yield from portal(name)[0]


def one(path: str) -> Page:
    """The page at this path."""
    (found,) = (page for page in every_page() if page.path == path)
    return found


@pytest.mark.parametrize(("name", "least"), [("handbook-18f", 240), ("guidance-moj", 18)])
def test_every_page_is_taken_or_left_with_a_reason(name: str, least: int) -> None:
    taken, left = portal(name)
    assert len(taken) >= least
    assert [each for each in left if isinstance(each, Refused)] == []
    reasons = ("not a page", "only redirects to", "hidden or technical", "a file of the site itself")
    assert [str(each) for each in left if not each.why.startswith(reasons)] == []


def test_titles_are_what_the_pages_are_called() -> None:
    titles = [page.title for page in every_page()]
    assert [title for title in titles if re.search(r"[<>{}\n]|&\w+;|\.md|^\W|^$", title)] == []
    assert one("pages/tools/hrlinks.md").title == "HR Links"
    assert one("pages/getting-started/how-to-log-in.md").title == "Logging in & Networks"
    assert one("source/documentation/standards/hosting.html.md.erb").title == "How to host services"


def test_owners_days_tags_and_topics_are_read() -> None:
    guidance = [page for page in portal("guidance-moj")[0] if page.path.startswith("source/")]
    assert {page.owner and page.owner[0] for page in guidance} <= {"#", None}
    assert sum(page.owner is not None for page in guidance) >= 15
    assert all(page.reviewed and page.reviewed == page.changed for page in guidance)
    assert "bereavement" in one("pages/travel-and-leave/leave.md").tags
    assert one("pages/travel-and-leave/leave.md").topic == "Travel and leave"


def test_all_are_in_english() -> None:
    assert {page.language for page in every_page()} == {"en"}


def test_no_template_or_html_is_left_outside_code() -> None:
    for page in every_page():
        for passage in page.passages:
            prose = "".join(part.text for part in parts(passage.markdown) if not part.code)
            assert not RESIDUE.search(prose), f"{page.path}#{passage.anchor}: {RESIDUE.findall(prose)}"


def test_links_lead_to_pages_that_exist() -> None:
    paths = {page.path for page in every_page()}
    inner = [link.target for page in every_page() for link in page.links if link.target.startswith("page:")]
    assert len(inner) > 800
    assert {target.removeprefix("page:").partition("#")[0] for target in inner} <= paths
    dead = [note for page in every_page() for note in page.notes if "nowhere" in note]
    assert len(dead) <= 10  # those are dead in the sources too
    leave = one("pages/travel-and-leave/leave.md")
    assert "(page:pages/travel-and-leave/going-out-of-office.md)" in leave.markdown


def test_passages_have_a_readers_size_and_their_pages_whole_text() -> None:
    for page in every_page():
        assert max(len(passage.text.split()) for passage in page.passages) <= 400, page.path
        cut = " ".join(" ".join((*passage.headings, passage.text)) for passage in page.passages)
        assert set(re.findall(r"\w{4,}", plain(page.markdown))) <= set(re.findall(r"\w{4,}", cut)), page.path


def test_no_markdown_is_html_and_tables_stay_tables() -> None:
    chicago = one("pages/general-information-and-resources/chicago.md").passages[0]
    assert "230 S. Dearborn St." in chicago.text
    assert "<table>" in PARSER.render(chicago.markdown)
    tables = sum(
        "\n| ---" in passage.markdown or "\n|--" in passage.markdown
        for page in every_page()
        for passage in page.passages
    )
    assert tables > 10


def test_a_file_of_it_reads_the_same_alone() -> None:
    path = Path(os.environ["AGORA_DATA"]) / "portal" / "handbook-18f" / "pages" / "tools" / "hrlinks.md"
    read = pages.read(File("pages/tools/hrlinks.md", path.read_bytes()), pages.survey([]))
    assert [each.headings for each in read.passages] == [
        each.headings for each in one("pages/tools/hrlinks.md").passages
    ]
