"""Archives that nobody trusts."""

import stat
import struct
import warnings
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.imports.files import File, Limits
from handlers.imports.outcome import Refused
from handlers.imports.source import walk
from tests.imports.reading import found, refused, skipped, zipped


def test_members_come_ordered_by_path_with_their_times(tmp_path: Path) -> None:
    archive = tmp_path / "portal.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("b.md", (2023, 11, 14, 22, 13, 20)), "b")
        opened.writestr("b/z.md", "z")
        opened.writestr("./a.md", "a")
    files = [each for each in walk(archive) if isinstance(each, File)]
    assert [file.path for file in files] == ["a.md", "b/z.md", "b.md"]
    assert files[2].modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_zip_bomb_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"bomb.md": b"0" * 9_000_000, "good.md": "fine", "huge.md": b"0" * 11_000_000})
    assert refused(bomb) == {
        "bomb.md": "expands more than 200 times: it looks like a zip bomb",
        "huge.md": "over 10 MB (10 MB)",
    }
    assert found(bomb) == {"good.md": b"fine"}


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "liar.zip", {"liar.md": b"0" * 50_000_000})
    data = bytearray(bomb.read_bytes())
    listed = data.rindex(b"PK\1\2")
    for header, size_at in ((0, 22), (listed, 24)):
        struct.pack_into("<I", data, header + size_at, 1_000)
    bomb.write_bytes(data)
    assert refused(bomb) == {"liar.md": "damaged in the archive"}


def test_many_middling_members_meet_the_limit_for_all(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "many.zip", {f"{number}.md": b"0" * 900_000 for number in range(5)})
    limits = Limits(total=2_000_000)
    assert list(found(archive, limits)) == ["0.md", "1.md", "2.md"]
    assert set(refused(archive, limits)) == {"3.md", "4.md"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../etc/passwd.md", "the name leads out of the folder (..)"),
        ("a/../../b.md", "the name leads out of the folder (..)"),
        ("..\\..\\b.md", "the name leads out of the folder (..)"),
        ("/etc/passwd.md", "the name is absolute"),
        ("\\\\server\\share.md", "the name is absolute"),
        ("C:\\windows\\a.md", "the name is absolute"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str, why: str) -> None:
    archive = zipped(tmp_path / "slip.zip", {name: "x", "good.md": "fine"})
    assert list(refused(archive).values()) == [why]
    assert found(archive) == {"good.md": b"fine"}


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "links.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, kind in (("link.md", stat.S_IFLNK), ("device.md", stat.S_IFCHR)):
            member = zipfile.ZipInfo(name)
            member.external_attr = (kind | 0o644) << 16
            opened.writestr(member, "/etc/passwd")
    assert refused(archive) == {"link.md": "a symbolic link: not followed", "device.md": "not an ordinary file"}


def test_a_name_may_stand_in_it_once(tmp_path: Path) -> None:
    archive = tmp_path / "twice.zip"
    with zipfile.ZipFile(archive, "w") as opened, warnings.catch_warnings(action="ignore"):
        opened.writestr("a.md", "one")
        opened.writestr("a.md", "two")
    assert found(archive) == {"a.md": b"one"}
    assert refused(archive) == {"a.md": "the archive holds this name twice"}


def test_encrypted_and_strangely_packed_members_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "odd.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("plain.md", "fine")
        opened.writestr("packed.md", "x", zipfile.ZIP_LZMA)
        opened.writestr("secret.md", "x")
    data = bytearray(archive.read_bytes())
    data[data.rindex(b"PK\1\2") + 8] |= 1  # the listing's flag; zipfile cannot encrypt
    archive.write_bytes(data)
    assert refused(archive) == {"packed.md": "packed with a method other than deflate", "secret.md": "encrypted"}
    assert found(archive) == {"plain.md": b"fine"}


def test_a_damaged_member_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "damaged.zip", {"bad.md": "some words " * 20, "good.md": "fine"})
    data = bytearray(archive.read_bytes())
    data[45] ^= 0xFF
    archive.write_bytes(data)
    assert refused(archive) == {"bad.md": "damaged in the archive"}
    assert found(archive) == {"good.md": b"fine"}


def test_names_in_old_encodings_are_read(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "names.zip", {"caf\u00e9.md": "x"})
    data = bytearray(archive.read_bytes())
    for flags in (6, data.rindex(b"PK\1\2") + 8):
        struct.pack_into("<H", data, flags, 0)  # UTF-8 in it, but nothing says so
    archive.write_bytes(data)
    assert list(found(archive)) == ["caf\u00e9.md"]


def test_hidden_folders_are_mentioned_once(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "mac.zip", {"__MACOSX/a": "x", "__MACOSX/b": "x", ".git/c": "x", "good.md": "fine"})
    assert skipped(archive) == dict.fromkeys(["__MACOSX", ".git"], "hidden or technical")
    assert found(archive) == {"good.md": b"fine"}


def test_an_archive_that_lists_too_much_is_not_opened(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "many.zip", {f"{number:0300}.md": "" for number in range(20)})
    with pytest.raises(Refused, match="lists more than 10 files"):
        walk(archive, limits=Limits(files=10))
    short = zipped(tmp_path / "short.zip", {f"{number}.md": "" for number in range(20)})
    assert list(refused(short, Limits(files=15))) == [f"{sorted(map(str, range(20)))[15]}.md"]


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive at all", b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "no.zip").write_bytes(data)
    with pytest.raises(Refused):
        list(walk(tmp_path / "no.zip"))


@given(at=st.integers(0, 400), bytes_=st.binary(min_size=1, max_size=8))
def test_no_damage_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, at: int, bytes_: bytes) -> None:
    archive = zipped(tmp_path_factory.getbasetemp() / "fuzz.zip", {"a.md": "some words " * 9, "b/c.html": "<p>x"})
    data = bytearray(archive.read_bytes())
    data[at : at + len(bytes_)] = bytes_
    archive.write_bytes(data)
    try:
        for each in walk(archive):
            assert isinstance(each, File | Exception)
    except Refused:
        pass
