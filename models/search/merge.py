"""Writing a block to the disk: what is alive in several blocks becomes one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from models.search import inverted
from models.search.block import Block
from models.search.column import Spans
from models.search.disk import Disk
from models.search.lexical import Rows
from models.search.pool import Space
from models.search.vectors import write


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
    _write_words(made, blocks, flat)
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
    np.save(folder / "sizes.npy", np.concatenate([b.sizes(rows) for b, rows in parts] or [ids]).astype(np.uint16))
    lengths = np.concatenate([b.lengths(rows) for b, rows in parts] or [np.zeros(0)])
    np.save(folder / "lengths.npy", lengths.astype(np.float32))
    return int(lengths.sum())


def _write_words(folder: Path, blocks: Sequence[Block], parts: Sequence[Part]) -> None:
    """The rows of every word."""
    becomes = {id(block): np.full(len(block), -1) for block in blocks}
    at = total = 0
    for block, rows in parts:
        becomes[id(block)][rows] = np.arange(at, at + len(rows))
        at += len(rows)
        total += int(block.sizes(rows).sum())
    inverted.write(folder, [(block.inverted(), becomes[id(block)]) for block in blocks], total)


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
