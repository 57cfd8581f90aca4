"""What the dialects of Markdown write and CommonMark does not know, turned into what it knows."""

import re

from models.markdown.outline import plain, slug

_SPLIT_LINK = re.compile(r"\][ \t]*\n[ \t]*\((?=https?://|mailto:|[/#.])")
"""Some renderers let a link's address start on the next line."""

_TIGHT_HEADING = re.compile(r"^(#{2,6})(?=[^#\s\\])", re.MULTILINE)
_HEADING_ID = re.compile(r"^( {0,3}#{1,6}[^\n]*?)[ \t]*\{:?[ \t]*#+([^{}\s]+)[^{}\n]*\}[ \t#]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"^[ \t]*\{:[^{}\n]*\}[ \t]*$|(?<=[)*_`\]])\{:[^{}\n]*\}", re.MULTILINE)
_CONTENTS = re.compile(
    r"^[ \t]*(?:[-*+1.]+[ \t]+)?(?:\[\[?_?TOC_?\]?\]|(?:TOC[ \t]*\n[ \t]*)?\{:[ \t]*toc[^{}\n]*\})[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_INVISIBLE = str.maketrans({"\u00a0": " ", "\u00ad": None, "\u200b": None, "\ufeff": None, "\u2060": None})


def common(prose: str) -> tuple[str, dict[str, str]]:
    """Prose without dialect, and for each id that it gave to a heading the anchor which that heading gets instead."""
    prose = _CONTENTS.sub("", prose.translate(_INVISIBLE))
    prose = _TIGHT_HEADING.sub(r"\1 ", _SPLIT_LINK.sub("](", prose))
    anchors = {name.lower(): slug(plain(heading)) for heading, name in _HEADING_ID.findall(prose)}
    return _ATTRIBUTES.sub("", _HEADING_ID.sub(r"\1", prose)), anchors
