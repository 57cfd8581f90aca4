"""Two people who turn out to be one: confirmed on both accounts, and taken apart again.

A code that one account is shown and the other one enters finds the two; then each says that both are theirs. Whoever
stays takes over what the other one has, row by row, and which rows is remembered: taken apart, each has again what they
had, and what was done in between stays with whom it was done by.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import handover
from models.base import Base, Identified, Refusal, now, personal
from models.facts import Fact
from models.people import EMPLOYEE, MASK, Account, Person

OPEN, ENTERED, AGREED, JOINED, REFUSED, UNDONE = "open", "entered", "agreed", "joined", "refused", "undone"
CODE_LIFE = timedelta(minutes=10)
SAY_WITHIN = timedelta(hours=1)  # from the code to the last yes
MOST_CODES = 5  # that one person may ask for within an hour
MOST_TRIES = 5  # wrong codes of one person within an hour
HOUR = timedelta(hours=1)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # what nobody takes for another one; 8 of them are 39 bits
_LENGTH = 8


class Joining(Identified, Base):
    """``asked_by`` says to be somebody else too: whoever enters the code, by another account.

    open: a code was made · entered · agreed: who entered it says that both are theirs · joined: both said so · refused
    · undone. ``kept`` is who they are together, ``left`` who gave way; ``moved`` which rows, by column.
    """

    __tablename__ = "joining"
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("row"))
    other_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    state: Mapped[str] = mapped_column(default=OPEN)
    kept_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    left_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict, info=personal("row"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    def agree(self, person: Person) -> None:
        """Who entered the code says that both accounts are theirs."""
        self._expect(ENTERED, person.id, self.other_id)
        self.state = AGREED

    def confirm(self, session: Session, person: Person) -> Person:
        """Who made the code says so too: from now on both are one; who that is."""
        self._expect(AGREED, person.id, self.asked_by_id)
        locked = select(Person).where(Person.id.in_((self.asked_by_id, self.other_id))).order_by(Person.id)
        both = list(session.scalars(locked.with_for_update()))
        if len(both) < 2 or not all(each.active for each in both) or self._moved_meanwhile(session):
            raise Refusal("join_over")
        left, kept = sorted(both, key=_standing)
        self.kept_id, self.left_id, self.state = kept.id, left.id, JOINED
        self._unite(session, kept, left)
        return kept

    def refuse(self, person: Person) -> None:
        """One of the two says that it is not them."""
        if self.state not in (ENTERED, AGREED) or person.id not in (self.asked_by_id, self.other_id):
            raise Refusal("join_over")
        self.state = REFUSED

    def undo(self, session: Session, person: Person) -> Person:
        """They are two after all; the one who is there again."""
        if self.state != JOINED or person.id != self.kept_id:
            raise Refusal("join_over")
        left = session.get_one(Person, self.left_id, with_for_update=True)
        handover.give_back(session, person, left, self.moved)
        gained = self.moved.get("roles", [])
        person.roles = [role for role in person.roles if role not in gained]
        left.active, self.state = True, UNDONE
        session.flush()
        session.expire_all()
        return left

    def _expect(self, state: str, actor: int, whose: int | None) -> None:
        if self.state != state or actor != whose or self.created_at < now() - SAY_WITHIN:
            raise Refusal("join_over")

    def _moved_meanwhile(self, session: Session) -> bool:
        """Whether one of the accounts belongs to somebody else by now."""
        pairs = ((self.account_id, self.asked_by_id), (self.other_account_id, self.other_id))
        accounts = [(session.get(Account, account), person) for account, person in pairs]
        return any(account is None or account.person_id != person for account, person in accounts)

    def _unite(self, session: Session, kept: Person, left: Person) -> None:
        gained = [role for role in left.roles if left.has(role) and role not in kept.roles and kept.kind == EMPLOYEE]
        self.moved = {**handover.give(session, left, kept), "roles": gained}
        kept.roles, left.active = [*kept.roles, *gained], False
        session.flush()
        session.expire_all()


def new_code(session: Session, person: Person, account: Account) -> str:
    """A code by which another account finds this one; the codes before it are worth nothing any more."""
    if person.kind == MASK:
        raise Refusal("join_over")
    mine = Joining.asked_by_id == person.id
    recent = select(func.count()).select_from(Joining).where(mine, Joining.created_at > now() - HOUR)
    if (session.scalar(recent) or 0) >= MOST_CODES:
        raise Refusal("too_many_codes")
    session.execute(update(Joining).where(mine, Joining.state == OPEN).values(state=REFUSED, digest=None))
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    session.add(Joining(asked_by_id=person.id, account_id=account.id, digest=_digest(code)))
    session.flush()
    return f"{code[:4]}-{code[4:]}"


def enter(session: Session, person: Person, account: Account, code: str) -> Joining | None:
    """Spend ``code``; ``None`` where it is wrong or over, which the caller must count (``tries_left``)."""
    found = session.scalars(
        select(Joining)
        .where(Joining.digest == _digest(code), Joining.state == OPEN, Joining.created_at > now() - CODE_LIFE)
        .with_for_update()
    ).first()
    if found is None or person.kind == MASK:
        return None
    if found.asked_by_id == person.id:
        raise Refusal("joined_already", field="code")
    found.other_id, found.other_account_id, found.state, found.digest = person.id, account.id, ENTERED, None
    return found


def tries_left(session: Session, person: Person, verb: str) -> int:
    """How many wrong codes somebody may still enter within the hour; ``verb`` is the fact that counts them."""
    tried = select(func.count()).select_from(Fact).where(
        Fact.verb == verb, Fact.at > now() - HOUR, Fact.actor_id == person.id
    )  # fmt: skip
    return max(0, MOST_TRIES - (session.scalar(tried) or 0))


def who_stands_for(session: Session, person: Person) -> Person:
    """Who ``person`` is by now."""
    for _ in range(10):
        found = session.scalar(select(Joining.kept_id).where(Joining.left_id == person.id, Joining.state == JOINED))
        if found is None:
            break
        person = session.get_one(Person, found)
    return person


def joined_into(session: Session, person: Person) -> list[Person]:
    """Who ``person`` was, too, before they were joined; and who those were."""
    found = select(Person).join(Joining, Joining.left_id == Person.id)
    before = session.scalars(found.where(Joining.kept_id == person.id, Joining.state == JOINED)).all()
    return [each for one in before for each in (one, *joined_into(session, one))]


def standing(session: Session, person: Person) -> list[Joining]:
    """What made ``person`` who they are and can be taken back, newest first."""
    mine = (Joining.kept_id == person.id) & (Joining.state == JOINED)
    return list(session.scalars(select(Joining).where(mine).order_by(Joining.id.desc())))


def purge(session: Session) -> None:
    """Forget codes and requests that came to nothing, a day later."""
    over = Joining.state.in_((OPEN, ENTERED, AGREED, REFUSED))
    session.execute(delete(Joining).where(over, Joining.created_at < now() - timedelta(days=1)))


def _digest(code: str) -> bytes:
    return hashlib.sha256(re.sub(r"[\W_]", "", code[:40]).upper().encode("utf-8", "replace")).digest()


def _standing(person: Person) -> tuple[bool, bool, bool, int]:
    """Who stays is whom the company knows better: the highest of these."""
    return person.kind == EMPLOYEE, bool(person.roles), person.email is not None, -person.id
