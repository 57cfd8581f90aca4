"""What authors see of the languages of an announcement."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Card, Element, Heading, Language, T, Text, User
from models.announcements.tables import Announcement
from models.announcements.texts import Wording


def wordings(announcement: Announcement, written: Sequence[Wording], drafts: bool) -> Card:
    """The languages of an announcement; ``drafts``: a model can draft those that are missing."""
    words = T("The languages of “{title}”", title=User(announcement.title))
    elements: list[Element] = [Heading(words), Text(T("Each reader gets theirs, and can see your original."), True)]
    by = {each.language: each for each in written}
    buttons = []
    for code in by:
        found = by[code]
        said = T("missing") if not found.text else T("not checked yet") if found.unchecked else T("checked")
        elements.append(Text(T("{language}: {state}", language=Language(code), state=said)))
        label = T("Write {language}", language=Language(code))
        if found.unchecked and found.text:
            label = T("Check {language}", language=Language(code))
        buttons.append(Button(label, f"announcements.language.{code}", announcement.id, opens="form"))
    if drafts and any(not each.text for each in written):
        buttons.append(Button(T("Draft what is missing"), "announcements.draft_languages", announcement.id))
    if not announcement.unseen and any(each.unchecked for each in written):
        elements.append(Text(T("What nobody has checked is not sent: these readers get your original."), True))
    return Card(words, (*elements, Actions(tuple(buttons))))


def not_drafted(announcement: Announcement, language: str) -> Card:
    """A model could not draft a language."""
    words = T("I could not draft “{title}” in {language}. Write it yourself, or leave it: readers get your original.",
              title=User(announcement.title), language=Language(language))  # fmt: skip
    write = Button(T("Write {language}", language=Language(language)), f"announcements.language.{language}",
                   announcement.id, opens="form")  # fmt: skip
    return Card(words, (Text(words), Actions((write,))))
