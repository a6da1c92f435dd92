"""The numbers that are compared: ranges over a stretch of time, and what gaps do to them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from posecheck.quantities import Window

Samples = Sequence[tuple[float, float]]


def pushed(samples: Samples, span: float = 3.0) -> Window:
    window = Window(span, max_gap=0.5)
    for t, x in samples:
        window = window.push(t, x)
    return window


def ramp(start: float, end: float, slope: float = 1.0) -> list[tuple[float, float]]:
    """Return a value that rises with time, ten instants a second."""
    return [(i / 10, slope * i / 10) for i in range(round(start * 10), round(end * 10) + 1)]


def test_the_range_is_known_once_the_window_is_filled() -> None:
    assert math.isnan(pushed([]).range)
    assert math.isnan(pushed(ramp(0.0, 2.9)).range)
    assert pushed(ramp(0.0, 3.0)).range == pytest.approx(3.0)
    assert pushed(ramp(0.0, 9.0)).range == pytest.approx(3.0)


def test_an_instant_unseen_changes_little() -> None:
    samples = [(t, math.nan if i % 4 == 1 else x) for i, (t, x) in enumerate(ramp(0.0, 9.0))]
    assert pushed(samples).range == pytest.approx(3.0, abs=0.11)


def test_what_was_before_a_long_gap_is_forgotten() -> None:
    # Ten seconds hidden, as behind the baby: the value before says nothing about the one after.
    gap = [(5.0 + i / 10, math.nan) for i in range(1, 100)]
    after = [(15.0 + i / 10, 100.0) for i in range(29)]
    assert math.isnan(pushed([*ramp(0.0, 5.0), *gap]).range)
    assert math.isnan(pushed([*ramp(0.0, 5.0), *gap, *after]).range)
    assert pushed([*ramp(0.0, 5.0), *gap, *after, (18.0, 100.0)]).range == 0.0


def test_the_same_gap_without_instants_is_the_same() -> None:
    after = [(15.0 + i / 10, 100.0) for i in range(29)]
    assert math.isnan(pushed([*ramp(0.0, 5.0), *after]).range)
    assert pushed([*ramp(0.0, 5.0), *after, (18.0, 100.0)]).range == 0.0
