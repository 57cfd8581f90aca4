"""The files of what is imported, a folder or a .zip, one after the other and never all in memory.

Whoever made the folder or archive is not trusted: nothing is read from outside it, nothing is written anywhere, no link
is followed, no more is read than the limits allow. What is wrong with one file is reported in its place and the rest
goes on.
"""

from collections.abc import Iterator
from pathlib import Path

from handlers.imports import archive, folder
from handlers.imports.files import STANDARD, File, Limits, Skip
from handlers.imports.outcome import NotTaken, Refused


def walk(root: Path, skip: Skip = lambda path: None, limits: Limits = STANDARD) -> Iterator[File | NotTaken]:
    """Every wanted file below `root`, and in its place what was not taken, ordered by path.

    Raises Refused at once if `root` is neither a folder nor a zip archive that can be opened.
    """
    if root.is_dir():
        return folder.walk(root, skip, limits)
    if root.is_file():
        return archive.walk(root, skip, limits)
    raise Refused(str(root), "neither a folder nor a .zip file")
