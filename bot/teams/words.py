"""The words of a message: without the mention of Agora that calls it, and without what is quoted above them.

Where Teams sends the message in HTML beside the plain text, that says more: lists, links, code, who is mentioned.
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations
"""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from bot.teams.activity import Activity, is_bot, objects, part, text

MOST = 40_000  # characters
_HTML = "text/html"
_AT = re.compile(r"<at\b[^>]{0,200}>(.*?)</at>", re.IGNORECASE | re.DOTALL)
_QUOTE = "http://schema.skype.com/Reply"
_MENTION = "http://schema.skype.com/Mention"
_LINES = re.compile(r"\n{3,}")


def said(activity: Activity) -> str:
    """What was said, as Markdown or plain text."""
    html = next((each for each in objects(activity, "attachments") if each.get("contentType") == _HTML), None)
    content = text(html, "content")
    found = from_html(content, _own_mentions(activity)) if content else ""
    return found or _plain(activity)


def is_mentioned(activity: Activity) -> bool:
    """Whether Agora is called by its name."""
    return bool(_own_mentions(activity))


def from_html(content: str, own: set[int] | None = None) -> str:
    """The words of a message in HTML as Markdown; ``own`` are the numbers of the mentions that are left out."""
    try:
        soup = BeautifulSoup(content[: 4 * MOST], "html.parser")
        for quote in soup.find_all("blockquote", itemtype=_QUOTE):
            quote.decompose()
        for mention in [*soup.find_all("span", itemtype=_MENTION), *soup.find_all("at")]:
            _name(mention, own or set())
        for useless in soup.find_all(["img", "attachment", "script", "style", "systemeventmessage"]):
            useless.decompose()
        converter = MarkdownConverter(escape_asterisks=False, escape_underscores=False, escape_misc=False, bullets="-",
                                      autolinks=True, heading_style="atx")  # fmt: skip
        return _tidy(converter.convert_soup(soup))
    except RecursionError:  # elements within elements within elements: nobody wrote that in Teams
        return ""


def _name(mention: Tag, own: set[int]) -> None:
    """A mention as a name, or as nothing."""
    number = str(mention.get("itemid") or mention.get("id") or "")
    is_own = number.isascii() and number.isdigit() and len(number) < 6 and int(number) in own
    mention.replace_with("" if is_own else f"@{mention.get_text()}")


def _own_mentions(activity: Activity) -> set[int]:
    """The numbers of the mentions that are Agora's."""
    mentions = [each for each in objects(activity, "entities") if each.get("type") == "mention"]
    return {number for number, each in enumerate(mentions) if is_bot(activity, part(each, "mentioned"))}


def _plain(activity: Activity) -> str:
    """The plain text."""
    words = (text(activity, "text") or "")[: 4 * MOST]
    mentions = [each for each in objects(activity, "entities") if each.get("type") == "mention"]
    for number in _own_mentions(activity):
        if marked := text(mentions[number], "text"):
            words = words.replace(marked, "", 1)
    return _tidy(_AT.sub(lambda found: f"@{found[1]}", words.replace("&nbsp;", " ")))


def _tidy(words: str) -> str:
    """Without spaces that nobody meant. Lines keep what they begin with: it may be code."""
    lines = [line.rstrip() for line in words.replace("\r\n", "\n").replace("\xa0", " ").split("\n")]
    return _LINES.sub("\n\n", "\n".join(lines)).strip()[:MOST]


def plain_or_html(body: dict[str, Any] | None) -> str:
    """The words of a message as message actions have them: ``{"contentType", "content"}``."""
    content = text(body, "content") or ""
    return from_html(content) if part(body, "contentType") in ("html", _HTML) else _tidy(content)
