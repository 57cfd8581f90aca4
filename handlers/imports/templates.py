"""Page templates read without running them: Liquid, Nunjucks, Jinja, Hugo's shortcodes and ERB.

A site generator would run these tags; here they are taken out of the prose, and what they say to a reader is kept: the
text between a pair, sentences among a tag's arguments, the title of the page, the target of a link. Code blocks stay
untouched, but for the `raw` tags around examples.
"""

import re

from handlers.imports import code, front_matter
from handlers.imports.front_matter import Values

_OPENS = re.compile(r"\{%|\{\{|<%|\{# ")
_CLOSES = {"{%": "%}", "{{": "}}", "<%": "%>", "{# ": "#}"}
_LONGEST_TAG = 4_000
_NAME = re.compile(r"[-~=<%/#\s]*([\w-]*)")
_STRING = re.compile(r"\"([^\"\n]*(?:\n[^\"\n]+)*)\"|'([^'\n]*(?:\n[^'\n]+)*)'")
_LINK_TO = re.compile(r"link_to\s*\(?\s*(?:\"([^\"]*)\"|'([^']*)')\s*,\s*(?:\"([^\"]*)\"|'([^']*)')")
_RAW = re.compile(r"\{%-?\s*(?:end)?(?:raw|verbatim)\s*-?%\}")
_IN_URL = re.compile(r"(?:\]\(<?|\b(?:href|src)\s*=\s*[\"']?|^\[[^\]\n]+\]:[ \t]*)[^\s)\"'<>]*\Z", re.MULTILINE)
_VARIABLE = re.compile(r"=?\s*(?:(?:page|current_page|data|frontmatter)\.)*([A-Za-z_]\w*)\s*(?:\||\Z)")
_PAGE_TAGS = {"page", "link", "post_url", "ref", "relref", "url", "url_for", "doc"}
"""Tags whose argument is another page, counted from the site's root."""

_SILENT = {
    "set",
    "assign",
    "if",
    "elsif",
    "elseif",
    "unless",
    "case",
    "when",
    "for",
    "capture",
    "import",
    "extends",
    "layout",
    "call",
}
"""Tags whose arguments are a program's and not a reader's."""


def read(text: str, values: Values) -> str:
    """A page's text without template tags. `values` is its front matter."""
    return _Reader(values).read(text)


class _Reader:
    """One pass over a page. `_until` is the tag that ends what is being left out or left as it is."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._done: list[str] = []
        self._until = ""

    def read(self, text: str) -> str:
        for part in code.parts(text):
            if not part.code:
                self._prose(part.text)
            elif self._until != "endcomment":
                self._done.append(_RAW.sub("", part.text))
        return "".join(self._done)

    def _prose(self, text: str) -> None:
        at = 0
        while opened := _OPENS.search(text, at):
            closes = _CLOSES[opened[0]]
            end = text.find(closes, opened.end(), opened.end() + _LONGEST_TAG)
            if end < 0:
                self._keep(text[at : opened.end()])
                at = opened.end()
                continue
            self._keep(text[at : opened.start()])
            self._tag(opened[0], text[opened.end() : end], text[opened.start() : end + len(closes)])
            at = end + len(closes)
        self._keep(text[at:])

    def _keep(self, text: str) -> None:
        if self._until != "endcomment":
            self._done.append(text)

    def _tag(self, opened: str, body: str, written: str) -> None:
        """One tag: `body` is what it says, `written` all of it."""
        name = _name(body)
        if self._until:
            if name in (self._until, "endverbatim"):
                self._until = ""
            else:
                self._keep(written)
        elif opened == "{%" and name in ("comment", "raw", "verbatim"):
            self._until = "endcomment" if name == "comment" else "endraw"
        elif opened != "{# " and not body.startswith("#"):
            self._done.append(self._said(opened, name, body))

    def _said(self, opened: str, name: str, body: str) -> str:
        """What a tag says to a reader."""
        strings = [found[1] if found[1] is not None else found[2] for found in _STRING.finditer(body)]
        if _IN_URL.search("".join(part[-500:] for part in self._done[-3:])):
            return _address(name, body, strings, opened)
        if name in _SILENT:
            return ""
        if link := _LINK_TO.search(body):
            return f"[{link[1] or link[2]}]({link[3] or link[4]})"
        if variable := opened != "{%" and _VARIABLE.match(body):
            return front_matter.plain(self._values.get(variable[1].lower()))
        if "channel" in name and len(strings) == 1:
            return "#" + strings[0].lstrip("#")
        return " ".join(" ".join(each.split()) for each in strings if _is_prose(each))


def _name(body: str) -> str:
    found = _NAME.match(body)
    return found[1].lower() if found else ""


def _address(name: str, body: str, strings: list[str], opened: str) -> str:
    """What a tag puts into a link's target: its first string, or the bare word after a tag for pages."""
    bare = body.split()[1:2] if opened == "{%" and not strings else []
    target = "".join(strings[:1] or bare).strip()
    if name in _PAGE_TAGS and not re.match(r"[a-z]+:|[/#]", target):
        return "/" + target
    return target


def _is_prose(text: str) -> bool:
    return " " in text.strip() and not re.search(r"://|\.(?:png|jpe?g|gif|svg|pdf|html?|css|js)$", text)
