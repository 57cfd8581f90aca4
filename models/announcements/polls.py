"""Voting in the polls of an announcement, and what became of it.

Of an anonymous poll is kept who took part, and how many chose what: nothing leads from one to the other. Therefore a
vote in it cannot be changed, and what anybody sees goes on in steps of ``STEP`` ballots: the difference between two
looks is never one person's choice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.announcements.tables import MULTIPLE, Ballot, Poll, Tally
from models.base import Refusal, now
from models.people import Person
from models.rows import run

STEP = 5
_COUNT = """
insert into tally (poll_id, option, votes, shown)
select %(poll)s, option, 1, 0 from unnest(%(options)s::int[]) as option order by option
on conflict (poll_id, option) do update set votes = tally.votes + 1
"""
_SHOW = """
update tally set shown = votes where poll_id = %(poll)s
  and (select votes from tally where poll_id = %(poll)s and option = 0) %% %(step)s = 0
"""
_CHOSEN = """
select option, count(*) from ballot, unnest(choices) as option where poll_id = %(poll)s group by option
"""


@dataclass(frozen=True)
class Results:
    """How many took part, and how many chose each option, from the first on. ``hidden``: it is anonymous, and too few
    took part to say more; of an anonymous poll all figures are of the last full step."""

    people: int
    votes: tuple[int, ...]
    hidden: bool = False


def polls_of(session: Session, announcement_id: int) -> list[Poll]:
    """The polls of an announcement, in their order."""
    of = select(Poll).where(Poll.announcement_id == announcement_id)
    return list(session.scalars(of.order_by(Poll.position)))


def check(poll: Poll, choices: Sequence[int]) -> list[int]:
    """The choices in order, each once; refused where there are none, too many, or others than it offers."""
    chosen = sorted(set(choices))
    if not chosen:
        raise Refusal("nothing_chosen")
    if poll.kind != MULTIPLE and len(chosen) > 1:
        raise Refusal("one_choice")
    if not all(1 <= each <= len(poll.options) for each in chosen):
        raise Refusal("unknown_choice")
    return chosen


def vote(session: Session, poll: Poll, person: Person, choices: Sequence[int]) -> bool:
    """Let ``person`` choose these options, from 1; whether they had voted before. ``Refusal("voted_already")`` where
    that was anonymous."""
    chosen = check(poll, choices)
    if poll.anonymous:
        _vote_unseen(session, poll, person, chosen)
        return False
    before = session.get(Ballot, (poll.id, person.id), with_for_update=True)
    if before is not None:
        before.choices, before.at = chosen, now()
        return True
    row = insert(Ballot).values(poll_id=poll.id, person_id=person.id, choices=chosen, at=now())
    session.execute(row.on_conflict_do_update(constraint="ballot_pkey", set_={"choices": chosen, "at": now()}))
    return False


def ballot(session: Session, poll: Poll, person: Person) -> Ballot | None:
    """That ``person`` took part, and what they chose where that is known."""
    return session.get(Ballot, (poll.id, person.id))


def results(session: Session, poll: Poll) -> Results:
    """What was chosen so far."""
    options = range(1, len(poll.options) + 1)
    if poll.anonymous:
        rows = session.execute(select(Tally.option, Tally.shown).where(Tally.poll_id == poll.id)).all()
        shown = {option: votes for option, votes in rows}  # noqa: C416 rows are no tuples to mypy
        return Results(shown.get(0, 0), tuple(shown.get(each, 0) for each in options), shown.get(0, 0) < STEP)
    people = session.scalar(select(func.count()).select_from(Ballot).where(Ballot.poll_id == poll.id)) or 0
    found: dict[int, int] = dict(run(session, _CHOSEN, {"poll": poll.id}).fetchall())
    return Results(people, tuple(found.get(each, 0) for each in options))


def _vote_unseen(session: Session, poll: Poll, person: Person, chosen: Sequence[int]) -> None:
    row = insert(Ballot).values(poll_id=poll.id, person_id=person.id, choices=None, at=None)
    done = session.execute(row.on_conflict_do_nothing(constraint="ballot_pkey").returning(Ballot.person_id)).first()
    if done is None:
        raise Refusal("voted_already")
    run(session, _COUNT, {"poll": poll.id, "options": [0, *chosen]})
    run(session, _SHOW, {"poll": poll.id, "step": STEP})


def ballots(session: Session, announcement_id: int, people: Collection[int]) -> dict[int, list[Ballot]]:
    """What these people cast in the polls of an announcement, by person."""
    of = (Poll.announcement_id == announcement_id, Ballot.person_id.in_(people))
    found: dict[int, list[Ballot]] = {}
    for each in session.scalars(
        select(Ballot).join(Poll, Poll.id == Ballot.poll_id).where(*of).order_by(Poll.position)
    ):
        found.setdefault(each.person_id, []).append(each)
    return found
