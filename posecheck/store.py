"""A database that may refuse: what is written then waits in memory, is tried again, and that is said.

Each write is a short transaction of its own: whoever ends the program loses at most the one in progress.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, Executable, Row, Select, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from posecheck import tables as db
from posecheck.database import (
    HistoryError,
    explain,
    file_of,
    memory_copy,
    open_database,
    parse_url,
    set_aside,
    set_aside_before,
    shown,
    writing,
)

Op = Sequence[Executable]
"""Statements that are written together or not at all."""

_RETRY_S = 1.0
"""Between two attempts at a database that refused: each may wait, and the camera's thread with it."""
_OPEN_WAIT_S = 3.0
"""How long a locked database is waited for when the program starts."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about the history that she is told.

    Attributes:
        phrase: Id of the phrase that says it; with ``_next`` after it, that of what to do.
        values: What fills their gaps.
        waiting: How much is only in memory for now; None where all is written.
    """

    phrase: str
    values: Mapping[str, object]
    waiting: int | None = None


class Store:
    """The database, for all threads of the program; ready to use whatever it says, see ``trouble``.

    Args:
        place: A path or an SQLAlchemy URL.
        clock: Seconds, for the time between attempts.
        now: The time of day, UTC.
    """

    def __init__(
        self,
        place: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock, self._now = clock, now
        self._lock = threading.RLock()
        self._pending: deque[Op] = deque()
        self._main: Engine | None = None
        self._memory: Engine | None = None
        self._refusal: HistoryError | None = None
        self._notice: Trouble | None = None
        self._tried_at = clock()
        try:
            self._url = parse_url(place)
        except HistoryError as e:
            self._url, self._refusal = URL.create("sqlite"), e
            self._memory = memory_copy(self._url, readable=False)
            return
        until = clock() + _OPEN_WAIT_S
        while not self._open() and self._is_locked() and clock() < until:
            time.sleep(0.05)

    @property
    def trouble(self) -> Trouble | None:
        """What she is told: that things are only in memory, or where a damaged file went; None if all is well.

        Asking tries again to write what waits.
        """
        with self._lock:
            self._catch_up()
            if self._refusal is None:
                return self._notice
            return Trouble(self._refusal.phrase, self._refusal.values, len(self._pending))

    def dismiss(self) -> None:
        """Forget the notice about a damaged file: she has read it."""
        self._notice = None

    def flush(self, wait_s: float = _OPEN_WAIT_S) -> bool:
        """Write what waits, trying for a while, and return whether all is written."""
        until = self._clock() + wait_s
        while not self._catch_up(eager=True) and self._clock() < until:
            time.sleep(0.05)
        return not self._pending and self._refusal is None

    def close(self) -> None:
        """Write what waits, as far as the database lets, and let go of it."""
        self.flush(0.0)
        for engine in (self._main, self._memory):
            if engine is not None:
                engine.dispose()

    def where(self) -> str:
        """Return where the history is kept, without any password."""
        return shown(self._url)

    def _write(self, *op: Executable) -> None:
        """Write statements together; where the database refuses, keep them in memory and try again later."""
        with self._lock:
            if self._catch_up():
                try:
                    _run(self._ready(), op)
                except IntegrityError:
                    raise
                except (DBAPIError, HistoryError) as e:
                    self._refuse(e)
                else:
                    return
            self._pending.append(op)
            _run(self._in_memory(), op)

    def _delete(self, op: Executable) -> None:
        """Delete for good: never only promised, and nothing of it stays in the file."""
        with self._lock:
            if not self.flush(0.0) and self._refusal is not None:
                raise self._refusal
            try:
                _run(self._ready(), (op,))
                _forget_deleted(self._ready())
            except (DBAPIError, sqlite3.Error) as e:
                raise explain(e, self._url) from e

    def _forget_set_aside(self) -> None:
        """Delete the damaged files that were set aside, and the notice about them."""
        file = file_of(self._url)
        for path in set_aside_before(file) if file else ():
            path.unlink(missing_ok=True)
        self._notice = None

    def _read(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with self._lock:
            if self._catch_up():
                try:
                    with self._ready().connect() as connection:
                        return connection.execute(query).all()
                except (DBAPIError, HistoryError) as e:
                    self._refuse(e)
            with self._in_memory().connect() as connection:
                return connection.execute(query).all()

    def _catch_up(self, *, eager: bool = False) -> bool:
        """Return whether the database can be used: it did not refuse lately, and nothing waits to be written."""
        with self._lock:
            if self._refusal is None:
                return True
            if not eager and self._clock() - self._tried_at < _RETRY_S:
                return False
            self._tried_at = self._clock()
            if self._main is None and not self._open():
                return False
            try:
                while self._pending:
                    # Written by an earlier attempt whose answer was lost, or about somebody deleted meanwhile.
                    with suppress(IntegrityError):
                        _run(self._ready(), self._pending[0])
                    self._pending.popleft()
                with self._ready().connect() as connection:
                    connection.execute(select(func.count()).select_from(db.profiles))
            except (DBAPIError, HistoryError) as e:
                self._refuse(e)
                return False
            self._refusal = None
            if self._memory is not None:
                self._memory.dispose()
                self._memory = None
            return True

    def _open(self) -> bool:
        """Try to open the database, a fresh one where the file is damaged, and return whether that went well."""
        try:
            self._main = self._open_or_set_aside()
        except HistoryError as e:
            self._main, self._refusal, self._tried_at = None, e, self._clock()
            return False
        self._refusal = None
        return True

    def _open_or_set_aside(self) -> Engine:
        try:
            return open_database(self._url)
        except HistoryError as e:
            file = file_of(self._url)
            if e.kind != "damaged" or file is None:
                raise
            aside = set_aside(file, self._now())
            engine = open_database(self._url)
            values = MappingProxyType({"where": str(file), "aside": str(aside)})
            self._notice = Trouble("history_damaged", values)
            return engine

    def _ready(self) -> Engine:
        if self._main is None:
            raise self._refusal or HistoryError("unreachable", self.where())
        return self._main

    def _refuse(self, error: DBAPIError | HistoryError) -> None:
        """Remember that the database refused; a damaged one is let go, to be set aside when it is opened again."""
        self._refusal = error if isinstance(error, HistoryError) else explain(error, self._url)
        self._tried_at = self._clock()
        if self._refusal.kind == "damaged" and self._main is not None:
            self._main.dispose()
            self._main = None

    def _in_memory(self) -> Engine:
        if self._memory is None:
            damaged = self._refusal is not None and self._refusal.kind == "damaged"
            self._memory = memory_copy(self._url, readable=not damaged)
        return self._memory

    def _is_locked(self) -> bool:
        return self._refusal is not None and self._refusal.kind == "locked"


def _run(engine: Engine, op: Op) -> None:
    with writing(engine) as connection:
        for statement in op:
            connection.execute(statement)


def _forget_deleted(engine: Engine) -> None:
    """Leave nothing of what was deleted in the file."""
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM")
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
