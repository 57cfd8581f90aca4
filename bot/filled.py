"""What people filled into a form, read field by field: each that cannot be taken has its own error, and nothing of the
others is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.cards import T
from models.base import Refusal

SENTENCES = {
    "empty_text": T("There is nothing in it yet. Write a few words."),
    "text_too_long": T(
        "That is {n} character too long: at most {most} fit. Shorten it, or link to the rest.",
        "That is {n} characters too long: at most {most} fit. Shorten it, or link to the rest.", n=0, most=0),
    "no_moment": T("I cannot read that as a time. Write it as 2030-01-31 9:00, or as tomorrow 9:00."),
    "moment_past": T("{moment} is past already. Choose a later time.", moment=""),
    "secret_in_title": T("The title seems to hold a password or a key. Everybody sees titles: take it out."),
    "choose_one": T("Choose one of the list."),
    "form_too_old": T("This form is too old. Copy your text, open the form again and put it in there."),
}  # fmt: skip
"""What is said where something that any form may ask for cannot be taken."""
NAMED = {
    "name_unknown": T("I know nobody called “{part}”. Did you mean: {known}?", part="", known=""),
    "nobody_alike": T("I know nobody called “{part}”. Write the handle or the e-mail address of a colleague.", part=""),
    "name_of_several": T("Several people are called “{part}”. Write one of: {known}.", part="", known=""),
    "too_many_named": T("At most {most} people can be named. Name a group, or fewer.", most=0),
    "people_empty": T("Nobody is in that group. Name others."),
}
"""The same of names of people (``models.people_named``)."""
Errors = dict[str, Refusal]
"""Why fields cannot be taken, by their names."""
_AS_THEY_ARE: Mapping[str, str] = {}


def taken(
    readers: Mapping[str, Callable[[], Any]], fields: Mapping[str, str] = _AS_THEY_ARE
) -> tuple[dict[str, Any], Errors]:
    """What can be taken, and why the rest cannot. ``fields`` names the fields of what is called otherwise in a form."""
    found: dict[str, Any] = {}
    errors: Errors = {}
    for name, take in readers.items():
        try:
            found[name] = take()
        except Refusal as refusal:
            errors[fields.get(name) or refusal.field or name] = refusal
    return found, errors


def said(refusal: Refusal, sentences: Mapping[str, T]) -> T:
    """What is said of one."""
    words = sentences.get(refusal.code) or T("That did not work. Nothing was changed.")
    return T(words.text, words.many, **{**words.args, **refusal.facts})


def text(values: Mapping[str, Any], name: str, most: int, required: bool = True) -> str:
    """A field's text; refused where it is too long, which says by how much, or missing."""
    said = str(values.get(name) or "").replace("\0", "").strip()
    if required and not said:
        raise Refusal("empty_text", field=name)
    if len(said) > most:
        raise Refusal("text_too_long", field=name, n=len(said) - most, most=most)
    return said
