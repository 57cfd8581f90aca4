"""Search at the size of a large company: a store of a million entries with vectors, on one core.

The index is built of the database by the follower, as a new process does it, and read again as a process does that
starts anew. Questions are a few words of an entry, with a vector near to its; the encoder's own time is not in it. They
are asked by somebody who may read what is for everyone and for ten groups, and by somebody who may read one entry in a
thousand, through ``models.search.find.matches``: the look at what changed, the index, the ranker, and the statement in
which PostgreSQL has the last word. Folders with ``entries.jsonl`` give the generator more words.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from sqlalchemy import text as sql

from benchmarks import search_store as store
from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, percentile
from models.base import reading, transaction
from models.search import follow
from models.search.block import Block
from models.search.find import matches
from models.search.follow import Follower, follower
from models.search.pool import Query
from tests.models.following import caught_up

ENTRIES = 1_000_000
QUESTIONS = 400
P50, P99 = 5.0, 15.0  # milliseconds
FINDABLE = 2.0  # seconds
MOST = ["everyone", *(f"department:{number}" for number in range(10))]


def run(options: Options) -> Iterator[Row]:
    """The figures of a store of ``ENTRIES``."""
    entries = options.of(ENTRIES, least=3_000)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with fresh_database() as url, tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        store.fill(url, entries, store.lexicon(options.data))
        filled = time.perf_counter() - started
        follow.keep_in(Path(home))
        yield _built(entries, Path(home), filled)
        yield from _asked(options.of(QUESTIONS, least=20))
        yield _followed()
        follower().close()
        yield _again(Path(home))
        follow.keep_in(None)


def _built(entries: int, home: Path, filled: float) -> Row:
    before = psutil.Process().memory_info()
    started = time.perf_counter()
    caught_up(follower())
    seconds = time.perf_counter() - started
    memory = psutil.Process().memory_info()
    figures = {
        "entries": len(follower().index), "seconds": seconds,
        "memory_mb": max(0.1, (memory.rss - memory.shared - before.rss + before.shared) / 1e6),
        "mapped_mb": max(0.1, (memory.shared - before.shared) / 1e6),
        "disk_mb": sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) / 1e6,
    }  # fmt: skip
    note = f"the database was written in {filled:.0f} s; mapped: of the files, what was read and may be given up"
    return Row("search scale: built", figures, "every entry", figures["entries"] == entries, note)


def _asked(count: int) -> Iterator[Row]:
    for name, held in (("most of it", MOST), ("one in a thousand", [store.RARE])):
        queries, there = _queries(count, held), _readable(held)
        for query in queries[: count // 4]:  # for warming up
            _matched(query, held)
        whole, index, found = [], [], []
        for query in queries:
            number, took = _matched(query, held)
            found.append(number)
            whole.append(took)
            started = time.perf_counter()
            follower().index.pool(query, held)
            index.append((time.perf_counter() - started) * 1000)
        p50, p99 = percentile(whole, 0.5), percentile(whole, 0.99)
        ten = sum(number == min(10, there) for number in found) / count
        figures = {"p50_ms": p50, "p99_ms": p99, "ten": ten}
        goal = f"p50 < {P50:.0f} ms, p99 < {P99:.0f} ms, ten each"
        yield Row(f"search scale: may read {name}", figures, goal, p50 < P50 and p99 < P99 and ten == 1)
        yield Row(f"search scale: may read {name}, index alone",
                  {"p50_ms": percentile(index, 0.5), "p99_ms": percentile(index, 0.99)})  # fmt: skip
    yield _recall(count // 4)


def _readable(held: Sequence[str]) -> int:
    every = "select count(*) from passage where audience && cast(:held as text[])"
    with reading() as session:
        return int(session.execute(sql(every), {"held": list(held)}).scalar_one())


def _matched(query: Query, held: Sequence[str]) -> tuple[int, float]:
    """How many are found, and how many milliseconds that takes."""
    with reading() as session:
        session.execute(sql("select 1"))  # the transaction is there, as in a turn
        started = time.perf_counter()
        found = matches(session, query.text, query.language, held, 10, query.vectors)
        return len(found), (time.perf_counter() - started) * 1000


def _queries(count: int, held: Sequence[str]) -> list[Query]:
    chance = np.random.default_rng(3)
    some = "select p.id from passage p where audience && cast(:held as text[]) order by md5(p.id::text) limit :count"
    take = "select p.text, p.language, v.value from passage p join vector v on ref_id = p.id where p.id = any(:ids)"
    with reading() as session:
        ids = session.execute(sql(some), {"held": list(held), "count": count}).scalars().all()
        rows = list(session.execute(sql(take), {"ids": list(ids)}))
    queries = []
    for text, language, value in (rows * (count // len(rows) + 1))[:count]:
        words = text.split()
        asked = " ".join(chance.choice(words, int(chance.integers(3, 9)), replace=False))
        vector = store.near(np.frombuffer(value, "<f2").astype(np.float32)[None], 0.4, chance)[0]
        queries.append(Query(asked, language, {store.SPACE: vector}))
    return queries


def _recall(count: int) -> Row:
    """Of the ten nearest of all that may be read, how many the index finds."""
    collection = follower().index.of("passage")
    share = []
    for query in _queries(max(5, count), MOST):
        vector = query.vectors[store.SPACE]
        pool = follower().index.pool(query, MOST)
        nearest = _nearest(collection.blocks, collection.memory, vector)
        share.append(len(nearest & set(pool.ids.tolist())) / 10)
    return Row("search scale: nearest ten by vector", {"recall10": sum(share) / len(share)}, "", None,
               "against comparing every vector with its full bytes")  # fmt: skip


def _nearest(blocks: Sequence[Block], memory: Block, vector: NDArray[np.float32]) -> set[int]:
    scored: list[tuple[float, int]] = []
    for block in (*blocks, memory):
        if store.SPACE in block.spaces():
            allowed = np.zeros(len(block.groups.all), bool)
            allowed[block.groups.readable(MOST)] = True
            rows = np.flatnonzero(allowed[block.group] & block.alive)
            near = block.spaces()[store.SPACE].cosines(rows, vector)
            best = np.argsort(-near)[:10]
            scored += zip(near[best].tolist(), block.ids[rows[best]].tolist(), strict=True)
    return {id for _, id in sorted(scored, reverse=True)[:10]}


def _followed() -> Row:
    """How long after a commit another replica finds an entry, and does not find one that was withdrawn."""
    waited = []
    for number in range(20):
        word = f"quetzalcoatl{number}x"
        with transaction() as session:
            session.execute(
                sql("update passage set text = :word || ' ' || text where id = :id"), {"word": word, "id": number + 1}
            )
            session.execute(sql("update passage set audience = '{everyone}' where id = :id"), {"id": number + 1})
            session.execute(sql("update entry set audience = '{everyone}' where id = :id"), {"id": number + 1})
        started = time.perf_counter()
        while not _matched(Query(word, "en"), ["everyone"])[0]:
            pass
        waited.append(time.perf_counter() - started)
        with transaction() as session:
            session.execute(sql("delete from passage where id = :id"), {"id": number + 1})
        if _matched(Query(word, "en"), ["everyone"])[0]:
            raise RuntimeError("what was withdrawn is found")
    figures = {"p50_ms": percentile(waited, 0.5) * 1000, "p99_ms": percentile(waited, 0.99) * 1000}
    return Row("search scale: changed, then found", figures, f"< {FINDABLE:.0f} s", max(waited) < FINDABLE)


def _again(home: Path) -> Row:
    """A process that starts anew reads what is there."""
    one = Follower(home)
    started = time.perf_counter()
    caught_up(one)
    seconds = time.perf_counter() - started
    one.close()
    return Row("search scale: started anew", {"seconds": seconds, "entries": len(one.index)})


if __name__ == "__main__":
    main(run, description=__doc__)
