"""How a setting is declared."""

from __future__ import annotations

from typing import Any

from pydantic import Field


def setting(variable: str, description: str, *, example: str, unset: str = "", **default: Any) -> Any:
    """A field read from ``variable``. ``unset`` tells the reader of the documentation what holds without it."""
    extra: Any = {"unset": unset}
    return Field(
        validation_alias=variable, description=description, examples=[example], json_schema_extra=extra, **default
    )
