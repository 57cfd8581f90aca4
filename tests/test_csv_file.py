"""A CSV file as records, and what is no such file."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.admin.csv_file import LARGEST, LONGEST, FileRefused
from handlers.admin.people_file import read


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found(tmp_path: Path, separator: str, end: str) -> None:
    file = tmp_path / "people.csv"
    lines = (
        ("email", "name", "roles"),
        ("ada@x.example", '"Lovelace, Ada; Lady"', '"admin;expert"'),
        (),
        ("b@x", "B", ""),
    )
    file.write_text(end.join(separator.join(line) for line in lines), newline="")
    ada, b = read(file).records
    assert ada.cells == {"email": "ada@x.example", "name": "Lovelace, Ada; Lady", "roles": "admin;expert"}
    assert ada.line == 2 and b.line == 4 and b.whole


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04\x14", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1", "Excel"),
        ("email,name\n".encode("utf-16"), "UTF-16"),
        ("email,name\n".encode("utf-16-le"), "NUL"),
        (b"email,name\nada@x.example,A\0da\n", "Line 2: a NUL byte"),
        (b"email,name\na@x.example,Ada\nb@x.example,Ren\xe9\n", "Line 3: the byte 0xE9 is not UTF-8"),
        (b"name,roles\nAda,admin\n", "no column “email”"),
        (b"<html><body>no</body></html>", "no column “email”"),
        (b"email,name,E-mail\n", "twice"),
        (b'email,name\nada@x.example,"Ada\nbo@x.example,Bo\n', "never closed"),
        (b"email,name\nada@x.example," + b"x" * LONGEST, "longer than"),
        (b"email,name\n" + b"," * (LONGEST + 1), "longer than"),
        (b'email,name\na@x.example,"' + b"x\n" * 200_000, "not CSV"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    with pytest.raises(FileRefused, match=why):
        read(file)


def test_a_huge_file_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as huge:
        huge.truncate(LARGEST * 100)  # sparse: it takes no room
    with pytest.raises(FileRefused, match="larger than 64 MB"):
        read(file)
