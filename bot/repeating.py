"""How often something is to be done, as people say it in four languages: "every Monday", "ogni due settimane",
"כל יום שני", "كل شهر", "monthly", "on the last Friday of the month"; as a rule of RFC 5545."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from bot.date_lexicon import Meaning, Token, languages, readings, tokens_of
from bot.date_signs import normal
from bot.date_words import DAY, MONTH, WEEK, YEAR

_MOST = 100  # characters
_RUN = 10  # words of it within others
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OFTEN = {DAY: "DAILY", WEEK: "WEEKLY", MONTH: "MONTHLY", YEAR: "YEARLY"}
_SAID = {
    "en": {
        "z u2": "daily|everyday",
        "z u3": "weekly",
        "z n2 u3": "fortnightly|biweekly",
        "z u4": "monthly",
        "z u5": "yearly|annually",
        "z s": "every weekday|every working day|every workday|every business day|on weekdays|working days|weekdays",
        "z n2": "every other|every second",
        "z n3": "every third",
        "l1": "first",
        "l2": "second",
        "l3": "third",
        "l4": "fourth",
        "l-1": "last",
    },
    "it": {
        "z u2": "quotidianamente|giornalmente|ogni dì",
        "z u3": "settimanalmente|settimanale",
        "z u4": "mensilmente|mensile",
        "z u5": "annualmente|annuale",
        "z s": "ogni giorno lavorativo|nei giorni lavorativi|giorni feriali|ogni giorno feriale|tutti i giorni feriali",
        "l1": "primo|prima",
        "l2": "secondo|seconda",
        "l3": "terzo|terza",
        "l4": "quarto|quarta",
        "l-1": "ultimo|ultima|l ultimo|l ultima",
    },
    "ar": {
        "z u2": "يوميا",
        "z u3": "أسبوعيا",
        "z u4": "شهريا",
        "z u5": "سنويا",
        "z s": "كل يوم عمل|أيام العمل",
        "l1": "أول|الأول|الأولى",
        "l2": "ثاني|الثاني",
        "l3": "ثالث|الثالث",
        "l4": "رابع|الرابع",
        "l-1": "آخر|الأخير|الأخيرة",
    },
    "he": {
        "z u2": "יומי|יום יום",
        "z u3": "שבועי|מדי שבוע|אחת לשבוע|פעם בשבוע",
        "z u4": "חודשי|מדי חודש|אחת לחודש|פעם בחודש",
        "z u5": "שנתי|מדי שנה|אחת לשנה|פעם בשנה",
        "z s": "כל יום עבודה|בימי עבודה|ימי חול",
        "l1": "הראשון|הראשונה",
        "l2": "השני|השנייה",
        "l3": "השלישי",
        "l4": "הרביעי",
        "l-1": "האחרון|האחרונה",
    },
}
_IDLE = "tax"
"""Tokens that say nothing here: this, at, the coming one."""
_RULE = re.compile(
    r"(?P<work>zs)|z(?P<each>w+)|z(?P<often>n?u|v)|(?P<nth>z?(?:lw|wl)z?u)"
    r"|(?P<day>(?:g?[no]|ng)zu|zug?[no])|(?P<end>ez?u|zeu)|(?P<last>l(?:u)z?u)"
)


def rule_in(text: str, locale: str) -> str:
    """The rule that ``text`` names: ``FREQ=WEEKLY;BYDAY=MO``. All four languages are understood. ``ValueError`` where
    it is none."""
    if len(text) > _MOST:
        raise ValueError("too long for a rule")
    said = normal(text.strip(" .!"))
    for code in languages(locale):
        for tokens in readings(said, code, _number, _words(code)):
            if (rule := _rule_of([each for each in tokens if each[0] not in _IDLE])) is not None:
                return rule
    raise ValueError("no rule")


def rule_among(text: str, locale: str) -> tuple[str, str, str] | None:
    """The rule that stands among other words; the words that say it, and the others. ``None`` where there is none."""
    words = text.split()
    for start in range(len(words)):
        found, end = None, start
        for until in range(start + 1, min(len(words), start + _RUN) + 1):
            try:
                rule = rule_in(" ".join(words[start:until]), locale)
            except ValueError:
                continue
            if rule != found:
                found, end = rule, until
        if found is not None:
            return found, " ".join(words[start:end]), " ".join(words[:start] + words[end:])
    return None


def _rule_of(tokens: Sequence[Token]) -> str | None:
    found = _RULE.fullmatch("".join(letter for letter, _ in tokens))
    try:
        return _rule(found, tokens) if found else None
    except ValueError:
        return None


def _rule(found: re.Match[str], tokens: Sequence[Token]) -> str:
    said = dict(tokens)
    if found["work"]:
        return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    if found["each"]:
        days = sorted({number for letter, number in tokens if letter == "w"})
        return f"FREQ=WEEKLY;BYDAY={','.join(_WEEKDAYS[day] for day in days)}"
    if found["often"]:
        often, many = _often(said.get("u", said.get("v"))), 2 if "v" in said else said.get("n", 1)
        if not 1 <= many < 100:
            raise ValueError("too seldom")
        return f"FREQ={often}" + (f";INTERVAL={many}" if many > 1 else "")
    if _often(said["u"]) != "MONTHLY":
        raise ValueError("a day of no month")
    if found["nth"]:
        return f"FREQ=MONTHLY;BYDAY={said['l']}{_WEEKDAYS[said['w']]}"
    if found["end"] or found["last"]:
        if found["last"] and (
            said["l"] != -1 or [number for letter, number in tokens if letter == "u"] != [DAY, MONTH]
        ):
            raise ValueError("no last day")
        return "FREQ=MONTHLY;BYMONTHDAY=-1"
    day = said["n"] if "n" in said else said["o"]
    if not 1 <= day <= 31:
        raise ValueError("no day of a month")
    return f"FREQ=MONTHLY;BYMONTHDAY={day}"


def _often(unit: int | None) -> str:
    if unit not in _OFTEN:
        raise ValueError("too often")
    return _OFTEN[unit]


def _number(word: str) -> list[Meaning]:
    found = re.fullmatch(r"(\d{1,2})(st|nd|rd|th)?\.?", word)
    return [(("o" if found[2] else "n", int(found[1])),)] if found else []


@cache
def _words(code: str) -> dict[str, list[Meaning]]:
    """The words of a language, and of English, that say how often."""
    found: dict[str, list[Meaning]] = {}
    for each in dict.fromkeys((code, "en")):
        for tokens, phrases in _SAID[each].items():
            for phrase in phrases.split("|"):
                found.setdefault(normal(phrase), []).append(tokens_of(tokens))
    return found
