"""The files of a message of the playground: as it keeps them, and as they are shown below it."""

from __future__ import annotations

from typing import Any

from bot.cards import Element, FileLink, Picture, User
from models.files import File


def described(file: File) -> dict[str, Any]:
    """A file as a message of the playground keeps it."""
    return {"id": file.id, "name": file.name, "size": file.size, "picture": file.is_picture}


def elements(files: list[dict[str, Any]]) -> tuple[Element, ...]:
    """The files of a message, to be shown below it."""
    return tuple(
        Picture(file["id"], User(file["name"]))
        if file["picture"]
        else FileLink(file["id"], User(file["name"]), file["size"])
        for file in files
    )
