"""Figures of groups of people in which nobody can be made out: by the threshold rule and complementary suppression of
statistical offices (Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).

A group of fewer than ``LEAST`` people stands in one row with others. Where fewer than ``LEAST`` did something, or did
not, that is not shown either; nor so much that the sum of all would give it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from models.announcements.figures import MEASURES, Counted

LEAST = 5


@dataclass(frozen=True)
class Row:
    """What is shown of a group, or of several that are too small (``joined``, how many): what must not be is
    ``None``."""

    name: str | None
    people: int
    shown: Mapping[str, int | None]
    joined: int = 0


def rows(found: Mapping[str | None, Counted]) -> list[Row]:
    """What may be shown of these groups, the largest first; nothing where that would only be the sum again."""
    ordered = sorted(found.items(), key=lambda item: (-item[1].people, item[0] or ""))
    kept = [(name, counted, 0) for name, counted in ordered if counted.people >= LEAST]
    small = [counted for _, counted in ordered if counted.people < LEAST]
    while small and kept and (len(small) < 2 or _people(small) < LEAST):
        small.append(kept.pop()[1])
    joined = [(None, _sum(small), len(small))] if small and _people(small) >= LEAST else []
    everything = [*kept, *joined]
    if len(everything) < 2:
        return []
    hidden = {measure: _hidden([counted for _, counted, _ in everything], measure) for measure in MEASURES}
    return [
        Row(name, counted.people, {m: None if number in hidden[m] else getattr(counted, m) for m in MEASURES}, joined)
        for number, (name, counted, joined) in enumerate(everything)
    ]


def steady(found: Sequence[Counted]) -> list[Counted]:
    """Figures over time that change only once as many as ``LEAST`` more did something: when one alone did shows
    nowhere."""
    before = Counted()
    shown = []
    for counted in found:
        kept = {
            measure: value if (value := getattr(counted, measure)) - last >= LEAST else last
            for measure in MEASURES
            for last in (getattr(before, measure),)
        }
        before = replace(counted, **kept)
        shown.append(before)
    return shown


def _hidden(counts: Sequence[Counted], measure: str) -> set[int]:
    """The rows in which ``measure`` must not be shown."""
    values = [getattr(counted, measure) for counted in counts]
    hidden = {n for n, value in enumerate(values) if _few(value) or _few(counts[n].people - value)}
    others = sorted(set(range(len(values))) - hidden, key=lambda n: values[n])
    while hidden and others and (len(hidden) < 2 or sum(values[n] for n in hidden) < LEAST):
        hidden.add(others.pop(0))
    return hidden


def _few(value: int) -> bool:
    return 0 < value < LEAST


def _people(groups: Sequence[Counted]) -> int:
    return sum(counted.people for counted in groups)


def _sum(groups: Sequence[Counted]) -> Counted:
    names = ("people", *MEASURES)
    return Counted(**{name: sum(getattr(counted, name) for counted in groups) for name in names})
