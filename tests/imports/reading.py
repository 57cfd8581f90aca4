"""Short ways to read a page or a folder in a test."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from handlers.imports import pages
from handlers.imports.files import STANDARD, File, Limits
from handlers.imports.links import Site
from handlers.imports.outcome import NotTaken, Refused, Skipped
from handlers.imports.pages import Page
from handlers.imports.source import walk


def page(text: str | bytes, path: str = "page.md", others: tuple[str, ...] = (), language: str = "en") -> Page:
    """The page of this text, on a site where `others` lie beside it."""
    site = Site()
    for each in (path, *others):
        site.add(each)
    return pages.read(File(path, text.encode() if isinstance(text, str) else text), site, language)


def left(text: str | bytes, path: str = "page.md") -> NotTaken:
    """Why this page is not taken."""
    try:
        taken = page(text, path)
    except NotTaken as why:
        return why
    raise AssertionError(f"taken: {taken}")


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """An archive of these files at `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def found(root: Path, limits: Limits = STANDARD) -> dict[str, bytes]:
    """The files of a folder or archive that are read."""
    return {each.path: each.data for each in walk(root, limits=limits) if isinstance(each, File)}


def refused(root: Path, limits: Limits = STANDARD) -> dict[str, str]:
    """The files of a folder or archive that are refused, and why."""
    return {each.path: each.why for each in walk(root, limits=limits) if isinstance(each, Refused)}


def skipped(root: Path, limits: Limits = STANDARD) -> dict[str, str]:
    """The files of a folder or archive that are skipped, and why."""
    return {each.path: each.why for each in walk(root, limits=limits) if isinstance(each, Skipped)}
