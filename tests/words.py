"""What the catalogues lack of the sentences that Agora shows."""

from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.locale.extract import Sentence, catalogue_file


def catalogue(locale: str) -> Catalog:
    """The catalogue as it is written, so that what is empty or doubtful can be seen."""
    with catalogue_file(locale).open("rb") as file:
        return read_po(file, locale=locale)


def fault(said: Sentence, message: Message | None, forms_wanted: int) -> str | None:
    """What is wrong with the translation of a sentence; None if it will do."""
    if message is None:
        return "missing"
    forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if message.fuzzy or not all(forms):
        return "unfinished"
    if message.pluralizable != (len(said) == 2):
        return "plural in one, not in the other"
    if message.pluralizable and len(forms) != forms_wanted:
        return f"{len(forms)} plural forms of {forms_wanted}"
    english, said_by = _places(said[-1]), [_places(form) for form in forms]
    lost = english - {"n"} - said_by[0].intersection(*said_by)  # "one" and "two" may be words
    strays = said_by[0].union(*said_by) - english
    return f"places differ: {sorted(strays | lost)}" if strays or lost else None


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
