"""Work done ahead on another thread, a few items at most, so that decoding, inference and encoding overlap."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from queue import Full, Queue
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

DEPTH = 4
"""Items made ahead at most: enough to even out what varies from picture to picture, few enough for any memory."""
_WAKE_S = 0.05


@dataclass(frozen=True, slots=True)
class _End:
    """After the last item; ``error``: what ended it early."""

    error: BaseException | None = None


class Ahead(Generic[T]):
    """An iterator over ``items`` that another thread runs, at most ``depth`` items ahead; a context manager.

    What the other thread raises is raised here, at the item where it happened. When the block is left, however it
    is left, the thread makes no further item and has ended; only then may what ``items`` reads from be closed.
    """

    def __init__(self, items: Iterable[T], depth: int = DEPTH) -> None:
        self._items = items
        self._made: Queue[tuple[T] | _End] = Queue(depth)
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
        thing = self._made.get()
        if isinstance(thing, _End):
            self._made.put(thing)  # whoever asks again hears the same
            raise thing.error or StopIteration
        return thing[0]

    def _work(self) -> None:
        try:
            for item in self._items:
                if not self._put((item,)):
                    return
        except BaseException as e:
            self._put(_End(e))
        else:
            self._put(_End())

    def _put(self, thing: tuple[T] | _End) -> bool:
        """Hand a thing over as soon as there is room; return whether it is still wanted."""
        while not self._stopped.is_set():
            try:
                self._made.put(thing, timeout=_WAKE_S)
            except Full:
                continue
            return True
        return False
