"""Which of Agora's languages a text is written in: quick enough to ask for every message.

Hebrew and Arabic show by their script. English and Italian share theirs, so they are told apart by their function words
and, where a short question has none ("rimborso spese"), by how their words are spelt: Italian words end in vowels and
never have k, w, x, y, th or sh. This is a table of rules and not a trained model on purpose: the one that fitted best,
py3langid, was no better on short questions and costs 80 MB and 0.7 s in every process at its first question.
"""

import re
import unicodedata
from collections import Counter

OTHER = "und"
"""BCP 47's code for an undetermined language: a script that is neither Latin, Hebrew nor Arabic."""

_READ = 5_000
"""Characters looked at: more does not change the verdict."""

_MIXED = 5
"""A Hebrew or Arabic letter counts as this many Latin ones: such sentences are full of Latin product names, the reverse
is rare."""

_NOISE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S{1,64}@\S+|<[^<>\n]{1,80}>", re.DOTALL)
"""What is in no language: code, addresses, markup and mentions."""

_WORD = re.compile(r"[a-zà-öø-ÿ]+")
_SCRIPTS = {"HEBREW": "he", "ARABIC": "ar", "LATIN": "latin"}

# Words that only one of the two languages has; those of both ("a", "in", "me", "come", "per") say nothing.
_ENGLISH = frozenset(
    """about after all also am an and any anyone are as at be because been before being but by can cannot could did didn
    do does doesn doing don down during each every for from get give got had has have he hello help her here hey hi him
    his how if into is isn it its just know let ll long m make many may might more most much must my need new no not now
    of off on one only or other our out over own please s she should some t than thanks that the their them then there
    these they this those through too under until up us use using ve very want was way we were what when where which
    while who whom whose why will with within without won work would yes you your yours""".split()
)
_ITALIAN = frozenset(
    """abbiamo ad agli ai al alla alle allo anche ancora avete avere bisogno buongiorno c che chi ci ciao coi col con
    cosa così cui da dagli dai dal dall dalla dalle dallo degli dei del dell della delle dello devo deve dobbiamo dopo
    dov dove e è ed era essere fa fare fatto finché fra già gli grazie ha hai hanno ho il io l la le lei lo loro lui ma
    mai mi mia mie miei mio molto negli nei nel nell nella nelle nello noi non nostra nostri nostro nuovo o ogni perché
    però più poi posso possiamo può prima puoi qual quale quali quando quanti quanto quello questa queste questi questo
    qui quindi sarà se sei sempre senza si sia siamo solo sono sta sto su sua sui sul sull sulla sulle suo suoi ti tra
    tua tue tuo tutti tutto un una uno usare va vi voglio vogliamo vorrei""".split()
)
_ENGLISH_SPELLING = re.compile(r"[kwxy]|th|sh|ck|ght|oo|ea|ou|ee|(?:[bcdfghjmpqtvz]|[^aeiou]s|ing|tion)$")
_ITALIAN_SPELLING = re.compile(r"[àèéìòù]|zion|gli|cch|ggi|sci[aou]|mente$|...[aio]$")


def detect(text: str, default: str) -> str:
    """The language of `text`: "en", "it", "he", "ar", or OTHER for another script; `default` where nothing tells.

    A Latin text in a third language gets the code of the nearer of the two.
    """
    text = unicodedata.normalize("NFC", _NOISE.sub(" ", text[:_READ]))
    script = _script(text)
    return _english_or_italian(text, default) if script == "latin" else script or default


def _script(text: str) -> str:
    """The script most letters are in; empty when there is no letter."""
    if text.isascii():
        return "latin" if any(map(str.isalpha, text)) else ""
    counts: Counter[str] = Counter()
    for letter, times in Counter(filter(str.isalpha, text)).items():
        counts[_SCRIPTS.get(unicodedata.name(letter, "?").split()[0], OTHER)] += (
            times if letter < "\u0250" else _MIXED * times
        )
    return max(counts, key=counts.__getitem__, default="")


def _english_or_italian(text: str, default: str) -> str:
    words = Counter(_WORD.findall(text.lower()))
    lean = sum(times * _lean(word) for word, times in words.items())
    return default if not lean else "en" if lean > 0 else "it"


def _lean(word: str) -> float:
    """Positive for English, negative for Italian. A function word weighs as much as three spellings."""
    if word in _ENGLISH or word in _ITALIAN:
        return 3.0 * ((word in _ENGLISH) - (word in _ITALIAN))
    return float(bool(_ENGLISH_SPELLING.search(word))) - float(bool(_ITALIAN_SPELLING.search(word)))
