"""Bytes to text: the encodings that company pages in our languages come in."""

import codecs
import re
import unicodedata

import charset_normalizer

from handlers.imports.outcome import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LATIN, _OTHERS = "cp1252", ["cp1255", "cp1256"]
"""Encodings that pages in English and Italian, in Hebrew and in Arabic were saved in before UTF-8."""

_HIGH = re.compile(rb"[\x80-\xff]+")

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,100}?encoding=["']([\w.:-]{1,40})""", re.I
)
_TEXT_ENCODING = re.compile(r"iso8859-\d+|cp\d+|mac-\w+|koi8-\w|shift_jis\w*|euc_\w+|gb\w+|big5\w*|johab|tis-620")
"""Python knows more codecs; those can produce what is no text, or take for ever."""
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f]")
_SAMPLE = 100_000
_BROKEN_SHARE = 0.02
"""With more unreadable characters than this share, it was no text."""


def decode(path: str, data: bytes) -> tuple[str, str | None]:
    """The text, composed (NFC), with `\\n` line ends and no control characters, and a note on what was guessed or lost,
    if anything.

    Raises Refused for what is not text.
    """
    text, note = _decoded(data)
    if "\0" in text:
        raise Refused(path, "holds NUL bytes: not a text file")
    broken = text.count("\ufffd") + len(_CONTROL.findall(text))
    if broken > max(3, _BROKEN_SHARE * len(text)):
        raise Refused(path, "not readable as text in any known encoding")
    if "\ufffd" in text:
        note = f"{text.count(chr(0xFFFD))} characters could not be read"
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text), note


def _decoded(data: bytes) -> tuple[str, str | None]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), None
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        encoding = _declared(data) or _guessed(data)
    return data.decode(encoding, "replace"), f"read as {encoding}"


def _declared(data: bytes) -> str | None:
    """The encoding that an HTML page names, if it names a text encoding that fits."""
    found = _DECLARED.search(data[:2_000])
    if not found:
        return None
    try:
        encoding = codecs.lookup((found[1] or found[2]).decode("ascii")).name
        if _TEXT_ENCODING.fullmatch(encoding):
            data.decode(encoding)
            return encoding
    except (LookupError, UnicodeError):
        pass
    return None


def _guessed(data: bytes) -> str:
    """UTF-8 with a few broken bytes is still UTF-8; else the most likely of the old encodings."""
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") <= 0.01 * len(text):
        return "utf-8"
    runs = [len(run) for run in _HIGH.findall(data[:_SAMPLE])]
    if sum(runs) < 2 * len(runs):  # accented letters stand alone between ASCII ones, Hebrew and Arabic ones together
        return _LATIN
    best = charset_normalizer.from_bytes(data[:_SAMPLE], cp_isolation=_OTHERS).best()
    return best.encoding if best else _LATIN
