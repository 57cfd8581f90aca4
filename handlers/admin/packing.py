"""Tables given to an admin as a file: CSV that spreadsheets of any language open, in a .zip."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection


def packed(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as the file ``name`` (``.csv``) in a .zip; nothing in it is taken for a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_harmless(str(cell)) for cell in row] for row in rows)
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, "\ufeff" + text.getvalue())
    return content.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
