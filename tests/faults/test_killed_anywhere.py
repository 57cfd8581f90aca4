"""The process is killed (SIGKILL) at every commit and every delivery of the whole loop, and another one goes on.

Each life has a database of its own. What there is in the end must be what there is in a life that nobody disturbed:
nothing lost, nothing twice. ``FAULT_KILLS`` is the number of points of each plot to kill at, or ``all``.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import pickle
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from models import base
from models.base import transaction
from models.embedded import EmbeddedServer
from tests.faults.counting import lost, too_many
from tests.faults.looping import Ended, live
from tests.faults.platforms import TABLE
from tests.faults.plots import FORGETFUL, PLOTS, populate

AGAIN = 3  # every third life is killed a second time, soon after it began again
UNKNOWN = 255  # the fork server lost count of a process: what it wrote at its end tells whether it came so far
AT_ONCE = max(2, os.cpu_count() or 2)  # lives

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.faults.looping"])
_numbers = itertools.count(1)


class Lives:
    """Lives of one plot, each in a fresh copy of the same company."""

    def __init__(self, server: EmbeddedServer, template: str, plot: str, folder: Path) -> None:
        self.server, self.plot, self.folder = server, plot, folder
        self.company = f"company_{next(_numbers)}"
        self.kills = 0
        base.connect(server.create_database(self.company, template), pool=1)
        with transaction() as session:
            session.execute(sql(TABLE))
        populate(PLOTS[plot])
        base.disconnect()

    def lived(self, *kill_at: int) -> Ended:
        """A life whose processes are killed at these points, one after another; the last one ends by itself."""
        name = f"life_{next(_numbers)}"
        url, folder = self.server.create_database(name, self.company), self.folder / name
        folder.mkdir()
        try:
            for number, point in enumerate((*kill_at, None)):
                life = processes.Process(target=live, args=(url, self.plot, str(folder), point, number))
                life.start()
                life.join()
                ends = 0 if point is None else -signal.SIGKILL
                assert life.exitcode in (ends, UNKNOWN), f"process {number} ended with {life.exitcode}, not {ends}"
                assert (folder / "ended").exists() == (point is None), f"process {number}"
                self.kills += point is not None
        finally:
            self.server.drop_database(name)
        ended = pickle.loads((folder / "ended").read_bytes())
        assert isinstance(ended, Ended)
        return ended

    def killed(self, point: int, wanted: Ended) -> str:
        """What is wrong with a life that is killed at ``point``, and with some of them again soon after."""
        again = (1 + point % 5,) if point % AGAIN == 0 else ()
        try:
            return wrong(point, self.lived(point, *again), wanted)
        except AssertionError as error:
            return f"killed at {point}, {wanted.points[point - 1]}: {error}"


def chosen(count: int, few: int) -> list[int]:
    """The points to kill at, of so many: all, or a few between the first and the last."""
    wanted = os.environ.get("FAULT_KILLS", str(few))
    most = count if wanted == "all" else min(int(wanted), count)
    return sorted({1 + round(n * (count - 1) / (most - 1)) for n in range(most)})


def wrong(point: int, ended: Ended, wanted: Ended) -> str:
    """What differs from an undisturbed life; empty where nothing does."""
    missing, more = +Counter(lost(ended.counts, wanted.counts)), +Counter(too_many(ended.counts, wanted.counts))
    found = {"lost": dict(missing), "too many": dict(more), "shown twice": ended.twice, "stuck": ended.stuck}
    bad = {name: value for name, value in found.items() if value}
    return f"killed at {point}, {wanted.points[point - 1]}: {bad}" if bad else ""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("plot", [plot for plot in PLOTS if plot != FORGETFUL])
def test_whoever_goes_on_loses_nothing_and_shows_nothing_twice(
    server: EmbeddedServer, template: str, tmp_path: Path, plot: str
) -> None:
    lives = Lives(server, template, plot, tmp_path)
    wanted = lives.lived()
    assert (wanted.counts["entries"] or wanted.counts["tasks"]) and wanted.twice == wanted.stuck == 0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(partial(lives.killed, wanted=wanted), chosen(len(wanted.points), PLOTS[plot].kills)))
    print(f"{plot}: {len(wanted.points)} points, {lives.kills} kills, {Counter(wanted.points)}")
    assert [each for each in found if each] == []


def test_the_count_notices_what_stands_twice(server: EmbeddedServer, template: str, tmp_path: Path) -> None:
    """Where a platform cannot say what it was given, a death after a delivery shows the message again."""
    lives = Lives(server, template, FORGETFUL, tmp_path)
    wanted = lives.lived()
    after = wanted.points.index("after a delivery") + 1
    assert "'shown twice': 1" in wrong(after, lives.lived(after), wanted)
