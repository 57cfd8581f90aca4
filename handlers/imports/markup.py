"""HTML to Markdown: the main content of a page, without what surrounds it, and nothing that runs."""

import re
import warnings
from dataclasses import dataclass
from html import unescape
from typing import Any

import nh3
from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from markdownify import ATX, MarkdownConverter

from handlers.imports import front_matter
from handlers.imports.outcome import Refused, Skipped

for _advice in (MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning):  # for programmers who passed the wrong thing
    warnings.filterwarnings("ignore", category=_advice)

_COMMENT_OPENS, _COMMENT_CLOSES = "<!--", "-->"
_ENTITIES = re.compile(r"<!DOCTYPE[^>\[]{0,300}\[|<!ENTITY\b", re.IGNORECASE)
_DEEPEST, _DEEPEST_RAW = 150, 3_000
"""Levels of elements. Pages have up to 40; the converter recurses, and Python stops at 1,000 calls. Far more than that
is refused before it is parsed, which would take minutes."""

_KEPT = set(
    """a abbr address article b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2
    h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small span strong sub summary sup table
    tbody td tfoot th thead tr u ul var""".split()
)
_DROPPED = set(
    """aside audio canvas dialog footer iframe nav noscript object script select style svg template textarea title
    video""".split()
)
_ATTRIBUTES = {"*": {"id", "class", "role", "hidden", "aria-hidden"}, "a": {"href"}, "img": {"alt"}}
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|td|th|tr|dt|dd|option|thead|tbody|tfoot|br|hr|img|input|meta|link|col|area|wbr|source)\b)[a-zA-Z]"
)
"""Tags that nest: those that have to be closed."""

_SURROUNDINGS = (
    "[hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [role=search],"
    ".breadcrumb, .breadcrumbs, .toc, .sidebar, .navbar, .cookie-banner, .headerlink, .skip-link"
)
_MAIN = ("main", "[role=main]", "article", "#content", "#main-content")

_HEAD = 20_000
_TITLE = re.compile(r"<title[^<>]*>([^<]{1,1000})</title", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html\b[^<>]*?\blang\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
_AUTHOR = re.compile(r"<meta\s+name\s*=\s*[\"']?author[\"']?\s+content\s*=\s*[\"']([^\"'<>]{1,200})", re.IGNORECASE)
_REFRESH = re.compile(r"<meta\b[^<>]*\bhttp-equiv\s*=\s*[\"']?refresh\b[^<>]*\burl\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Html:
    """What an HTML page holds. Everything is plain text but `markdown`."""

    title: str
    language: str
    author: str
    markdown: str


def read(path: str, text: str) -> Html:
    """A whole HTML page. Raises Refused for entity definitions and deep nesting, Skipped for a page that only
    redirects."""
    if _ENTITIES.search(text):
        raise Refused(path, "declares entities (the billion laughs attack): not read")
    if _REFRESH.search(text, 0, _HEAD):
        raise Skipped(path, "only redirects to another page")
    soup = _parsed(text)
    if not soup or _depth(soup) > _DEEPEST:
        raise Refused(path, f"elements nested more than {_DEEPEST} deep")
    title, language, author = (_found(text, each) for each in (_TITLE, _LANGUAGE, _AUTHOR))
    return Html(title, language, author, _Converter().convert_soup(_main(soup)))


def fragment(html: str) -> str:
    """A piece of HTML found in a Markdown page; text in it may be Markdown and stays so. Its attributes are dropped."""
    soup = _parsed(html)
    if not soup or _depth(soup) > _DEEPEST:
        return nh3.clean(html, tags=set())
    for useless in soup.select(_SURROUNDINGS):
        useless.decompose()
    return str(_Converter(markdown=True).convert_soup(soup))


def plain(text: str) -> str:
    """One line without the tags and entities that authors put into titles."""
    return front_matter.plain(unescape(nh3.clean(text, tags=set()))) if "<" in text or "&" in text else text


def without_comments(text: str) -> str:
    """The text without HTML comments; one that is never closed loses its mark and keeps its text."""
    if _COMMENT_OPENS not in text:
        return text
    kept, at = [], 0
    while (start := text.find(_COMMENT_OPENS, at)) >= 0 and (end := text.find(_COMMENT_CLOSES, start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + len(_COMMENT_CLOSES)
    return "".join(kept) + text[at:].replace(_COMMENT_OPENS, "")


def _parsed(text: str) -> BeautifulSoup | None:
    """The tree; None if it is far too deep.

    nh3 parses as browsers do, closes what authors leave open, drops what runs, and leaves only what html.parser reads
    quickly.
    """
    depth = 0
    for tag in _NESTING.finditer(text):
        depth = max(0, depth + (-1 if tag[1] else 1))
        if depth > _DEEPEST_RAW:
            return None
    clean = nh3.clean(text, tags=_KEPT, clean_content_tags=_DROPPED, attributes=_ATTRIBUTES, link_rel=None)
    return BeautifulSoup(clean, "html.parser")


def _depth(soup: BeautifulSoup) -> int:
    depths = {id(soup): 0}
    for tag in soup.find_all(True):
        depths[id(tag)] = depths[id(tag.parent)] + 1
    return max(depths.values())


def _found(text: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(text, 0, _HEAD)
    return front_matter.plain(unescape(found[1])) if found else ""


def _main(soup: BeautifulSoup) -> Tag:
    """The part of a page that is about something. A header is dropped only outside of it: inside, it holds the
    heading."""
    main = next((found[0] for place in _MAIN if len(found := soup.select(place)) == 1), soup)
    for useless in main.select(_SURROUNDINGS + (", header" if main is soup else "")):
        useless.decompose()
    return main


class _Converter(MarkdownConverter):
    """markdownify with headings that keep their ids, safe links, pictures as their descriptions, and escaped `<` and
    `|`."""

    def __init__(self, markdown: bool = False) -> None:
        super().__init__(heading_style=ATX, autolinks=False, bullets="-")
        self._markdown = markdown
        self._numbers: dict[int, int] = {}

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = text.replace("<", "\\<")
        return text if self._markdown else re.sub(r"([*`\[\]]|\b_|_\b)", r"\\\1", text)

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:
        heading: str = super().convert_hN(n, el, text, parent_tags)  # type: ignore[misc]
        anchor = str(el.get("id") or "")
        return (
            f"{heading.rstrip()} {{#{anchor}}}\n\n"
            if heading.strip("# \n") and re.fullmatch(r"[\w.:-]{1,100}", anchor)
            else heading
        )

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        href = re.sub(r"[\s<>]", "", str(el.get("href") or "")).replace("(", "%28").replace(")", "%29")
        if not href or "_noformat" in parent_tags:
            return text
        before, words, after = (
            (" " if text[:1].isspace() else ""),
            " ".join(text.split()),
            (" " if text[-1:].isspace() else ""),
        )
        return f"{before}[{words}]({href}){after}" if words else text

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self.escape(" ".join(str(el.get("alt") or "").split()), parent_tags)

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = (text or "").strip()
        if not text:
            return "\n"
        number = self._numbers[id(el.parent)] = self._numbers.get(id(el.parent), 0) + 1
        bullet = f"{number}. " if el.parent is not None and el.parent.name == "ol" else "- "
        return bullet + text.replace("\n", "\n" + " " * len(bullet)) + "\n"

    def convert_dt(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n**{' '.join(text.split())}**\n\n" if text.strip() else ""

    def convert_dd(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n"

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return " " + " ".join(text.split()).replace("\\|", "|").replace("|", "\\|") + " |"

    convert_th = convert_td

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Code, fenced by more backticks than it holds, with its language if the page says it."""
        if not text.strip():
            return ""
        code: Any = el.find("code") or el
        named = re.search(r"\b(?:language|lang|highlight)-([\w+#-]{1,30})", " ".join(code.get("class") or []))
        fence = "`" * max([2, *map(len, re.findall("`+", text))]) + "`"
        return f"\n\n{fence}{named[1] if named else ''}\n{text.strip(chr(10))}\n{fence}\n\n"
