"""Markdown pages with HTML in them, as people write them, to Markdown without any."""

import re

from markdown_it import MarkdownIt

from handlers.imports import markup

_KNOWN = frozenset(
    """a abbr acronym address article aside audio b base bdi bdo big blockquote body br button canvas caption center
    cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure
    font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend
    li link main map mark menu meta nav noscript object ol optgroup option output p param picture pre progress q rp rt
    ruby s samp script section select small source span strike strong style sub summary sup svg table tbody td template
    textarea tfoot th thead time title tr track tt u ul var video wbr""".split()
)
"""HTML's elements. Anything else between angle brackets is what people write for "put your own here"."""

_INLINE = {"a", "b", "strong", "em", "i", "code", "kbd", "samp", "del", "s", "q"}
_BLOCKS = {
    "table",
    "ul",
    "ol",
    "dl",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "summary",
    "pre",
    "script",
    "style",
    "iframe",
    "svg",
}
"""Elements whose Markdown is made of all they hold, even where blank lines would end an HTML block of CommonMark."""

_TAG = re.compile(r"(?<!\\)(?<!\]\()<(/?)([A-Za-z][\w-]*)(?=[\s/>])([^<>]*)>")
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MOST_UNCLOSED = 100
_PARSER = MarkdownIt("commonmark", {"maxNesting": 100})


def clean(prose: str) -> str:
    """Prose of a Markdown page (see `code.outside`) with its HTML turned into Markdown or dropped."""
    if "<" not in prose:
        return prose
    prose = _TAG.sub(lambda tag: tag[0] if tag[2].lower() in _KNOWN else "\\" + tag[0], markup.without_comments(prose))
    return _TAG.sub(_leftover, _html_blocks(_elements(prose)))


def _elements(prose: str) -> str:
    """Whole elements, from their opening tag to the closing tag that fits."""
    done: list[str] = []
    at = unclosed = 0
    for opened in _TAG.finditer(prose):
        name = opened[2].lower()
        if opened.start() < at or opened[1] or name not in _INLINE | _BLOCKS or unclosed > _MOST_UNCLOSED:
            continue
        end = _end(prose, opened, name)
        if end is None:
            unclosed += 1
            continue
        markdown = markup.fragment(prose[opened.start() : end])
        if name == "summary":
            markdown = f"**{markdown.strip()}**"
        done += [prose[at : opened.start()], markdown if name in _INLINE else f"\n\n{markdown.strip()}\n\n"]
        at = end
    return "".join(done) + prose[at:]


def _end(prose: str, opened: re.Match[str], name: str) -> int | None:
    """Where the element that a tag opens ends; inline ones are not nested, and end in their paragraph."""
    depth = 1
    paragraph = prose.find("\n\n", opened.end()) if name in _INLINE else -1
    for tag in _TAG.finditer(prose, opened.end(), paragraph if paragraph >= 0 else len(prose)):
        if tag[2].lower() == name:
            depth = 0 if name in _INLINE and tag[1] else depth + (-1 if tag[1] else 1)
            if depth == 0:
                return tag.end()
    return None


def _html_blocks(prose: str) -> str:
    """What CommonMark takes for HTML from its first line to the next blank one."""
    lines = prose.split("\n")
    blocks = [token.map for token in _PARSER.parse(prose) if token.type == "html_block" and token.map]
    for start, end in reversed(blocks):
        lines[start:end] = ["", *markup.fragment("\n".join(lines[start:end])).strip("\n").split("\n"), ""]
    return "\n".join(lines)


def _leftover(tag: re.Match[str]) -> str:
    if tag[2].lower() == "img" and (alt := _ALT.search(tag[3])):
        return alt[1] or alt[2] or ""
    return " " if tag[2].lower() in ("br", "hr", "p", "div", "td", "th", "tr", "li") else ""
