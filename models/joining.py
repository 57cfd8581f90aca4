"""How an account of a platform becomes a person: the one way for all platforms.

Accounts are joined by e-mail only where a platform that the company vouches for says that its owner is no guest, and
where the address is in one of the company's own domains. Anything less would let whoever may write an address into a
profile become somebody else. Everybody else is a person of their own until both accounts confirm (``models.joins``).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import joins
from models.facts import Fact
from models.people import EMPLOYEE, GUEST, LOCALES, OUTSIDER, Account, Person
from models.places import PRIVATE, Membership, Place, place_at

_EMAIL = re.compile(r"[!-?A-~]{1,64}@([a-z0-9-]+(?:\.[a-z0-9-]+)+)")  # ASCII alone: nothing looks like something else
_LONGEST = 200
_TRUST = {OUTSIDER: 0, GUEST: 1, EMPLOYEE: 2}
_KNOWN_BETTER = {
    "name": None,
    "title": None,
    "locale": "en",
    "timezone": "UTC",
}  # each with what it is until it is told
_OLD_CODES = {"iw": "he"}

_domains: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Profile:
    """What a platform says of one of its accounts. ``private`` is the key of the account's own chat with Agora, where
    it is known; ``kind`` what its owner is there; ``email`` an address that the platform itself has verified."""

    platform: str
    installation: str
    external: str
    name: str
    private: str | None = None
    email: str | None = None
    kind: str = EMPLOYEE
    organisation: str | None = None
    locale: str | None = None
    timezone: str | None = None
    title: str | None = None


def use_domains(domains: Sequence[str]) -> None:
    """The company's e-mail domains, in small letters: nobody is joined by an address outside them."""
    global _domains
    _domains = frozenset(domain.casefold() for domain in domains)


def find_account(session: Session, platform: str, installation: str, external: str) -> Account | None:
    """The account, if Agora has met it."""
    return session.scalars(
        select(Account).where(
            Account.platform == platform, Account.installation == installation, Account.external == external
        )
    ).first()


def account_for(session: Session, profile: Profile, trusted: bool) -> Account:
    """The account of ``profile``, brought up to what it says; one that is new gets its person.

    ``trusted``: the workspace or tenant is on the company's allow-list; who is from elsewhere is no employee.
    """
    said = _cleaned(profile, trusted)
    account = find_account(session, said.platform, said.installation, said.external)
    if account is None:
        _alone(session)
        account = find_account(session, said.platform, said.installation, said.external) or _new(session, said)
    _take_over(session, account, _says(said))
    _own_chat(session, account, said)
    session.flush()
    return account


def _alone(session: Session) -> None:
    """Until the end of the transaction nobody else makes people, and no file of people is read."""
    if not session.info.get("alone"):
        session.execute(text("select pg_advisory_xact_lock(hashtext('agora people'))"))
        session.info["alone"] = True


def is_company_address(email: str) -> bool:
    """Whether ``email`` is in one of the company's domains."""
    match = _EMAIL.fullmatch(email)
    return match is not None and match[1] in _domains


def _cleaned(profile: Profile, trusted: bool) -> Profile:
    kind = profile.kind if trusted or profile.kind != EMPLOYEE else OUTSIDER
    email = (profile.email or "").strip().casefold()
    proven = kind == EMPLOYEE and is_company_address(email)
    return replace(
        profile,
        kind=kind,
        email=email if proven else None,
        name=_plain(profile.name) or _plain(email.partition("@")[0]) or profile.external,
        organisation=_plain(profile.organisation or "") or None,
        title=_plain(profile.title or "") or None,
        locale=language(profile.locale),
        timezone=profile.timezone if profile.timezone in _zones() else None,
    )


def language(locale: str | None) -> str | None:
    """The language of Agora's that a platform's locale (``it-IT``, ``iw_IL``) means, if one does."""
    code = re.split("[-_]", locale or "")[0].casefold()
    code = _OLD_CODES.get(code, code)
    return code if code in LOCALES else None


def _plain(words: str) -> str:
    """On one line, without what hides or turns around."""
    shown = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", words))
    kept = "".join(char for char in shown if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())[:_LONGEST]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _new(session: Session, said: Profile) -> Account:
    """A new account: of whoever the company knows by its address, else of somebody new."""
    known = None
    if said.email is not None:
        known = session.scalars(select(Person).where(func.lower(Person.email) == said.email)).first()
        known = joins.who_stands_for(session, known) if known is not None else None
    person = known or _new_person(session, said)
    account = Account(
        person=person,
        platform=said.platform,
        installation=said.installation,
        external=said.external,
        told=None if known else _says(said),
    )
    session.add(account)
    session.flush()
    _tell(session, person, "person.account_joined" if known else "person.met", account)
    return account


def _new_person(session: Session, said: Profile) -> Person:
    return Person(
        handle=_handle(session, said),
        name=said.name,
        email=said.email,
        kind=said.kind,
        organisation=said.organisation,
        title=said.title,
        locale=said.locale or "en",
        timezone=said.timezone or "UTC",
        demo=_is_demo(session),
    )


def _is_demo(session: Session) -> bool:
    """Whoever looks around in the demo company is part of it."""
    if "demo" not in session.info:
        session.info["demo"] = bool(session.scalar(select(exists().where(Person.demo))))
    return bool(session.info["demo"])


def _handle(session: Session, said: Profile) -> str:
    source = said.email.partition("@")[0] if said.email else said.name
    ascii_only = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9._-]+", "-", ascii_only.casefold()).strip("._-")[:50] or "person"
    if session.scalar(select(Person.id).where(Person.handle == base)) is None:
        return base
    taken = set(session.scalars(select(Person.handle).where(Person.handle.startswith(f"{base}-", autoescape=True))))
    return next(handle for number in count(2) if (handle := f"{base}-{number}") not in taken)


def heard(
    session: Session,
    platform: str,
    installation: str,
    external: str,
    locale: str | None,
    timezone: str | None,
    reachable: bool = True,
) -> None:
    """Something came from whoever has this account, if Agora has met them: this is how their client speaks.
    ``reachable``: it came from their own chat."""
    account = find_account(session, platform, installation, external)
    if account is None:
        return
    if reachable and account.unreachable is not None:
        account.unreachable = None
    says = {"locale": language(locale), "timezone": timezone if timezone in _zones() else None}
    _take_over(session, account, {name: value for name, value in says.items() if value is not None})


def lost(session: Session, platform: str, installation: str, private: str, reason: str) -> None:
    """Nothing arrives in the own chat of an account, for ``reason``, until something comes from there again."""
    mine = (Account.platform == platform) & (Account.installation == installation) & (Account.private == private)
    session.execute(update(Account).where(mine).values(unreachable=reason))


def _says(said: Profile) -> dict[str, Any]:
    return {name: value for name in (*_KNOWN_BETTER, "kind", "email") if (value := getattr(said, name)) is not None}


def _take_over(session: Session, account: Account, says: dict[str, Any]) -> None:
    """What changed on the platform changes here, except what the person or the company has changed since."""
    told: dict[str, Any] = account.told or {}
    if {**told, **says} == told:
        return
    person = session.get_one(Person, account.person_id, with_for_update=True)
    for name, default in _KNOWN_BETTER.items():
        if name in says and says[name] != getattr(person, name) == told.get(name, default):
            setattr(person, name, says[name])
    if "kind" in told and "kind" in says:
        _follow_kind(session, account, person, told, says)
        _follow_address(session, account, person, told, says)
    account.told = {**told, **says}


def _follow_kind(
    session: Session, account: Account, person: Person, told: dict[str, Any], says: dict[str, Any]
) -> None:
    """Who became a guest is one, unless they are an employee by another account; who is one no longer is none."""
    before, after = told.get("kind"), says["kind"]
    if before == after or person.kind != before:
        return
    others = [other.told or {} for other in person.accounts if other.id != account.id]
    if _TRUST[after] < _TRUST[person.kind] and any(other.get("kind") == person.kind for other in others):
        return
    person.kind = after
    _tell(session, person, "person.kind_changed", account, before=before, after=after)


def _follow_address(
    session: Session, account: Account, person: Person, told: dict[str, Any], says: dict[str, Any]
) -> None:
    """Who has a new address keeps it here too, unless it is somebody else's."""
    email = says.get("email")
    if email is None or email == told.get("email") or (person.email or "").casefold() != told.get("email", ""):
        return
    _alone(session)
    if session.scalars(select(Person.id).where(func.lower(Person.email) == email)).first() is None:
        person.email = email
        _tell(session, person, "person.address_changed", account)


def _own_chat(session: Session, account: Account, said: Profile) -> None:
    """Their own chat with Agora, if it is known where it is."""
    if said.private is None:
        return
    account.private = said.private
    place = place_at(session, said.platform, said.installation, said.private)
    if place is None:
        person = session.get_one(Person, account.person_id)
        place = Place(platform=said.platform, installation=said.installation, key=said.private, kind=PRIVATE,
                      name=person.name, closed=True, locale=person.locale)  # fmt: skip
        session.add(place)
        session.flush()
    row = insert(Membership).values(place_id=place.id, person_id=account.person_id)
    session.execute(row.on_conflict_do_nothing())


def _tell(session: Session, person: Person, verb: str, account: Account, **data: Any) -> None:
    """A fact of Agora's own, for the audit log."""
    where = {"platform": account.platform, "installation": account.installation}
    session.add(
        Fact(verb=verb, entity="person", entity_id=person.id, data={**where, **data}, correlation=secrets.token_hex(6))
    )
