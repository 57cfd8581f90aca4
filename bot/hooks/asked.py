"""What a program may ask for, and how: the shape of what comes in. Errors name the field, and are plain English."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

CREATE, COMPLETE = "task.create", "task.complete"
_MOST_NAMES, _MOST_LINES = 50, 50
_LONGEST = 9000
_YEARS = range(1970, 2200)
_NO_NUL = r"^[^\x00]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=_LONGEST, pattern=_NO_NUL)]


class Malformed(Exception):
    """It does not look as it should: ``problems`` are pairs of a field and what is wrong with it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(len(problems))
        self.problems = problems


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Create(_Strict):
    """A task to be made. ``people`` and ``asker`` are handles or e-mail addresses."""

    title: Line
    people: Annotated[list[Line], Field(min_length=1, max_length=_MOST_NAMES)]
    asker: Line | None = None
    details: Text = ""
    mode: Literal["each", "anyone"] = "each"
    priority: Literal["low", "normal", "high"] = "normal"
    due: AwareDatetime | None = None
    checklist: Annotated[list[Line], Field(max_length=_MOST_LINES)] = []
    external_id: Line | None = None

    @field_validator("due")
    @classmethod
    def in_our_time(cls, due: datetime | None) -> datetime | None:
        """What lies further away cannot be told in every time zone."""
        if due is not None and due.year not in _YEARS:
            raise ValueError(f"write a time between {_YEARS[0]} and {_YEARS[-1]}")
        return due


class Complete(_Strict):
    """A task that is done: by its number, or by what it is called in the other program."""

    id: Annotated[int, Field(gt=0, lt=10**18)] | None = None
    external_id: Line | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Complete:
        """Exactly one says which."""
        if (self.id is None) == (self.external_id is None):
            raise ValueError("give either id or external_id")
        return self


_KINDS: dict[str, type[BaseModel]] = {CREATE: Create, COMPLETE: Complete}


def read(body: bytes) -> tuple[str, dict[str, Any]]:
    """What is asked for, and its values as plain JSON. ``ValueError`` for what is no JSON object, ``Malformed``."""
    message = orjson.loads(body)
    if not isinstance(message, dict):
        raise ValueError("not an object")
    name, data = str(message.get("type")), message.get("data")
    kind = _KINDS.get(name)
    if kind is None:
        raise Malformed([("type", f"write one of {', '.join(_KINDS)}")])
    if not isinstance(data, dict):
        raise Malformed([("data", "write an object")])
    try:
        return name, kind.model_validate(data).model_dump(mode="json")
    except ValidationError as error:
        raise Malformed([(_field(each["loc"]), str(each["msg"])) for each in error.errors()[:20]]) from None


def _field(where: tuple[int | str, ...]) -> str:
    return ".".join(map(str, where))[:100] or "data"
