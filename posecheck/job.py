"""Work that goes on while a page is shown: it tells how far it is, and it can be stopped."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

Progress = Callable[[float | None, str], None]
"""Called with the share done in [0, 1], None where unknown, and what is being done."""
_SPEAKS_FROM_S = 2.0
"""Seconds of work before the time left is told: before, it would jump."""


def no_progress(fraction: float | None, what: str) -> None:
    """Take no notice."""


class Stopped(BaseException):
    """Raised within the work, where it tells how far it is, once it is to stop."""


@dataclass(slots=True)
class _State(Generic[T]):
    started: float
    fraction: float | None = None
    result: T | None = None
    error: BaseException | None = None
    ended: bool = False
    stop: threading.Event = field(default_factory=threading.Event)


class Job(Generic[T]):
    """Work on a thread of its own; nobody left who could ask for its result stops it.

    Args:
        work: What to do; told where to tell how far it is.
    """

    def __init__(self, work: Callable[[Progress], T]) -> None:
        self._state: _State[T] = _State(time.monotonic())
        self._thread = threading.Thread(target=_work, args=(work, self._state), name="posecheck-job", daemon=True)
        weakref.finalize(self, self._state.stop.set)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether there is a result or an error, or it has stopped."""
        return self._state.ended

    @property
    def fraction(self) -> float | None:
        """How much is done, in [0, 1]; None where that is not known."""
        return self._state.fraction

    @property
    def left_s(self) -> float | None:
        """Seconds it will probably still take; None where that is not known."""
        spent, fraction = time.monotonic() - self._state.started, self._state.fraction
        if not fraction or spent < _SPEAKS_FROM_S:
            return None
        return spent * (1 - fraction) / fraction

    def result(self) -> T | None:
        """Return what came of it, None where it was stopped.

        Raises:
            BaseException: what the work raised.
        """
        if self._state.error is not None and not isinstance(self._state.error, Stopped):
            raise self._state.error
        return self._state.result

    def stop(self) -> None:
        """Stop, and wait until it has."""
        self._state.stop.set()
        self._thread.join()


def _work(work: Callable[[Progress], T], state: _State[T]) -> None:
    def tell(fraction: float | None, what: str) -> None:
        if state.stop.is_set():
            raise Stopped
        state.fraction = fraction

    try:
        state.result = work(tell)
    except BaseException as e:
        state.error = e
    finally:
        state.ended = True
