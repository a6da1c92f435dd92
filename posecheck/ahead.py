"""Work done ahead on another thread, a few items at most, so that decoding, inference and encoding overlap."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from queue import Full, Queue
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

BUNCH = 4
"""Items handed over together: enough to even out what varies among pictures, few enough for any memory."""
_WAKE_S = 0.05


@dataclass(frozen=True, slots=True)
class _End:
    """After the last item; ``error``: what ended it early."""

    error: BaseException | None = None


class Ahead(Generic[T]):
    """An iterator over ``items`` that another thread runs, at most two bunches ahead; a context manager.

    Items are handed over in bunches. Whoever waits for them is woken once a bunch and not once an item: both
    threads want the interpreter then, and the one that feeds the pose model would lose 2 ms a picture to the one
    that judges.

    What the other thread raises is raised here, at the item where it happened. When the block is left, however it
    is left, the thread makes no further item and has ended; only then may what ``items`` reads from be closed.
    """

    def __init__(self, items: Iterable[T], bunch: int = BUNCH) -> None:
        self._items = items
        self._bunch = bunch
        self._made: Queue[list[T] | _End] = Queue(1)
        self._taken: deque[T] = deque()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="posecheck-ahead", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        if not self._taken:
            thing = self._made.get()
            if isinstance(thing, _End):
                self._made.put(thing)  # whoever asks again hears the same
                raise thing.error or StopIteration
            self._taken = deque(thing)
        return self._taken.popleft()

    def _work(self) -> None:
        made: list[T] = []
        end = _End()
        try:
            for item in self._items:
                made.append(item)
                if len(made) == self._bunch:
                    self._put(made)
                    made = []
                if self._stopped.is_set():
                    return
        except BaseException as e:
            end = _End(e)
        if made:
            self._put(made)
        self._put(end)

    def _put(self, thing: list[T] | _End) -> None:
        """Hand a thing over as soon as there is room, if it is still wanted then."""
        while not self._stopped.is_set():
            with suppress(Full):
                self._made.put(thing, timeout=_WAKE_S)
                return
