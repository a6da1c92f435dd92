"""The numbers that are compared: ranges over a stretch of time, and what gaps do to them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from posecheck.library import Library
from posecheck.quantities import NeutralState, Window, neutral_step
from posecheck.spec import Neutral

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


@pytest.mark.parametrize("span", [0.5, 0.8, 1.5, 3.0])
def test_once_filled_the_window_stays_so_whatever_the_last_digit_of_a_time(span: float) -> None:
    """3.0 - 2.2 is a hair under 0.8: the range was unknown in every other frame."""
    window = Window(span, max_gap=0.5)
    for i in range(200):
        window = window.push(i / 10, 0.0)
        assert math.isnan(window.range) == (i < round(span * 10)), i


@pytest.mark.parametrize("start", [0, 4, 8, 12, 23])
def test_the_window_is_filled_at_the_same_instant_whenever_it_begins(start: int) -> None:
    """3.8 - 3.0 is a hair under 0.8."""
    samples = [((start + 2 * i) / 10, 0.0) for i in range(16)]
    assert math.isnan(pushed(samples[:-1]).range)
    assert pushed(samples).range == 0.0


@pytest.mark.parametrize("fps", [4.0, 7.0, 30.0])
def test_the_window_begins_between_two_frames(fps: float) -> None:
    samples = [(i / fps, 10.0 * i / fps) for i in range(60)]
    assert pushed(samples, span=1.1).range == pytest.approx(11.0)


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


# --- her neutral ----------------------------------------------------------------------------------------------


def neutrals(spec: Neutral, *stays: tuple[float, float]) -> list[dict[str, float]]:
    """Return her neutral after each of some still times of 2 s, which differ in (neck, height)."""
    state, found = NeutralState(), []
    for k, (neck, height) in enumerate(stays):
        for i in range(21):
            measures = {("neck_length", "near"): neck, ("torso_height", "near"): height}
            state = neutral_step(state, 3 * k + i / 10, measures, True, spec)
        state = neutral_step(state, 3 * k + 2.5, measures, False, spec)  # she moves on
        found.append(dict(state.found))
    return found


def test_her_neutral_is_the_still_time_with_the_most_of_what_it_has_the_most_of(library: Library) -> None:
    spec = library.exercises["lotus"].neutral
    assert spec is not None
    lifted, low, hardly_lower = (0.52, 0.33), (0.62, 0.30), (0.65, 0.29)
    found = neutrals(spec, lifted, low, lifted, hardly_lower)
    assert [tuple(n.values()) for n in found] == [lifted, low, low, low]
    first = spec.model_copy(update={"most": None})
    assert [tuple(n.values()) for n in neutrals(first, lifted, low)] == [lifted, lifted]
