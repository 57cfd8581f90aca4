"""Every kind of person against every kind of thing: a canary in each, sought in all that Agora shows to the person.

Who may not read a thing sees its word nowhere. Who may sees it somewhere, so that the test can fail. And again after
everything was taken away from those who had it and every thing says something new.
"""

from __future__ import annotations

import pytest

from tests.chat import Chat
from tests.faults.audience_company import FINDS, PEOPLE, Company
from tests.faults.surfaces import surfaces

Leaks = list[str]


def looked(company: Company, may: dict[str, frozenset[str]], now: tuple[str, ...] = ()) -> tuple[int, Leaks, Leaks]:
    """How much was looked for, what was seen by who may not, and what was not seen by who may; ``now`` names the
    surfaces, where not all of them count."""
    checks, leaks, missing = 0, [], []
    for name, who in company.people.items():
        found = surfaces(company.chat, who, FINDS, acts=not now)
        found = {surface: text for surface, text in found.items() if not now or surface in now}
        for canary, readers in may.items():
            checks += len(found)
            where = [surface for surface, text in found.items() if canary in text]
            if name not in readers:
                leaks += [f"{name} sees {canary} in {surface}" for surface in where]
            elif not where:
                missing.append(f"{name} does not see {canary}")
    return checks, leaks, missing


@pytest.mark.timeout(300)
def test_nobody_sees_what_they_may_not(chat: Chat) -> None:
    company = Company(chat)
    checks, leaks, missing = looked(company, company.may)
    report("as it is", len(company.may), checks, leaks)
    assert (leaks, missing) == ([], [])
    company.taken_away()
    more = company.say_more()
    checks, leaks, missing = looked(company, more)
    report("said after everything was taken away", len(more), checks, leaks)
    assert (leaks, missing) == ([], [])
    left = company.left_of()
    checks, leaks, _ = looked(company, left, ("pages", "files", "home"))
    report("said before, opened after", len(left), checks, leaks)
    assert leaks == []


def report(when: str, things: int, checks: int, leaks: Leaks) -> None:
    """A row of the table in docs/promises.md."""
    print(f"| {when} | {len(PEOPLE)} people × {things} things | {checks} looks | {len(leaks)} leaks |")
