"""``posecheck`` without a command: the page, served to this computer alone until Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from posecheck.commands.common import DEFECT, DONE
from posecheck.errors import SourceError
from posecheck.folders import cache_folder

_WINDOWS_WAITS_S = 0.5
"""Waiting for a process to end, Windows tells nobody of Ctrl-C before the wait is over."""


def find_page() -> Path:
    """Return the page's script, which lies beside the sources, or within an installed package.

    Raises:
        SourceError: where it is missing.
    """
    package = Path(__file__).resolve().parents[1]
    for page in (package.parent / "app.py", package / "app.py"):
        # Beside an installed package, "app.py" is somebody else's.
        if page.is_file() and (page.parent == package or (package.parent / "pyproject.toml").is_file()):
            return page
    raise SourceError("The trainer's page (app.py) is missing from this installation.", "Install posecheck again.")


@contextmanager
def only_page(address: str) -> Iterator[str | None]:
    """Yield the address of the page that another start serves to the same history; None where there is none.

    Until this ends, ours at ``address`` is that page to later starts: a second program would know what the first
    has written, but not that a practice goes on there. The lock is SQLite's: every system has it, and whatever
    ends us lets go of it.
    """
    import hashlib
    import sqlite3

    from posecheck.history import default_place

    held = cache_folder() / "pages" / hashlib.sha256(default_place().encode()).hexdigest()[:16]
    where = held.with_suffix(".address")
    other = None
    with ExitStack() as until_then:
        try:
            held.parent.mkdir(parents=True, exist_ok=True)
            lock = until_then.enter_context(
                closing(sqlite3.connect(held, 0.0, isolation_level=None, check_same_thread=False))
            )
            lock.execute("BEGIN EXCLUSIVE")
            where.write_text(address, encoding="utf-8")
        except sqlite3.OperationalError as e:
            if e.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                with suppress(OSError):  # it begins at this very moment, and has not written where yet
                    other = where.read_text(encoding="utf-8") or None
        except (sqlite3.DatabaseError, OSError):
            pass  # nothing can be kept in that folder: ours is served, whoever else serves one
        yield other


def free_port(first: int = 8501) -> int:
    """Return a port of this computer alone that nobody listens on."""
    return next((port for port in range(first, first + 50) if is_free(port)), first)


def is_free(port: int) -> bool:
    """Return whether nobody on this computer listens on a port."""
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def serve(page: Path, port: int, browser: bool) -> int:
    """Run the page until Ctrl-C and return the exit status."""
    import signal
    import subprocess
    from contextlib import suppress

    command = [sys.executable, "-m", "streamlit", "run", str(page)]
    command += [f"--server.port={port}", "--server.address=localhost", "--browser.gatherUsageStats=false"]
    if not browser:
        command.append("--server.headless=true")
    # A process group of its own: Ctrl-C reaches this process alone, which then ends the server in good order.
    # Interrupted while it starts, Streamlit prints a traceback.
    own_group: dict[str, Any] = {"process_group": 0}
    patience = None
    if sys.platform == "win32":
        own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        patience = _WINDOWS_WAITS_S
    # The page's folder holds .streamlit/config.toml.
    server = subprocess.Popen(command, cwd=page.parent, stdin=subprocess.DEVNULL, **own_group)

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):  # somebody ends us, or the terminal was closed: the page ends as well
        way = getattr(signal, name, None)
        if way is not None and signal.getsignal(way) != signal.SIG_IGN:  # `nohup` asks to outlast the terminal
            signal.signal(way, end)
    try:
        while True:
            with suppress(subprocess.TimeoutExpired):
                return DONE if server.wait(patience) == 0 else DEFECT
    except KeyboardInterrupt:
        return DONE
    finally:
        server.terminate()
        try:
            server.wait(timeout=5)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            server.kill()
