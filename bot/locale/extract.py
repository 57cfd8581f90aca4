"""Every sentence that Agora shows, gathered from the code: ``python -m bot.locale.extract`` updates the catalogues.

A sentence is ``T("…")`` in Python and ``_("…")`` in a template, with a second text where there is a plural.
Translations are kept, new sentences come empty, and those that nobody says any more go.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from bot.texts import LOCALE_DIR
from models.people import LOCALES

ROOT = Path(__file__).resolve().parents[2]
# In the usual order: zero, one, two, few, many, other. Babel has the last two the other way round.
_PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
}
Sentence = tuple[str, ...]
"""The English, or the English for one and for many."""


def sentences(folders: tuple[str, ...] = ("bot", "handlers")) -> dict[Sentence, str]:
    """Each sentence with the file that says it first."""
    found: dict[Sentence, str] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for said in _in_python(path.read_text("utf-8")):
                found.setdefault(said, path.relative_to(ROOT).as_posix())
        for path in sorted((ROOT / folder).rglob("templates/**/*.html")):
            for said in _in_template(path.read_text("utf-8")):
                found.setdefault(said, path.relative_to(ROOT).as_posix())
    return found


def catalogue_file(locale: str) -> Path:
    """Where the catalogue of a locale is."""
    return LOCALE_DIR / locale / "LC_MESSAGES" / "agora.po"


def brought_up_to_date(locale: str, written: bytes, said: dict[Sentence, str]) -> bytes:
    """The catalogue ``written`` with exactly these sentences, and the plural forms that the language has."""
    known = read_po(BytesIO(written), locale=locale)
    fresh = Catalog(locale=locale, fuzzy=False)
    for sentence, where in said.items():
        fresh.add(_id(sentence), locations=[(where, 0)])
    for message in known:
        new = fresh.get(message.id) if message.id else None
        if new is not None and isinstance(new.id, str) == isinstance(message.id, str):
            new.string, new.flags, new.user_comments = message.string, message.flags, message.user_comments
    for message in fresh:
        if message.id and not isinstance(message.id, str):
            forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
            message.string = tuple((*forms, *[""] * fresh.num_plurals)[: fresh.num_plurals])
    return header(locale) + _body(fresh)


def _id(sentence: Sentence) -> str | Sentence:
    return sentence[0] if len(sentence) == 1 else sentence


def header(locale: str) -> bytes:
    """The first entry of a catalogue, without dates and names, which would change with every run."""
    plurals = _PLURALS.get(locale) or Catalog(locale=locale).plural_forms
    lines = (
        "Content-Type: text/plain; charset=utf-8",
        f"Language: {locale}",
        f"Plural-Forms: {plurals}",
    )
    return ('msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n").encode()


def _body(catalog: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalog, width=120, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return written.getvalue()


def _in_python(source: str) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "T":
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            said = tuple(each for each in texts if isinstance(each, str))
            if said:
                yield said


def _in_template(source: str) -> Iterator[Sentence]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    extract = environment.extract_translations  # type: ignore[attr-defined]  # the extension's
    for _, _, said in extract(source, gettext_functions=("_",)):
        yield tuple(each for each in ((said,) if isinstance(said, str) else said) if each is not None)


def main() -> None:
    """Bring every catalogue up to date."""
    said = sentences()
    for locale in sorted(set(LOCALES) - {"en"}):
        path = catalogue_file(locale)
        path.write_bytes(brought_up_to_date(locale, path.read_bytes(), said))
        lacking = sum(
            1 for message in read_po(BytesIO(path.read_bytes())) if message.id and not _is_whole(message.string)
        )
        print(f"{path.relative_to(ROOT)}: {len(said)} sentences, {lacking} not translated")


def _is_whole(said: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(said) if isinstance(said, str) else bool(said) and all(said or ())


if __name__ == "__main__":
    main()
