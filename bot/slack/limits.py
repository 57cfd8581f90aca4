"""What Slack takes: how much of what, and how often. Everything that Agora sends is cut to this table.

Sources: https://docs.slack.dev/reference/block-kit (blocks, elements, objects, views),
https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/apis/web-api/rate-limits. Measured:
not documented, found by trying.
"""

from __future__ import annotations

from bot.pacing import Window

# Messages and views
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 12_000  # measured: msg_blocks_too_long at about 13,200 in all blocks
VIEW_CHARACTERS = 40_000  # a view is refused from 250 kB on
UNFURL_BLOCKS, UNFURL_CHARACTERS = 10, 2_000  # by choice: it stands below what somebody else wrote
FALLBACK = 3_000  # by choice: notifications show less
TEXT_MOST = 40_000  # what Slack cuts the top-level text at
METADATA = 3_000  # a view's private_metadata

# Blocks and what stands in them, in characters
HEADER = 150
CONTEXT = 2_000
RUN = 20  # what each stretch of a rich text counts on top of its characters
RICH_TEXT = 3_000  # by choice, as for a section: one that is longer is folded by some clients
BLOCK_ID = 255
ACTION_ID = 255
ALT_TEXT = 2_000
URL = 3_000
BUTTON = 75
ACTIONS = 25
ACTIONS_A_ROW = 5  # by choice: Slack's clients fold what follows
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30

# Forms
VIEW_TITLE = VIEW_BUTTON = 24
LABEL = HINT = 2_000
INPUT = 3_000  # what a plain_text_input holds
OPTION, OPTION_VALUE = 75, 150
OPTIONS, OPTION_GROUPS = 100, 100
ALL_OPTIONS = 800  # in all groups of a choice: more of them make a view of more than 250 kB
FILES = 10
ERROR = 2_000

RESPONSE_URL_MINUTES = 30
STREAMED = 1.0  # seconds between two changes of a message that grows

CHANNEL = (Window(3, 3.0),)
"""Posting: one message a second in each channel, a short burst allowed."""
METHODS: dict[str, tuple[Window, ...]] = {
    "chat.postMessage": (Window(1, 0.03), Window(600, 60.0)),  # several hundred a minute, not published
    "chat.postEphemeral": (Window(100, 60.0),),  # tier 4
    "chat.update": (Window(50, 60.0),),  # tier 3
    "chat.delete": (Window(50, 60.0),),  # tier 3
    "chat.unfurl": (Window(50, 60.0),),  # tier 3
    "views.publish": (Window(100, 60.0),),  # tier 4
    "conversations.open": (Window(50, 60.0),),  # tier 3
    "conversations.history": (Window(50, 60.0),),  # tier 3
    "conversations.replies": (Window(50, 60.0),),  # tier 3
}
"""By method and workspace. What Slack allows at a moment may be less; then it says for how long to pause."""
UNTOLD = frozenset({"chat.postMessage"})
"""Of these Slack does not say how many it takes in a minute: what stands here is where learning begins."""


def size(text: str) -> int:
    """How long Slack may find a text to be: it counts UTF-16 units, and what stands for ``&``, ``<`` and ``>``."""
    astral = sum(1 for character in text if character > "\uffff") if not text.isascii() else 0
    return len(text) + astral + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def cut(text: str, most: int) -> str:
    """``text`` within ``most`` characters, with an ellipsis where something is missing."""
    if size(text) <= most:
        return text
    return head(text, most - 1).rstrip() + "…"


def head(text: str, most: int) -> str:
    """As much of the beginning as fits into ``most`` characters."""
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= most else (low, middle - 1)
    return text[:low]
