"""Work ahead on another thread: bounded, in order, and over when the block is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from posecheck.ahead import Ahead


def test_items_come_in_order_and_once() -> None:
    with Ahead(range(100), bunch=3) as items:
        assert list(items) == list(range(100))
        assert list(items) == []


def test_no_more_is_made_than_there_is_room_for() -> None:
    made: list[int] = []

    def count() -> Iterator[int]:
        for i in range(1000):
            made.append(i)
            yield i

    with Ahead(count(), bunch=2) as items:
        for taken in range(5):
            assert next(items) == taken
            time.sleep(0.02)
            # Of the bunch taken one may be left; two wait, two are in the maker's hands.
            assert len(made) <= taken + 1 + 1 + 2 + 2
    assert len(made) < 20


def test_who_waits_is_woken_once_a_bunch() -> None:
    made: list[int] = []

    def count() -> Iterator[int]:
        for i in range(7):
            made.append(i)
            yield i

    with Ahead(count(), bunch=3) as items:
        assert next(items) == 0
        assert len(made) >= 3
        assert list(items) == [1, 2, 3, 4, 5, 6]  # the last bunch is not full


def test_what_goes_wrong_there_is_raised_here_where_it_happened() -> None:
    def stumble() -> Iterator[int]:
        yield 1
        raise OSError("the stick was pulled out")

    with Ahead(stumble()) as items:
        assert next(items) == 1
        with pytest.raises(OSError, match="the stick was pulled out"):
            next(items)


def test_leaving_ends_the_thread_whatever_it_was_doing() -> None:
    before = threading.active_count()

    def for_ever() -> Iterator[int]:
        while True:
            yield 0

    def leave() -> None:
        with Ahead(staged(for_ever()), bunch=1) as items:
            next(items)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave()
    assert threading.active_count() == before


def staged(items: Iterator[int]) -> Iterator[int]:
    with Ahead(items, bunch=1) as inner:
        yield from inner
