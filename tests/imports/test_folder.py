"""Folders that nobody trusts: what is wrong with one file is said in its place, and the rest goes on."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.imports.files import File, Limits
from handlers.imports.outcome import Refused
from handlers.imports.source import walk
from tests.imports.reading import found, refused, skipped


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """A folder with one good page, below which a test puts what it wants."""
    folder = tmp_path / "portal"
    folder.mkdir()
    (folder / "good.md").write_text("fine")
    return folder


def test_files_come_ordered_by_path_with_their_times(portal: Path) -> None:
    (portal / "b").mkdir()
    (portal / "b" / "z.md").write_text("z")
    (portal / "b.md").write_text("b")
    os.utime(portal / "good.md", (1_700_000_000, 1_700_000_000))
    files = [each for each in walk(portal) if isinstance(each, File)]
    assert [file.path for file in files] == ["b/z.md", "b.md", "good.md"]
    assert files[2].modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_links_are_not_followed_out_of_the_folder_nor_round_in_it(portal: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret")
    (portal / "file.md").symlink_to(tmp_path / "secret.md")
    (portal / "folder").symlink_to(tmp_path)
    (portal / "loop").symlink_to(portal)
    assert refused(portal) == dict.fromkeys(["file.md", "folder", "loop"], "a symbolic link: not followed")
    assert found(portal) == {"good.md": b"fine"}


def test_a_pipe_does_not_make_it_wait(portal: Path) -> None:
    os.mkfifo(portal / "pipe.md")
    assert refused(portal) == {"pipe.md": "not an ordinary file (a device, pipe or socket)"}


def test_a_page_of_500_mb_is_refused_unread(portal: Path) -> None:
    with (portal / "huge.md").open("wb") as file:
        file.truncate(500 * 1024**2)
    assert refused(portal) == {"huge.md": "over 10 MB (500 MB)"}
    assert found(portal) == {"good.md": b"fine"}


def test_everything_together_has_a_limit_too(portal: Path) -> None:
    (portal / "a.md").write_bytes(b"x" * 100)
    assert refused(portal, Limits(total=100)) == {
        "good.md": "the files before it together have 100 bytes or more: not read"
    }


def test_too_many_files_end_the_walk(portal: Path) -> None:
    for folder in "ab":
        (portal / folder).mkdir()
        for number in range(4):
            (portal / folder / f"{number}.md").write_text("x")
    assert list(found(portal, Limits(files=5))) == ["a/0.md", "a/1.md", "a/2.md", "a/3.md", "b/0.md"]
    assert list(refused(portal, Limits(files=5))) == ["b/1.md"]
    assert refused(portal, Limits(files=3)) == dict.fromkeys("ab", "holds more than 3 files: not looked at")


def test_hidden_and_technical_folders_are_mentioned_once_and_not_entered(portal: Path) -> None:
    for folder in (".git", "node_modules"):
        (portal / folder).mkdir()
        (portal / folder / "a.md").write_text("x")
    assert skipped(portal) == dict.fromkeys([".git", "node_modules"], "hidden or technical")
    assert found(portal) == {"good.md": b"fine"}


def test_folders_nested_without_end_are_left(portal: Path) -> None:
    deep = portal.joinpath(*"d" * 60)
    deep.mkdir(parents=True)
    (deep / "a.md").write_text("x")
    assert ["more than 50 folders deep" in why for why in refused(portal).values()] == [True]


def test_names_that_no_encoding_explains_become_readable_and_stay_distinct(portal: Path) -> None:
    (Path(os.fsdecode(os.fsencode(portal) + b"/caf\xe9.md"))).write_text("one")
    (portal / "turned\u202efdp.md").write_text("two")
    assert found(portal) == {"caf\ufffd.md": b"one", "turned\ufffdfdp.md": b"two", "good.md": b"fine"}
    (Path(os.fsdecode(os.fsencode(portal) + b"/caf\xe8.md"))).write_text("three")
    assert refused(portal) == {"caf\ufffd.md": "another file's name reads the same"}


def test_what_cannot_be_read_is_said(portal: Path) -> None:
    (portal / "moved.md").write_text("x")
    (portal / "vanished").mkdir()
    walked = walk(portal)
    assert isinstance(next(walked), File)
    (portal / "moved.md").unlink()
    (portal / "vanished").rmdir()
    assert [str(each) for each in walked] == [
        "moved.md: cannot be read: No such file or directory",
        "vanished: cannot be read: No such file or directory",
    ]


def test_what_is_neither_folder_nor_archive_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"neither a folder nor a \.zip file"):
        walk(tmp_path / "missing")
