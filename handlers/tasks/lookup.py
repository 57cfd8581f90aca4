"""Tasks where people talk: what can be looked up and put into a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.cards import T
from bot.router import Hit, Router
from bot.words import in_a_row
from handlers.tasks import page_parts, saying
from handlers.tasks.lines import about
from models.people import Person
from models.search.pool import Space, Vector
from models.tasks import lists
from models.tasks.lists import MINE, OTHERS, Days, Line, Wanted

router = Router()
_FOUND = 10
_WORDS = 300  # characters of what is looked for


@router.search("tasks", T("Search tasks"), T("Find your tasks, and put one into your message."))
def search(session: Session, person: Person, words: str, vectors: Mapping[Space, Vector]) -> Sequence[Hit]:
    """What is theirs, and what they asked of others, with these words; private ones stay where they are."""
    wanted = words.replace("\0", "").strip()[:_WORDS]
    found = {one.task.id: one for view in (MINE, OTHERS)
             for one in lists.listed(session, person, Wanted(view, words=wanted), _FOUND)}  # fmt: skip
    around = lists.days(person)
    return [_hit(person, one, around) for one in found.values() if not one.task.private][:_FOUND]


def _hit(person: Person, one: Line, around: Days) -> Hit:
    said = about(one, person, around)
    title = saying.title(one.task)
    return Hit(title, in_a_row(said) if said else title, page_parts.preview(one.task, one.doers))
