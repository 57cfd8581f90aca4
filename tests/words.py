"""Every sentence that Agora shows, gathered from the code, and what its catalogues lack.

`python -m tests.words it` prints what is missing in Italian as entries to be filled in.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from bot.texts import LOCALE_DIR

ROOT = Path(__file__).resolve().parents[1]
Sentence = tuple[str, ...]  # the English, or the English for one and for many


def sentences() -> dict[Sentence, str]:
    """Each sentence with where it is said first."""
    found: dict[Sentence, str] = {}
    for folder in ("bot", "handlers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line, said in _in_python(path):
                found.setdefault(said, f"{path.relative_to(ROOT)}:{line}")
        for path in sorted((ROOT / folder).rglob("templates/**/*.html")):
            for line, said in _in_template(path):
                found.setdefault(said, f"{path.relative_to(ROOT)}:{line}")
    return found


def catalogue(locale: str) -> Catalog:
    """The catalogue as it is written, so that what is empty or doubtful can be seen."""
    with (LOCALE_DIR / locale / "LC_MESSAGES" / "agora.po").open("rb") as file:
        return read_po(file, locale=locale)


def fault(said: Sentence, message: Message | None) -> str | None:
    """What is wrong with the translation of a sentence; None if it will do."""
    if message is None:
        return "missing"
    forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if message.fuzzy or not all(forms):
        return "unfinished"
    if message.pluralizable != (len(said) == 2):
        return "plural in one, not in the other"
    english, said_by = _places(said[-1]), [_places(form) for form in forms]
    lost = english - {"n"} - said_by[0].intersection(*said_by)  # "one" and "two" may be words
    strays = said_by[0].union(*said_by) - english
    return f"places differ: {sorted(strays | lost)}" if strays or lost else None


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _in_python(path: Path) -> Iterator[tuple[int, Sentence]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "T":
            said = tuple(
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
            if said:
                yield node.lineno, said


def _in_template(path: Path) -> Iterator[tuple[int, Sentence]]:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    for line, _, said in environment.extract_translations(path.read_text(), gettext_functions=("_",)):  # type: ignore[attr-defined]
        yield line, tuple(each for each in ((said,) if isinstance(said, str) else said) if each is not None)


def _print_missing(locale: str) -> None:
    known, lacking = catalogue(locale), Catalog(locale=locale)
    for said, where in sentences().items():
        if fault(said, known.get(said[0])) is not None:
            lacking.add(said[0] if len(said) == 1 else said, auto_comments=[where])
    write_po(sys.stdout.buffer, lacking, omit_header=True)


if __name__ == "__main__":
    _print_missing(sys.argv[1])
