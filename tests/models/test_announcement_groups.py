"""What is shown of groups of people: nobody can be made out, nor computed."""

from __future__ import annotations

from models.announcements.figures import Counted
from models.announcements.groups import LEAST, Row, rows, steady


def counted(people: int, acknowledged: int = 0, objected: int = 0) -> Counted:
    return Counted(people, people, acknowledged, acknowledged, 0, objected)


def shown(found: list[Row], measure: str) -> dict[str | None, int | None]:
    return {row.name: row.shown[measure] for row in found}


def test_a_small_group_stands_with_the_next_smallest() -> None:
    found = rows({"it": counted(90, 60), "law": counted(30, 20), "board": counted(3, 2), "hr": counted(12, 6)})
    assert [(row.name, row.people, row.joined) for row in found] == [("it", 90, 0), ("law", 30, 0), (None, 15, 2)]
    assert shown(found, "acknowledged") == {"it": 60, "law": 20, None: 8}


def test_small_groups_that_are_many_stand_alone_together() -> None:
    found = rows({"it": counted(90, 60), "board": counted(3), "law": counted(4)})
    assert [(row.name, row.people, row.joined) for row in found] == [("it", 90, 0), (None, 7, 2)]


def test_two_who_are_fewer_than_five_together_take_one_more() -> None:
    found = rows({"it": counted(90), "hr": counted(20), "board": counted(1), "law": counted(2)})
    assert [(row.name, row.people) for row in found] == [("it", 90), (None, 23)]


def test_one_row_alone_would_be_the_sum_again() -> None:
    assert rows({"it": counted(90)}) == rows({"it": counted(90), "hr": counted(3)}) == rows({}) == []
    assert rows({"a": counted(2), "b": counted(2)}) == []


def test_few_who_did_something_or_did_not_are_not_shown_nor_what_tells_them() -> None:
    found = rows({"it": counted(90, 60, 2), "law": counted(30, 28, 0), "hr": counted(20, 0, 10)})
    assert shown(found, "acknowledged") == {"it": 60, "law": None, "hr": None}, "all but two, and the next smallest"
    assert shown(found, "objected") == {"it": None, "law": None, "hr": None}, "two of them would be told"
    assert shown(found, "asked") == {"it": 0, "law": 0, "hr": 0}


def test_what_is_hidden_cannot_be_computed_from_the_sum() -> None:
    """Whatever the sum of a column says of its hidden cells, each of them may be more than one number."""
    found = rows({"a": counted(50, 1), "b": counted(40, 1), "c": counted(30, 9), "d": counted(20, 12)})
    hidden = [row.people for row in found if row.shown["acknowledged"] is None]
    assert hidden == [50, 40, 30], "two of whom each is one would be told by their sum"
    assert sum({50: 1, 40: 1, 30: 9}[people] for people in hidden) >= LEAST


def test_over_time_nobody_stands_alone() -> None:
    found = steady([Counted(sent=3), Counted(sent=9, objected=1), Counted(sent=10, objected=4), Counted(sent=90)])
    assert [each.sent for each in found] == [0, 9, 9, 90]
    assert [each.objected for each in found] == [0, 0, 0, 0]
