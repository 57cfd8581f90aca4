"""Secrets that people write by mistake: passwords, keys and card numbers, found by how they look, and masked.

What is masked is not kept, not indexed and not shown. Found is what a name announces (``password: …``, in four
languages), what has a shape of its own (the prefixes that issuers of keys publish for exactly this), and card numbers
whose check digit is right (ISO/IEC 7812-1, annex B). A secret that looks like any other word is not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

PASSWORD, KEY, CARD = "password", "key", "card"
MASK = "••••"

_PASSWORDS = (
    r"pass(?:word|wd|phrase|code)s?|pwd|"
    r"parola d['’]ordine|parola chiave|"
    r"(?:ال)?كلم[ةه] (?:ال)?(?:مرور|سر)|كلم[ةه] (?:مروري|سري)|الرقم السري|رقمي السري|باسو?ورد|"
    r"(?:ה|ב|ו)?סיסמ[הא]|סיסמתי|קוד סודי|הקוד הסודי"
)
_KEYS = (
    r"(?:api|access|secret|private|account|client|auth|shared|signing|encryption)[ _-]?(?:key|secret|token)s?|"
    r"(?:key|token|secret)s?|chiave (?:api|segreta|privata)|مفتاح (?:api|سري|واجهة)|(?:ה)?מפתח (?:api|סודי|פרטי)"
)
_PINS = r"pin(?: code)?|otp|cvv|cvc|codice pin|קוד (?:pin|כניסה)|رمز (?:pin|الدخول|التحقق)"
_MINE = r"(?:\s(?:שלי|שלו|שלה|mine|الخاصة بي|الخاص بي|for \S{1,40}|per \S{1,40}|to \S{1,40}))?"
_MEANS = r"\s?[\"'`]?\s?(?P<sign>[:=：]|:=|=>|->|\bis\b|è|היא|הוא|זה|هي|هو)\s{0,3}"
_VALUE = r"(?P<value>\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|`[^`\n]{1,200}`|[^\s,;\"'`]{1,200})"


def _named(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{words}){_MINE}{_MEANS}{_VALUE}", re.IGNORECASE)


_NAMED = ((_named(_PASSWORDS), PASSWORD, 4), (_named(_KEYS), KEY, 12), (_named(_PINS), PASSWORD, 4))
# Nothing here may take longer than its text is long: a run without an upper bound begins where no such run goes on.
_SHAPES = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)", KEY),
        (r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b", KEY),  # AWS
        (r"\bgh[pousr]_[A-Za-z0-9]{36,255}|\bgithub_pat_\w{22,255}", KEY),
        (r"\bgl(?:pat|dt|ft|soat|rt|cbt|ptt|agent|imt)-[\w-]{20,1024}", KEY),
        (r"\bxox[a-z](?:\.xox[a-z])?-[\w-]{10,}|\bxapp-\d-[\w-]{10,}", KEY),  # Slack
        (r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{15,}", KEY),
        (r"\bsk-(?:proj-|ant-|svcacct-|or-)?[\w-]{20,}", KEY),
        (r"\b[sr]k_(?:live|test)_[0-9a-zA-Z]{16,}|\bwhsec_[0-9a-zA-Z]{16,}", KEY),  # Stripe
        (r"\bAIza[\w-]{35}", KEY),  # Google
        (r"\bSG\.[\w-]{22}\.[\w-]{43}", KEY),
        (r"\bnpm_[A-Za-z0-9]{36}|\bpypi-AgE[\w-]{50,}|\bhf_[A-Za-z0-9]{30,}|\bdop_v1_[0-9a-f]{64}", KEY),
        (r"\b\d{8,10}:AA[\w-]{33}", KEY),  # Telegram
        (r"(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*", KEY),  # a JSON web token
        (r"(?<=AccountKey=)[A-Za-z0-9+/]{40,}={0,2}|(?<=SharedAccessKey=)[A-Za-z0-9+/]{40,}={0,2}", KEY),  # Azure
        (r"(?i:(?<=\bbearer )|(?<=\bbasic ))(?=[^\s]*\d)[\w.~+/=-]{16,}", KEY),
        (r"(?<=://)[^\s/:@?#]{0,64}:[^\s/@]{1,200}(?=@[\w\[])", PASSWORD),
    )
)
_HINTS = re.compile(r"[-_:=.]|\bis\b|è|היא|הוא|זה|هي|هو|bearer|basic|AKIA|ASIA|AIza", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.,/-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -]?)\d{6}\2\d{4,5})(?![\w/-]|\.\d)")
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[68]\d{12}|35\d{14}|6(?:011|5\d\d)\d{12}"
)
_NO_VALUE = frozenset(
    "required optional mandatory string none null true false yes no forgotten expired incorrect wrong invalid empty "
    "missing changed reset unknown secret password hidden text field value obbligatoria scaduta errata dimenticata "
    "sbagliata non la il una un נדרשת נשכחה פגה שגויה חובה לא מה منتهية خاطئة مطلوبة نسيتها غير لا ما".split()
)  # fmt: skip
_ENDS = ".!?)]،؟؛,;:"
_CODE = re.compile(
    r"[(){}\[\]<>$%*•…]|^[A-Za-z_]+(?:\.[A-Za-z_]+)+$|^(?:https?://|/|\.)|^x{3,}|^your|^\W+$", re.IGNORECASE
)


@dataclass(frozen=True)
class Masked:
    """A text without its secrets, and what kinds of them there were; ``found`` is empty where it had none."""

    text: str
    found: frozenset[str]


def masked(text: str) -> Masked:
    """``text`` with every secret in it replaced by ``MASK``: a text that was masked before stays as it is."""
    found: set[str] = set()

    def hidden(kind: str) -> Callable[[re.Match[str]], str]:
        def hide(match: re.Match[str]) -> str:
            found.add(kind)
            return MASK

        return hide

    if _HINTS.search(text):
        for shape, kind in _SHAPES:
            text = shape.sub(hidden(kind), text)
        for named, kind, least in _NAMED:
            text = named.sub(lambda match, kind=kind, least=least: _hide_value(match, kind, least, found), text)  # type: ignore[misc]
    return Masked(_CARD.sub(lambda match: _hide_card(match, found), text), frozenset(found))


def _hide_value(match: re.Match[str], kind: str, least: int, found: set[str]) -> str:
    """The name stays, what it announces goes: if that looks like more than the next word of a sentence."""
    value = match["value"]
    bare = value.strip("\"'`").rstrip(_ENDS)
    quoted = value != value.strip("\"'`")
    if len(bare) < least or bare.casefold() in _NO_VALUE or _CODE.search(bare):
        return match[0]
    stated = match["sign"] in (":", "=", "：", ":=", "=>", "->")
    rest = match.string[match.end() : match.end() + 2]
    alone = stated and least < 12 and (not rest.strip() or "\n" in rest[:1]) and rest[:1] != " "
    if not (_made_up(bare) or (quoted and kind == PASSWORD and " " not in bare) or alone):
        return match[0]
    found.add(kind)
    at = match.start("value") - match.start()
    return f"{match[0][:at]}{MASK}{match[0][at + len(value) :]}"


def _made_up(word: str) -> bool:
    """Whether no language would write it: digits and letters, or signs, in one word. Dates and versions are not."""
    if word.isdecimal():
        return len(word) >= 4
    letters, digits = any(map(str.isalpha, word)), any(map(str.isdigit, word))
    signs = any(each in "!@#$%^&*+?~=|" for each in word)
    return letters and (digits or signs) and re.fullmatch(r"v?\d+(?:[.\-/]\d+)*\w?", word) is None


def _hide_card(match: re.Match[str], found: set[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    if _ISSUED.fullmatch(digits) is None or not _checks(map(int, digits)):
        return match[0]
    found.add(CARD)
    return MASK


def _checks(digits: Iterable[int]) -> bool:
    """Luhn's check digit: from the right every second digit is doubled, and the sum of digits ends in 0."""
    doubled = (sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(list(digits))))
    return sum(doubled) % 10 == 0
