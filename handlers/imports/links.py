"""Where the links of a page lead: to another page of the same site, to an address, or nowhere that is safe.

After `rewrite` every link of a page is one of two: an address with the scheme http, https, mailto or tel, or
`page:PATH#ANCHOR`, PATH being percent-encoded and relative to what is imported. Anything else became its text.
"""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

SCHEME = "page:"
_SAFE = {"http", "https", "mailto", "tel"}
_LABEL = r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*+)\]"
_TITLE = r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*"
_TARGET = r"\(\s*(?:<([^<>\n]*)>|([^\s()<>]*+(?:\([^\s()]*\)[^\s()<>]*+)*+))"
_LINK = re.compile(r"(?<!\\)" + _LABEL + _TARGET + _TITLE + r"\)")
_PICTURE = re.compile(r"(?<!\\)!" + _LABEL + r"(?:" + _TARGET + _TITLE + r"\)|\[[^\[\]]*\])")
_DEFINED = re.compile(
    r"^ {0,3}\[(?!\^)([^\[\]\n]+)\]:[ \t]*\n?[ \t]*<?([^\s<>]+)>?"
    + r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
_USED = re.compile(r"(?<!\\)" + _LABEL + r"(?:\[([^\[\]]*)\])?(?![\[(:])")
_ENDING = re.compile(r"(?:\.(?:html?|md|mdx|markdown|txt|erb|njk|liquid|j2))+$")
_LEADING_FOLDERS = 2
"""Sites are often kept in `source/` or `docs/pages/`, which their links leave out."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: its words and where it leads (see the module)."""

    text: str
    target: str


class Site:
    """Which page an address within the imported site means."""

    def __init__(self) -> None:
        self._exact: dict[str, str] = {}
        self._shortened: dict[str, str | None] = {}
        self._moved: dict[str, str] = {}

    def add(self, path: str, addresses: Iterable[str] = ()) -> None:
        """Makes a page known by its path, also without its leading folders, and by the addresses it declares."""
        key = _key(path)
        self._exact[key] = path
        for address in addresses:
            self._exact.setdefault(_key(address), path)
        parts = key.split("/")
        for dropped in range(1, min(_LEADING_FOLDERS, len(parts)) + 1):
            short = "/".join(parts[dropped:])
            if short or path.rpartition("/")[2].startswith("index."):
                self._shortened[short] = None if short in self._shortened else path

    def move(self, path: str, target: str) -> None:
        """Makes a page known that only leads on to `target`."""
        self._moved[path] = target

    def moved(self, path: str) -> str | None:
        """Where a page leads on to, if it does."""
        return self._moved.get(path)

    def find(self, page: str, address: str) -> str | None:
        """The path of the page that an address without scheme means on `page`; None if there is none, or several."""
        if address.startswith("/"):
            tried = [address]
        else:
            tried = [posixpath.join(posixpath.dirname(page), address), posixpath.join(_key(page), address), address]
        for each in map(_key, tried):
            if found := self._exact.get(each) or self._shortened.get(each):
                return found
        return None


def _key(address: str) -> str:
    """A page's address without what varies: endings, `index`, slashes around it, case."""
    path = posixpath.normpath("/" + unquote(address).lower().strip("/"))
    path = _ENDING.sub("", path).strip("/")
    return path.removesuffix("index").rstrip("/") if posixpath.basename(path) == "index" else path


def inline_references(prose: str) -> str:
    """Prose with links of the form `[words][name]` written out, so that each piece of it stands on its own."""
    defined: dict[str, str] = {}
    for name, target in _DEFINED.findall(prose):
        defined.setdefault(_label(name), target)
    if not defined:
        return prose

    def written_out(used: re.Match[str]) -> str:
        target = defined.get(_label(used[2] or used[1]))
        return f"[{used[1]}](<{target}>)" if target else used[0]

    return _USED.sub(written_out, _DEFINED.sub("", prose))


def rewrite(prose: str, page: str, site: Site, anchors: dict[str, str]) -> tuple[str, list[Link], int]:
    """Prose with its links as this module promises, those links, and how many led nowhere.

    `anchors` gives the anchor that a heading got in place of the id the page gave it. Pictures become their
    descriptions.
    """
    links: list[Link] = []
    dead = 0

    def rewritten(link: re.Match[str]) -> str:
        nonlocal dead
        target = _target((link[2] if link[2] is not None else link[3]).strip(), page, site, anchors)
        if not target or not link[1].strip():
            dead += not target
            return link[1]
        links.append(Link(" ".join(link[1].split()), target))
        return f"[{link[1]}]({target})"

    return _LINK.sub(rewritten, _PICTURE.sub(_described, prose)), links, dead


def _described(picture: re.Match[str]) -> str:
    """A picture's description; a badge about the state of the page's source says nothing to its readers."""
    source = picture[2] or picture[3] or ""
    return "" if re.search(r"badge|shields\.io|circleci|travis-ci", source) else picture[1]


def _target(href: str, page: str, site: Site, anchors: dict[str, str], moves: int = 3) -> str | None:
    try:
        split = urlsplit(href)
    except ValueError:  # such as a broken IPv6 address
        return None
    if split.scheme or split.netloc:
        return quote(href, safe="%/:=&?~#+!$,;'@*[]") if split.scheme.lower() in _SAFE else None
    found = site.find(page, split.path) if split.path else page
    if not found:
        return None
    if moved := site.moved(found):
        return _target(moved, found, site, {}, moves - 1) if moves else None
    anchor = unquote(split.fragment)
    if found == page:
        anchor = anchors.get(anchor.lower(), anchor)
    return SCHEME + quote(found) + ("#" + quote(anchor) if anchor else "")


def _label(name: str) -> str:
    return " ".join(name.split()).casefold()
