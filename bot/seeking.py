"""What a turn will look for, encoded before it begins: nothing is encoded, and nobody waits, inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.ai import encoders
from bot.inbound import Inbound
from bot.router import Router
from bot.turn import Vectors
from models.base import reading
from models.search.asking import sought
from models.search.pool import Space, Vector

log = structlog.get_logger(__name__)
MOST = 40_000  # characters of a text: what is longer is refused as a question


def prepared(router: Router, inbound: Inbound) -> Vectors:
    """The vectors of what the handler of this event will look for (``router.seeks``), as far as they can be had in the
    time that a person waits; keyed by the texts as they are searched for."""
    texts = router.seeking.get(f"{inbound.kind} {inbound.route or ''}".strip())
    ours = encoders.current()
    if texts is None or not ours.answering:
        return {}
    try:
        with reading() as session:
            wanted = [sought(text[:MOST]) for text in texts(session, inbound)]
        return ours.vectors(text for text in wanted if text)
    except SQLAlchemyError:  # the turn would meet it too, and what passes is tried again
        raise
    except Exception as error:
        log.error("cannot prepare vectors: words alone are searched for", exc_info=error)
        return {}


def vectors(text: str) -> Mapping[Space, Vector]:
    """``text`` as encoders see it, where no turn begins: to look something up. Nobody may wait for it inside a
    transaction; it is as far as it can be had in the time that a person waits."""
    wanted = sought(text[:MOST])
    return encoders.current().vectors([wanted]).get(wanted, {}) if wanted else {}
