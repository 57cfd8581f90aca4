"""What Teams allows: one table. Where a number is not published, it is what was measured or what Microsoft advises.

Sources: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit,
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages,
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content,
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards.
"""

from __future__ import annotations

from bot.pacing import Window

MESSAGE = 80 * 1024
"""Bytes of a message, whichever of UTF-8 and UTF-16 is longer. Teams takes 100 KB and counts what it adds itself."""
DIALOG = 100 * 1024
"""Bytes of a form, counted alike: all that Teams takes of a message. What a person has to edit cannot be cut."""
ROOM = 8 * 1024
"""Bytes of a neutral card up to which, as a rule, all of it fits."""
REFRESHED = 60  # people for whom a card may ask to be shown anew
CITATIONS = 20
CITED_NAME, CITED_WORDS = 80, 160  # characters
BUTTONS = 6  # of one row
ROW = 36  # characters on the buttons of a row that a phone shows side by side
TITLE = 60  # characters of a dialog's title
FILTERED_FROM = 9  # options of a select from which on it can be searched
CELLS = 4  # columns of a table that a phone can show

IN_A_CONVERSATION = (Window(7, 1.0), Window(8, 2.0), Window(60, 30.0), Window(1800, 3600.0))
IN_A_TENANT = (Window(50, 1.0),)
"""Requests of one app to one tenant, whatever they are."""

AGAIN_AFTER = 2.0  # seconds
AGAIN = frozenset({502, 503, 504})
"""Answers that mean: nothing was done, try again. So do 429, which says when, and 412, which may never end."""
