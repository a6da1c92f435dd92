"""The app served as she would run it, and patience with a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pages import introduce

import posecheck
from posecheck.history import History

ROOT = Path(posecheck.__file__).parents[1]
PATIENCE_S = 90.0
"""How long to wait for a state to come; reached only where something is broken or the machine is very busy."""
QUIET = (
    "--no-sandbox",
    # The browser itself would like to phone home as well; only the page's requests are to be seen.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def start(log: Path, app: Path = ROOT / "app.py", **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start the app and give its process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(log.parent / "cache"), **environment}
    with log.open("w") as out:  # a pipe nobody reads would fill up and stop the server
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
    try:
        wait_for(lambda: healthy(port), f"the server did not start: {log.read_text()}")
    except BaseException:
        server.kill()
        raise
    return server, f"http://localhost:{port}"


@contextmanager
def serve(log: Path, app: Path = ROOT / "app.py", **environment: str) -> Iterator[str]:
    """Run the app and give its address; nothing it wrote may be a traceback."""
    server, address = start(log, app, **environment)
    try:
        yield address
    finally:
        server.terminate()
        server.wait(10)
    assert "Traceback" not in log.read_text(), log.read_text()


@contextmanager
def serve_well(folder: Path, model: Path, cache: Path) -> Iterator[str]:
    """Run the app for somebody who has said that all is well today, with her history in ``folder``."""
    place = str(folder / "history.sqlite")
    introduce(History(place))
    with serve(
        folder / "log.txt",
        POSECHECK_MODEL=str(model),
        XDG_CACHE_HOME=str(cache),
        XDG_DATA_HOME=str(cache / "data"),
        POSECHECK_DATABASE=place,
        POSECHECK_BANDS=str(cache / "bands"),
    ) as address:
        yield address


def healthy(port: int) -> bool:
    """Return whether the server on a port answers."""
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], failure: str, seconds: float = PATIENCE_S) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure
        time.sleep(0.2)


def note(asked: list[str], url: str) -> None:
    """Write down what is asked of other computers."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("localhost", "127.0.0.1"):
        asked.append(url)
