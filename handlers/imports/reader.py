"""Pages read in a process of their own, so that none of them can hold up or bring down the import.

The parsers are other people's, and for each there are inputs, small ones too, on which it works for hours or takes all
memory. No check beforehand finds them all. A page that takes too long ends its process and is refused; the next one
gets a new one.
"""

import faulthandler
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from handlers.imports import pages
from handlers.imports.files import File
from handlers.imports.links import Site
from handlers.imports.outcome import NotTaken, Refused
from handlers.imports.pages import Page

SECONDS = 20.0
"""What one page may take. The largest real ones take a second."""

_MEMORY = 1024**3
"""Bytes of address space of the process, where the system can limit it."""

_ROOT = Path(__file__).resolve().parents[2]


class Reader:
    """Reads pages of one site; used in a `with` statement, by one thread."""

    def __init__(self, site: Site, default_language: str = "en", seconds: float = SECONDS) -> None:
        self._settings = (site, default_language, seconds)
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, file: File) -> Page:
        """As `pages.read`. Raises Refused also for a page that takes too long or too much memory."""
        try:
            answer = self._ask(file)
        except (EOFError, OSError, pickle.UnpicklingError) as ended:
            self._stop()
            raise Refused(file.path, f"takes more than {self._seconds:g} s or too much memory to read") from ended
        if isinstance(answer, NotTaken):
            raise answer
        return answer

    def _ask(self, file: File) -> Page | NotTaken:
        process = self._process or self._launch()
        assert process.stdin and process.stdout
        _send(process.stdin, file)
        answer: Page | NotTaken = pickle.load(process.stdout)  # noqa: S301 made by our own code, in the process we started
        return answer

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "handlers.imports.reader"]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=nowhere)
        assert self._process.stdin
        _send(self._process.stdin, self._settings)
        return self._process

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _send(pipe: IO[bytes], thing: object) -> None:
    pickle.dump(thing, pipe)
    pipe.flush()


def _serve() -> None:
    """The other process: answers files with pages until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us; the closed pipe ends us
    _limit_memory()
    answers = os.fdopen(os.dup(1), "wb")
    sys.stdout = sys.stderr  # whatever prints must not do it among the answers
    site, default_language, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301 see above
    with open(os.devnull, "w") as nowhere:
        while True:
            try:
                file = pickle.load(sys.stdin.buffer)  # noqa: S301 see above
            except EOFError:
                return
            faulthandler.dump_traceback_later(
                seconds, exit=True, file=nowhere
            )  # works even in the middle of a regular expression
            answer = _answer(file, site, default_language)
            faulthandler.cancel_dump_traceback_later()
            _send(answers, answer)


def _answer(file: File, site: Site, default_language: str) -> Page | NotTaken:
    try:
        return pages.read(file, site, default_language)
    except NotTaken as left:
        return left
    except Exception as error:  # a parser's own mistake: the page is lost, the import is not
        return Refused(file.path, f"the reader failed on it ({type(error).__name__})")


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # Windows has no such limit, macOS not always


if __name__ == "__main__":
    _serve()
