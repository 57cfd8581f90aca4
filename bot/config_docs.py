"""The table of ``docs/settings.md``, made from the fields: ``python -m bot.config_docs`` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from bot.config import is_secret, variables

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
BEGIN, END = "<!-- table: python -m bot.config_docs -->", "<!-- end of table -->"
HEAD = "| Variable | Meaning | Default | Example | Secret |\n|---|---|---|---|---|"


def table() -> str:
    """The table in Markdown, one row a setting."""
    return "\n".join([HEAD, *(_row(name, field) for name, field in variables().items())])


def _row(name: str, field: FieldInfo) -> str:
    example = (field.examples or [""])[0]
    return (
        f"| `{name}` | {field.description} | {_default(field)} | `{example}` | {'yes' if is_secret(field) else 'no'} |"
    )


def _default(field: FieldInfo) -> str:
    extra: Any = field.json_schema_extra
    default = int(field.default) if isinstance(field.default, bool) else field.default
    return extra["unset"] or f"`{default}`"


def main() -> None:
    """Put the table where the page has it."""
    page = PAGE.read_text(encoding="utf-8")
    put = f"{BEGIN}\n{table()}\n{END}"
    PAGE.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: put, page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
