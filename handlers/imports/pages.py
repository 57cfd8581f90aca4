"""One page of an old portal: from a file's bytes to what becomes an entry. Pure: it reads nothing and writes
nothing."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from handlers.imports import (
    code,
    decoding,
    dialects,
    embedded_html,
    front_matter,
    links,
    markup,
    templates,
)
from handlers.imports.files import File
from handlers.imports.front_matter import Values, first, texts
from handlers.imports.links import Link, Site
from handlers.imports.markup import Html
from handlers.imports.outcome import NotTaken, Skipped
from models.markdown import outline, passages
from models.markdown.passages import Passage
from models.search import language

_MARKDOWN, _HTML, _PLAIN = "markdown", "html", "plain"
_KINDS = {".md": _MARKDOWN, ".markdown": _MARKDOWN, ".html": _HTML, ".htm": _HTML, ".xhtml": _HTML, ".txt": _PLAIN}
_TEMPLATES = {".erb", ".njk", ".liquid", ".j2", ".jinja", ".jinja2"}
_ARCHIVES = {".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
_NO_PAGES = {"404", "500", "license", "licence", "robots", "humans", "requirements", "llms", "ads"}
"""Files of a site's repository with a page's ending, that tell an employee nothing."""

_TITLES = ("title", "page_title", "nav_title", "name")
_OWNERS = (
    "owner",
    "owners",
    "page_owner",
    "owner_email",
    "owner_slack",
    "maintainer",
    "maintainers",
    "author",
    "authors",
    "contact",
)
_REVIEWED = ("last_reviewed_on", "last_reviewed", "reviewed_on", "reviewed", "date_approved")
_CHANGED = (
    *_REVIEWED,
    "last_modified",
    "last_modified_at",
    "lastmod",
    "last_updated",
    "updated",
    "updated_at",
    "modified",
    "date",
)
_TAGS = ("tags", "keywords", "tag", "categories")
_TOPICS = ("topic", "category", "section")
_REDIRECTS = ("redirect_to", "redirect")
_LANGUAGES = ("lang", "language", "locale")
_MOST_TAGS = 50
_CONTAINERS = {"pages", "source", "src", "docs", "doc", "documentation", "content", "site", "_pages", "_posts"}
"""Folders that hold a site rather than name a topic."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is to be stored. Times are UTC.

    `path` is what tells it from the others. `owner` is what the page declares: a name, an address, a channel. `changed`
    is the declared day or the file's own time, `reviewed` the day somebody last declared it right. `markdown` is the
    whole page without its title and without HTML, its links as `links` (the module) promises; `passages` together are
    the same text. `digest` changes when anything of it does, but for the file's own time. `notes` says in plain English
    what was guessed or lost.
    """

    path: str
    title: str
    language: str
    owner: str | None
    changed: datetime | None
    reviewed: datetime | None
    topic: str | None
    tags: tuple[str, ...]
    markdown: str
    passages: tuple[Passage, ...]
    links: tuple[Link, ...]
    notes: tuple[str, ...]
    digest: str


def not_a_page(path: str) -> str | None:
    """Why a file is no page, by its name alone; None if it may be one."""
    endings = [each.lower() for each in PurePosixPath(path).suffixes]
    if endings and endings[-1] in _ARCHIVES:
        return "an archive: not opened"
    if _kind(path) is None:
        return f"not a page ({endings[-1]})" if endings else "not a page"
    if PurePosixPath(path).name.split(".")[0].lower() in _NO_PAGES:
        return "a file of the site itself"
    return None


def survey(files: Iterable[File | NotTaken]) -> Site:
    """A first look at all pages, for what the links between them mean. What cannot be read is left for `read` to
    report."""
    site = Site()
    for file in files:
        if isinstance(file, File):
            try:
                values = front_matter.split(file.path, decoding.decode(file.path, file.data)[0])[0] or {}
            except NotTaken:
                continue
            site.add(file.path, texts(values, "permalink", "url", "slug") + texts(values, "redirect_from", "aliases"))
            if target := first(values, *_REDIRECTS):
                site.move(file.path, target)
    return site


def read(file: File, site: Site, default_language: str = "en") -> Page:
    """The page that a file holds. Raises Skipped or Refused, with the reason, where there is none to be had."""
    text, guessed = decoding.decode(file.path, file.data)
    values, body, broken = front_matter.split(file.path, text)
    _check(file.path, values or {})
    content = _content(file.path, values, body)
    markdown, page_links, dead = _finished(content.markdown, file.path, site)
    title, markdown = _title(file.path, values or {}, content.title, markdown)
    found = tuple(passages.split(markdown))
    if not found:
        raise Skipped(file.path, "holds no text")
    page = Page(
        path=file.path,
        title=title,
        language=_language(
            first(values or {}, *_LANGUAGES) or content.language, f"{title}\n{found[0].text}", default_language
        ),
        owner=first(values or {}, *_OWNERS) or content.author or None,
        changed=front_matter.day(values or {}, *_CHANGED),
        reviewed=front_matter.day(values or {}, *_REVIEWED),
        topic=first(values or {}, *_TOPICS) or _topic(file.path),
        tags=_tags(values or {}),
        markdown=markdown,
        passages=found,
        links=tuple(page_links),
        notes=tuple(note for note in (guessed, broken, f"links that lead nowhere: {dead}" if dead else None) if note),
        digest="",
    )
    return replace(page, digest=_digest(page), changed=page.changed or file.modified)


def _kind(path: str) -> str | None:
    """How to read a file, by its last ending that is not a template's: `guide.html.md.erb` is Markdown."""
    endings = [each.lower() for each in PurePosixPath(path).suffixes]
    while len(endings) > 1 and endings[-1] in _TEMPLATES:
        endings.pop()
    return _HTML if endings == [".njk"] else _KINDS.get(endings[-1]) if endings else None


def _check(path: str, values: Values) -> None:
    if target := first(values, *_REDIRECTS):
        raise Skipped(path, f"only redirects to {target[:200]}")
    if (first(values, "published") or "").lower() == "false" or (first(values, "draft") or "").lower() == "true":
        raise Skipped(path, "not published")


def _content(path: str, values: Values | None, body: str) -> Html:
    """The page's own text as Markdown. Only a page with front matter or tags is a template; elsewhere braces are just
    braces."""
    kind = _kind(path)
    if kind == _PLAIN:
        return Html("", "", "", body)
    if values is not None or "{%" in body or PurePosixPath(path).suffix.lower() in _TEMPLATES:
        body = templates.read(body, values or {})
    return markup.read(path, body) if kind == _HTML else Html("", "", "", code.outside(body, embedded_html.clean))


def _finished(markdown: str, path: str, site: Site) -> tuple[str, list[Link], int]:
    """Markdown as others can rely on it, the links in it, and how many links led nowhere."""
    found: list[Link] = []
    dead = 0

    def finish(prose: str) -> str:
        nonlocal found, dead
        prose, anchors = dialects.common(prose)
        prose, found, dead = links.rewrite(links.inline_references(prose), path, site, anchors)
        return prose

    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", code.outside(markdown, finish)).strip("\n"), found, dead


def _title(path: str, values: Values, declared: str, markdown: str) -> tuple[str, str]:
    """The title, and the Markdown without the heading that says the same."""
    heading = next((block for block in outline.blocks(markdown) if block.level == 1 and block.text), None)
    named = markup.plain(first(values, *_TITLES) or "")
    title = named or (front_matter.plain(heading.text) if heading else "") or declared.split(" | ")[0] or _named(path)
    if heading and _same(heading.text, title):
        lines = markdown.split("\n")
        markdown = "\n".join(lines[: heading.lines[0]] + lines[heading.lines[1] :]).strip("\n")
    return title, markdown


def _same(heading: str, title: str) -> bool:
    return " ".join(heading.split()).casefold() == " ".join(title.split()).casefold()


def _named(path: str) -> str:
    """A title out of a file's name, or of its folder's where the file is an index."""
    parts = [part.split(".")[0] for part in path.split("/")]
    name = parts[-2] if parts[-1].lower() in ("index", "readme", "_index") and len(parts) > 1 else parts[-1]
    return _words(re.sub(r"^\d{4}-\d\d-\d\d-", "", name)) or path


def _words(name: str) -> str:
    words = " ".join(re.split(r"[-_\s]+", name)).strip()
    return words[:1].upper() + words[1:]


def _topic(path: str) -> str | None:
    """The first folder that names one."""
    return next((_words(part) for part in path.split("/")[:-1] if part.lower() not in _CONTAINERS), None)


def _tags(values: Values) -> tuple[str, ...]:
    """What the page says it is about, a list or one text with commas."""
    written = [tag.strip() for declared in texts(values, *_TAGS) for tag in declared.split(",")]
    return tuple(dict.fromkeys(tag for tag in written if tag))[:_MOST_TAGS]


def _language(declared: str, text: str, default: str) -> str:
    found = re.match(r"([a-z]{2,3})(?:[-_]|$)", declared.strip().lower())
    return found[1] if found else language.detect(text, default)


def _digest(page: Page) -> str:
    """What identifies the content. JSON, since it writes the same for the same."""
    content = json.dumps(asdict(page), ensure_ascii=False, sort_keys=True, default=datetime.isoformat)
    return hashlib.sha256(content.encode()).hexdigest()
