"""Small words that turn the meaning of a sentence round: denials, and pairs of opposites, in Agora's languages."""

from __future__ import annotations

import re

from models.search.analysis import normalise

_DENIALS = """
    not no never none nobody nothing neither nor cannot can't cant won't don't doesn't didn't isn't aren't wasn't
    weren't shouldn't mustn't mayn't couldn't wouldn't hasn't haven't without except unless
    forbidden prohibited disallowed
    non né mai nessuno nessuna nessun niente nulla senza eccetto tranne vietato vietata vietati vietate
    proibito proibita
    לא אל אינ אינה אינו אינמ אינכמ אנ בלי ללא אסור אסורה מלבד למעט לעולמ אפ אלא אי שלא ולא
    لا ليس ليست لن لم ما غير بدون دون عدم ممنوع ممنوعه يمنع يحظر محظور الا ولا فلا بلا
"""
_OPPOSITES = """
    before : after | more : less fewer | above over : below under | minimum least : maximum most | always : never
    first : last | required mandatory must : optional | allowed permitted : forbidden prohibited | increase : decrease
    open opens : close closes closed | start starts begins : end ends | include includes : exclude excludes
    enable enabled : disable disabled | paid : unpaid | internal : external | public : private confidential
    prima : dopo | più : meno | sopra oltre : sotto | minimo : massimo | sempre : mai | primo : ultimo
    obbligatorio obbligatoria : facoltativo facoltativa | consentito permesso : vietato proibito | aperto : chiuso
    interno : esterno | pubblico : riservato privato
    לפני : אחרי לאחר | יותר : פחות | מעל : מתחת | מינימומ לפחות : מקסימומ | תמיד : לעולמ | ראשונ : אחרונ
    חובה : רשות | מותר : אסור | פתוח : סגור | פנימי : חיצוני | ציבורי : פרטי
    قبل : بعد | اكثر : اقل | فوق : تحت | الادني : الاقصي | دائما : ابدا | اول : اخر | الزامي : اختياري
    مسموح يسمح : ممنوع يمنع | مفتوح : مغلق | داخلي : خارجي | عام : خاص سري
"""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_DENYING = frozenset(normalise(word) for word in _DENIALS.split())
_PAIRS = [
    tuple(frozenset(normalise(word) for word in side.split()) for side in pair.split(":"))
    for line in _OPPOSITES.strip().split("\n")
    for pair in line.split("|")
]


def denies(text: str) -> bool:
    """Whether something in ``text`` is denied, forbidden or left out."""
    return not _DENYING.isdisjoint(_words(text))


def turned_round(sentence: str, source: str) -> bool:
    """Whether ``sentence`` has a word whose opposite is in ``source``, and that itself is not."""
    said, there = _words(sentence), _words(source)
    return any(
        said & one and not there & one and there & other
        for left, right in _PAIRS
        for one, other in ((left, right), (right, left))
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(normalise(text.replace("’", "'"))))
