"""The words by which people ask for a list of tasks, in the languages that Agora speaks."""

from __future__ import annotations

from collections.abc import Mapping

from models.tasks.lists import FINISHED_LATELY, HERE, MINE, OTHERS, OVERDUE, TEAM, TODAY, UNDATED, WAITING, WEEK

_MINE = frozenset({
    "tasks", "my tasks", "show my tasks", "what are my tasks", "what do i have to do", "to do", "todo", "my to-dos",
    "attività", "le mie attività", "i miei compiti", "compiti", "mostra le mie attività", "cosa devo fare",
    "مهام", "مهامي", "المهام", "ما هي مهامي", "ماذا علي أن أفعل", "أرني مهامي",
    "משימות", "המשימות שלי", "משימות שלי", "מה המשימות שלי", "מה אני צריך לעשות", "מה אני צריכה לעשות",
})  # fmt: skip
_HERE = frozenset({
    "tasks", "tasks here", "this thread's tasks", "what is open here", "what is open", "attività", "attività qui",
    "compiti", "cosa resta da fare", "المهام", "مهام", "المهام هنا", "משימות", "המשימות כאן", "מה פתוח כאן",
})  # fmt: skip
_VIEWS: Mapping[str, tuple[str, ...]] = {
    MINE: ("mine", "my", "me", "mie", "miei", "io", "لي", "مهامي", "שלי"),
    OTHERS: ("others", "asked", "i asked for", "altri", "chieste", "richieste", "الآخرين", "طلبت", "אחרים", "ביקשתי"),
    TEAM: ("team", "my team", "squadra", "gruppo", "فريقي", "الفريق", "צוות", "הצוות שלי", "הצוות"),
    HERE: ("here", "this thread", "thread", "qui", "هنا", "כאן", "פה"),
}
_TIMES: Mapping[str, tuple[str, ...]] = {
    OVERDUE: ("overdue", "late", "scadute", "scaduti", "in ritardo", "متأخرة", "المتأخرة", "באיחור", "מאחרות"),
    TODAY: ("today", "oggi", "اليوم", "היום"),
    WEEK: ("this week", "week", "questa settimana", "settimana", "هذا الأسبوع", "الأسبوع", "השבוע"),
    WAITING: ("waiting", "waiting for others", "in attesa", "attesa", "بانتظار", "في الانتظار", "ממתינות", "מחכות"),
    UNDATED: ("no date", "without a date", "undated", "senza data", "بلا تاريخ", "بدون تاريخ", "ללא תאריך",
              "בלי תאריך"),
    FINISHED_LATELY: ("done", "finished", "fatte", "fatti", "completate", "منجزة", "المنجزة", "בוצעו", "גמורות"),
}  # fmt: skip
_MARKS = " \t\n!.؟?,،:"


def is_mine(text: str) -> bool:
    """Whether somebody asks for what is theirs."""
    return _plain(text) in _MINE


def is_here(text: str) -> bool:
    """Whether somebody asks for what is open where they are."""
    return _plain(text) in _HERE


def read(text: str) -> tuple[str, str, str]:
    """Which list (empty where none is named), which time, and what else was said: the words to look for. Each is named
    once: "here overdue today" looks for "today"."""
    rest, view = _taken(" ".join(text.replace("\0", "").split()), _VIEWS)
    rest, when = _taken(rest, _TIMES)
    return view, when, rest.strip(_MARKS)


def _taken(text: str, known: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """``text`` without the first of the known words that begins or ends it, and what that means."""
    words = [(word, meaning) for meaning, said in known.items() for word in said]
    small = text.casefold()
    for word, meaning in sorted(words, key=lambda each: -len(each[0])):
        if small == word or small.startswith(f"{word} "):
            return text[len(word) :].strip(), meaning
        if small.endswith(f" {word}"):
            return text[: -len(word)].strip(), meaning
    return text, ""


def _plain(text: str) -> str:
    return " ".join(text.strip(_MARKS).casefold().split())
