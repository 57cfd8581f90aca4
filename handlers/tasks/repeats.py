"""How often something is to be done, in words."""

from __future__ import annotations

from bot.cards import T, User, Words
from bot.weekdays import weekday

USUAL = {
    "FREQ=DAILY": T("Every day"),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": T("From Monday to Friday"),
    "FREQ=WEEKLY": T("Every week"),
    "FREQ=WEEKLY;INTERVAL=2": T("Every second week"),
    "FREQ=MONTHLY": T("Every month"),
    "FREQ=YEARLY": T("Every year"),
}
"""What is said of the usual rules of RFC 5545."""
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def said(rule: str) -> Words:
    """What is said of a rule."""
    if rule in USUAL:
        return USUAL[rule]
    parts = dict(pair.split("=", 1) for pair in rule.split(";") if "=" in pair)
    every = int(parts.get("INTERVAL", "1")) if parts.get("INTERVAL", "1").isdecimal() else 1
    match parts.pop("FREQ", ""), sorted(parts):
        case "DAILY", ["INTERVAL"]:
            return T("Every {n} day", "Every {n} days", n=every)
        case "WEEKLY", ["INTERVAL"]:
            return T("Every {n} week", "Every {n} weeks", n=every)
        case "MONTHLY", ["INTERVAL"]:
            return T("Every {n} month", "Every {n} months", n=every)
        case "YEARLY", ["INTERVAL"]:
            return T("Every {n} year", "Every {n} years", n=every)
        case "WEEKLY", ["BYDAY"] if set(parts["BYDAY"].split(",")) <= set(_DAYS):
            return T("Every week: {days}", days=_days(parts["BYDAY"].split(",")))
        case "MONTHLY", ["BYMONTHDAY"] if parts["BYMONTHDAY"] == "-1":
            return T("Every month on its last day")
        case "MONTHLY", ["BYMONTHDAY"] if parts["BYMONTHDAY"].isdecimal():
            return T("Every month on day {day}", day=User(parts["BYMONTHDAY"]))
        case "MONTHLY", ["BYDAY"] if parts["BYDAY"][-2:] in _DAYS:
            return _nth(parts["BYDAY"][:-2], _day(parts["BYDAY"][-2:]))
    return User(rule)


def _nth(number: str, day: Words) -> Words:
    lines = {
        "1": T("Every month, first {day}", day=day),
        "2": T("Every month, second {day}", day=day),
        "3": T("Every month, third {day}", day=day),
        "4": T("Every month, fourth {day}", day=day),
        "-1": T("Every month, last {day}", day=day),
    }
    return lines.get(number, T("Every month: {day}", day=day))


def _days(names: list[str]) -> Words:
    words = _day(names[0])
    for each in names[1:]:
        words = T("{first}, {second}", first=words, second=_day(each))
    return words


def _day(name: str) -> Words:
    return weekday(_DAYS.index(name))
