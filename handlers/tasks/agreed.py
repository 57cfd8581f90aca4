"""Whether somebody plainly says that they will do something by some time: "I'll send the file by Friday".

Rather nothing than too much: in one short sentence somebody speaks of themselves and of what is to come, names a moment
ahead, and neither asks, doubts, denies nor makes it depend on anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.tasks.words import among
from models.base import now
from models.people import Person

_LONGEST = 200  # characters of such a sentence
_FEWEST = 3  # words of what is to be done, and who does it: in Arabic that is part of the verb
_MOST = 2_000  # characters of a message in which it is looked for
_SENTENCE = re.compile(r"[.!\n]+(?=\s|$)|(?<=[?؟])")
_WILL = re.compile(
    r"\b(?:i'?ll|i will|i am going to|i'm going to) (?!(?:be|see|think|try|have|know|miss|need|wait|probably|never"
    r"|ask)\b)\w"
    r"|\b(?:lo|la|li|le|ne|ci|me ne|ve lo|te lo|glielo|vi|ti) \w+o io\b"
    r"|\b(?!sarò|avrò|potrò|vorrò|dovrò|saprò|vedrò|penserò|proverò|andrò|starò|però)\w+[eai]rò\b|\bfarò\b"
    r"|(?:^|\s)אני (?!או|אח|אמור|אבל|אהיה|אשמח|אראה|אחשוב|אנסה|אדע|אצטרך|אלך|אמשיך)א[א-ת]{2,}"
    r"|(?:^|\s)و?(?:سوف أ|سأ)(?!كون|حاول|رى|فكر|عرف|نتظر|ظل|بقى)[\u0621-\u064a]{2,}",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"[?؟\"“”«»]|\b(?:if|unless|maybe|perhaps|might|could|would|not|n't|never|hope|depends|whether|once|se|forse|magari"
    r"|non|spero|dipende|qualora|mai)\b|n't\b|(?:^|\s)(?:אם|אולי|לא|ייתכן|מקווה|תלוי|אלא|אף)(?=\s|$)"
    r"|(?:^|\s)(?:إذا|لو|ربما|لن|لا|قد|إن|آمل|أتمنى)(?=\s|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Agreed:
    """What somebody said that they will do, and the words that say until when."""

    title: str
    until: str


def agreed(text: str, person: Person) -> Agreed | None:
    """What ``person`` says that they will do; ``None`` where they do not plainly say so."""
    if len(text) > _MOST:
        return None
    for sentence in _SENTENCE.split(text.replace("’", "'")):
        said = sentence.strip(" ,;-–*•")
        if said.startswith(">") or not 0 < len(said) <= _LONGEST or not _WILL.search(said) or _BUT.search(sentence):
            continue
        found = among(person, said)
        if found is not None and found[0] > now() and len(found[2].split()) >= _fewest(said):
            return Agreed(found[2], found[1])
    return None


def _fewest(said: str) -> int:
    return 2 if re.search(r"[\u0621-\u064a]", said) else _FEWEST
