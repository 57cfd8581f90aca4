"""Writing a block to the disk: what is alive in several blocks becomes one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import tantivy
from numpy.typing import NDArray

from models.search.bits import Spans
from models.search.block import Block, Texts
from models.search.disk import ARRAYS, SCHEMA, Disk
from models.search.lexical import Hashes, Rows
from models.search.pool import Space
from models.search.vectors import mapped, write

_HEAP = 64_000_000  # bytes that tantivy may use while it writes
_CHUNK = 20_000
_AT_ONCE = 10_000_000  # words


def merge(blocks: Sequence[Block], folder: Path) -> Disk:
    """A block of all that is alive in ``blocks``, in a new folder: there when it is whole, and not before."""
    made = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    groups, parts = _arranged(blocks)
    sizes = [sum(len(rows) for _, rows in members) for members in parts]
    ends = np.cumsum(sizes, dtype=np.int64)
    spans = ends - sizes, ends
    flat = [part for members in parts for part in members]
    about: dict[str, Any] = {"groups": groups, "spans": np.stack(spans, axis=1).tolist()}
    about["length"] = _write_arrays(made, flat, sizes)
    about["vectors"] = _write_vectors(made, "vectors", flat, spans)
    about["titles"] = _write_vectors(made, "titles", flat, None)
    _write_words(made)
    (made / "about.json").write_bytes(orjson.dumps(about))
    for path in (*made.rglob("*"), made):
        synced(path)
    made.rename(folder)
    synced(folder.parent)
    return Disk(folder)


def synced(path: Path) -> None:
    """Let a file or folder be on the disk, as it is, before anything that speaks of it is."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


Part = tuple[Block, Rows]


def _arranged(blocks: Sequence[Block]) -> tuple[list[tuple[str, tuple[str, ...]]], list[list[Part]]]:
    """The groups in order, and of each the rows that are alive, block by block."""
    members: dict[tuple[str, tuple[str, ...]], list[Part]] = {}
    for block in blocks:
        rows = np.flatnonzero(block.alive)
        rows = rows[np.argsort(block.group[rows], kind="stable")]
        numbers, starts = np.unique(block.group[rows], return_index=True)
        for number, some in zip(numbers.tolist(), np.split(rows, starts[1:]), strict=True):
            members.setdefault(block.groups.all[number], []).append((block, some))
    groups = sorted(members)
    return groups, [members[group] for group in groups]


def _write_arrays(folder: Path, parts: Sequence[Part], sizes: Sequence[int]) -> int:
    """What is known of each row; returns how long all texts are together, in words."""
    ids = np.concatenate([block.ids[rows] for block, rows in parts] or [np.zeros(0, np.int64)])
    np.save(folder / "ids.npy", ids)
    np.save(folder / "parents.npy", np.concatenate([b.parents[rows] for b, rows in parts] or [ids]))
    np.save(folder / "group.npy", np.repeat(np.arange(len(sizes)), sizes))
    np.save(folder / "by_id.npy", np.argsort(ids, kind="stable"))
    each = [(texts.sizes, texts.lengths) for texts in _texts(parts)]
    starts = np.concatenate([[0], np.cumsum(np.concatenate([size for size, _ in each] or [ids]))]).astype(np.int64)
    lengths = np.concatenate([length for _, length in each] or [np.zeros(0)])
    np.save(folder / "starts.npy", starts)
    np.save(folder / "lengths.npy", lengths.astype(np.float32))
    new = np.lib.format.open_memmap
    hashes = new(folder / "hashes.npy", "w+", np.uint32, (max(1, int(starts[-1])),))  # none could not be read
    counts = new(folder / "counts.npy", "w+", np.uint8, (max(1, int(starts[-1])),))  # none could not be read
    at = 0
    for texts in _texts(parts):
        end = at + len(texts.hashes)
        hashes[at:end], counts[at:end] = texts.hashes, texts.counts
        at = end
    words, often = _counted(hashes)
    np.save(folder / "words.npy", words)
    np.save(folder / "often.npy", often.astype(np.uint32))
    return int(lengths.sum())


def _counted(hashes: Hashes) -> tuple[Hashes, NDArray[np.int64]]:
    """All words, and in how many texts each is; ``hashes`` has the words of one text once."""
    words, often = np.unique(hashes[:_AT_ONCE], return_counts=True)
    for start in range(_AT_ONCE, len(hashes), _AT_ONCE):
        new, times = np.unique(hashes[start : start + _AT_ONCE], return_counts=True)
        words, at = np.unique(np.concatenate([words, new]), return_inverse=True)
        often = np.bincount(at, np.concatenate([often, times]), len(words)).astype(np.int64)
    return words, often


def _texts(parts: Sequence[Part]) -> Iterator[Texts]:
    for block, rows in parts:
        for start in range(0, len(rows), _CHUNK):
            yield block.texts(rows[start : start + _CHUNK])


def _write_vectors(folder: Path, name: str, parts: Sequence[Part], searched: Spans | None) -> dict[Space, str]:
    """Those of texts, which are searched in spans of rows, or those of titles."""
    spaces = [(block, block.spaces(titles=searched is None)) for block in dict.fromkeys(block for block, _ in parts)]
    places: dict[Space, str] = {}
    for space in sorted({space for _, found in spaces for space in found}):
        of = {id(block): found.get(space) for block, found in spaces}
        dimensions = next(stored.dimensions for stored in of.values() if stored is not None)
        places[space] = f"{name}-{len(places)}"
        write(folder / places[space], [(of[id(block)], rows) for block, rows in parts], dimensions, searched)
    return places


def _write_words(folder: Path) -> None:
    """Let tantivy index the words, as the numbers that they are."""
    (folder / "words").mkdir()
    writer = tantivy.Index(SCHEMA, path=str(folder / "words")).writer(_HEAP, 1)
    read: Any = {name: mapped(folder / f"{name}.npy") for name in ARRAYS}
    for row, (start, end) in enumerate(zip(read["starts"][:-1].tolist(), read["starts"][1:].tolist(), strict=True)):
        times = read["counts"][start:end] & 0x7F
        document = tantivy.Document()
        document.add_unsigned("row", row)
        document.add_unsigned("group", int(read["group"][row]))
        every = np.repeat(read["hashes"][start:end], times)
        document.add_text("words", every.astype(">u4").tobytes().hex(" ", 4))  # each as ``as_text`` has it
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
