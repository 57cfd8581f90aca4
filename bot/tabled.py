"""Tables given to somebody as a file: CSV that spreadsheets of any language open, in a .zip."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection

Sheet = tuple[str, Sequence[str], Iterable[Sequence[object]]]
"""The name of a file (``.csv``), the names of its columns, and its rows."""


def packed(*sheets: Sheet) -> bytes:
    """The files in a .zip; nothing in them is taken for a formula."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, header, rows in sheets:
            text = StringIO()
            writer = csv.writer(text)
            writer.writerow(header)
            writer.writerows([_harmless(str(cell)) for cell in row] for row in rows)
            archive.writestr(name, "\ufeff" + text.getvalue())
    return content.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
