"""Markdown of people and files as HTML that can do nothing but be read."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

_TURNING = frozenset([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""What overrides or embeds directions (Unicode TR9): it could make the text around it read otherwise than it is."""
_TAGS = set(
    "p br strong em s code pre blockquote ul ol li a hr bdi table thead tbody tr th td h2 h3 h4 h5 h6".split()
)  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_MENTION = re.compile(r"(?<![\w@./])(@[\w.-]*\w)")
_NEUTRAL = re.compile(r"<(p|li)>([^\w<]+)(?=</|\n<)")
"""A line without letters, such as "…", has no direction of its own: it takes that of the text around it."""
_HEADING = re.compile(r"<(/?)h([1-6])>")


def clean(text: str) -> str:
    """``text`` without what cannot be stored or would turn the text around it: control characters, half characters,
    direction overrides. Line ends become ``\\n``."""
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or (ord(c) not in _TURNING and unicodedata.category(c) != "Cc"))


def _parser(breaks: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": breaks})
    parser.enable(["linkify", "strikethrough", "table"]).disable(["image", "html_block", "html_inline"])
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_ip": False})
    return parser


def _with_mentions(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """Names of people stand out."""
    return _MENTION.sub(r'<bdi class="mention">\1</bdi>', escapeHtml(tokens[index].content))


_CHAT = _parser(breaks=True).disable(["heading", "lheading"])
_CHAT.add_render_rule("text", _with_mentions)
_DOCUMENT = _parser(breaks=False)


@lru_cache(maxsize=1024)
def chat(text: str) -> str:
    """What somebody wrote in a message: line ends stay, headings are words."""
    return _safe(_CHAT.render(clean(text)))


@lru_cache(maxsize=128)
def document(text: str) -> str:
    """An entry, or a passage of one, whose headings stand below the page's own."""
    lower = _HEADING.sub(lambda found: f"<{found[1]}h{min(int(found[2]) + 1, 6)}>", _DOCUMENT.render(clean(text)))
    return _safe(lower)


def _safe(html: str) -> str:
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        tag_attribute_values={"bdi": {"class": {"mention"}}},
        attribute_filter=_outward,
        url_schemes={"http", "https", "mailto"},
        set_tag_attribute_values={"a": {"target": "_blank"}, "pre": {"dir": "ltr"}, "code": {"dir": "ltr"}},
        link_rel="noopener noreferrer nofollow",
    )
    return _NEUTRAL.sub(r'<\1 class="neutral">\2', cleaned)


def _outward(tag: str, attribute: str, value: str) -> str | None:
    """Links lead outwards only: a relative one would lead to whatever stands there on this server."""
    if (tag, attribute) == ("a", "href") and not re.match(r"(?i)(https?://|mailto:)", value):
        return None
    return value
