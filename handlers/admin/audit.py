"""The audit log: what happened, read from the facts; shown, and given as a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.facts import Fact
from models.people import Person

SHOWN = 200
MOST = 200_000  # rows of one file: about 5 MB packed
_HEADER = ("number", "time (UTC)", "who", "verb", "entity", "entity number", "details", "correlation")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection


def newest(session: Session, limit: int = SHOWN) -> Sequence[tuple[Fact, str | None]]:
    """The newest facts with the names of who did them, newest first."""
    query = (
        select(Fact, Person.name).outerjoin(Person, Person.id == Fact.actor_id).order_by(Fact.id.desc()).limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def packed(session: Session) -> bytes:
    """The log as a CSV file in a .zip, newest first: at most ``MOST`` rows."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for fact, name in newest(session, MOST):
        details = orjson.dumps(fact.data).decode()
        row = (
            fact.id,
            fact.at.isoformat(),
            name or "Agora",
            fact.verb,
            fact.entity,
            fact.entity_id,
            details,
            fact.correlation,
        )
        writer.writerow([_harmless(str(cell)) for cell in row])
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("agora-audit.csv", "\ufeff" + text.getvalue())
    return content.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
