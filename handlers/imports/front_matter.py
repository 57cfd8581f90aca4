"""The front matter of a page: what its author declared about it, above the text.

YAML between `---` lines (Jekyll, Eleventy, Middleman, MkDocs) or TOML between `+++` lines (Hugo). Every scalar stays
the text that was written: no types are guessed, no tags obeyed, and aliases, which make small files expand without end,
are refused.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import yaml

from handlers.imports.outcome import Refused

_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_OTHER = re.compile(r"\A---[a-z]+[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
"""Eleventy's `---js`: a program, which nobody runs here."""

_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_LONGEST, _DEEPEST, _LONGEST_VALUE = 64 * 1024, 20, 500
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")

Values = dict[str, Any]


def split(path: str, text: str) -> tuple[Values | None, str, str | None]:
    """The values (keys in lower case), the text below them, and a note if they could not be read.

    The values are None where the page has no front matter. Raises Refused for an attack.
    """
    for pattern, load in ((_YAML, _load_yaml), (_TOML, tomllib.loads), (_OTHER, lambda _: {})):
        if found := pattern.match(text):
            values, note = _values(path, found[pattern.groups], load)
            return (None, text, None) if values is None else (values, text[found.end() :], note)
    return None, text, None


def _values(path: str, block: str, load: Callable[[str], Any]) -> tuple[Values | None, str | None]:
    if len(block) > _LONGEST:
        raise Refused(path, f"front matter over {_LONGEST // 1024} KB")
    try:
        values = load(block)
    except _Attack as attack:
        raise Refused(path, f"front matter with {attack}") from attack
    except RecursionError as error:
        raise Refused(path, "front matter nested too deeply") from error
    except (yaml.YAMLError, ValueError):  # what people write, such as a second colon in a title
        title = _TITLE.search(block)
        return {"title": title[1].strip("\"'")} if title else {}, "front matter is not valid: only the title was read"
    if values is None:  # nothing between the two lines
        return {}, None
    if not isinstance(values, dict):  # a rule across the page, and no front matter
        return None, None
    return {str(key).lower(): value for key, value in values.items()}, None


class _Attack(Exception):
    pass


def _load_yaml(block: str) -> Any:
    depth = 0
    for event in yaml.parse(block, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise _Attack("YAML aliases, which can expand without end")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _Attack(f"more than {_DEEPEST} levels of nesting")
    return yaml.load(block, Loader=_Loader)  # noqa: S506 this loader makes strings, lists and mappings only


def texts(values: Values, *keys: str) -> list[str]:
    """What is declared under the first of `keys` that says something: one text, a list, or texts between commas."""
    for key in keys:
        value = values.get(key)
        if found := [text for each in (value if isinstance(value, list) else [value]) if (text := plain(each))]:
            return found
    return []


def first(values: Values, *keys: str) -> str | None:
    """What is declared under the first of `keys` that says something."""
    return next(iter(texts(values, *keys)), None)


def plain(value: object) -> str:
    """A declared value as one line that can be stored; of a mapping its name. Empty for anything else."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("text") or value.get("email")
    if isinstance(value, bool) or not isinstance(value, str | int | date):
        return ""
    line = _UNSTORABLE.sub(" ", str(value))
    return unicodedata.normalize("NFC", " ".join(line.split()))[:_LONGEST_VALUE]


def day(values: Values, *keys: str) -> datetime | None:
    """The latest past day declared under any of `keys`, at midnight UTC. What is no date, or to come, is left out."""
    days = [found for key in keys if (found := _day(plain(values.get(key)))) and found <= datetime.now(UTC)]
    return max(days, default=None)


def _day(written: str) -> datetime | None:
    written = re.sub(r"^(\d{4}-\d\d-\d\d)[T ].*", r"\1", written)
    for pattern in _DATES:
        try:
            return datetime.strptime(written, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
